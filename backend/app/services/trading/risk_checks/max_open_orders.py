"""How many orders may be open at once, in-flight and unknown ones included. An amendment adds none.

What is in the way of getting out is no limit: an order that only takes away of what is held passes when it does not
rest, or closes the position.
"""

from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_open_orders"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if order.amending is not None or exposure.open_order_count < limits.max_open_orders:
        return None
    if exposure.gets_out and (not order.order_type.rests or exposure.closes):
        return None
    rule = f"are open already, and max_open_orders is {limits.max_open_orders}"
    return Refusal(NAME, "open_orders", str(exposure.open_order_count), rule)
