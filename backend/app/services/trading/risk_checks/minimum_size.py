"""The venue's smallest order; what only reduces may be smaller."""

from app.domain.money import plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "minimum_size"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if order.size >= order.instrument.min_size or order.reduce_only:
        return None
    rule = f"is below minimum size {plain(order.instrument.min_size)} of {order.instrument.instrument_id}"
    return Refusal(NAME, "size", plain(order.size), rule)
