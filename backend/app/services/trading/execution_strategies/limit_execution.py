"""LIMIT: one resting order; for the last part of its time it can follow the touch, and at the timeout it is canceled
and, if so configured, what is left crosses the market.

The order is place, timeout, cancel, wait until it is over and its fills are in hand, then cross. Pure policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.instruments import Instrument
from app.domain.money import ONE, ZERO, plain
from app.domain.orders import OrderType
from app.domain.parents import ParentOrder, ParentStatus, Progress, Step, Wait
from app.domain.refusals import InvalidValue, Refusal
from app.domain.slicing import part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy, Executor
from app.services.trading.execution_strategies.config import CHECK, StrategyConfig, Unit, flag, number, seconds_ns
from app.services.trading.execution_strategies.quoting import Discipline, at_touch, follow, resting, within
from app.services.trading.execution_strategies.steps import SWEEP_NS, clear, conclude, cross, rest, usable_book

CHASING = Discipline(ticks=1, rest_ns=1_000_000_000)


@dataclass(frozen=True)
class LimitConfig(StrategyConfig):
    """Of a limit order with a timeout."""

    timeout: Decimal = number("60", "that the order may rest", Unit.SECONDS, above="0", at_most="2592000")
    fallback_to_market: bool = flag(
        True, "cross for the rest at the timeout, as capped IOC orders; otherwise it expires"
    )
    post_only: bool = flag(False, "never a taker while it rests: where the price would cross it joins its own touch")
    peg_offset_pct: Decimal | None = number(
        None,
        "instead of a price: so far from its own side's touch as that is when it is placed; positive is away from the "
        "market",
        Unit.FRACTION,
        at_least="-0.5",
        at_most="0.5",
    )
    chase_time: Decimal = number(
        "0", "of the timeout, its last ones, in which it follows the touch post-only", Unit.SECONDS, at_least="0"
    )
    max_chase_pct: Decimal = number(
        "0.005", "so far from its first price it follows the touch", Unit.FRACTION, at_least="0", at_most="0.5"
    )


class LimitExecution(ExecutionStrategy):
    """A limit order with a timeout, and the market for the rest if so configured. Without a limit price it joins its
    own side of the book as it stands at the start.

    The limit price is the resting order's; the fallback, which is asked for to get it done, is bound by the collar
    (max_slippage_pct beyond the far touch) instead.
    """

    name: ClassVar[str] = "limit"
    Config: ClassVar[type[StrategyConfig]] = LimitConfig
    config: LimitConfig

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        super().__init__(executor, config)
        if self.config.chase_time >= self.config.timeout:
            rule = f"must be below the timeout {plain(self.config.timeout)}, whose last part it is"
            raise InvalidValue("chase_time", plain(self.config.chase_time), rule, check=CHECK)

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found, offset = super().refusals(size, limit_price, instrument), self.config.peg_offset_pct
        if offset is not None and limit_price is not None:
            found.append(Refusal(CHECK, "peg_offset_pct", plain(offset), "goes not with a price: give one of them"))
        return found

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.timeout)

    def price_cap(self, parent: ParentOrder) -> Decimal | None:
        return None if self.config.fallback_to_market else parent.limit_price

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        end_ns = progress.parent.end_ns
        assert end_ns is not None
        if now_ns < end_ns:
            return self._resting(progress, market, now_ns, end_ns)
        step = clear(progress, progress.open_children, "timeout", now_ns)
        if step is not None:
            return step
        if not self.config.fallback_to_market or now_ns >= end_ns + SWEEP_NS:
            reason = (
                "timeout" if not self.config.fallback_to_market else "timeout, and the market did not fill the rest"
            )
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        size = part_size(progress.remaining, progress.remaining, progress.remaining, progress.instrument)
        return cross(progress, market, now_ns, size, self.crossing(progress.parent), "fallback to market")

    def _resting(self, progress: Progress, market: MarketView | None, now_ns: int, end_ns: int) -> Step:
        chase_ns = end_ns - seconds_ns(self.config.chase_time)
        if now_ns >= chase_ns:
            return self._chase(progress, market, now_ns)
        if progress.open_children:
            return Wait(chase_ns, "for fills until the timeout" if chase_ns == end_ns else "for fills until it follows")
        price = self._price(progress, market)
        if isinstance(price, Wait):
            return price
        size = part_size(progress.remaining, progress.remaining, progress.remaining, progress.instrument)
        order_type = OrderType.POST_ONLY if self.config.post_only else OrderType.LIMIT
        step = rest(progress, market, now_ns, size, price, self.config.max_book_age, "limit", order_type)
        if isinstance(step, Wait) and self.config.chase_time:
            return Wait(min(step.until_ns or chase_ns, chase_ns), step.reason, step.on_market)
        return step

    def _price(self, progress: Progress, market: MarketView | None) -> Decimal | Wait:
        """Where it rests: its price, or so far from its own touch."""
        price, side, offset = progress.parent.limit_price, progress.parent.side, self.config.peg_offset_pct or ZERO
        if price is not None and not self.config.post_only:
            return price
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        near = book.near(side)
        assert near is not None  # a usable book has both sides
        wanted = near * (ONE - side.sign * offset) if price is None else price
        return at_touch(progress, book, wanted) if self.config.post_only else wanted

    def _chase(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        """At the touch, so far from its first price and its cap."""
        side, cap, orders = progress.parent.side, self.price_cap(progress.parent), resting(progress)
        first = next((child.price for child in progress.children if child.price is not None), None)
        if first is not None:
            farthest = first * (ONE + side.sign * self.config.max_chase_pct)
            cap = farthest if cap is None else within(side, farthest, cap)
        book = usable_book(market, self.config.max_book_age)
        wanted = book if isinstance(book, Wait) else at_touch(progress, book, cap)
        if orders:
            return follow(progress, market, now_ns, orders, wanted, CHASING)
        if progress.open_children or isinstance(wanted, Wait):
            return wanted if isinstance(wanted, Wait) else Wait(None, "for the order's end")
        size = part_size(progress.remaining, progress.remaining, progress.remaining, progress.instrument)
        age, reason = self.config.max_book_age, f"chase {len(progress.children)}"
        return rest(progress, market, now_ns, size, wanted, age, reason, OrderType.POST_ONLY)
