"""TWAP: equal slices at fixed times (scheduled.py). Pure policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.domain.parents import Progress
from app.services.trading.execution_strategies.config import StrategyConfig
from app.services.trading.execution_strategies.scheduled import Weight
from app.services.trading.execution_strategies.styled import StyledConfig, StyledExecution


@dataclass(frozen=True)
class TWAPConfig(StyledConfig):
    """The keys of every schedule, and no other."""


class TWAPExecution(StyledExecution[TWAPConfig]):
    """Equal slices at equal times, for the time-weighted average price."""

    name: ClassVar[str] = "twap"
    Config: ClassVar[type[StrategyConfig]] = TWAPConfig

    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        return (1,) * slices
