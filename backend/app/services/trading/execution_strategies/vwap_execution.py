"""VWAP: slices as large as what the market is expected to trade meanwhile, by a volume curve (scheduled.py).

The curve is part of the configuration, so it is stored with the parent and a restart goes on by the same one. Where its
unit is known (curve_unit), what has really traded since the start, as far as the tape goes back, takes the place of
what was expected until then: a market that has traded more than usual is farther along, one that has traded less is
less far. Pure policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import ClassVar

from app.domain.money import ZERO, plain
from app.domain.parent_clocks import wall
from app.domain.parents import Progress
from app.domain.refusals import InvalidValue
from app.domain.volume_curves import DAY_HOURS, HOUR_NS, WEEK_HOURS, expected_volume
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import Executor
from app.services.trading.execution_strategies.config import CHECK, StrategyConfig, Unit, number, numbers
from app.services.trading.execution_strategies.scheduled import Schedule, Weight
from app.services.trading.execution_strategies.styled import StyledConfig, StyledExecution


@dataclass(frozen=True)
class VWAPConfig(StyledConfig):
    """A schedule, and the curve that it follows."""

    volume_curve: tuple[Decimal, ...] = numbers(
        "what the market trades in each hour of the day (24 numbers from 00:00 UTC) or of the week (168 from Monday), "
        "in any unit; without one, or without volume in the window, equal slices",
        at_least="0",
        lengths=(DAY_HOURS, WEEK_HOURS),
    )
    curve_unit: Decimal | None = number(
        None,
        "what one of the curve's unit is: with it the schedule is blended with what has really traded; of a curve that "
        "was learned what the average hour trades",
        Unit.SIZE,
        above="0",
    )
    max_deviation: Decimal = number(
        "0.1", "of the whole, at most so far from the curve's schedule", Unit.FRACTION, at_least="0", at_most="1"
    )


class VWAPExecution(StyledExecution[VWAPConfig]):
    """Slices by a volume curve, for the volume-weighted average price."""

    name: ClassVar[str] = "vwap"
    Config: ClassVar[type[StrategyConfig]] = VWAPConfig

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        super().__init__(executor, config)
        self._expected: tuple[Schedule, list[Decimal]] | None = None
        if self.config.curve_unit is not None and not self.config.volume_curve:
            raise InvalidValue("curve_unit", plain(self.config.curve_unit), "needs a volume_curve", check=CHECK)

    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        curve, parent = self.config.volume_curve, progress.parent
        window_ns = self.window_ns(parent)
        edges = [wall(parent.planned_ns + k * window_ns // slices, parent.freezes) for k in range(slices + 1)]
        expected = [expected_volume(curve, edges[k], edges[k + 1]) for k in range(slices)] if curve else []
        return expected if any(expected) else (1,) * slices

    def due(self, progress: Progress, market: MarketView | None, schedule: Schedule, k: int) -> Decimal:
        blended = None if market is None else self.blended(market, schedule, k)
        return super().due(progress, market, schedule, k) if blended is None else blended - progress.committed

    def blended(self, market: MarketView, schedule: Schedule, k: int) -> Decimal | None:
        """How much should be done after slice k, by the curve and by what had traded when the slice began; None where
        the curve alone says it: it has no unit, nothing is seen yet, or this is the last slice."""
        unit, curve, begins_ns = self.config.curve_unit, self.config.volume_curve, schedule.edge_ns(k)
        if unit is None or k + 1 >= len(schedule.targets) or not market.volume:
            return None
        seen_ns = max(schedule.edge_ns(0), market.volume[0].start_ns)
        if seen_ns >= begins_ns:
            return None
        ends = self._by_then(schedule)
        expected_seen = expected_volume(curve, seen_ns, begins_ns)
        traded = sum((each.size for each in market.volume if seen_ns <= each.start_ns < begins_ns), ZERO)
        before = ends[k - 1] - expected_seen + traded * HOUR_NS / unit
        whole = before + ends[-1] - ends[k - 1]
        if whole <= 0:
            return None
        planned = schedule.targets[-1] - schedule.base
        wanted = schedule.base + planned * (before + ends[k] - ends[k - 1]) / whole
        band = planned * self.config.max_deviation
        return min(max(wanted, schedule.targets[k] - band), schedule.targets[k] + band, schedule.targets[-1])

    def _by_then(self, schedule: Schedule) -> list[Decimal]:
        """What the curve expects from the beginning to the end of each slice."""
        if self._expected is None or self._expected[0] is not schedule:
            edges = [schedule.edge_ns(k) for k in range(len(schedule.targets) + 1)]
            parts = (expected_volume(self.config.volume_curve, *span) for span in pairwise(edges))
            self._expected = schedule, list(accumulate(parts))
        return self._expected[1]
