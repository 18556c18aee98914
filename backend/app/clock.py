"""Time, sleep, ids and randomness: the only place in the project that asks for them.

SystemClock is the real world; SimulatedClock runs on a VirtualTimeLoop, where waiting costs nothing and a seed repeats
a run. CorrectedClock is either, but for the steps of its wall time. Whoever needs time is given a Clock.
"""

import asyncio
import heapq
import random
import secrets
import selectors
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

NS_PER_SECOND = 1_000_000_000
NS_PER_MS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ELAPSED: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Where the system has one that goes on while the machine sleeps, as Linux has: what was heard before is then old."""


class Clock(Protocol):
    """Wall time in nanoseconds UTC, monotonic time, waiting, and randomness."""

    random: random.Random

    def now_ns(self) -> int: ...

    def monotonic_ns(self) -> int: ...

    async def sleep(self, seconds: float) -> None: ...

    def token(self, size: int) -> bytes:
        """`size` random bytes, for ids and keys."""
        ...


class SystemClock:
    """The computer's own clock; ids come from the operating system's randomness."""

    def __init__(self) -> None:
        self.random = random.Random(secrets.randbits(64))

    now_ns = staticmethod(time.time_ns)
    monotonic_ns = staticmethod(partial(time.clock_gettime_ns, _ELAPSED))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


class SimulatedClock:
    """Time read off the running VirtualTimeLoop; the same seed gives the same ids.

    start_ns: the UTC instant, in nanoseconds, at which the loop's time is zero.
    """

    def __init__(self, start_ns: int = 1_767_225_600 * NS_PER_SECOND, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self._start_ns = start_ns

    def now_ns(self) -> int:
        loop: Any = asyncio.get_running_loop()
        return self._start_ns + loop.time_ns

    def monotonic_ns(self) -> int:
        loop: Any = asyncio.get_running_loop()
        return loop.time_ns

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def token(self, size: int) -> bytes:
        return self.random.randbytes(size)


class CorrectedClock:
    """Wall time that two of three clocks agree on: the machine's wall clock, its monotonic one, and another's, the
    exchange's. A step of one of the three moves nothing, of the wall clock least of all (FAULTS E15).

    other_ns: the other's time; it follows the wall clock until it is known. `wall` is the machine's clock as it is.
    """

    def __init__(self, wall: Clock, other_ns: Callable[[], int]) -> None:
        self.wall = wall
        self.random = wall.random
        self._other_ns = other_ns
        self._offset_ns = wall.now_ns() - wall.monotonic_ns()

    def now_ns(self) -> int:
        monotonic_ns, wall_ns = self.wall.monotonic_ns(), self.wall.now_ns()
        carried_ns = monotonic_ns + self._offset_ns
        if wall_ns == carried_ns:  # whatever the third says
            return wall_ns
        other_ns = self._other_ns()
        low, high = (wall_ns, carried_ns) if wall_ns < carried_ns else (carried_ns, wall_ns)
        now_ns = low if other_ns < low else high if other_ns > high else other_ns
        self._offset_ns = now_ns - monotonic_ns
        return now_ns

    def monotonic_ns(self) -> int:
        return self.wall.monotonic_ns()

    def believe(self, now_ns: int) -> None:
        """Someone whose time counts says what it is; what ran on the wall clock alone until now may have been wrong."""
        self._offset_ns = now_ns - self.wall.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        await self.wall.sleep(seconds)

    def token(self, size: int) -> bytes:
        return self.wall.token(size)


class _Alone(selectors.DefaultSelector):
    """Of a loop with nothing to listen to but its own wake-up: to look at that costs more than most of its turns."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0 and len(self.get_map()) == 1:
            return []
        return super().select(timeout)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer whenever nothing is ready to run.

    For code without real sockets and threads: with them, virtual time would overtake the real world. What is handed
    to a thread (asyncio.to_thread) runs in place instead, so that it takes no time and a seed repeats it.
    """

    def __init__(self) -> None:
        super().__init__(_Alone())
        self._virtual_time = 0.0
        self.time_ns = 0
        """The time in whole nanoseconds, rounded once a jump: it is asked for at every event."""

    def time(self) -> float:
        return self._virtual_time

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  as a thread pool does: whoever awaits it gets it
            future.set_exception(error)
        return future

    def _run_once(self) -> None:
        # asyncio keeps timers in _scheduled and runnable handles in _ready (CPython 3.11 to 3.14, base_events.py).
        loop: Any = self
        if not loop._ready:
            # A cancelled timer at the head would be dropped later, and the loop then wait for the next in real time.
            while loop._scheduled and loop._scheduled[0]._cancelled:
                loop._timer_cancelled_count -= 1
                heapq.heappop(loop._scheduled)._scheduled = False
            if loop._scheduled:
                self._virtual_time = max(self._virtual_time, loop._scheduled[0]._when)
                self.time_ns = round(self._virtual_time * NS_PER_SECOND)
        super()._run_once()  # type: ignore[misc]


def heed_the_end() -> None:
    """Of a loop that goes on whatever happens, before it does: raises CancelledError where its task was told to end.

    The word can be lost: a client library swallows it where an answer or a time-out comes in the same moment
    (asyncio.wait_for did until Python 3.12), and what is put in order at the end may fail. A stop of the system would
    wait for such a task for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def utc(ns: int) -> datetime:
    """The aware UTC datetime of a nanosecond instant (microsecond resolution, rounded down)."""
    return EPOCH + timedelta(0, 0, ns // 1000)  # days, seconds, microseconds: by name it takes twice as long


def to_ns(moment: datetime) -> int:
    """Nanoseconds since 1970 of an aware datetime; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"datetime {moment.isoformat()} has no time zone")
    delta = moment.astimezone(UTC) - EPOCH
    return (delta.days * 86_400 + delta.seconds) * NS_PER_SECOND + delta.microseconds * 1000
