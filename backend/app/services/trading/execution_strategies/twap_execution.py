"""TWAP: equal slices at fixed times; the target is a function of the time, so a late start or a failed slice is
caught up in bounded steps, and a restart finds the schedule where it left it.

Pure policy. Slice k of n is due at start + k*duration/n, the first at the start; after the end a sweep takes what is
left, and what cannot be had is reported.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from app.domain.money import ONE, ZERO, plain
from app.domain.parents import ParentStatus, Progress, Step, Wait
from app.domain.slicing import even_targets, feasible_parts, minimum_lots, part_size, whole_lots
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import StrategyConfig, flag, number, seconds_ns
from app.services.trading.execution_strategies.steps import (
    PACE_NS,
    SWEEP_NS,
    Crossing,
    clear,
    conclude,
    cross,
    rest,
    usable_book,
)

SWEEP_PACE_NS = PACE_NS // 2


@dataclass(frozen=True)
class TWAPConfig(StrategyConfig):
    """duration: seconds from first slice to end. num_slices: fewer are made when slices would fall below the venue's
    minimum. use_limit_orders: each slice rests as a limit order until the next is due, then what is left of it moves
    on; otherwise it crosses. price_offset_pct: how far from our own side's touch such a limit stands, as a fraction:
    positive is away from the market (a buy at bid x (1 - p)), negative towards it and through it. max_catch_up: no
    child, and no bin, is more than so many normal slices.
    """

    duration: Decimal = number("300", above="0", at_most="604800")
    num_slices: int = number("10", at_least="1", at_most="5000", whole=True)
    use_limit_orders: bool = flag(False)
    price_offset_pct: Decimal = number("0.001", at_least="-0.5", at_most="0.5")
    max_catch_up: Decimal = number("3", at_least="1", at_most="100")


@dataclass(frozen=True, slots=True)
class TWAPSchedule:
    """targets: cumulative sizes after each slice. slice_size: a normal slice, rounded up to a lot."""

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


class TWAPExecution(ExecutionStrategy):
    """Time-weighted average price. A limit price given with the order caps every child; while the market is through it
    the schedule goes on and the backlog is worked off later, at most max_catch_up slices at a time."""

    name: ClassVar[str] = "twap"
    Config: ClassVar[type[StrategyConfig]] = TWAPConfig
    config: TWAPConfig

    def end_ns(self, start_ns: int) -> int | None:
        return start_ns + seconds_ns(self.config.duration)

    def schedule(self, progress: Progress) -> TWAPSchedule:
        """The parent's schedule: a function of its size, window and lattice alone."""
        lot = progress.instrument.lot
        total = whole_lots(progress.parent.size, lot)
        slices = feasible_parts(total, self.config.num_slices, minimum_lots(progress.instrument))
        targets = tuple(lots * lot for lots in even_targets(total, slices))
        normal = -(-total // slices) * lot
        return TWAPSchedule(progress.parent.start_ns, seconds_ns(self.config.duration), targets, normal)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        schedule = self.schedule(progress)
        end_ns = schedule.begins_ns(len(schedule.targets))
        if now_ns < schedule.start_ns:
            return Wait(schedule.start_ns, "for the start")
        if now_ns >= end_ns:
            return self._sweep(progress, market, now_ns, schedule, end_ns)
        k = schedule.index(now_ns)
        if self.config.use_limit_orders and progress.open_children:
            late = tuple(child for child in progress.open_children if child.placed_ns < schedule.begins_ns(k))
            step = clear(progress, late, f"slice {k + 1} is due", now_ns)
            return step or Wait(schedule.begins_ns(k + 1), f"slice {k + 1}/{len(schedule.targets)} rests")
        size = self._size(progress, schedule, k)
        if size == 0:
            return Wait(schedule.begins_ns(k + 1), f"slice {k + 1}/{len(schedule.targets)} is under way or done")
        step = self._place(progress, market, now_ns, size, f"slice {k + 1}/{len(schedule.targets)}")
        if isinstance(step, Wait):
            next_ns = schedule.begins_ns(k + 1)
            return Wait(min(step.until_ns or next_ns, next_ns), step.reason, step.on_market)
        return step

    def _size(self, progress: Progress, schedule: TWAPSchedule, k: int) -> Decimal:
        begins_ns = schedule.begins_ns(k)
        in_bin = sum((child.max_possible for child in progress.children if child.placed_ns >= begins_ns), ZERO)
        due = schedule.targets[k] - progress.committed
        budget = self._largest(schedule) - in_bin
        return part_size(min(due, budget), progress.remaining, self._largest(schedule), progress.instrument)

    def _largest(self, schedule: TWAPSchedule) -> Decimal:
        return self.config.max_catch_up * schedule.slice_size

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

    def _sweep(
        self, progress: Progress, market: MarketView | None, now_ns: int, schedule: TWAPSchedule, end_ns: int
    ) -> Step:
        resting = tuple(child for child in progress.open_children if child.order_type.rests)
        step = clear(progress, resting, "end of the schedule", now_ns)
        if step is not None:
            return step
        size = part_size(progress.remaining, progress.remaining, self._largest(schedule), progress.instrument)
        if size > 0 and now_ns < end_ns + SWEEP_NS:
            terms = self.crossing(progress.parent)
            pace = Crossing(terms.cap, terms.slippage, terms.book_age_seconds, SWEEP_PACE_NS)
            return cross(progress, market, now_ns, size, pace, "final sweep")
        if progress.open_children:
            return Wait(None, "for the last children's end")
        reason = f"{plain(progress.remaining)} left at the end of the schedule"
        return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
