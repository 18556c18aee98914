"""The journal's events as messages, made once for all clients: the newest in memory, older ones read again.

It runs while somebody listens. Events wait a moment to go out together, and clients are woken a few at a time, so that
fifty of them are never one long turn of the loop in which orders are placed.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Protocol

import structlog

from app.api.runtime import Runtime
from app.api.stream.limits import FAILED, RESTART, End, StreamLimits, resume_ahead, resume_too_old
from app.api.stream.rendering import Renderer, Told
from app.api.stream.views import Views
from app.clock import NS_PER_SECOND
from app.services.trading.tasks import TaskGroup
from app.store import queries

WOKEN_AT_ONCE = 4
RENDERED_AT_ONCE = 16

log = structlog.get_logger("stream")

Form = Callable[[int | None, bytes], bytes]
"""A message as a transport writes it, of its resume point (None: it has none) and its text."""
Pieces = list[bytes]


class Listener(Protocol):
    """A client, as the feed knows it."""

    def wake(self) -> None: ...
    def end(self, end: End) -> None: ...


class Feed:
    """head: the newest event in memory; floor: all above it are. told: the newest that clients were woken for."""

    def __init__(self, runtime: Runtime, limits: StreamLimits) -> None:
        self.limits = limits
        self.views = Views(runtime, limits.heartbeat_seconds)
        self.head = 0
        self.floor = 0
        self.told = 0
        self.listeners: list[Listener] = []
        self._runtime = runtime
        self._account = runtime.ledger.account
        self._closed = False
        self._kept: deque[Told] = deque()
        self._batches: dict[tuple[int, frozenset[str], Form], tuple[int, Pieces]] = {}
        self._news = asyncio.Event()
        self._changing = asyncio.Lock()
        self._reading = asyncio.Semaphore(limits.reads)
        self._work = (self._follow, self._tell)
        self._tasks = TaskGroup(on_failure=lambda _name, _error: self._over(FAILED))

    async def join(self, listener: Listener, after: int | None) -> tuple[int, int]:
        """Listen from now on; where it begins, and the newest event. Raises what check() does."""
        last = await self.check(after)
        async with self._changing:
            if self._tasks.running < len(self._work):
                await self._tasks.stop()
                self._begin(last)
            self.listeners.append(listener)
            if self._closed:
                listener.end(RESTART)
            self._news.set()
        return last if after is None else after, last

    async def check(self, after: int | None) -> int:
        """The newest event. Raises Problem for an event after which nothing can follow, StoreError."""
        first, last = await asyncio.to_thread(queries.journal_ends, self._runtime.database, self._account)
        if after is not None and after > last:
            raise resume_ahead(after, last)
        if after is not None and after + 1 < first:
            raise resume_too_old(after, first)
        return last

    async def leave(self, listener: Listener) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)
        async with self._changing:
            if not self.listeners:
                await self._tasks.stop()

    def close(self) -> None:
        """The server stops: for those who listen, and for those who were about to."""
        self._closed = True
        self._over(RESTART)

    def renderer(self) -> Renderer:
        """For a client that catches up."""
        return Renderer(self._runtime.database, self._account)

    async def read(self, renderer: Renderer, after: int) -> list[Told]:
        """The events after `after` out of the database, some at a time. Raises Problem when the next one is gone."""
        async with self._reading:
            page = await asyncio.to_thread(self._read, renderer, after)
        if not page or page[0].seq != after + 1:
            raise resume_too_old(after, page[0].seq if page else 0)
        return page

    def batch(self, after: int, channels: frozenset[str], form: Form) -> tuple[int, Pieces]:
        """What is in memory after `after`, at most so many: up to which event, and what to write, which may be nothing.
        Clients that are as far share it."""
        key = (after, channels, form)
        if key not in self._batches:
            count = max(0, min(self.limits.batch, self.told - after))
            some = list(islice(self._kept, after - self.floor, after - self.floor + count))
            upto = some[-1].seq if some else after
            self._batches[key] = (upto, written(some, channels, form))
        return self._batches[key]

    def _begin(self, head: int) -> None:
        self.head = self.floor = self.told = head
        self._kept.clear()
        self._batches.clear()
        for work in self._work:
            self._tasks.spawn(work(), "stream")

    async def _follow(self) -> None:
        clock, tick, rested_ns = self._runtime.clock, self.limits.tick_seconds, 0
        renderer = self.renderer()
        async for event in self._runtime.journal_after(self.head):
            # An event is told while what it tells of goes on: that comes first, whatever the load.
            if clock.monotonic_ns() - rested_ns >= tick * NS_PER_SECOND:
                await clock.sleep(tick)
                rested_ns = clock.monotonic_ns()
            if renderer.lacks(event):
                told = await asyncio.to_thread(renderer.render, event)
            else:
                told = renderer.render(event)
            self._kept.append(told)
            self.head = told.seq
            if len(self._kept) > self.limits.kept:
                self.floor = self._kept.popleft().seq
            self._news.set()
            if told.seq % RENDERED_AT_ONCE == 0:
                await asyncio.sleep(0)  # house: ambient - gives way to others, waits for nothing
        self._over(RESTART)

    async def _tell(self) -> None:
        """Wake everybody after news, and for the views now and then."""
        clock, limits = self._runtime.clock, self.limits
        renewed = 0
        while True:
            try:
                async with asyncio.timeout(limits.view_seconds):
                    await self._news.wait()
                await clock.sleep(limits.tick_seconds)
            except TimeoutError:
                pass
            self._news.clear()
            if self.views.lacking or clock.monotonic_ns() - renewed >= limits.view_seconds * NS_PER_SECOND:
                renewed = clock.monotonic_ns()
                await asyncio.to_thread(self._runtime.refresh_keys)
                await self.views.renew(self.head)
            self.told = self.head
            self._batches.clear()
            for number, listener in enumerate(tuple(self.listeners)):
                listener.wake()
                if number % WOKEN_AT_ONCE == WOKEN_AT_ONCE - 1:
                    await asyncio.sleep(0)  # house: ambient - gives way to others, waits for nothing

    def _read(self, renderer: Renderer, after: int) -> list[Told]:
        return [renderer.render(event) for event in self._runtime.events_after(after, self.limits.page)]

    def _over(self, end: End) -> None:
        for listener in tuple(self.listeners):
            listener.end(end)


def written(told: Sequence[Told], channels: frozenset[str], form: Form) -> Pieces:
    """The messages that the channels show of these events."""
    return [form(each.seq, text) for each in told if (text := each.text(channels)) is not None]
