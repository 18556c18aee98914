"""Only instruments that the configuration names, when it names any; out of what is held in another one all the same."""

from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "allowed_instruments"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    allowed = limits.allowed_instruments
    if allowed is None or order.instrument.instrument_id in allowed or exposure.gets_out:
        return None
    return Refusal(NAME, "instrument_id", order.instrument.instrument_id, "is not among allowed_instruments")
