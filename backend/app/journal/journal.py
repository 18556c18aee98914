"""The journal as it is read: by sequence number from the database, and live, as groups become durable.

The writer appends (app.store.writer); whoever wants to know what happened follows here. A follower that is slower than
the events is told so and reads on from the database: nothing is lost, and no queue grows without bound.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from app.domain.events import Event
from app.store import queries
from app.store.database import Database
from app.store.queries import PAGE_MAX, Row

QUEUE_SIZE = 1_024


@dataclass(frozen=True, slots=True)
class Gap:
    """The queue overflowed: the events first..last were dropped from it and stand in the database."""

    first: int
    last: int


class Subscription:
    """A bounded queue of live events. Policy: when it is full everything in it is dropped for one Gap.

    Get one from Journal.subscribe() and close it when done; `async with` does.
    """

    def __init__(self, size: int, on_close: Callable[["Subscription"], None]) -> None:
        self._size = size
        self._on_close = on_close
        self._events: deque[Event] = deque()
        self._gap: Gap | None = None
        self._wake = asyncio.Event()
        self.closed = False

    async def next(self) -> Event | Gap:
        """The next event, or the gap before it. Raises StopAsyncIteration once closed and empty."""
        while True:
            if self._gap is not None:
                gap, self._gap = self._gap, None
                return gap
            if self._events:
                return self._events.popleft()
            if self.closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()

    def put(self, event: Event) -> None:
        if len(self._events) == self._size:
            first = self._gap.first if self._gap else self._events[0].seq
            self._gap = Gap(first, self._events[-1].seq)
            self._events.clear()
        self._events.append(event)
        self._wake.set()

    def close(self) -> None:
        self.closed = True
        self._wake.set()
        self._on_close(self)

    async def __aenter__(self) -> "Subscription":
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.close()


class Journal:
    """One account's journal. publish() belongs to the process that writes; read_after() works in any."""

    def __init__(self, database: Database, account: str) -> None:
        self.account = account
        self._database = database
        self._subscriptions: list[Subscription] = []

    def publish(self, events: Sequence[Event]) -> None:
        """Tell subscribers of events that are durable now; called on the loop, in the order of the commits."""
        for subscription in tuple(self._subscriptions):
            for event in events:
                subscription.put(event)

    def subscribe(self, size: int = QUEUE_SIZE) -> Subscription:
        """Live events from now on, at most `size` of them waiting."""
        subscription = Subscription(size, self._drop)
        self._subscriptions.append(subscription)
        return subscription

    def read_after(self, seq: int, limit: int = PAGE_MAX) -> list[Event]:
        """Up to `limit` (1..500) durable events with a higher sequence number, oldest first. Reads the database."""
        return [event_from_row(row) for row in queries.events(self._database, self.account, after_seq=seq, limit=limit)]

    async def follow(self, after_seq: int, size: int = QUEUE_SIZE) -> AsyncGenerator[Event]:
        """Every event after `after_seq`, each once, in order: from the database first, then live, for ever.

        Ends when close() is called on the journal. Close the generator (aclose) when done with it early.
        """
        async with self.subscribe(size) as live:
            last = after_seq
            behind = True
            while True:
                while behind:
                    page = await asyncio.to_thread(self.read_after, last)
                    for event in page:
                        last = event.seq
                        yield event
                    behind = len(page) == PAGE_MAX
                try:
                    item = await live.next()
                except StopAsyncIteration:
                    return
                if isinstance(item, Gap):
                    behind = item.last > last
                elif item.seq == last + 1:
                    last = item.seq
                    yield item
                else:
                    behind = item.seq > last

    @property
    def followers(self) -> int:
        """Subscriptions that are open."""
        return len(self._subscriptions)

    def close(self) -> None:
        """End every subscription; who follows sees the end after what is still queued."""
        for subscription in tuple(self._subscriptions):
            subscription.close()

    def _drop(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)


def event_from_row(row: Row) -> Event:
    return Event(**{name: row[name] for name in Event._fields})
