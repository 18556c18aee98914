"""From when on the exchange is read again, and up to when all is booked; pure, for whatever has a watermark.

Rows are timed by the exchange, and its clock may have been ahead when a mark was set: what came in between would never
be read again. So two clocks are asked, the exchange's and the machine's; a mark goes no further than the one that is
behind, and one that lies ahead of both is not believed.
"""

from dataclasses import dataclass

from app.clock import NS_PER_SECOND

OVERLAP_NS = 120 * NS_PER_SECOND
"""Read again each time: a row may be listed later than its time says."""
UNBELIEVED_NS = 7 * 86_400 * NS_PER_SECOND
"""How far back is read where a mark is not believed: as far as exchanges list orders that are over (OKX: a week)."""


@dataclass(frozen=True, slots=True)
class TwoClocks:
    """One moment as the exchange's clock tells it and the machine's."""

    exchange_ns: int
    machine_ns: int

    @property
    def behind_ns(self) -> int:
        return min(self.exchange_ns, self.machine_ns)

    def believes(self, mark_ns: int) -> bool:
        return mark_ns - OVERLAP_NS <= max(self.exchange_ns, self.machine_ns)

    def since(self, mark_ns: int) -> int:
        """From when to read what may have come after the mark."""
        return (mark_ns if self.believes(mark_ns) else self.behind_ns - UNBELIEVED_NS) - OVERLAP_NS

    def mark(self, mark_ns: int) -> int:
        """The mark that takes its place once all that was listed at this moment is booked; back only from one that is
        not believed, so that a machine that is set back does not read the same again and again."""
        return max(mark_ns, self.behind_ns) if self.believes(mark_ns) else self.behind_ns
