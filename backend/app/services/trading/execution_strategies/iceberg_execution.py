"""ICEBERG: one clip shows, or a few a tick apart; the next appears when one has filled, and they follow the market now
and then.

Clips can vary in size and come a little late, by the parent's seed, so that they are not told by their sameness. Never
more of them than layers: a re-price is cancel, wait until it is over and its fills are in hand, then a new one. Pure
policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.child_views import ChildView
from app.domain.money import plain
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.slicing import drawn, minimum_lots, part_size
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
from app.services.trading.execution_strategies.quoting import MARKET_LOST_NS, within
from app.services.trading.execution_strategies.steps import clear, conclude, cross, rest, usable_book


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
    size_jitter: Decimal = number(
        "0", "each clip is up to such a part larger or smaller", Unit.FRACTION, at_least="0", at_most="0.5"
    )
    refresh_delay: Decimal = number(
        "0", "each clip comes up to so long after the one before has filled", Unit.SECONDS, at_least="0", at_most="3600"
    )
    layers: int = number(
        "1", "clips that show at once, each a tick behind the one before", at_least="1", at_most="10", whole=True
    )
    peg: bool = flag(
        False, "with a limit price too, clips join their own side of the book and follow it, as far as the limit"
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

    def clip_size(self, progress: Progress) -> Decimal:
        """The next clip, in whole lots."""
        visible, vary = self.visible_size(progress), self.config.size_jitter
        if not vary:
            return visible
        draw = drawn(progress.parent.seed, "clip", len(progress.children))
        part = Decimal(draw.numerator) / draw.denominator
        least = max(self.config.min_visible_size, minimum_lots(progress.instrument) * progress.instrument.lot)
        return max(progress.instrument.floor_size(visible * (1 + vary * (2 * part - 1))), least)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        end_ns = progress.parent.end_ns
        if end_ns is not None and now_ns >= end_ns:
            reason = f"{plain(progress.remaining)} was still hidden at the end"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        clips = progress.open_children
        prices = self._prices(progress, market) if self.config.use_limit_orders else []
        step = self._tend(progress, clips, prices, market, now_ns) if clips else Wait(None, "")
        if not isinstance(step, Wait) or len(clips) >= self._layers or _going(clips):
            return step
        show = self._show(progress, clips, prices, market, now_ns)
        return _either(show, step) if isinstance(show, Wait) else show

    def _show(
        self,
        progress: Progress,
        clips: Sequence[ChildView],
        prices: list[Decimal] | Wait,
        market: MarketView | None,
        now_ns: int,
    ) -> Step:
        """The next clip, where none of the others is."""
        ready_ns = self._ready_ns(progress)
        if now_ns < ready_ns:
            return Wait(ready_ns, "for the next clip's time")
        size = self.clip_size(progress)
        size = part_size(size, progress.remaining, size, progress.instrument)
        reason = f"clip {len(progress.children) + 1}"
        if not self.config.use_limit_orders:
            return cross(progress, market, now_ns, size, self.crossing(progress.parent), reason)
        if isinstance(prices, Wait):
            return prices
        free = next((price for price in prices if all(price != clip.price for clip in clips)), None)
        if not size or free is None:
            return Wait(None, "for the clips to fill")
        return rest(progress, market, now_ns, size, free, self.config.max_book_age, reason)

    def _tend(
        self,
        progress: Progress,
        clips: tuple[ChildView, ...],
        prices: list[Decimal] | Wait,
        market: MarketView | None,
        now_ns: int,
    ) -> Step:
        gone = clips if len(clips) > self._layers else _going(clips)
        if gone:
            return clear(progress, gone, "re-price", now_ns) or Wait(None, "for the clip's end")
        working = tuple(clip for clip in clips if clip.cancelable)
        if not self._follows(progress) or not working:
            return Wait(None, "for the clip to fill")
        if market is None or market.book is None or now_ns - market.book.received_ns > MARKET_LOST_NS:
            return clear(progress, working, "the market is out of sight", now_ns) or Wait(None, "for the clip")
        lost_ns = max(market.book.received_ns + MARKET_LOST_NS + 1, now_ns + 1)
        due = [clip for clip in working if now_ns >= self._refresh_ns(clip)]
        if not due:
            return Wait(min(lost_ns, *map(self._refresh_ns, working)), "for the clip to fill")
        for clip in due:
            if not isinstance(prices, Wait) and clip.price not in prices:
                reason = f"re-price from {plain(clip.price or prices[0])} to {plain(prices[0])}"
                return clear(progress, (clip,), reason, now_ns) or Wait(None, "for the clip's end")
        return Wait(now_ns + MARKET_LOST_NS, "the clip is at the touch", on_market=True)

    @property
    def _layers(self) -> int:
        return self.config.layers if self.config.use_limit_orders else 1

    def _refresh_ns(self, clip: ChildView) -> int:
        return clip.placed_ns + seconds_ns(self.config.max_refresh_time)

    def _ready_ns(self, progress: Progress) -> int:
        """Not before then, after a clip that has filled."""
        if not self.config.refresh_delay or not progress.children:
            return 0
        last = max(progress.children, key=lambda child: child.ended_ns or 0)
        if last.ended_ns is None or last.filled < last.size:
            return 0
        return last.ended_ns + int(
            drawn(progress.parent.seed, "delay", len(progress.children)) * seconds_ns(self.config.refresh_delay)
        )

    def _follows(self, progress: Progress) -> bool:
        return progress.parent.limit_price is None or self.config.peg

    def _prices(self, progress: Progress, market: MarketView | None) -> list[Decimal] | Wait:
        """Where clips belong, the first nearest to the market."""
        limit, side, instrument = progress.parent.limit_price, progress.parent.side, progress.instrument
        price = limit
        if price is None or self.config.peg:
            book = usable_book(market, self.config.max_book_age)
            if isinstance(book, Wait):
                return book
            near = book.near(side)
            assert near is not None  # a usable book has both sides
            price = near if limit is None else within(side, near, limit)
        buying = side.sign > 0
        first = instrument.passive_price(price, buying=buying)
        return [first - side.sign * layer * instrument.tick for layer in range(self.config.layers)]


def _going(clips: tuple[ChildView, ...]) -> tuple[ChildView, ...]:
    """Those whose cancel was asked for."""
    return tuple(clip for clip in clips if clip.cancels)


def _either(first: Wait, second: Wait) -> Wait:
    """Whatever comes first."""
    until_ns = min((at for at in (first.until_ns, second.until_ns) if at is not None), default=None)
    return Wait(until_ns, first.reason or second.reason, first.on_market or second.on_market)
