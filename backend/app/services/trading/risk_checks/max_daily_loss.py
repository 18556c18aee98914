"""Once the day's loss limit is reached only orders that reduce a position pass. Deposits hide no loss."""

from datetime import date

from app.domain.money import plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import Candidate, ExposureView
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_daily_loss"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if exposure.reduces:
        return None
    day, equity, moved = exposure.day_start, exposure.equity, exposure.moved_today
    if day is None or not _current(day.day, exposure.now_ns):
        return Refusal(NAME, "day_start_equity", "unknown", "the equity at 00:00 UTC is not known yet")
    if equity is None or moved is None:
        return Refusal(NAME, "equity", "unknown", "is not known: something of the account has no price")
    loss = day.equity + moved - equity
    largest = limits.max_daily_loss * day.equity
    if day.equity > 0 and (loss <= 0 or loss < largest):
        return None
    rule = (
        f"was lost since 00:00 UTC, of {plain(day.equity)}: max_daily_loss is "
        f"{plain(limits.max_daily_loss * 100)} %, and only orders that reduce a position pass"
    )
    return Refusal(NAME, "equity", plain(loss), rule)


_DAY_NS = 86_400 * 1_000_000_000
_EPOCH_NS = date(1970, 1, 1).toordinal() * _DAY_NS
_GRACE_NS = 60 * 1_000_000_000
"""So long after midnight the day before still counts: the new day is opened by a turn of its own."""


def _current(day: str, now_ns: int) -> bool:
    start_ns = date.fromisoformat(day).toordinal() * _DAY_NS - _EPOCH_NS
    return start_ns <= now_ns < start_ns + _DAY_NS + _GRACE_NS
