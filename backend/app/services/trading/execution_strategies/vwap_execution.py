"""VWAP: slices as large as what the market is expected to trade meanwhile, by a volume curve (scheduled.py).

The curve is part of the configuration, so it is stored with the parent and a restart goes on by the same one. Pure
policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.parents import Progress
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies.config import (
    CHECK,
    NS_PER_SECOND,
    StrategyConfig,
    numbers,
    seconds_ns,
)
from app.services.trading.execution_strategies.scheduled import ScheduledConfig, ScheduledExecution, Weight

HOUR_NS = 3_600 * NS_PER_SECOND
DAY_HOURS, WEEK_HOURS = 24, 168
MONDAY_NS = 4 * DAY_HOURS * HOUR_NS
"""The first Monday 00:00 UTC after 1970-01-01, a Thursday."""


@dataclass(frozen=True)
class VWAPConfig(ScheduledConfig):
    """A schedule, and the curve that it follows."""

    volume_curve: tuple[Decimal, ...] = numbers(
        "what the market trades in each hour of the day (24 numbers from 00:00 UTC) or of the week (168 from Monday), "
        "in any unit; without one, or without volume in the window, equal slices",
        at_least="0",
        lengths=(DAY_HOURS, WEEK_HOURS),
    )


class VWAPExecution(ScheduledExecution[VWAPConfig]):
    """Slices by a volume curve, for the volume-weighted average price."""

    name: ClassVar[str] = "vwap"
    Config: ClassVar[type[StrategyConfig]] = VWAPConfig

    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        curve, start_ns, duration_ns = (
            self.config.volume_curve,
            progress.parent.start_ns,
            seconds_ns(self.config.duration),
        )
        edges = [start_ns + k * duration_ns // slices for k in range(slices + 1)]
        expected = [expected_volume(curve, edges[k], edges[k + 1]) for k in range(slices)] if curve else []
        return expected if any(expected) else (1,) * slices


def expected_volume(curve: Sequence[Decimal], from_ns: int, to_ns: int) -> Decimal:
    """What a curve by hour of day or week expects between two UTC instants, evenly within each hour; in its unit times
    nanoseconds. Raises InvalidValue for a curve of another length."""
    if len(curve) not in (DAY_HOURS, WEEK_HOURS):
        raise InvalidValue("volume_curve", f"{len(curve)} numbers", "must be 24 or 168 numbers", check=CHECK)
    total, at_ns = Decimal(0), from_ns
    while at_ns < to_ns:
        hour = (at_ns - MONDAY_NS) // HOUR_NS
        until_ns = min(to_ns, MONDAY_NS + (hour + 1) * HOUR_NS)
        total += curve[hour % len(curve)] * (until_ns - at_ns)
        at_ns = until_ns
    return total
