"""The venue must be taking orders of the instrument."""

from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "instrument_state"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if order.instrument.live:
        return None
    return Refusal(NAME, "instrument_id", order.instrument.instrument_id, "is not open for trading at the exchange")
