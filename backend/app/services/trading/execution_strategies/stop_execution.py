"""STOP: trades once the market came against it to a price; with a limit price it rests at that one instead. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.conditions import Condition
from app.domain.instruments import Instrument
from app.domain.parents import ParentOrder
from app.domain.refusals import Refusal
from app.services.trading.execution_strategies.conditional import (
    Level,
    needed,
    stops,
)
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, number
from app.services.trading.execution_strategies.standing import StandingConfig, StandingExecution


@dataclass(frozen=True)
class StopConfig(StandingConfig):
    """When it fires."""

    trigger_price: Decimal | None = number(
        None, "a buy fires at it or above, a sale at it or below; it is needed", Unit.PRICE, above="0"
    )


class StopExecution(StandingExecution[StopConfig]):
    """Held until the market comes against it to a price: a sale below the market, a buy above it."""

    name: ClassVar[str] = "stop"
    Config: ClassVar[type[StrategyConfig]] = StopConfig

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        return found + needed("trigger_price", self.config.trigger_price, "a stop waits for a price")

    def levels(self, parent: ParentOrder) -> Sequence[Level]:
        return stops(parent.side, "trigger_price", self.config.trigger_price)

    def condition(self, parent: ParentOrder) -> Condition:
        return Condition(stop_loss=self.config.trigger_price, watched=self.watched)
