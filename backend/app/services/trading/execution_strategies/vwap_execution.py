"""VWAP: slices as large as what the market is expected to trade meanwhile, by a volume curve (scheduled.py).

The curve is part of the configuration, so it is stored with the parent and a restart goes on by the same one. Pure
policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.parent_clocks import wall
from app.domain.parents import Progress
from app.domain.volume_curves import DAY_HOURS, WEEK_HOURS, expected_volume
from app.services.trading.execution_strategies.config import StrategyConfig, numbers
from app.services.trading.execution_strategies.scheduled import Weight
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


class VWAPExecution(StyledExecution[VWAPConfig]):
    """Slices by a volume curve, for the volume-weighted average price."""

    name: ClassVar[str] = "vwap"
    Config: ClassVar[type[StrategyConfig]] = VWAPConfig

    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        curve, parent = self.config.volume_curve, progress.parent
        window_ns = self.window_ns(parent)
        edges = [wall(parent.planned_ns + k * window_ns // slices, parent.freezes) for k in range(slices + 1)]
        expected = [expected_volume(curve, edges[k], edges[k + 1]) for k in range(slices)] if curve else []
        return expected if any(expected) else (1,) * slices
