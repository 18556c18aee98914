"""Sends that found their rate limit used up: they wait in order, and go together as soon as any window has room.

OKX counts batches apart from single requests (300 orders in 2 s beside 60), so a queue empties some five times faster
than it could one by one. What waited too long is not sent; cancels have all the time they need.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.okx.outcomes import RATE_LIMITED
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.rest import Reply
from app.exchanges.okx.tasks import Spawn
from app.exchanges.okx.ways import BATCH_MAX, CANCEL, Entry, Way
from app.exchanges.port import OutcomeKind

QUEUE_MAX = 5_000
CANCEL_WAIT_SECONDS = 40.0
"""OKX lets an account have 4,000 open orders, whose cancels take half a minute if they are all of one instrument."""

GATHER_NS = 10_000_000
"""How long a lone order waits at a time, so that others may join it."""

Key = tuple[Way, str]


@dataclass(slots=True, eq=False)
class _Waiting:
    entry: Entry
    deadline_ns: int
    future: asyncio.Future[Reply]
    taken: bool = False


class Batches:
    """Queues by operation and instrument. write: sends entries in one request, now."""

    def __init__(
        self,
        clock: Clock,
        limits: RateLimits,
        spawn: Spawn,
        write: Callable[[Way, str, list[Entry]], Coroutine[Any, Any, Reply]],
        on_late_reply: Callable[[Way, str, Entry, Reply], None],
        wait_seconds: float,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._spawn = spawn
        self._write = write
        self._on_late_reply = on_late_reply
        self._wait_seconds = wait_seconds
        self._queues: dict[Key, deque[_Waiting]] = {}

    def waiting(self, way: Way, instrument_id: str) -> bool:
        return (way, instrument_id) in self._queues

    async def send(self, way: Way, instrument_id: str, entry: Entry) -> Reply:
        """Wait for a turn and send; NOT_SENT when none came in time, or too many wait already."""
        key = (way, instrument_id)
        queue = self._queues.get(key)
        if queue is not None and len(queue) >= QUEUE_MAX:
            message = f"{QUEUE_MAX} sends wait for OKX's limit {way.limit.name} already"
            return Reply(OutcomeKind.NOT_SENT, RATE_LIMITED, message)
        deadline_ns = self._clock.monotonic_ns() + round(self._patience(way) * NS_PER_SECOND)
        waiting = _Waiting(entry, deadline_ns, asyncio.get_running_loop().create_future())
        if queue is None:
            queue = self._queues[key] = deque()
            queue.append(waiting)
            draining = self._spawn(partial(self._drain, key, queue))
            if draining is None:
                del self._queues[key]
                return await self._alone(way, instrument_id, entry)
            # Also where it is cancelled before it began, and runs nothing of itself.
            draining.add_done_callback(lambda _: self._end(key, queue))
        else:
            queue.append(waiting)
        try:
            return await asyncio.shield(waiting.future)
        except asyncio.CancelledError:
            if waiting.future.cancelled():
                return Reply(OutcomeKind.UNKNOWN, message="the adapter was stopped before the reply")
            if waiting.taken:
                waiting.future.add_done_callback(
                    lambda done: done.cancelled() or self._on_late_reply(way, instrument_id, entry, done.result())
                )
            elif not waiting.future.done():
                queue.remove(waiting)
            raise

    async def _alone(self, way: Way, instrument_id: str, entry: Entry) -> Reply:
        if await self._limits.take(
            way.limit,
            instrument_id,
            within_seconds=self._patience(way),
            counts_for_account=way.counts_for_account,
        ):
            return await self._write(way, instrument_id, [entry])
        return _too_late(way, self._patience(way))

    def _patience(self, way: Way) -> float:
        return CANCEL_WAIT_SECONDS if way is CANCEL else self._wait_seconds

    async def _drain(self, key: Key, queue: deque[_Waiting]) -> None:
        way, instrument_id = key
        try:
            while queue:
                self._give_up_late_ones(way, queue)
                taken, wait_ns = self._take(way, instrument_id, queue)
                if taken:
                    entries = [waiting.entry for waiting in taken]
                    sending = self._spawn(partial(self._write, way, instrument_id, entries))
                    if sending is None:
                        _tell_stopped(taken)
                    else:
                        sending.add_done_callback(partial(_tell_answer, taken))
                elif queue:
                    await self._clock.sleep(max(min(wait_ns, GATHER_NS), 1_000_000) / NS_PER_SECOND)
        finally:
            self._end(key, queue)

    def _end(self, key: Key, queue: deque[_Waiting]) -> None:
        """Only cancellation leaves any: the adapter stops, and these never left."""
        if self._queues.get(key) is queue:
            del self._queues[key]
            _tell_stopped(queue)

    def _give_up_late_ones(self, way: Way, queue: deque[_Waiting]) -> None:
        now_ns = self._clock.monotonic_ns()
        while queue and queue[0].deadline_ns <= now_ns:
            _tell(queue.popleft(), _too_late(way, self._patience(way)))

    def _take(self, way: Way, instrument_id: str, queue: deque[_Waiting]) -> tuple[list[_Waiting], int]:
        """Those whose turn it is, or none and how long until there may be one."""
        if not queue:
            return [], 0
        wait_ns = self._limits.try_take(way.limit, instrument_id, counts_for_account=way.counts_for_account)
        count = 1 if wait_ns == 0 else 0
        if not count and len(queue) > 1:
            count = self._limits.take_some(
                way.batch_limit,
                instrument_id,
                at_least=2,
                at_most=min(len(queue), BATCH_MAX),
                counts_for_account=way.counts_for_account,
            )
        taken = [queue.popleft() for _ in range(count)]
        for waiting in taken:
            waiting.taken = True
        return taken, wait_ns


def _tell_answer(taken: Iterable[_Waiting], sending: asyncio.Task[Reply]) -> None:
    """To all that were sent together; what became of a request that was cut off is not known."""
    cut_off = sending.cancelled() or sending.exception() is not None
    unknown = Reply(OutcomeKind.UNKNOWN, message="the adapter was stopped before the reply")
    for waiting in taken:
        _tell(waiting, unknown if cut_off else sending.result())


def _tell(waiting: _Waiting, reply: Reply) -> None:
    if not waiting.future.done():
        waiting.future.set_result(reply)


def _tell_stopped(those: Iterable[_Waiting]) -> None:
    for waiting in those:
        _tell(waiting, Reply(OutcomeKind.NOT_SENT, RATE_LIMITED, "the adapter was stopped"))


def _too_late(way: Way, seconds: float) -> Reply:
    return Reply(OutcomeKind.NOT_SENT, RATE_LIMITED, f"no token of OKX's limit {way.limit.name} within {seconds:g} s")
