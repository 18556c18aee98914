"""No new risk in an instrument or currency that something is wrong with (services.trading.closures)."""

from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "closed"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    closure = exposure.ledger.closures.of(order.instrument)
    if closure is None or exposure.reduces:
        return None
    return Refusal(NAME, "instrument_id", order.instrument.instrument_id, f"is closed for new risk: {closure.reason}")
