"""BRACKET: an entry with a take-profit and a stop-loss, of which one cancels the other. Pure policy.

This is the entry: it rests at its price, or crosses without one. What gets out is a parent of its own (exits), made
with it and as large as what the entry has filled, from its first fill on; see parents/brackets.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.conditions import Watched
from app.domain.instruments import Instrument
from app.domain.money import plain
from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.refusals import Refusal
from app.domain.slicing import part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.conditional import (
    TRIGGER_BY_HELP,
    Level,
    TriggerBy,
    profits,
    stops,
    watched_refusals,
)
from app.services.trading.execution_strategies.config import CHECK, StrategyConfig, Unit, member, number, seconds_ns
from app.services.trading.execution_strategies.standing import HELD_HELP, Held, by_refusals
from app.services.trading.execution_strategies.steps import conclude, cross, rest, usable_book


@dataclass(frozen=True)
class BracketConfig(StrategyConfig):
    """Where it gets out."""

    take_profit: Decimal | None = number(
        None,
        "it gets out at it or better; it or stop_loss is needed",
        Unit.PRICE,
        above="0",
        amendable=False,
    )
    stop_loss: Decimal | None = number(None, "it gets out at it or worse", Unit.PRICE, above="0", amendable=False)
    trigger_by: TriggerBy = member(  # noqa: RUF009 (a dataclass field)
        TriggerBy.LAST, TRIGGER_BY_HELP
    )
    held: Held = member(Held.HERE, HELD_HELP, amendable=False)  # noqa: RUF009 (a dataclass field)
    timeout: Decimal = number("60", "to get in", Unit.SECONDS, above="0", at_most="2592000")
    exit_timeout: Decimal | None = number(
        None,
        "to the end of what gets out, fired or not; none is open-ended",
        Unit.SECONDS,
        above="0",
        at_most="31536000",
        amendable=False,
    )


class BracketExecution(ExecutionStrategy):
    """An entry with a take-profit and a stop-loss: one cancels the other. With a price it rests at it,
    without one it crosses."""

    name: ClassVar[str] = "bracket"
    Config: ClassVar[type[StrategyConfig]] = BracketConfig
    config: BracketConfig
    takes_quote: ClassVar[bool] = False

    @property
    def exits(self) -> tuple[str, Mapping[str, object]] | None:
        config = self.config
        said: dict[str, object] = {
            "trigger_by": config.trigger_by,
            "held": config.held,
            "timeout": config.exit_timeout,
            "max_slippage_pct": config.max_slippage_pct,
            "max_book_age": config.max_book_age,
        }
        if config.stop_loss is None:
            return "take_profit", said | {"trigger_price": config.take_profit}
        if config.take_profit is None:
            return "stop", said | {"trigger_price": config.stop_loss}
        return "oco", said | {"take_profit": config.take_profit, "stop_loss": config.stop_loss}

    @property
    def price_followed(self) -> Watched | None:
        return self.config.trigger_by.followed

    @property
    def at_exchange(self) -> bool:
        return self.config.held is Held.EXCHANGE

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.timeout)

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        if self.config.take_profit is None and self.config.stop_loss is None:
            found.append(Refusal(CHECK, "take_profit", "None", "is needed, or stop_loss: a bracket gets out again"))
        prices = (("take_profit", self.config.take_profit), ("stop_loss", self.config.stop_loss))
        found += watched_refusals(self.config.trigger_by, instrument)
        return found + by_refusals(self.config.held, self.config.trigger_by, prices, instrument)

    def market_refusals(self, progress: Progress, market: MarketView | None) -> list[Refusal]:
        """What it gets out at must lie beyond where it gets in."""
        parent = progress.parent
        price = parent.limit_price
        if price is None and not progress.children:
            book = usable_book(market, self.config.max_book_age)
            price = None if isinstance(book, Wait) else book.far(parent.side)
        if price is None:
            return []
        return [_within(level, price) for level in self._levels(parent.side) if level.reached(price, price)]

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        parent, remaining = progress.parent, progress.remaining
        if parent.end_ns is not None and now_ns >= parent.end_ns:
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, f"{plain(remaining)} not got in its time", now_ns)
        if progress.open_children:
            return Wait(parent.end_ns, "for fills until the timeout")
        size = part_size(remaining, remaining, remaining, progress.instrument)
        if parent.limit_price is None:
            return cross(progress, market, now_ns, size, self.crossing(parent), "entry")
        return rest(progress, market, now_ns, size, parent.limit_price, self.config.max_book_age, "entry")

    def _levels(self, side: OrderSide) -> list[Level]:
        config, out = self.config, side.opposite
        return stops(out, "stop_loss", config.stop_loss) + profits(out, "take_profit", config.take_profit)


def _within(level: Level, price: Decimal) -> Refusal:
    side = "above" if level.above else "below"
    return Refusal(CHECK, level.name, plain(level.price), f"must be {side} {plain(price)}, where it gets in")
