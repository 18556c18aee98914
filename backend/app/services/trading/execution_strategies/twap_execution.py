"""TWAP: equal slices at fixed times (scheduled.py). Pure policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.domain.parents import Progress
from app.services.trading.execution_strategies.config import StrategyConfig
from app.services.trading.execution_strategies.scheduled import ScheduledConfig, ScheduledExecution, Weight


@dataclass(frozen=True)
class TWAPConfig(ScheduledConfig):
    """The keys of every schedule, and no other."""


class TWAPExecution(ScheduledExecution[TWAPConfig]):
    """Equal slices at equal times, for the time-weighted average price."""

    name: ClassVar[str] = "twap"
    Config: ClassVar[type[StrategyConfig]] = TWAPConfig

    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        return (1,) * slices
