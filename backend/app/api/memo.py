"""Answers that are dear to compute, shared: a page that polls must not keep a processor busy with the same history.

An answer is given again for a second in which nothing was journalled, and, when it took long, for a multiple of that
time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool

from app.clock import NS_PER_SECOND, Clock
from app.services.trading.errors import NotReady

ENTRIES_MAX = 64
WAITING_MAX = 32
FRESH_SECONDS = 1
"""Prices move without the journal: an answer that values something at the market is renewed after this."""
DEAR_SECONDS = 0.25
"""An answer that took less is never older than the journal."""
REST_FACTOR = 20
"""How many times as long as it took an answer is kept: at most a twentieth of one processor goes into it."""


@dataclass(slots=True)
class _Entry:
    seq: int
    answer: asyncio.Future[Any]
    began_ns: int
    ended_ns: int = 0


class Memo:
    """Answers by key; equal requests at the same time share one computation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._worker = asyncio.Semaphore(1)
        self._waiting = 0

    async def get(self, key: Hashable, seq: int, compute: Callable[[], Any]) -> Any:
        """compute()'s answer, from a thread, or the one kept. seq: the journal's head. Raises what compute raises, and
        NotReady when too many others wait: one is computed at a time, for each may hold a whole history in memory."""
        entry = self._entries.get(key)
        if entry is None or not self._holds(entry, seq):
            if self._waiting >= WAITING_MAX:
                raise NotReady([f"{WAITING_MAX} dear answers are being computed or waited for, the most allowed"])
            entry = self._entries[key] = _Entry(
                seq, asyncio.get_running_loop().create_future(), self._clock.monotonic_ns()
            )
            self._entries.move_to_end(key)
            while len(self._entries) > ENTRIES_MAX:
                self._entries.popitem(last=False)
            await self._fill(key, entry, compute)
        return await asyncio.shield(entry.answer)

    async def _fill(self, key: Hashable, entry: _Entry, compute: Callable[[], Any]) -> None:
        self._waiting += 1
        try:
            async with self._worker:
                entry.began_ns = self._clock.monotonic_ns()
                answer = await run_in_threadpool(compute)
        except BaseException as error:
            if self._entries.get(key) is entry:
                del self._entries[key]
            entry.answer.set_exception(error if isinstance(error, Exception) else RuntimeError("the request ended"))
            entry.answer.exception()  # seen: nobody may be waiting for it
            raise
        finally:
            self._waiting -= 1
        entry.ended_ns = self._clock.monotonic_ns()
        entry.answer.set_result(answer)

    def _holds(self, entry: _Entry, seq: int) -> bool:
        now_ns = self._clock.monotonic_ns()
        if not entry.answer.done():
            return entry.seq == seq or now_ns - entry.began_ns > DEAR_SECONDS * NS_PER_SECOND
        took_ns = entry.ended_ns - entry.began_ns
        quiet_ns = FRESH_SECONDS * NS_PER_SECOND if entry.seq == seq else 0
        rest_ns = REST_FACTOR * took_ns if took_ns > DEAR_SECONDS * NS_PER_SECOND else 0
        return now_ns - entry.ended_ns < max(quiet_ns, rest_ns)
