"""ICEBERG: one visible clip at a time; the next appears when it has filled, and it follows the market now and then.

Never two clips: a re-price is cancel, wait until it is over and its fills are in hand, then a new one. Pure policy.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.money import plain
from app.domain.parents import ChildView, ParentStatus, Progress, Step, Wait
from app.domain.slicing import minimum_lots, part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import (
    ClippedConfig,
    StrategyConfig,
    Unit,
    flag,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.steps import clear, conclude, cross, rest, usable_book

MARKET_LOST_NS = 10_000_000_000
"""A clip that follows the market is taken back when the market has not been seen for so long."""


@dataclass(frozen=True)
class IcebergConfig(ClippedConfig):
    """What shows, and for how long."""

    visible_pct: Decimal = number("0.1", "the part of the whole that shows", Unit.FRACTION, above="0", at_most="1")
    max_refresh_time: Decimal = number(
        "30", "after which a clip that follows the market is priced anew", Unit.SECONDS, at_least="0.1", at_most="86400"
    )
    use_limit_orders: bool = flag(True, "clips rest; otherwise each crosses, one a second")
    min_visible_size: Decimal = number("0.001", "a clip is never smaller", Unit.SIZE, at_least="0")
    timeout: Decimal | None = number(
        None, "to the end; none is open-ended", Unit.SECONDS, above="0", at_most="31536000"
    )


class IcebergExecution(ExecutionStrategy):
    """One clip at a time of a size that stays hidden. With a limit price clips rest there; without, they join their own
    side of the book and follow it."""

    name: ClassVar[str] = "iceberg"
    Config: ClassVar[type[StrategyConfig]] = IcebergConfig
    config: IcebergConfig

    def end_ns(self, start_ns: int) -> int | None:
        return None if self.config.timeout is None else start_ns + seconds_ns(self.config.timeout)

    def visible_size(self, progress: Progress) -> Decimal:
        """A full clip, in whole lots."""
        instrument = progress.instrument
        wanted = max(progress.parent.size * self.config.visible_pct, self.config.min_visible_size)
        return max(instrument.floor_size(wanted), minimum_lots(instrument) * instrument.lot)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        end_ns = progress.parent.end_ns
        if end_ns is not None and now_ns >= end_ns:
            reason = f"{plain(progress.remaining)} was still hidden at the end"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        open_children = progress.open_children
        if open_children:
            return self._tend(progress, open_children, market, now_ns)
        visible = self.visible_size(progress)
        size = part_size(visible, progress.remaining, visible, progress.instrument)
        reason = f"clip {len(progress.children) + 1}"
        if not self.config.use_limit_orders:
            return cross(progress, market, now_ns, size, self.crossing(progress.parent), reason)
        price = self._price(progress, market)
        if isinstance(price, Wait):
            return price
        return rest(progress, market, now_ns, size, price, self.config.max_book_age, reason)

    def _tend(
        self, progress: Progress, open_children: tuple[ChildView, ...], market: MarketView | None, now_ns: int
    ) -> Step:
        clip = open_children[-1]
        canceling = any(child.cancels for child in open_children)
        if canceling or len(open_children) > 1:
            step = clear(progress, open_children, "re-price", now_ns)
            return step or Wait(None, "for the clip's end")
        if progress.parent.limit_price is not None or not clip.cancelable:
            return Wait(None, "for the clip to fill")
        if market is None or market.book is None or now_ns - market.book.received_ns > MARKET_LOST_NS:
            return clear(progress, open_children, "the market is out of sight", now_ns) or Wait(None, "for the clip")
        refresh_ns = clip.placed_ns + seconds_ns(self.config.max_refresh_time)
        if now_ns < refresh_ns:
            lost_ns = market.book.received_ns + MARKET_LOST_NS + 1
            return Wait(min(refresh_ns, max(lost_ns, now_ns + 1)), "for the clip to fill")
        price = self._price(progress, market)
        if not isinstance(price, Wait) and price != clip.price:
            step = clear(
                progress, open_children, f"re-price from {plain(clip.price or price)} to {plain(price)}", now_ns
            )
            return step or Wait(None, "for the clip's end")
        return Wait(now_ns + MARKET_LOST_NS, "the clip is at the touch", on_market=True)

    def _price(self, progress: Progress, market: MarketView | None) -> Decimal | Wait:
        limit, side = progress.parent.limit_price, progress.parent.side
        if limit is not None:
            return limit
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        near = book.near(side)
        assert near is not None  # a usable book has both sides
        return progress.instrument.passive_price(near, buying=side.sign > 0)
