"""How many refused requests of one principal get a line in the journal, and how many denied orders their rows: a
program in a loop of errors must not fill the disk.

What gets none is counted, and the next line of that principal says how many there were. Requests and orders are counted
by themselves: the ones take nothing from the others.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.access import UNKNOWN
from app.domain.refusals import Refusal

LINES_MAX, UNKNOWN_LINES_MAX = 60, 200
WINDOW_SECONDS = 60
PRINCIPALS_MAX = 10_000
REQUESTS, ORDERS = "requests", "orders"

log = structlog.get_logger("journal")


@dataclass(slots=True)
class _Lines:
    """Of one principal: within the minute that began then, and what got none since the last line."""

    since_ns: int
    written: int = 0
    dropped: int = 0


class RefusedLines:
    """The lines of the last minute by whose they are; whose last one is longest ago is forgotten first. dropped: all
    that got none since the start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by: OrderedDict[tuple[str, str], _Lines] = OrderedDict()
        self.dropped = 0
        self._orders: Counter[str] = Counter()

    def not_written(self, strategy_id: str | None) -> None:
        """An order that was denied and got no row."""
        if len(self._orders) < PRINCIPALS_MAX or (strategy_id or "") in self._orders:
            self._orders[strategy_id or ""] += 1

    def take_not_written(self) -> Mapping[str, int]:
        """How many orders these were since the last time, by strategy ("": of none)."""
        taken, self._orders = self._orders, Counter()
        return taken

    def told(self, principal: str, reasons: Sequence[Refusal], *, of: str = REQUESTS) -> tuple[Refusal, ...] | None:
        """What the line of a refused request, or a denied order's, says; None: it gets none, and is counted."""
        now_ns, whose = self._clock.monotonic_ns(), (principal, of)
        lines = self._by.pop(whose, None) or _Lines(now_ns)
        if now_ns - lines.since_ns >= WINDOW_SECONDS * NS_PER_SECOND:
            lines.since_ns, lines.written = now_ns, 0
        self._by[whose] = lines
        if len(self._by) > PRINCIPALS_MAX:
            self._by.popitem(last=False)
        most = _most(principal)
        if lines.written >= most:
            lines.dropped += 1
            self.dropped += 1
            return None
        said = list(reasons)
        if lines.dropped:
            said.append(_of_lines(lines.dropped, "refused before this one and not written"))
        lines.written, lines.dropped = lines.written + 1, 0
        if lines.written == most:
            said.append(_of_lines(most, "in a minute: what more is refused within it is counted and not written"))
            log.warning("journal.refusals_not_written", principal=principal, of=of, lines=most)
        return tuple(said)

    def full(self, principal: str) -> bool:
        """Whether what may be written of its refused requests in this minute, or of its denied orders, is used up: no
        other trace of what is refused is to be kept either."""
        now_ns, found = self._clock.monotonic_ns(), (self._by.get((principal, of)) for of in (REQUESTS, ORDERS))
        lines = [each for each in found if each is not None and now_ns - each.since_ns < WINDOW_SECONDS * NS_PER_SECOND]
        return any(each.written >= _most(principal) for each in lines)


def _most(principal: str) -> int:
    return UNKNOWN_LINES_MAX if principal == UNKNOWN else LINES_MAX


def _of_lines(count: int, rule: str) -> Refusal:
    return Refusal("journal", "lines", str(count), rule)
