"""The smallest single order, in base units. What closes a position may be smaller."""

from app.domain.money import plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "min_order_size"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    size = exposure.base_size
    if size is None or size >= limits.min_order_size or exposure.closes:
        return None
    base = order.instrument.base
    rule = f"is {plain(size)} {base}, below min_order_size {plain(limits.min_order_size)}"
    return Refusal(NAME, "size", plain(order.size), rule)
