"""The exchange's present, and what is to happen later: time is passed in, nothing here reads a clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

Schedule = Callable[[int, Callable[[], None]], None]
"""Have something done when a moment (Unix nanoseconds) has come."""


@dataclass(slots=True)
class Now:
    """The exchange's present, in Unix nanoseconds; moved by the exchange and its feeds alone.

    `skew_ns` is how wrong the clock is that clients see: `ms` and `shown_ns` have it, timers do not.
    """

    ns: int
    skew_ns: int = 0

    @property
    def shown_ns(self) -> int:
        return self.ns + self.skew_ns

    @property
    def ms(self) -> int:
        return (self.ns + self.skew_ns) // 1_000_000

    def reach(self, moment_ns: int) -> None:
        """Go on to `moment_ns`; time never goes back."""
        if moment_ns > self.ns:
            self.ns = moment_ns


class Timers:
    """What is due when; of one moment the first scheduled comes first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def schedule(self, due_ns: int, action: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (due_ns, self._count, action))

    def next_ns(self) -> int | None:
        return self._waiting[0][0] if self._waiting else None

    def run(self, now: Now) -> None:
        """Do what is due, and what that makes due."""
        while self._waiting and self._waiting[0][0] <= now.ns:
            heapq.heappop(self._waiting)[2]()
