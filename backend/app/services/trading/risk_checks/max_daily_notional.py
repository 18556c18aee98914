"""What was traded since 00:00 UTC, all that is open, and this order, in the valuation currency."""

from app.domain.money import plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import Candidate, ExposureView
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_daily_notional"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    largest = limits.max_daily_notional
    if largest is None or exposure.reduces:
        return None
    if not exposure.ledger.day.complete:
        return Refusal(NAME, "size", plain(order.size), "what was traded today is not known since the restart")
    traded, still_open, value = exposure.traded_today, exposure.open_notional, exposure.value(exposure.remaining)
    if traded is None or still_open is None or value is None:
        return Refusal(NAME, "size", plain(order.size), "cannot be valued: a price is missing")
    total = traded + still_open + value
    if total <= largest:
        return None
    rule = f"could bring today's notional to {plain(total)}, above max_daily_notional {plain(largest)}"
    return Refusal(NAME, "size", plain(order.size), rule)
