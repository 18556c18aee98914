"""A schedule: how much should be done by when, in slices at fixed times of its own clock. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import ZERO
from app.domain.parent_clocks import own, wall
from app.domain.parents import ChildView, Freeze, Progress


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
        while k + 1 < len(self.targets) and self.begins_ns(k + 1) <= now_ns:
            k += 1  # begins_ns rounds down, so its edge may come a nanosecond before the quotient's
        while k >= 0 and now_ns < self.begins_ns(k):
            k -= 1
        return k

    def target(self, now_ns: int) -> Decimal:
        """How much should be done or under way by now_ns."""
        k = self.index(now_ns)
        return self.base if k < 0 else self.targets[min(k, len(self.targets) - 1)]

    def named(self, k: int) -> str:
        """Which slice it is."""
        slices = len(self.targets)
        return f"slice {k + 1}/{slices}" if k < slices else f"extension, slice {k + 1 - slices}"

    def normal(self, k: int) -> Decimal:
        """A normal slice: the k-th, or one of equal slices where that is more."""
        if k >= len(self.targets):
            return self.slice_size
        return max(self.targets[k] - (self.targets[k - 1] if k else self.base), self.slice_size)


def children_of(progress: Progress, schedule: Schedule, k: int) -> list[ChildView]:
    """The children that were placed since slice k began."""
    begins_ns = schedule.begins_ns(k)
    return [child for child in progress.children if child.placed_ns >= begins_ns]
