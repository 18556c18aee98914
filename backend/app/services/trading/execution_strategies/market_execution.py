"""MARKET: all of it now, as one IOC limit at the far touch plus a collar, not deeper than so many levels of the book;
what a thin book leaves is tried again.

Pure policy; parents/orders.py drives it.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from app.domain.instruments import Instrument
from app.domain.money import plain
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.refusals import Refusal
from app.domain.slicing import part_size
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import (
    CHECK,
    ClippedConfig,
    StrategyConfig,
    Unit,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.quoting import within
from app.services.trading.execution_strategies.steps import Crossing, conclude, cross, usable_book


@dataclass(frozen=True)
class MarketConfig(ClippedConfig):
    """Of a market order."""

    timeout: Decimal = number("30", "to get it done in", Unit.SECONDS, above="0", at_most="3600")
    max_attempts: int = number(
        "5", "children at most; the first normally takes it all", at_least="1", at_most="100", whole=True
    )
    max_levels: int | None = number(
        None, "a child goes no deeper than so many levels of the visible book", at_least="1", at_most="50", whole=True
    )
    max_cost_pct: Decimal | None = number(
        None,
        "refused, and nothing sent, when taking all of it from the visible book would cost more than such a part of "
        "the mid, the spread included",
        Unit.FRACTION,
        above="0",
        at_most="0.5",
    )


class MarketExecution(ExecutionStrategy):
    """All of it now, at the market's price within a collar. A limit price given with the order is a cap."""

    name: ClassVar[str] = "market"
    Config: ClassVar[type[StrategyConfig]] = MarketConfig
    config: MarketConfig

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.timeout)

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        attempts, clip = self.config.max_attempts, self.config.max_clip
        if clip is not None and clip * attempts < size:
            rule = f"must be at least {int(-(-size // clip))}, for {plain(size)} in children of {plain(clip)}"
            found.append(Refusal(CHECK, "max_attempts", str(attempts), rule))
        return found

    def market_refusals(self, progress: Progress, market: MarketView | None) -> list[Refusal]:
        most = self.config.max_cost_pct
        book = usable_book(market, self.config.max_book_age)
        if most is None or progress.children or market is None or isinstance(book, Wait):
            return []
        walk, mid = market.walk(progress.parent.side, progress.parent.size), book.mid
        assert mid is not None  # a usable book has both sides
        if not walk.complete or walk.average is None:
            rule = f"cannot be told: the visible book holds only {plain(walk.filled)} of {plain(walk.requested)}"
            return [Refusal(CHECK, "max_cost_pct", plain(most), rule)]
        cost = progress.parent.side.sign * (walk.average - mid) / mid
        if cost <= most:
            return []
        rule = f"is below the cost by the book now, {cost:.6f} of the mid {plain(mid)}"
        return [Refusal(CHECK, "max_cost_pct", plain(most), rule)]

    def _terms(self, progress: Progress, market: MarketView | None) -> Crossing:
        """The collar, the cap, and the price of the last level that may be taken."""
        terms, levels, side = self.crossing(progress.parent), self.config.max_levels, progress.parent.side
        if levels is None or market is None:
            return terms
        far = market.asks if side.sign > 0 else market.bids
        if len(far) < levels:
            return terms
        deepest = far[levels - 1][0]
        return replace(terms, cap=deepest if terms.cap is None else within(side, deepest, terms.cap))

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        if progress.open_children:
            return Wait(None, "for the child's end")
        worked = [child for child in progress.children if not child.failed]
        if len(worked) >= self.config.max_attempts:
            reason = f"{len(worked)} attempts did not fill it within {self.config.max_slippage_pct} of the touch"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        end_ns = progress.parent.end_ns
        if end_ns is not None and now_ns >= end_ns:
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, "not done within its timeout", now_ns)
        dear = self.market_refusals(progress, market)
        if dear:
            return conclude(progress, ParentStatus.FAILED, f"nothing was sent: {dear[0]}", now_ns)
        size = part_size(progress.remaining, progress.remaining, progress.remaining, progress.instrument)
        reason = f"market, attempt {len(worked) + 1}"
        return cross(progress, market, now_ns, size, self._terms(progress, market), reason)
