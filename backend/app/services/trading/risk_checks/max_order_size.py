"""The largest single order, in base units: contracts count with their contract value."""

from app.domain.money import plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_order_size"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    size = exposure.base_size
    if size is None or size <= limits.max_order_size:
        return None
    base = order.instrument.base
    rule = f"is {plain(size)} {base}, above max_order_size {plain(limits.max_order_size)}"
    return Refusal(NAME, "size", plain(order.size), rule)
