"""Once the day's loss limit is reached only orders that reduce a position pass.

The loss is measured against the equity at 00:00 UTC plus what was moved in since, so that deposits hide no loss and a
withdrawal is none; of nothing, nothing is lost. What has no price counts on neither side (holdings/valuation.py).
"""

from datetime import date
from decimal import Decimal

from app.domain.money import plain, rounded
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_daily_loss"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if exposure.reduces:
        return None
    day = exposure.day_start
    if day is None or not _current(day.day, exposure.now_ns):
        return Refusal(NAME, "day_start_equity", "unknown", "the equity at 00:00 UTC is not known yet")
    base = exposure.day_base
    if base is None or base <= 0:
        return None
    loss = base - exposure.compared_equity
    if loss <= 0 or loss < limits.max_daily_loss * base:
        return None
    rule = (
        f"{exposure.currency} was lost since 00:00 UTC, of {_shown(base)} held then or moved in since: "
        f"max_daily_loss is {plain(limits.max_daily_loss * 100)} %, and only orders that reduce a position pass"
    )
    return Refusal(NAME, "equity", _shown(loss), rule)


def _shown(amount: Decimal) -> str:
    return plain(rounded(amount, 8))


_DAY_NS = 86_400 * 1_000_000_000
_EPOCH_NS = date(1970, 1, 1).toordinal() * _DAY_NS
_GRACE_NS = 60 * 1_000_000_000
"""So long after midnight the day before still counts: the new day is opened by a turn of its own."""


def _current(day: str, now_ns: int) -> bool:
    start_ns = date.fromisoformat(day).toordinal() * _DAY_NS - _EPOCH_NS
    return start_ns <= now_ns < start_ns + _DAY_NS + _GRACE_NS
