"""A schedule: what it may be told, and how much should be done by when, in slices at fixed times of its own clock.

Pure.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.child_views import ChildView
from app.domain.money import ZERO
from app.domain.parent_clocks import own, wall
from app.domain.parents import Freeze, Progress
from app.services.trading.execution_strategies.config import ClippedConfig, Unit, member, number, seconds_ns


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
        "10",
        "unsaid, fewer when slices would fall below the smallest order; one that is said is kept, or refused",
        at_least="1",
        at_most="5000",
        whole=True,
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
        "never more than this part of what traded in the participation window, own part included",
        Unit.FRACTION,
        above="0",
        at_most="0.5",
    )
    participation_window: Decimal = number(
        "300",
        "the last ones, over which max_participation is measured; of no effect without it",
        Unit.SECONDS,
        at_least="10",
        at_most="900",
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
    reprice_ticks: int = number(
        "1",
        "a post-only order at the touch moves when the touch is so many ticks away",
        at_least="1",
        at_most="1000",
        whole=True,
    )
    min_rest: Decimal = number(
        "1", "that such an order rests before it moves", Unit.SECONDS, at_least="0.25", at_most="3600"
    )

    @property
    def longer_ns(self) -> int:
        """How long after its schedule it may still be worked."""
        longer = self.completion in (Completion.EXTEND, Completion.LEAVE_PASSIVE)
        return seconds_ns(self.extend_seconds) if longer else 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """targets: cumulative sizes after each slice. slice_size: one of equal slices, rounded up to a lot. late_ns: by how
    much each slice comes after its own time; none is as late as the next one's. base: what was done before it. freezes:
    when its clock stood; start_ns and duration_ns are in its own time. extended: slices of the same length go on after
    the last one, for what is left."""

    start_ns: int
    duration_ns: int
    targets: tuple[Decimal, ...]
    slice_size: Decimal
    late_ns: tuple[int, ...] = ()
    base: Decimal = ZERO
    freezes: tuple[Freeze, ...] = ()
    extended: bool = False

    def begins_ns(self, k: int) -> int:
        """When slice k (from 0) is due; k = number of slices is the end."""
        return self.edge_ns(k, self.late_ns[k] if k < len(self.late_ns) else 0)

    def edge_ns(self, k: int, late_ns: int = 0) -> int:
        """When its bin begins."""
        return wall(self.start_ns + k * self.duration_ns // len(self.targets) + late_ns, self.freezes)

    def index(self, now_ns: int) -> int:
        """The slice whose bin `now_ns` is in; -1 before the first, the last one from there on."""
        if now_ns < self.start_ns:
            return -1
        passed_ns = own(now_ns, self.freezes) - self.start_ns
        k = passed_ns * len(self.targets) // self.duration_ns
        if not self.extended:
            k = min(k, len(self.targets) - 1)
        while (self.extended or k + 1 < len(self.targets)) and self.begins_ns(k + 1) <= now_ns:
            k += 1  # begins_ns rounds down, so its edge may come a nanosecond before the quotient's
        while k >= 0 and now_ns < self.begins_ns(k):
            k -= 1
        return k

    def target(self, now_ns: int) -> Decimal:
        """How much should be done or under way by now_ns."""
        k = self.index(now_ns)
        return self.base if k < 0 else self.targets[min(k, len(self.targets) - 1)]

    def named(self, k: int, size: Decimal = ZERO) -> str:
        """Which slice it is. size: of its child, which catches up where it is more than normal."""
        slices = len(self.targets)
        name = f"slice {k + 1}/{slices}" if k < slices else f"extension, slice {k + 1 - slices}"
        return f"{name}, catch-up" if size > self.normal(k) else name

    def normal(self, k: int) -> Decimal:
        """A normal slice: the k-th, or one of equal slices where that is more."""
        if k >= len(self.targets):
            return self.slice_size
        return max(self.targets[k] - (self.targets[k - 1] if k else self.base), self.slice_size)


def children_of(progress: Progress, schedule: Schedule, k: int) -> list[ChildView]:
    """The children that were placed since slice k began."""
    begins_ns = schedule.begins_ns(k)
    return [child for child in progress.children if child.placed_ns >= begins_ns]
