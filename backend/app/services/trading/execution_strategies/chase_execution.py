"""CHASE: one post-only order at its own side's touch, which follows the market so far and no farther. Pure policy.

Never two orders: a re-price is cancel, wait until it is over and its fills are in hand, then a new one.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from app.domain.money import ONE, plain
from app.domain.orders import OrderType
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.slicing import part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, member, number, seconds_ns
from app.services.trading.execution_strategies.steps import clear, conclude, rest, sweep, usable_book

RECHECK_NS = 1_000_000_000


class Finish(StrEnum):
    """What becomes of the rest at the end."""

    CANCEL = "cancel"
    CROSS = "cross"


@dataclass(frozen=True)
class ChaseConfig(StrategyConfig):
    """How far, and what then."""

    timeout: Decimal = number("300", "to the end", Unit.SECONDS, above="0", at_most="2592000")
    max_chase_pct: Decimal = number(
        "0.005", "so far from its first price it follows the market", Unit.FRACTION, at_least="0", at_most="0.5"
    )
    min_rest: Decimal = number(
        "1", "that an order rests before it is priced anew", Unit.SECONDS, at_least="0.25", at_most="3600"
    )
    finish: Finish = member(Finish.CANCEL, "what becomes of the rest at the end")  # noqa: RUF009 (a dataclass field)


class ChaseExecution(ExecutionStrategy):
    """A post-only order that follows the touch of its own side. A limit price given with the order caps the chase as
    well."""

    name: ClassVar[str] = "chase"
    Config: ClassVar[type[StrategyConfig]] = ChaseConfig
    config: ChaseConfig

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.timeout)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        end_ns, open_children = progress.parent.end_ns, progress.open_children
        if end_ns is not None and now_ns >= end_ns:
            if self.config.finish is Finish.CROSS:
                return sweep(progress, market, now_ns, self.crossing(progress.parent), progress.remaining)
            reason = f"{plain(progress.remaining)} left at the end of the chase"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        if any(child.cancels for child in open_children) or len(open_children) > 1:
            return clear(progress, open_children, "re-price", now_ns) or Wait(None, "for the order's end")
        if open_children and not open_children[0].cancelable:
            return Wait(None, "for the order's answer")
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        near = book.near(progress.parent.side)
        assert near is not None  # a usable book has both sides
        price = self._price(progress, near)
        if not open_children:
            size = part_size(progress.remaining, progress.remaining, progress.remaining, progress.instrument)
            age, reason = self.config.max_book_age, f"chase {len(progress.children) + 1}"
            return rest(progress, market, now_ns, size, price, age, reason, OrderType.POST_ONLY)
        child = open_children[0]
        rested_ns = child.placed_ns + seconds_ns(self.config.min_rest)
        if price == child.price:
            return Wait(now_ns + RECHECK_NS, "the order is where it belongs", on_market=True)
        if now_ns < rested_ns:
            return Wait(rested_ns, "the order rests")
        reason = f"re-price from {plain(child.price or price)} to {plain(price)}"
        return clear(progress, open_children, reason, now_ns) or Wait(None, "for the order's end")

    def _price(self, progress: Progress, near: Decimal) -> Decimal:
        """The touch, as far as the chase goes, on the tick."""
        parent, buying = progress.parent, progress.parent.side.sign > 0
        nearest = min if buying else max
        price = near
        first = next((child.price for child in progress.children if child.price is not None), None)
        if first is not None:
            price = nearest(price, first * (ONE + parent.side.sign * self.config.max_chase_pct))
        if parent.limit_price is not None:
            price = nearest(price, parent.limit_price)
        return progress.instrument.passive_price(price, buying=buying)
