"""Fills and ends whose marks are still to come, each by its next one; bounded by whoever puts them here."""

from collections import deque
from collections.abc import Callable, Iterator

from app.clock import NS_PER_MS
from app.domain.tca.markout import HORIZONS_MS
from app.domain.tca.marks import Mark
from app.services.trading.running.cost_rows import Watched, base_ns

TOLD_MS = (10_000, HORIZONS_MS[-1])
"""The marks with which a row is to be written."""

MarkAt = Callable[[str, int, int], Mark]
"""Of an instrument, so many milliseconds after, at a moment of ours."""


class DueMarks:
    """Of one account."""

    def __init__(self) -> None:
        self._waiting = tuple(deque[tuple[int, Watched]]() for _ in HORIZONS_MS)
        """By horizon: from when its marks count, the oldest first."""
        self.count = 0

    def __iter__(self) -> Iterator[Watched]:
        return (watched for waiting in self._waiting for _, watched in waiting)

    def add(self, watched: Watched) -> None:
        """From the first mark that it lacks."""
        self.count += 1
        self._waiting[len(watched.marks)].append((base_ns(watched), watched))

    def take(self, now_ns: int, mark_at: MarkAt) -> Iterator[Watched]:
        """Gives each the marks that are due by now; those that have got one of TOLD_MS."""
        for horizon_ms, waiting, later in zip(HORIZONS_MS, self._waiting, (*self._waiting[1:], None), strict=True):
            after_ns, told = horizon_ms * NS_PER_MS, horizon_ms in TOLD_MS
            while waiting and waiting[0][0] + after_ns <= now_ns:
                due = waiting.popleft()
                since_ns, watched = due
                watched.marks.append(mark_at(watched.instrument_id, horizon_ms, since_ns + after_ns))
                if later is None:
                    self.count -= 1
                else:
                    later.append(due)
                if told:
                    yield watched
