"""Fills and ends whose marks are still to come, each by its next ones; bounded by whoever puts them here."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from app.clock import NS_PER_MS
from app.domain.tca.markout import HORIZONS_MS
from app.domain.tca.marks import Mark
from app.services.trading.running.cost_rows import Watched, base_ns

FIRST_MS = 10_000
TAKEN_AT_MS = tuple(each for each in HORIZONS_MS if each >= FIRST_MS)
"""When marks are taken, those of before the first of these with it, for as long as a market is remembered
(market_tape.KEPT_NS)."""
WRITTEN_AT_MS = (FIRST_MS, HORIZONS_MS[-1])
"""With which of them a row is to be written."""

MarksOf = Callable[[str, int, Sequence[int]], list[Mark]]
"""Of an instrument, since a moment of ours, so many milliseconds after it."""


class DueMarks:
    """Of one account. count: how many they are."""

    def __init__(self) -> None:
        self._waiting = tuple(deque[tuple[int, Watched]]() for _ in TAKEN_AT_MS)
        """By when their next marks are taken: from when they count, the oldest first."""
        self.count = 0

    def __iter__(self) -> Iterator[Watched]:
        return (watched for waiting in self._waiting for _, watched in waiting)

    def add(self, watched: Watched) -> None:
        """From the first mark that it lacks."""
        lacks_ms = HORIZONS_MS[len(watched.marks)]
        place = next(place for place, at_ms in enumerate(TAKEN_AT_MS) if lacks_ms <= at_ms)
        self.count += 1
        self._waiting[place].append((base_ns(watched), watched))

    def take(self, now_ns: int, marks_of: MarksOf) -> Iterator[Watched]:
        """Gives each the marks that are to be taken by now; those whose rows are to be written."""
        for at_ms, waiting, later in zip(TAKEN_AT_MS, self._waiting, (*self._waiting[1:], None), strict=True):
            after_ns, so_many, written = at_ms * NS_PER_MS, bisect_right(HORIZONS_MS, at_ms), at_ms in WRITTEN_AT_MS
            while waiting and waiting[0][0] + after_ns <= now_ns:
                due = waiting.popleft()
                _fill(*due, so_many, marks_of)
                if later is None:
                    self.count -= 1
                else:
                    later.append(due)
                if written:
                    yield due[1]

    def take_all(self, now_ns: int, marks_of: MarksOf) -> None:
        """Every mark whose moment is past, before its time: nobody will take them later."""
        for waiting in self._waiting:
            for since_ns, watched in waiting:
                _fill(since_ns, watched, bisect_right(HORIZONS_MS, (now_ns - since_ns) // NS_PER_MS), marks_of)


def _fill(since_ns: int, watched: Watched, so_many: int, marks_of: MarksOf) -> None:
    """Up to so many marks."""
    watched.marks += marks_of(watched.instrument_id, since_ns, HORIZONS_MS[len(watched.marks) : so_many])
