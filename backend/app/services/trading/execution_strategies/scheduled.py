"""What TWAP, VWAP, implementation shortfall and adaptive share: slices at fixed times, each worked towards a cumulative
target.

The target is a function of the time, so a late start or a failed slice is caught up in bounded steps, and a restart
finds the schedule where it left it. Slice k of n is due at start + k*duration/n, the first at the start; after the end
a sweep takes what is left, and what cannot be had is reported. Pure policy: a strategy says how the whole is spread,
and how a slice is worked.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import ClassVar, Generic, TypeVar

from app.clock import utc
from app.domain.instruments import Instrument, SizeUnit
from app.domain.money import ONE, ZERO, ceil_to, plain
from app.domain.orders import OrderType
from app.domain.parents import ParentOrder, ParentStatus, Progress, Step, Wait
from app.domain.refusals import Refusal
from app.domain.slicing import (
    cumulative_targets,
    drawn,
    feasible_parts,
    minimum_lots,
    part_size,
    varied_targets,
    whole_lots,
)
from app.market_data.view import MarketView
from app.services.trading.execution_strategies.base import ExecutionStrategy, Executor
from app.services.trading.execution_strategies.config import CHECK, NS_PER_SECOND, StrategyConfig, seconds_ns
from app.services.trading.execution_strategies.quoting import Discipline, at_touch, follow, resting
from app.services.trading.execution_strategies.schedules import Completion, Schedule, ScheduledConfig, children_of
from app.services.trading.execution_strategies.steps import (
    Crossing,
    clear,
    conclude,
    cross,
    rest,
    sweep,
    traded,
    usable_book,
)
from app.services.trading.execution_strategies.views import PlannedChild

BUDGET_RECHECK_NS = NS_PER_SECOND

Weight = int | Decimal | Fraction


C = TypeVar("C", bound=ScheduledConfig)


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
        return start_ns + seconds_ns(self.config.duration) + self.config.longer_ns

    def slices(self, progress: Progress) -> int:
        """How many there are: num_slices, or fewer, so that an average one is not below the venue's minimum."""
        parent, config = progress.parent, self.config
        total = whole_lots(max(parent.size - parent.plan_filled, ZERO), progress.instrument.lot)
        # As long as they were: after an amendment as many as fit into what is left of the time.
        whole_ns = seconds_ns(config.duration)
        fitting = (2 * self.window_ns(parent) * config.num_slices + whole_ns) // (2 * whole_ns)
        return feasible_parts(total, max(fitting, 1), self._smallest(progress.instrument))

    def _smallest(self, instrument: Instrument) -> int:
        """A slice at least, in lots."""
        least = minimum_lots(instrument)
        return (
            least
            if self.min_clip is None
            else max(least, whole_lots(ceil_to(self.min_clip, instrument.lot), instrument.lot))
        )

    def given_refusals(self, given: Collection[str], size: Decimal, instrument: Instrument) -> list[Refusal]:
        """Unsaid, there are fewer slices where the smallest order asks for it; a number that was said is kept, or
        refused."""
        smallest = self._smallest(instrument)
        most = feasible_parts(whole_lots(size, instrument.lot), self.config.num_slices, smallest)
        if "num_slices" not in given or most == self.config.num_slices:
            return []
        unit = instrument.base if instrument.size_unit is SizeUnit.BASE else instrument.size_unit.value
        rule = f"must be at most {most} slices of at least {plain(smallest * instrument.lot)} {unit}"
        return [Refusal(CHECK, "num_slices", str(self.config.num_slices), rule)]

    def window_ns(self, parent: ParentOrder) -> int:
        """How long the present plan goes, in its own time."""
        stood_ns = sum(until_ns - since_ns for since_ns, until_ns in parent.freezes)
        config, whole_ns = self.config, seconds_ns(self.config.duration)
        left_ns = parent.start_ns + whole_ns + parent.frozen_total_ns - parent.planned_ns - stood_ns
        slice_ns = whole_ns // config.num_slices
        if config.completion is Completion.EXTEND and left_ns < slice_ns:
            # Made anew in its extension: slices of the length and the size that they had, for what is left.
            left_ns = slice_ns * max(ceil(config.num_slices * (parent.size - parent.plan_filled) / parent.size), 1)
        return max(left_ns, 1)

    def replanned(self, progress: Progress, now_ns: int) -> tuple[int, Decimal]:
        """From the beginning of the present slice: what it has done of its part is not done again."""
        schedule = self.schedule(progress)
        k = schedule.index(now_ns)
        if k < 0:
            return progress.parent.plan_ns, progress.parent.plan_filled
        begins_ns = schedule.begins_ns(k)
        before = (child.max_possible for child in progress.children if child.placed_ns < begins_ns)
        return schedule.edge_ns(k), sum(before, ZERO)

    def schedule(self, progress: Progress) -> Schedule:
        """The parent's schedule: a function of its size, window, weights and lattice alone, made when one of them is
        new."""
        parent, instrument = progress.parent, progress.instrument
        plan = (parent.start_ns, parent.plan_ns, parent.plan_filled, parent.freezes, parent.frozen_total_ns)
        of = (parent.size, plan, instrument.lot, minimum_lots(instrument))
        if self._planned is None or self._planned[0] != of:
            self._planned = of, self._plan(progress)
        return self._planned[1]

    def target(self, progress: Progress, now_ns: int) -> Decimal | None:
        return self.schedule(progress).target(now_ns)

    def planned(self, progress: Progress, market: MarketView | None) -> list[PlannedChild]:
        schedule = self.schedule(progress)
        parts = zip((schedule.base, *schedule.targets), schedule.targets, strict=False)
        return [
            PlannedChild(utc(schedule.begins_ns(k)), after - before, None, schedule.named(k))
            for k, (before, after) in enumerate(parts)
            if after > before
        ]

    def expected_end_ns(self, progress: Progress, market: MarketView | None, now_ns: int) -> int | None:
        """Its schedule's end, and after it that of its extension."""
        schedule = self.schedule(progress)
        ends_ns = schedule.begins_ns(len(schedule.targets))
        return ends_ns if now_ns < ends_ns else progress.parent.end_ns

    def ahead_ns(self, progress: Progress, now_ns: int) -> int | None:
        """In whole slices when ahead: from the next one that is due to the first that is not filled."""
        schedule, filled = self.schedule(progress), progress.filled
        first = next((k for k, target in enumerate(schedule.targets) if target > filled), len(schedule.targets))
        if filled < schedule.target(now_ns):
            return schedule.begins_ns(first) - now_ns
        return max(schedule.begins_ns(first) - schedule.begins_ns(schedule.index(now_ns) + 1), 0)

    def _plan(self, progress: Progress) -> Schedule:
        parent, lot, slices, config = progress.parent, progress.instrument.lot, self.slices(progress), self.config
        base, seed, duration_ns = parent.plan_filled, parent.seed, self.window_ns(parent)
        total = whole_lots(max(parent.size - base, ZERO), lot)
        targets = cumulative_targets(total, self.weights(progress, slices))
        if config.size_jitter:
            targets = varied_targets(targets, config.size_jitter, seed)
        late_ns: tuple[int, ...] = ()
        if config.time_jitter:
            most_ns = int(config.time_jitter * duration_ns / slices)
            late_ns = tuple(int(drawn(seed, "time", k) * most_ns) for k in range(slices))
        sizes, equal = tuple(base + lots * lot for lots in targets), -(-total // slices) * lot
        extended = config.completion is Completion.EXTEND
        return Schedule(parent.planned_ns, duration_ns, sizes, equal, late_ns, base, parent.freezes, extended)

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        step = self._decide(progress, market, now_ns)
        if isinstance(step, Wait) and self.config.would_price is not None:
            return replace(step, on_market=True)  # whatever it waits for, the price may come first
        return step

    def _decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        schedule = self.schedule(progress)
        if now_ns < schedule.start_ns:
            return Wait(schedule.start_ns, "for the start")
        end_ns = progress.parent.end_ns if schedule.extended else None
        if now_ns >= (end_ns or schedule.begins_ns(len(schedule.targets))):
            return self._end(progress, market, now_ns, schedule)
        step = self._would(progress, market, now_ns)
        if step is not None:
            return step
        k = schedule.index(now_ns)
        if k < 0:
            return Wait(schedule.begins_ns(0), "for the first slice")
        step = self.work(progress, market, now_ns, schedule, k)
        if isinstance(step, Wait):
            next_ns = schedule.begins_ns(k + 1)
            return Wait(min(step.until_ns or next_ns, next_ns), step.reason, step.on_market)
        return step

    @abstractmethod
    def work(self, progress: Progress, market: MarketView | None, now_ns: int, schedule: Schedule, k: int) -> Step:
        """What to do now for slice k; no wait of it goes past the slice."""

    def take(
        self,
        progress: Progress,
        market: MarketView | None,
        now_ns: int,
        schedule: Schedule,
        k: int,
        *,
        most: Decimal | None = None,
        why: str = "",
    ) -> Step:
        """Cross for what slice k still lacks, for `most` at most."""
        size = self.size(progress, market, now_ns, schedule, k, most)
        if isinstance(size, Wait):
            return size
        name = schedule.named(k, size)
        reason = f"{name}: {why}" if why else name
        return cross(progress, market, now_ns, size, self.crossing(progress.parent), reason)

    def quote(self, progress: Progress, market: MarketView | None, now_ns: int, schedule: Schedule, k: int) -> Step:
        """Rest post-only at the touch for what slice k still lacks, and follow it."""
        config, orders = self.config, resting(progress)
        late = tuple(child for child in orders if child.placed_ns < schedule.begins_ns(k))
        step = clear(progress, late, f"{schedule.named(k)} is due", now_ns)
        if step is not None:
            return step
        book = usable_book(market, config.max_book_age)
        wanted = book if isinstance(book, Wait) else at_touch(progress, book, self.price_cap(progress.parent))
        if orders:
            how = Discipline(config.reprice_ticks, seconds_ns(config.min_rest))
            return follow(progress, market, now_ns, orders, wanted, how)
        if isinstance(wanted, Wait):
            return wanted
        size = self.size(progress, market, now_ns, schedule, k)
        if isinstance(size, Wait):
            return size
        age, name = config.max_book_age, f"{schedule.named(k, size)}, at the touch"
        return rest(progress, market, now_ns, size, wanted, age, name, OrderType.POST_ONLY)

    def may_cross(self, progress: Progress, market: MarketView | None) -> bool:
        """Whether the market can be used and its far side is within the cap: else what rests may as well stay."""
        book, cap, side = (
            usable_book(market, self.config.max_book_age),
            self.price_cap(progress.parent),
            progress.parent.side,
        )
        if isinstance(book, Wait):
            return False
        far = book.far(side)
        assert far is not None  # a usable book has both sides
        return cap is None or side.sign * (far - cap) <= 0

    def due(self, progress: Progress, market: MarketView | None, schedule: Schedule, k: int) -> Decimal:
        """How much more should be under way in slice k."""
        return schedule.targets[k] - progress.committed

    def _end(self, progress: Progress, market: MarketView | None, now_ns: int, schedule: Schedule) -> Step:
        end = "end of the schedule"
        hard_end_ns = progress.parent.end_ns
        if self.config.completion is Completion.LEAVE_PASSIVE and hard_end_ns is not None and now_ns < hard_end_ns:
            return self._left(progress, market, now_ns, schedule, hard_end_ns)
        if self.config.completion is not Completion.FORCE:
            reason = f"{plain(progress.remaining)} left at the {end}"
            return conclude(progress, ParentStatus.PARTIAL_EXPIRED, reason, now_ns)
        budget = self._budget(progress, market, now_ns)
        largest = min(self._largest(schedule, len(schedule.targets) - 1), budget)
        if part_size(progress.remaining, progress.remaining, largest, progress.instrument) > budget:
            largest = ZERO  # the tail that would be folded in is more than its part of the market
        return sweep(progress, market, now_ns, self.crossing(progress.parent), largest, end)

    def _left(
        self, progress: Progress, market: MarketView | None, now_ns: int, schedule: Schedule, hard_end_ns: int
    ) -> Step:
        """What is left rests at its own side's touch, as it is when it is placed."""
        ends_ns = schedule.begins_ns(len(schedule.targets))
        slices = tuple(child for child in progress.open_children if child.placed_ns < ends_ns)
        step = clear(progress, slices, "the schedule has ended", now_ns)
        if step is not None:
            return step
        if progress.open_children:
            return Wait(hard_end_ns, "what is left rests")
        book = usable_book(market, self.config.max_book_age)
        if isinstance(book, Wait):
            return book
        budget = self._budget(progress, market, now_ns)
        size = part_size(progress.remaining, progress.remaining, budget, progress.instrument)
        if not ZERO < size <= budget:
            return Wait(now_ns + BUDGET_RECHECK_NS, "for others to trade: its part of the market is taken")
        price = at_touch(progress, book, self.price_cap(progress.parent))
        age = self.config.max_book_age
        return rest(progress, market, now_ns, size, price, age, "left to rest", OrderType.POST_ONLY)

    def _would(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step | None:
        """Take what is shown at would_price or better; None when nothing is."""
        would, parent = self.config.would_price, progress.parent
        if would is None or market is None or isinstance(usable_book(market, self.config.max_book_age), Wait):
            return None
        cap = self.price_cap(parent)
        nearest = min if parent.side.sign > 0 else max
        price = would if cap is None else nearest(would, cap)
        shown = min(market.within(parent.side, price), self._budget(progress, market, now_ns))
        size = part_size(shown, progress.remaining, shown, progress.instrument)
        if size == 0 or size > shown:
            return None
        reason = f"at {plain(would)} or better it would be done"
        terms = Crossing(price, self.config.max_slippage_pct, self.config.max_book_age)
        return clear(progress, resting(progress), reason, now_ns) or cross(
            progress, market, now_ns, size, terms, reason
        )

    def _budget(self, progress: Progress, market: MarketView | None, now_ns: int) -> Decimal:
        """What max_participation leaves: with a part of p, own size is p / (1 - p) of what the others traded."""
        most = self.config.max_participation
        if most is None:
            return progress.parent.size
        if market is None:
            return ZERO
        since_ns = max(progress.parent.going_ns, now_ns - seconds_ns(self.config.participation_window))
        others, mine = traded(progress, market, since_ns)
        coming = sum((child.max_possible - child.filled for child in progress.open_children), ZERO)
        return max(most / (ONE - most) * others - mine - coming, ZERO)

    def size(
        self,
        progress: Progress,
        market: MarketView | None,
        now_ns: int,
        schedule: Schedule,
        k: int,
        most: Decimal | None = None,
    ) -> Decimal | Wait:
        """How much a child of slice k may ask for now, `most` of it at most; or why none may."""
        largest = self._largest(schedule, k)
        children = children_of(progress, schedule, k)
        in_bin = sum((child.max_possible for child in children), ZERO)
        due = self.due(progress, market, schedule, k) if k < len(schedule.targets) else progress.unplaced
        bound = largest - in_bin if most is None else min(largest - in_bin, most)
        size = part_size(min(due, bound), progress.remaining, largest, progress.instrument)
        if size == 0:
            going = any(child.max_possible > child.filled for child in children)
            return Wait(schedule.begins_ns(k + 1), f"{schedule.named(k)} is {'under way' if going else 'done'}")
        budget = self._budget(progress, market, now_ns)
        if size > budget:
            size = part_size(budget, progress.remaining, budget, progress.instrument)
            if size == 0 or size > budget:
                return Wait(now_ns + BUDGET_RECHECK_NS, "for others to trade: its part of the market is taken")
        return size

    def _largest(self, schedule: Schedule, k: int) -> Decimal:
        return self.config.max_catch_up * schedule.normal(k)


__all__ = ["Completion", "Schedule", "ScheduledConfig", "ScheduledExecution", "Weight", "children_of"]
