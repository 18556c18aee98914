"""LIMIT: one resting order; at the timeout it is canceled and, if so configured, what is left crosses the market.

The order is place, timeout, cancel, wait until it is over and its fills are in hand, then cross. Pure policy.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.parents import ParentOrder, ParentStatus, Progress, Step, Wait
from app.domain.slicing import part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, flag, number, seconds_ns
from app.services.trading.execution_strategies.steps import SWEEP_NS, clear, conclude, cross, rest, usable_book


@dataclass(frozen=True)
class LimitConfig(StrategyConfig):
    """Of a limit order with a timeout."""

    timeout: Decimal = number("60", "that the order may rest", Unit.SECONDS, above="0", at_most="2592000")
    fallback_to_market: bool = flag(
        True, "cross for the rest at the timeout, as capped IOC orders; otherwise it expires"
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
        if progress.open_children:
            return Wait(end_ns, "for fills until the timeout")
        price = progress.parent.limit_price
        if price is None:
            book = usable_book(market, self.config.max_book_age)
            if isinstance(book, Wait):
                return book
            price = book.near(progress.parent.side)
            assert price is not None  # a usable book has both sides
        size = part_size(progress.remaining, progress.remaining, progress.remaining, progress.instrument)
        return rest(progress, market, now_ns, size, price, self.config.max_book_age, "limit")
