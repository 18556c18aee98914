"""The venue's largest order, which differs for market and limit orders."""

from app.domain.money import plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "maximum_size"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    instrument, market = order.instrument, order.price is None
    largest = instrument.max_market_size if market else instrument.max_limit_size
    if largest is None or order.size <= largest:
        return None
    kind = "market" if market else "limit"
    rule = f"is above the largest {kind} order {plain(largest)} of {instrument.instrument_id}"
    return Refusal(NAME, "size", plain(order.size), rule)
