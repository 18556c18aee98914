"""How many orders may be open at once, in-flight and unknown ones included. An amendment adds none."""

from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import Candidate, ExposureView
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_open_orders"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if order.amending is not None or exposure.open_order_count < limits.max_open_orders:
        return None
    rule = f"are open already, and max_open_orders is {limits.max_open_orders}"
    return Refusal(NAME, "open_orders", str(exposure.open_order_count), rule)
