"""An equity curve as measures of risk read it: samples in money, what one unit became, and both by day and period."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from app.domain.performance.equity import DAY_NS, EquitySample, daily_equity, first_day
from app.domain.performance.fills import ONE
from app.domain.performance.ratio import ratio
from app.domain.performance.returns import simple_returns

WHOLE_DAYS_MIN = 2
"""With less a ratio of risk says nothing: one good minute, made yearly, is a number without a meaning."""


class Day(NamedTuple):
    """The close of a UTC day. equity: what the account began with and has earned since; growth: what one unit of the
    start has become; change: the day's return, None where there was nothing that could have one."""

    day: date
    equity: Decimal
    growth: Decimal
    change: float | None


class Period(NamedTuple):
    """Days together. profit: of money; change: their returns chained, None where one of them has none."""

    name: str
    first: date
    last: date
    profit: Decimal
    change: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """samples: in order of time, after starting_equity. growth: what one unit became by the same times where money came
    or went meanwhile, None where none did. start_ns, end_ns (exclusive) widen it by idle days."""

    starting_equity: Decimal
    samples: Sequence[EquitySample]
    growth: Sequence[EquitySample] | None = None
    start_ns: int | None = None
    end_ns: int | None = None

    @property
    def grown(self) -> Sequence[EquitySample]:
        return self.samples if self.growth is None else self.growth

    @property
    def unit(self) -> Decimal:
        return self.starting_equity if self.growth is None else ONE

    def equities(self) -> tuple[Decimal, ...]:
        """The last of each day."""
        return daily_equity(self.samples, self.starting_equity, start_ns=self.start_ns, end_ns=self.end_ns)

    def units(self) -> tuple[Decimal, ...]:
        """What `unit` was by the end of each day."""
        return daily_equity(self.grown, self.unit, start_ns=self.start_ns, end_ns=self.end_ns)

    def returns(self) -> tuple[float, ...] | None:
        """Of each day; None where one began with nothing, or with debt."""
        return simple_returns(self.units(), self.unit)

    def whole_days(self) -> int:
        """A day is closed by the nanosecond before the next one."""
        starts = [*([] if self.start_ns is None else [self.start_ns]), *(one.time_ns for one in self.samples[:1])]
        ends = [*([] if self.end_ns is None else [self.end_ns]), *(one.time_ns + 1 for one in self.samples[-1:])]
        return (max(ends) - min(starts)) // DAY_NS if starts and ends else 0

    def days(self) -> tuple[Day, ...]:
        """Every day, in order."""
        equities, units = self.equities(), self.units()
        if not equities:
            return ()
        first = _date(first_day(self.samples, self.start_ns))
        found: list[Day] = []
        before = self.unit
        for number, (equity, unit) in enumerate(zip(equities, units, strict=True)):
            change = ratio(unit - before, before) if before > 0 else None
            grown = unit if self.growth is not None or not self.unit else unit / self.unit
            found.append(Day(first + timedelta(days=number), equity, grown, change))
            before = unit
        return tuple(found)


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * 86_400, UTC).date()


class Span(StrEnum):
    """How days are put together, in UTC."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_NAMES: Mapping[Span, Callable[[date], str]] = MappingProxyType(
    {
        Span.DAY: date.isoformat,
        Span.WEEK: lambda day: day.strftime("%G-W%V"),
        Span.MONTH: lambda day: f"{day.year:04}-{day.month:02}",
        Span.QUARTER: lambda day: f"{day.year:04}-Q{(day.month + 2) // 3}",
        Span.YEAR: lambda day: f"{day.year:04}",
    }
)


def by_period(days: Sequence[Day], starting_equity: Decimal, span: Span) -> tuple[Period, ...]:
    """The days together, in order; a span is as wide as the days in it."""
    return tuple(_periods(days, starting_equity, _NAMES[span]))


def _periods(days: Sequence[Day], equity: Decimal, name_of: Callable[[date], str]) -> Iterator[Period]:
    for name, group in groupby(days, key=lambda one: name_of(one.day)):
        inside = list(group)
        grown: float | None = 1.0
        for one in inside:
            grown = None if grown is None or one.change is None else grown * (1 + one.change)
        change = None if grown is None else grown - 1
        yield Period(name, inside[0].day, inside[-1].day, inside[-1].equity - equity, change)
        equity = inside[-1].equity
