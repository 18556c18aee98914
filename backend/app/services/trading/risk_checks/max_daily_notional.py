"""What was traded since 00:00 UTC, all that is open, and this order, in the valuation currency."""

from app.domain.money import plain, rounded
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_daily_notional"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    largest = limits.max_daily_notional
    if largest is None or exposure.reduces:
        return None
    if not exposure.ledger.day.complete:
        return Refusal(NAME, "size", plain(order.size), "what was traded today is not known since the restart")
    value = exposure.value(exposure.remaining)
    if value is None:
        if exposure.mid is None:
            return Refusal(NAME, "book", order.instrument.instrument_id, "cannot be valued: it has no usable price")
        return Refusal(NAME, "size", plain(order.size), exposure.no_value())
    total = exposure.traded_today + exposure.open_notional + value
    if total <= largest:
        return None
    shown = f"{plain(rounded(total, 8))} {exposure.currency}"
    rule = f"could bring today's notional to {shown}, above max_daily_notional {plain(largest)}"
    return Refusal(NAME, "size", plain(order.size), rule)
