"""A limit price must lie on the instrument's ticks; it is refused, never rounded."""

from app.domain.money import is_multiple, plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "tick_size"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if order.price is None or is_multiple(order.price, order.instrument.tick):
        return None
    rule = f"must be a multiple of tick size {plain(order.instrument.tick)} of {order.instrument.instrument_id}"
    return Refusal(NAME, "price", plain(order.price), rule)
