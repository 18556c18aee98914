"""What TWAP, VWAP and implementation shortfall share: slices at fixed times, each worked towards a cumulative target.

The target is a function of the time, so a late start or a failed slice is caught up in bounded steps, and a restart
finds the schedule where it left it. Slice k of n is due at start + k*duration/n, the first at the start; after the end
a sweep takes what is left, and what cannot be had is reported. Pure policy: a strategy says how the whole is spread.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Generic, TypeVar

from app.domain.money import ONE, ZERO
from app.domain.parents import ChildView, Progress, Step, Wait
from app.domain.slicing import cumulative_targets, feasible_parts, minimum_lots, part_size, whole_lots
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy, Executor
from app.services.trading.execution_strategies.config import (
    StrategyConfig,
    Unit,
    flag,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.steps import clear, cross, rest, sweep, usable_book

Weight = int | Decimal | Fraction


@dataclass(frozen=True)
class ScheduledConfig(StrategyConfig):
    """What every schedule knows."""

    duration: Decimal = number("300", "from the first slice to the end", Unit.SECONDS, above="0", at_most="604800")
    num_slices: int = number(
        "10", "fewer when slices would fall below the smallest order", at_least="1", at_most="5000", whole=True
    )
    use_limit_orders: bool = flag(
        False, "each slice rests until the next is due, then its rest moves on; otherwise it crosses"
    )
    price_offset_pct: Decimal = number(
        "0.001",
        "distance of such a limit from its own side's touch: positive is away from the market "
        "(a buy at bid × (1 − p)), negative towards it and through it",
        Unit.FRACTION,
        at_least="-0.5",
        at_most="0.5",
    )
    max_catch_up: Decimal = number(
        "3", "no child, and no bin, is more than so many normal slices", at_least="1", at_most="100"
    )


C = TypeVar("C", bound=ScheduledConfig)


@dataclass(frozen=True, slots=True)
class Schedule:
    """targets: cumulative sizes after each slice. slice_size: one of equal slices, rounded up to a lot."""

    start_ns: int
    duration_ns: int
    targets: tuple[Decimal, ...]
    slice_size: Decimal

    def begins_ns(self, k: int) -> int:
        """When slice k (from 0) is due; k = number of slices is the end."""
        return self.start_ns + k * self.duration_ns // len(self.targets)

    def index(self, now_ns: int) -> int:
        """The slice whose bin `now_ns` is in; -1 before the start, the last one from there on."""
        if now_ns < self.start_ns:
            return -1
        k = (now_ns - self.start_ns) * len(self.targets) // self.duration_ns
        while k + 1 < len(self.targets) and self.begins_ns(k + 1) <= now_ns:
            k += 1  # begins_ns rounds down, so its edge may come a nanosecond before the quotient's
        return min(k, len(self.targets) - 1)

    def target(self, now_ns: int) -> Decimal:
        """How much should be done or under way by now_ns."""
        k = self.index(now_ns)
        return ZERO if k < 0 else self.targets[k]

    def normal(self, k: int) -> Decimal:
        """A normal slice: the k-th, or one of equal slices where that is more."""
        return max(self.targets[k] - (self.targets[k - 1] if k else ZERO), self.slice_size)


class ScheduledExecution(ExecutionStrategy, Generic[C]):
    """A limit price given with the order caps every child; while the market is through it the schedule goes on and the
    backlog is worked off later, at most max_catch_up slices at a time."""

    Config: ClassVar[type[StrategyConfig]] = ScheduledConfig
    config: C

    def __init__(self, executor: Executor | None, config: Mapping[str, object] | StrategyConfig | None = None) -> None:
        super().__init__(executor, config)
        self._planned: tuple[object, Schedule] | None = None

    @abstractmethod
    def weights(self, progress: Progress, slices: int) -> Sequence[Weight]:
        """How the whole is spread over the slices: >= 0, with a sum above zero. A function of the parent alone."""

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.duration)

    def slices(self, progress: Progress) -> int:
        """How many there are: num_slices, or fewer, so that an average one is not below the venue's minimum."""
        total = whole_lots(progress.parent.size, progress.instrument.lot)
        return feasible_parts(total, self.config.num_slices, minimum_lots(progress.instrument))

    def schedule(self, progress: Progress) -> Schedule:
        """The parent's schedule: a function of its size, window, weights and lattice alone, made when one of them is
        new."""
        parent, instrument = progress.parent, progress.instrument
        of = (parent.size, parent.start_ns, instrument.lot, minimum_lots(instrument))
        if self._planned is None or self._planned[0] != of:
            self._planned = of, self._plan(progress)
        return self._planned[1]

    def target(self, progress: Progress, now_ns: int) -> Decimal | None:
        return self.schedule(progress).target(now_ns)

    def ahead_ns(self, progress: Progress, now_ns: int) -> int | None:
        """In whole slices when ahead: from the next one that is due to the first that is not filled."""
        schedule, filled = self.schedule(progress), progress.filled
        first = next((k for k, target in enumerate(schedule.targets) if target > filled), len(schedule.targets))
        if filled < schedule.target(now_ns):
            return schedule.begins_ns(first) - now_ns
        return max(schedule.begins_ns(first) - schedule.begins_ns(schedule.index(now_ns) + 1), 0)

    def _plan(self, progress: Progress) -> Schedule:
        lot, slices = progress.instrument.lot, self.slices(progress)
        total = whole_lots(progress.parent.size, lot)
        targets = tuple(lots * lot for lots in cumulative_targets(total, self.weights(progress, slices)))
        equal = -(-total // slices) * lot
        return Schedule(progress.parent.start_ns, seconds_ns(self.config.duration), targets, equal)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        schedule = self.schedule(progress)
        if now_ns < schedule.start_ns:
            return Wait(schedule.start_ns, "for the start")
        if now_ns >= schedule.begins_ns(len(schedule.targets)):
            largest = self._largest(schedule, len(schedule.targets) - 1)
            return sweep(progress, market, now_ns, self.crossing(progress.parent), largest, "end of the schedule")
        k = schedule.index(now_ns)
        if self.config.use_limit_orders and progress.open_children:
            late = tuple(child for child in progress.open_children if child.placed_ns < schedule.begins_ns(k))
            step = clear(progress, late, f"slice {k + 1} is due", now_ns)
            return step or Wait(schedule.begins_ns(k + 1), f"slice {k + 1}/{len(schedule.targets)} rests")
        size = self._size(progress, market, schedule, k)
        if size == 0:
            return Wait(schedule.begins_ns(k + 1), f"slice {k + 1}/{len(schedule.targets)} is under way or done")
        step = self._place(progress, market, now_ns, size, f"slice {k + 1}/{len(schedule.targets)}")
        if isinstance(step, Wait):
            next_ns = schedule.begins_ns(k + 1)
            return Wait(min(step.until_ns or next_ns, next_ns), step.reason, step.on_market)
        return step

    def due(self, progress: Progress, market: MarketView | None, schedule: Schedule, k: int) -> Decimal:
        """How much more should be under way in slice k."""
        return schedule.targets[k] - progress.committed

    def _size(self, progress: Progress, market: MarketView | None, schedule: Schedule, k: int) -> Decimal:
        largest = self._largest(schedule, k)
        in_bin = sum((child.max_possible for child in children_of(progress, schedule, k)), ZERO)
        due = self.due(progress, market, schedule, k)
        return part_size(min(due, largest - in_bin), progress.remaining, largest, progress.instrument)

    def _largest(self, schedule: Schedule, k: int) -> Decimal:
        return self.config.max_catch_up * schedule.normal(k)

    def _place(self, progress: Progress, market: MarketView | None, now_ns: int, size: Decimal, reason: str) -> Step:
        if not self.config.use_limit_orders:
            return cross(progress, market, now_ns, size, self.crossing(progress.parent), reason)
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        side, cap, offset = progress.parent.side, self.price_cap(progress.parent), self.config.price_offset_pct
        near, mid = book.near(side), book.mid
        assert near is not None  # a usable book has both sides
        assert mid is not None
        from_mid = progress.parent.rules == 1
        price = mid * (ONE + side.sign * offset) if from_mid else near * (ONE - side.sign * offset)
        if cap is not None:
            price = min(price, cap) if side.sign > 0 else max(price, cap)
        return rest(progress, market, now_ns, size, price, self.config.max_book_age, reason)


def children_of(progress: Progress, schedule: Schedule, k: int) -> list[ChildView]:
    """The children that were placed since slice k began."""
    begins_ns = schedule.begins_ns(k)
    return [child for child in progress.children if child.placed_ns >= begins_ns]
