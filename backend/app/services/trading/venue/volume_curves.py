"""Volume curves: what an instrument trades by hour of the week, learned from what the exchange remembers when asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog

from app.clock import Clock, utc
from app.domain.money import ZERO, rounded
from app.domain.refusals import InvalidValue
from app.domain.volume_curves import DAY_HOURS, DAY_NS, HourVolume, hour_of_week_curve, weekday, whole_days
from app.exchanges.errors import NotOffered
from app.exchanges.histories import VolumeHistory
from app.exchanges.port import Exchange, unreadable_of
from app.services.trading.account.ledger import Ledger

DAYS_USUAL, DAYS_MAX = 28, 90
PLACES = 12

log = structlog.get_logger("volume_curves")


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeCurve:
    """volume_curve: what each hour of the week trades, from Monday 00:00 UTC, over what the average hour does; VWAP
    takes it as it is. days: so many whole UTC days it was learned from, the first at first_day; samples: of them the
    Mondays, Tuesdays and so on. average_hour: what an hour trades in the mean of them, in the instrument's unit: VWAP's
    curve_unit."""

    instrument_id: str
    days: int
    first_day: datetime
    last_day: datetime
    samples: tuple[int, ...]
    average_hour: Decimal
    volume_curve: tuple[Decimal, ...]


def curve_of(instrument_id: str, hours: Iterable[HourVolume], days: int) -> VolumeCurve | None:
    """By the whole UTC days among the last `days` of these hours; None without one."""
    found = whole_days(hours)
    since_ns = max(found, default=0) - (days - 1) * DAY_NS
    found = {day: sizes for day, sizes in found.items() if day >= since_ns}
    if not found:
        return None
    traded = sum((sum(sizes, ZERO) for sizes in found.values()), ZERO)
    weekdays = [weekday(day) for day in found]
    return VolumeCurve(
        instrument_id=instrument_id,
        days=len(found),
        first_day=utc(min(found)),
        last_day=utc(max(found)),
        samples=tuple(weekdays.count(each) for each in range(7)),
        average_hour=rounded(traded / (len(found) * DAY_HOURS), PLACES),
        volume_curve=hour_of_week_curve(found),
    )


class VolumeCurves:
    """Asks an exchange that can tell (histories.VolumeHistory)."""

    def __init__(self, ledger: Ledger, exchange: Exchange, clock: Clock) -> None:
        self._ledger = ledger
        self._exchange = exchange
        self._clock = clock

    async def learn(self, instrument_id: str, days: int = DAYS_USUAL) -> VolumeCurve:
        """Of the whole UTC days among the last so many. Raises InvalidValue, ExchangeError; NotOffered where the
        exchange remembers nothing."""
        if not 1 <= days <= DAYS_MAX:
            raise InvalidValue("days", days, f"must be 1 to {DAYS_MAX}")
        self._ledger.instrument(instrument_id)
        if not isinstance(self._exchange, VolumeHistory):
            raise NotOffered(f"exchange {self._exchange.name!r} does not tell what was traded in the past")
        today_ns = self._clock.now_ns() // DAY_NS * DAY_NS
        told = await self._exchange.hourly_volumes(instrument_id, today_ns - days * DAY_NS)
        if unread := unreadable_of(told):
            # A day that misses an hour is not counted: the curve has fewer days, which it says.
            log.warning("volume_curve.not_read", instrument_id=instrument_id, rows=len(unread), first=unread[0].reason)
        found = curve_of(instrument_id, told, days)
        if found is None:
            raise NotOffered(
                f"exchange {self._exchange.name!r} remembers no whole UTC day of {instrument_id} with trades among the "
                f"last {days}: {len(told)} hours in all"
            )
        return found
