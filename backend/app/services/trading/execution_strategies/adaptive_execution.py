"""ADAPTIVE: at the touch as long as that is good enough; across it when the book leans away, a slice is late, or the
price is right. Pure policy; the schedule is scheduled.py's.

The book leans away when its own side's queue is so much longer than the other's that the other is about to give way:
what is not taken now costs a tick more in a moment. Own orders are taken out of their queue, and an order that rests
is not given up for it before it has rested a while, for queues flicker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.child_views import ChildView
from app.domain.money import ONE, ZERO
from app.domain.parents import Place, Progress, Step
from app.domain.slicing import minimum_lots
from app.market_data.view import BookView, MarketView
from app.services.trading.execution_strategies.config import StrategyConfig, Unit, number, seconds_ns
from app.services.trading.execution_strategies.quoting import REQUOTES_MAX, overtaken, resting
from app.services.trading.execution_strategies.scheduled import Schedule, ScheduledConfig, ScheduledExecution, Weight
from app.services.trading.execution_strategies.steps import clear


@dataclass(frozen=True)
class AdaptiveConfig(ScheduledConfig):
    """A schedule, and what makes it cross."""

    cross_imbalance: Decimal = number(
        "0.85",
        "crosses when so large a part of what both touches show stands on its own side; 1 is never",
        Unit.FRACTION,
        at_least="0.5",
        at_most="1",
    )
    patience: Decimal = number("1", "crosses for what is so many slices' time late", at_least="0.1", at_most="100")


class AdaptiveExecution(ScheduledExecution[AdaptiveConfig]):
    """A maker at the touch that crosses when waiting costs more: when the book leans away, when it is behind its even
    schedule, or at would_price."""

    name: ClassVar[str] = "adaptive"
    Config: ClassVar[type[StrategyConfig]] = AdaptiveConfig

    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        return (1,) * slices

    def maker_share(self, first: Place | None) -> Decimal:
        """It rests by default, and crosses when something asks for it."""
        return ONE

    def work(self, progress: Progress, market: MarketView | None, now_ns: int, schedule: Schedule, k: int) -> Step:
        orders = resting(progress)
        hurry = self._hurry(progress, market, now_ns, schedule, k, orders)
        if hurry is None:
            return self.quote(progress, market, now_ns, schedule, k)
        most, why = hurry
        return clear(progress, orders, why, now_ns) or self.take(
            progress, market, now_ns, schedule, k, most=most, why=why
        )

    def _hurry(
        self,
        progress: Progress,
        market: MarketView | None,
        now_ns: int,
        schedule: Schedule,
        k: int,
        orders: Sequence[ChildView],
    ) -> tuple[Decimal, str] | None:
        """How much at most is to be taken now, and why; None to go on resting."""
        if not self.may_cross(progress, market):
            return None
        assert market is not None  # may_cross
        assert market.book is not None
        smallest = minimum_lots(progress.instrument) * progress.instrument.lot
        done = progress.committed - sum((child.max_possible - child.filled for child in orders), ZERO)
        late_ns = int(self.config.patience * schedule.duration_ns / len(schedule.targets))
        late = schedule.target(now_ns - late_ns) - done
        if late >= smallest:
            return late, "it is late"
        due = schedule.targets[min(k, len(schedule.targets) - 1)] - done
        if due >= smallest and overtaken(progress) >= REQUOTES_MAX:
            return due, "the book overtook what should have rested"
        rested_ns = seconds_ns(self.config.min_rest)
        shown = market.book.ask_size if progress.parent.side.sign > 0 else market.book.bid_size
        assert shown is not None  # a usable book has both sides
        if min(due, shown) < smallest or any(now_ns < child.placed_ns + rested_ns for child in orders):
            return None
        if imbalance(progress, market.book, orders) < self.config.cross_imbalance:
            return None
        return shown, "the book leans away"


def imbalance(progress: Progress, book: BookView, orders: Sequence[ChildView]) -> Decimal:
    """The part of what both touches show that stands on the parent's own side, without its own orders. book: a usable
    one."""
    side = progress.parent.side
    ours, others = (book.bid_size, book.ask_size) if side.sign > 0 else (book.ask_size, book.bid_size)
    assert ours is not None  # a usable book has both sides
    assert others is not None
    near = book.near(side)
    mine = sum((child.max_possible - child.filled for child in orders if child.price == near), ZERO)
    ours = max(ours - mine, ZERO)
    return ours / (ours + others)
