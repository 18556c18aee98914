"""OCO, one cancels the other: a take-profit and a stop-loss of one size; whichever is reached first trades all of it.
Pure."""

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
    profits,
    stops,
)
from app.services.trading.execution_strategies.config import CHECK, StrategyConfig, Unit, number
from app.services.trading.execution_strategies.standing import StandingConfig, StandingExecution


@dataclass(frozen=True)
class OcoConfig(StandingConfig):
    """When it fires."""

    take_profit: Decimal | None = number(
        None, "a sale fires at it or above, a buy at it or below; it is needed", Unit.PRICE, above="0"
    )
    stop_loss: Decimal | None = number(
        None, "a sale fires at it or below, a buy at it or above; it is needed", Unit.PRICE, above="0"
    )


class OcoExecution(StandingExecution[OcoConfig]):
    """Held until a take-profit or a stop-loss is reached, one order for both: one cancels the other."""

    name: ClassVar[str] = "oco"
    Config: ClassVar[type[StrategyConfig]] = OcoConfig

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        if limit_price is not None:
            found.append(
                Refusal(CHECK, "price", str(limit_price), "has no meaning for oco: it has two prices of its own")
            )
        found += needed("take_profit", self.config.take_profit, "for a stop alone there is stop")
        return found + needed("stop_loss", self.config.stop_loss, "for a take-profit alone there is take_profit")

    def levels(self, parent: ParentOrder) -> Sequence[Level]:
        config, side = self.config, parent.side
        return stops(side, "stop_loss", config.stop_loss) + profits(side, "take_profit", config.take_profit)

    def condition(self, parent: ParentOrder) -> Condition:
        return Condition(self.config.take_profit, self.config.stop_loss, self.watched)
