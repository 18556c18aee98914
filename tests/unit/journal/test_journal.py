"""Following the journal: each event once, in order, however slow the follower, whatever the queue dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from app.domain.events import Event
from app.journal.journal import Gap, Journal
from app.store import queries
from app.store.database import Database
from app.store.group import Group, PlainRow
from tests.support import store


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    with store.opened(sqlite_url) as database:
        yield database


class Writing:
    """Events made durable and then published, as the ledger does it."""

    def __init__(self, database: Database) -> None:
        self.journal = Journal(database, store.ACCOUNT)
        self._committer = store.committer(database)
        self._seq = 0

    def write(self, count: int, *plain: PlainRow) -> list[Event]:
        made = [store.event(self._seq + number) for number in range(1, count + 1)]
        self._seq += count
        store.run_groups(self._committer, Group(events=made, plain=list(plain)))
        self.journal.publish(made)
        return made


async def test_a_subscriber_that_keeps_up_gets_every_event(database: Database):
    writing = Writing(database)
    writing.write(2)
    async with writing.journal.subscribe() as live:
        made = writing.write(3)
        assert [await live.next() for _ in made] == made
        task = asyncio.create_task(live.next())
        await asyncio.sleep(0)
        (late,) = writing.write(1)
        assert await task == late
    with pytest.raises(StopAsyncIteration):
        await live.next()


async def test_a_subscriber_that_falls_behind_is_told_what_it_missed(database: Database):
    writing = Writing(database)
    async with writing.journal.subscribe(size=3) as live:
        made = writing.write(8)
        assert [await live.next() for _ in range(3)] == [Gap(1, 6), made[6], made[7]]
        assert writing.journal.read_after(0, limit=6) == made[:6]


async def test_following_gives_each_event_once_from_the_database_and_then_live(database: Database):
    writing = Writing(database)
    writing.write(1_203)
    async with aclosing(writing.journal.follow(3)) as events:
        seen = [(await anext(events)).seq for _ in range(1_200)]
        writing.write(4)
        seen += [(await anext(events)).seq for _ in range(4)]
        assert seen == list(range(4, 1_208))


async def test_a_slow_follower_reads_on_from_the_database(database: Database):
    writing = Writing(database)
    async with aclosing(writing.journal.follow(0, size=2)) as events:
        writing.write(1)
        seen = [(await anext(events)).seq]
        for count in (5, 1, 7, 2):
            writing.write(count)
            seen += [(await anext(events)).seq for _ in range(2)]
        while seen[-1] < 16:
            seen.append((await anext(events)).seq)
        assert seen == list(range(1, 17))


async def test_following_ends_when_the_journal_closes(database: Database):
    writing = Writing(database)
    writing.write(2)

    began = asyncio.Event()

    async def read() -> list[int]:
        seen: list[int] = []
        async for event in writing.journal.follow(0):
            seen.append(event.seq)
            began.set()
        return seen

    reading = asyncio.create_task(read())
    await began.wait()
    writing.journal.close()
    assert await asyncio.wait_for(reading, 10) == [1, 2]
    assert writing.journal.followers == 0


def test_events_are_read_by_order_and_kind(database: Database):
    made = [
        store.event(1, "order.intent", order_id="a"),
        store.event(2, "kill_switch.on"),
        store.event(3, "order.report", order_id="b"),
        store.event(4, "order.report", order_id="a"),
        store.event(5, "kill_switch.on"),
    ]
    committer = store.committer(database)
    store.run_groups(committer, Group(events=made))

    def seqs(**wanted: object) -> list[int]:
        return [row["seq"] for row in queries.events(database, store.ACCOUNT, **wanted)]  # type: ignore[arg-type]

    assert seqs() == [1, 2, 3, 4, 5]
    assert seqs(after_seq=3) == [4, 5]
    assert seqs(order_id="a") == [1, 4]
    assert seqs(order_id="a", kind="order.report") == [4]
    assert seqs(kind="kill_switch.on") == [2, 5]
    assert seqs(kind="kill_switch.on", after_seq=2, limit=1) == [5]
    with pytest.raises(ValueError, match="limit=0: must be 1 to 500"):
        seqs(limit=0)
