"""What waits for a price and then trades: the one part of stop, take-profit, trailing stop and one-cancels-other.

Pure policy, held here: nothing is at the exchange before it fires, unless it is to be (standing.py). It has fired when
it has a child that does more than wait; from then on it works what is left, whatever the price does. What makes it fire
is each strategy's own (levels). Why: decision 0025.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from app.domain.child_views import ChildView
from app.domain.conditions import Watched
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE, plain
from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Done, ParentOrder, ParentStatus, Place, Progress, Step, Wait
from app.domain.refusals import Refusal
from app.domain.slicing import minimum_lots, part_size
from app.market_data.view import MarketView, PriceRange
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import (
    CHECK,
    NS_PER_SECOND,
    StrategyConfig,
    Unit,
    member,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.pieces import piece
from app.services.trading.execution_strategies.steps import BOUND_RECHECK_NS, conclude, rest, usable_book

SEEN_NS = 60 * NS_PER_SECOND
"""So long a print that reached a price counts, though nothing could be sent when it came."""


class TriggerBy(StrEnum):
    """What is watched: what the public trades at, the price at which it would trade now, or of a contract the
    exchange's mark or index price."""

    LAST = "last"
    BOOK = "book"
    MARK = "mark"
    INDEX = "index"

    @property
    def followed(self) -> Watched | None:
        """What the exchange has to tell of besides book and trades."""
        return Watched(self.value) if self in (TriggerBy.MARK, TriggerBy.INDEX) else None


TRIGGER_BY_HELP = (
    "what is watched: what the public trades at, in the book the price at which it would trade, or of contracts the "
    "exchange's mark or index price"
)


@dataclass(frozen=True)
class ConditionalConfig(StrategyConfig):
    """What every conditional order may be told."""

    trigger_by: TriggerBy = member(  # noqa: RUF009 (a dataclass field)
        TriggerBy.LAST, TRIGGER_BY_HELP
    )
    timeout: Decimal | None = number(
        None, "to its end, fired or not; none is open-ended", Unit.SECONDS, above="0", at_most="31536000"
    )


C = TypeVar("C", bound=ConditionalConfig)


@dataclass(frozen=True, slots=True)
class Level:
    """A price that makes it fire: reached from below when `above`, else from above."""

    name: str
    price: Decimal
    above: bool

    def reached(self, low: Decimal, high: Decimal) -> bool:
        return high >= self.price if self.above else low <= self.price

    @property
    def words(self) -> str:
        return f"{self.name} {plain(self.price)}"


class ConditionalExecution(ExecutionStrategy, Generic[C]):
    """Waits for a price, then trades."""

    Config: ClassVar[type[StrategyConfig]] = ConditionalConfig
    config: C
    takes_quote: ClassVar[bool] = False
    wants_bounds: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    when_nothing_is_there: ClassVar[ParentStatus] = ParentStatus.CANCELED
    standing_max: ClassVar[int] = 5  # what others took meanwhile is refused until it is booked

    @abstractmethod
    def levels(self, parent: ParentOrder) -> Sequence[Level]:
        """What makes it fire; the first one that is reached is named as the reason."""

    @property
    def price_followed(self) -> Watched | None:
        return self.config.trigger_by.followed

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        return super().refusals(size, limit_price, instrument) + watched_refusals(self.config.trigger_by, instrument)

    def end_ns(self, start_ns: int) -> int | None:
        return None if self.config.timeout is None else start_ns + seconds_ns(self.config.timeout)

    def watches(self, progress: Progress) -> bool:
        return not self.fired(progress)

    def fired(self, progress: Progress) -> bool:
        """Whether it has an order that does more than wait."""
        return any(child.worked for child in progress.children)

    def market_refusals(self, progress: Progress, market: MarketView | None) -> list[Refusal]:
        """What it waits for must not be there already."""
        parent = progress.parent
        began = self.fired(progress) or parent.entry_id is not None
        price = None if market is None or began else self.present(parent, market)
        if price is None:
            return []
        return [self._through(level, price) for level in self.levels(parent) if level.reached(price, price)]

    def foreseen(self, progress: Progress, market: MarketView | None, now_ns: int) -> Place | None:
        """Its first order at the price that makes it fire, for one that could add to what is held."""
        parent, bounds, instrument = progress.parent, progress.bounds, progress.instrument
        price = parent.limit_price or self.expected_price(parent, market)
        if parent.only_reduces or price is None:
            return None
        size = parent.size
        if bounds is not None and bounds.price > 0:
            # As much as one order may be at that price.
            one = instrument.floor_size(bounds.largest * min(bounds.price / price, ONE))
            size = min(size, max(one, instrument.min_size))
        buying = parent.side is OrderSide.BUY
        return Place(size, OrderType.IOC, instrument.passive_price(price, buying=buying), "foreseen")

    def expected_price(self, parent: ParentOrder, market: MarketView | None) -> Decimal | None:
        """Where it would fire, as far as that can be told."""
        return max((level.price for level in self.levels(parent)), default=None)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        parent = progress.parent
        if parent.end_ns is not None and now_ns >= parent.end_ns:
            said = f"{plain(progress.unplaced)} of {plain(parent.size)} left at its end"
            said = said if self.fired(progress) else f"{said}: it has not fired"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, said, now_ns)
        waiting = next((child for child in progress.open_children if child.waits), None)
        if waiting is not None:
            return self.stands(progress, waiting, market, now_ns)
        if progress.open_children:
            return Wait(None, "for its order's end")
        entry = progress.entry
        if entry is not None and entry.filled - progress.committed < self.smallest(progress):
            if entry.over and not entry.filled:
                return Done(ParentStatus.CANCELED, "what it was to get out of came to nothing")
            return Wait(None, "for its entry", on_market=True)
        if self.fired(progress):
            return self.fire(progress, market, now_ns, f"piece {len(progress.children) + 1}")
        seen = self.seen(progress, market, now_ns)
        return seen if isinstance(seen, Wait) else self.watch(progress, market, now_ns, seen)

    def stands(self, progress: Progress, waiting: ChildView, market: MarketView | None, now_ns: int) -> Step:
        """What to do while an order of it waits at the exchange."""
        return Wait(None, "for what waits at the exchange")

    def watch(self, progress: Progress, market: MarketView | None, now_ns: int, seen: PriceRange) -> Step:
        """Fire at what was seen, or go on watching."""
        hit = self.hit(progress.parent, seen)
        if hit is not None:
            return self.fire(progress, market, now_ns, f"{hit.words} was reached")
        return self.waits(progress.parent, seen)

    def hit(self, parent: ParentOrder, seen: PriceRange) -> Level | None:
        return next((each for each in self.levels(parent) if each.reached(seen.low, seen.high)), None)

    def waits(self, parent: ParentOrder, seen: PriceRange) -> Wait:
        said = f"for {self.wanted(parent)}; {self.config.trigger_by.value} is {plain(seen.last)}"
        return Wait(None, said, on_market=True)

    def wanted(self, parent: ParentOrder) -> str:
        return " or ".join(level.words for level in self.levels(parent)) or "the first price"

    def fire(self, progress: Progress, market: MarketView | None, now_ns: int, reason: str) -> Step:
        """Trade what is left."""
        if progress.remaining < self.smallest(progress):
            return Wait(
                now_ns + BOUND_RECHECK_NS, f"{reason}; what is there is held by other open orders", on_market=True
            )
        limit, age = progress.parent.limit_price, self.config.max_book_age
        if limit is None:
            return piece(progress, market, now_ns, self.config.max_slippage_pct, age, reason)
        bounds = progress.bounds
        if bounds is None:
            return Wait(None, f"{reason}; no usable market: the book is too old for risk", on_market=True)
        size = part_size(bounds.largest, progress.remaining, bounds.largest, progress.instrument)
        if not size:
            return Wait(None, f"the limits of one order allow only {plain(bounds.largest)}", on_market=True)
        return rest(progress, market, now_ns, size, limit, age, reason)

    def smallest(self, progress: Progress) -> Decimal:
        return minimum_lots(progress.instrument) * progress.instrument.lot

    def seen(self, progress: Progress, market: MarketView | None, now_ns: int) -> PriceRange | Wait:
        """Between which prices what is watched has been since the order is as it is, at most for a minute."""
        parent, entry = progress.parent, progress.entry
        if market is None:
            return Wait(None, "no market yet", on_market=True)
        if self.config.trigger_by is TriggerBy.LAST:
            # What the extreme was known from came before it, whatever our clock says.
            first_ns = 0 if entry is None else entry.first_ns or 0
            found = market.traded_range(max(first_ns, parent.extreme_ns + 1, parent.status_ns, now_ns - SEEN_NS))
            return found or Wait(None, f"for {self.wanted(parent)}; nobody trades", on_market=True)
        price = self.present(parent, market)
        if price is not None:
            return PriceRange(price, price, price, now_ns)
        book = usable_book(market, self.config.max_book_age)
        if self.price_followed is None and isinstance(book, Wait):
            return book
        return Wait(None, f"for the exchange's {self.config.trigger_by.value} price", on_market=True)

    def present(self, parent: ParentOrder, market: MarketView) -> Decimal | None:
        """What is watched, as it is now."""
        if self.config.trigger_by is TriggerBy.LAST and market.last_trade is not None:
            return market.last_trade.price
        if self.price_followed is not None:
            return market.prices.get(self.price_followed)
        book = usable_book(market, self.config.max_book_age)
        return None if isinstance(book, Wait) else book.far(parent.side)

    def _through(self, level: Level, price: Decimal) -> Refusal:
        side = "below" if level.above else "above"
        rule = f"is reached already: the market is at {plain(price)}, and must be {side} it"
        return Refusal(CHECK, level.name, plain(level.price), rule)


def stops(side: OrderSide, name: str, price: Decimal | None) -> list[Level]:
    """The level of a stop: a buy's above the market, a sale's below it."""
    return [] if price is None else [Level(name, price, above=side is OrderSide.BUY)]


def profits(side: OrderSide, name: str, price: Decimal | None) -> list[Level]:
    """The level of a take-profit: on the other side of the market than a stop's."""
    return [] if price is None else [Level(name, price, above=side is OrderSide.SELL)]


def watched_refusals(trigger_by: TriggerBy, instrument: Instrument) -> list[Refusal]:
    """Why such a price of it cannot be watched."""
    if trigger_by.followed is None or instrument.kind is not InstrumentKind.SPOT:
        return []
    rule = f"must be last or book: {instrument.instrument_id} is spot, and has no {trigger_by.value} price"
    return [Refusal(CHECK, "trigger_by", trigger_by.value, rule)]


def needed(name: str, value: object, why: str) -> list[Refusal]:
    return [] if value is not None else [Refusal(CHECK, name, "None", f"is needed: {why}")]


__all__ = [
    "TRIGGER_BY_HELP",
    "ConditionalConfig",
    "ConditionalExecution",
    "Level",
    "TriggerBy",
    "needed",
    "profits",
    "stops",
    "watched_refusals",
]
