"""What TWAP, VWAP and implementation shortfall share: slices at fixed times, each worked towards a cumulative target.

The target is a function of the time, so a late start or a failed slice is caught up in bounded steps, and a restart
finds the schedule where it left it. Slice k of n is due at start + k*duration/n, the first at the start; after the end
a sweep takes what is left, and what cannot be had is reported. Pure policy: a strategy says how the whole is spread.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
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
from app.services.trading.execution_strategies.config import (
    CHECK,
    NS_PER_SECOND,
    ClippedConfig,
    StrategyConfig,
    Unit,
    flag,
    member,
    number,
    seconds_ns,
)
from app.services.trading.execution_strategies.schedules import Schedule, children_of
from app.services.trading.execution_strategies.steps import (
    PACE_NS,
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

PARTICIPATION_NS = 300 * NS_PER_SECOND
BUDGET_RECHECK_NS = NS_PER_SECOND

Weight = int | Decimal | Fraction


class Completion(StrEnum):
    """What becomes of the rest at the end."""

    FORCE = "force"
    CANCEL_RESIDUAL = "cancel_residual"
    EXTEND = "extend"
    LEAVE_PASSIVE = "leave_passive"


@dataclass(frozen=True)
class ScheduledConfig(ClippedConfig):
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
    time_jitter: Decimal = number(
        "0", "each slice comes up to such a part of its own time late", Unit.FRACTION, at_least="0", at_most="0.8"
    )
    size_jitter: Decimal = number(
        "0",
        "each slice is up to such a part larger or smaller; the sum stays",
        Unit.FRACTION,
        at_least="0",
        at_most="0.2",
    )
    would_price: Decimal | None = number(
        None, "all that is shown at it or better is taken, ahead of the schedule", Unit.PRICE, above="0"
    )
    max_participation: Decimal | None = number(
        None,
        "never more than this part of what traded in the last five minutes, own part included",
        Unit.FRACTION,
        above="0",
        at_most="0.5",
    )
    completion: Completion = member(  # noqa: RUF009 (a dataclass field)
        Completion.FORCE,
        "what becomes of the rest at the end: it crosses within the cap and the collar, expires, is worked on as "
        "before, or rests post-only at its own side's touch",
    )
    extend_seconds: Decimal = number(
        "600",
        "how much longer at most, where the rest is worked on or rests",
        Unit.SECONDS,
        above="0",
        at_most="604800",
    )

    @property
    def longer_ns(self) -> int:
        """How long after its schedule it may still be worked."""
        longer = self.completion in (Completion.EXTEND, Completion.LEAVE_PASSIVE)
        return seconds_ns(self.extend_seconds) if longer else 0


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

    def refusals(self, size: Decimal, limit_price: Decimal | None, instrument: Instrument) -> list[Refusal]:
        found = super().refusals(size, limit_price, instrument)
        seconds = max(self.config.duration * NS_PER_SECOND // PACE_NS, ONE)
        if self.max_clip is not None and not self.config.use_limit_orders and self.max_clip * seconds < size:
            rule = f"must be at least {plain(ceil_to(size / seconds, instrument.lot))}: one child a second, no more"
            found.append(Refusal(CHECK, "max_clip", plain(self.max_clip), rule))
        return found

    def window_ns(self, parent: ParentOrder) -> int:
        """How long the present plan goes, in its own time."""
        stood_ns = sum(until_ns - since_ns for since_ns, until_ns in parent.freezes)
        end_ns = parent.start_ns + seconds_ns(self.config.duration) + parent.frozen_total_ns
        return max(end_ns - parent.planned_ns - stood_ns, 1)

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
        if self.config.use_limit_orders and progress.open_children:
            late = tuple(child for child in progress.open_children if child.placed_ns < schedule.begins_ns(k))
            step = clear(progress, late, f"slice {k + 1} is due", now_ns)
            return step or Wait(schedule.begins_ns(k + 1), f"{schedule.named(k)} rests")
        size = self._size(progress, market, schedule, k)
        if size == 0:
            return Wait(schedule.begins_ns(k + 1), f"{schedule.named(k)} is under way or done")
        if size > (budget := self._budget(progress, market, now_ns)):
            size = part_size(budget, progress.remaining, budget, progress.instrument)
            if size == 0 or size > budget:
                until_ns = min(now_ns + BUDGET_RECHECK_NS, schedule.begins_ns(k + 1))
                return Wait(until_ns, "for others to trade: its part of the market is taken")
        reason = schedule.named(k) if size <= schedule.normal(k) else f"{schedule.named(k)}, catch-up"
        step = self._place(progress, market, now_ns, size, reason)
        if isinstance(step, Wait):
            next_ns = schedule.begins_ns(k + 1)
            return Wait(min(step.until_ns or next_ns, next_ns), step.reason, step.on_market)
        return step

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
        side, cap = progress.parent.side, self.price_cap(progress.parent)
        price = book.near(side)
        assert price is not None  # a usable book has both sides
        if cap is not None:
            price = min(price, cap) if side.sign > 0 else max(price, cap)
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
        resting = tuple(child for child in progress.open_children if child.order_type.rests)
        terms = Crossing(price, self.config.max_slippage_pct, self.config.max_book_age)
        return clear(progress, resting, reason, now_ns) or cross(progress, market, now_ns, size, terms, reason)

    def _budget(self, progress: Progress, market: MarketView | None, now_ns: int) -> Decimal:
        """What max_participation leaves: with a part of p, own size is p / (1 - p) of what the others traded."""
        most = self.config.max_participation
        if most is None:
            return progress.parent.size
        if market is None:
            return ZERO
        since_ns = max(progress.parent.going_ns, now_ns - PARTICIPATION_NS)
        others, mine = traded(progress, market, since_ns)
        coming = sum((child.max_possible - child.filled for child in progress.open_children), ZERO)
        return max(most / (ONE - most) * others - mine - coming, ZERO)

    def _size(self, progress: Progress, market: MarketView | None, schedule: Schedule, k: int) -> Decimal:
        largest = self._largest(schedule, k)
        in_bin = sum((child.max_possible for child in children_of(progress, schedule, k)), ZERO)
        due = self.due(progress, market, schedule, k) if k < len(schedule.targets) else progress.unplaced
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


__all__ = ["Completion", "Schedule", "ScheduledConfig", "ScheduledExecution", "Weight", "children_of"]
