"""What the key of who asks allows: instruments, strategies, what an order and a day may be worth, at the dearest price.

Orders of a parent are its own: the parent was measured as a whole when it was asked for.
"""

from app.domain.access_keys import NO_LIMITS
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "key_limits"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    keys = exposure.ledger.keys
    limited = keys.limits_of(order.principal)
    if limited is NO_LIMITS or not limited:
        return None
    price = exposure.worst_price
    value = None if price is None else exposure.value(order.size, price)
    instrument_id = order.instrument.instrument_id
    refusals = keys.order_refusals(
        order.principal,
        instrument_id,
        order.strategy_id,
        order.size,
        value,
        gets_out=exposure.gets_out,
        of=order.amending.order_id if order.amending is not None else "",
    )
    return refusals[0] if refusals else None
