"""TAKE PROFIT: trades when the market has come its way to a price; with a limit price it rests at that one. Pure."""

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
)
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, number
from app.services.trading.execution_strategies.standing import StandingConfig, StandingExecution


@dataclass(frozen=True)
class TakeProfitConfig(StandingConfig):
    """When it fires."""

    trigger_price: Decimal | None = number(
        None, "a sale fires at it or above, a buy at it or below; it is needed", Unit.PRICE, above="0"
    )


class TakeProfitExecution(StandingExecution[TakeProfitConfig]):
    """Held until the market comes its way to a price: a sale above the market, a buy below it."""

    name: ClassVar[str] = "take_profit"
    Config: ClassVar[type[StrategyConfig]] = TakeProfitConfig

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        return found + needed("trigger_price", self.config.trigger_price, "a take-profit waits for a price")

    def levels(self, parent: ParentOrder) -> Sequence[Level]:
        return profits(parent.side, "trigger_price", self.config.trigger_price)

    def condition(self, parent: ParentOrder) -> Condition:
        return Condition(take_profit=self.config.trigger_price, watched=self.watched)
