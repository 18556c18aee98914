"""The size must be a whole number of lots; it is refused, never rounded."""

from app.domain.money import is_multiple, plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "lot_size"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if is_multiple(order.size, order.instrument.lot):
        return None
    rule = f"must be a multiple of lot size {plain(order.instrument.lot)} of {order.instrument.instrument_id}"
    return Refusal(NAME, "size", plain(order.size), rule)
