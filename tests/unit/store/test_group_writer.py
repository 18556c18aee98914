"""The writer's promises on the loop: turns share commits, one commit at a time, and a failed one fails all after it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import traceback

import pytest

from app.store.group import Group
from app.store.writer import GroupWriter, StoreFailed
from tests.support.store import event


class Disk:
    """A committer that keeps what it was given, waits for `gate` when closed, and fails on demand."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.at_once = 0
        self.most_at_once = 0
        self.released: bool | None = None
        self.calls = 0

    def prepare(self, group: Group) -> Group:
        return group

    def commit(self, group: Group) -> None:
        self.calls += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.gate.wait(10)
        self.at_once -= 1
        if self.error is not None:
            raise self.error
        self.groups.append([item.seq for item in group.events])

    def close(self, release: bool = True) -> None:
        self.released = release


class Turns:
    """Turns that write one event each."""

    def __init__(self, writer: GroupWriter) -> None:
        self.writer = writer
        self.seq = 0

    def take(self):
        durable = self.writer.flush()
        self.seq += 1
        self.writer.filling.events.append(event(self.seq))
        self.writer.filling.turns += 1
        return durable


@pytest.fixture(params=[True, False], ids=["thread", "loop"])
def threaded(request: pytest.FixtureRequest) -> bool:
    return request.param


async def test_turns_of_one_round_share_a_commit(threaded: bool):
    disk, seen = Disk(), []
    writer = GroupWriter(disk, on_commit=lambda group: seen.append(len(group.events)), threaded=threaded)
    turns = Turns(writer)
    await asyncio.gather(*(_wait(turns.take()) for _ in range(5)))
    await turns.take()
    await writer.close()
    assert (disk.groups, seen, disk.released) == ([[1, 2, 3, 4, 5], [6]], [5, 1], True)


async def _wait(durable) -> None:
    await durable


async def test_while_one_group_commits_the_next_one_fills():
    disk = Disk()
    writer = GroupWriter(disk, on_commit=lambda _group: None)
    turns = Turns(writer)
    disk.gate.clear()
    first = turns.take()
    await asyncio.sleep(0)
    waiting = [turns.take() for _ in range(3)]
    assert (writer.backlog, writer.pending) == (3, True)
    disk.gate.set()
    await first
    for durable in waiting:
        await durable
    await writer.close()
    assert (disk.groups, disk.most_at_once) == ([[1], [2, 3, 4]], 1)


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.IntegrityError("UNIQUE constraint failed: trades.trade_id"),
        OSError(5, "Input/output error"),
    ],
    ids=str,
)
async def test_a_failed_commit_fails_everything_after_it(threaded: bool, error: Exception):
    disk, seen = Disk(), []
    writer = GroupWriter(disk, on_commit=lambda group: seen.append(len(group.events)), threaded=threaded)
    turns = Turns(writer)
    await turns.take()
    disk.error = error
    first, second = turns.take(), None
    if threaded:
        await asyncio.sleep(0)
        second = turns.take()
    with pytest.raises(StoreFailed, match=f"commit failed: {type(error).__name__}") as failed:
        await first
    assert failed.value.__cause__ is error
    if second is not None:
        with pytest.raises(StoreFailed):
            await second
    disk.error = None
    for refused in (turns.take, writer.renew):
        with pytest.raises(StoreFailed):
            refused()
    with pytest.raises(StoreFailed):
        await writer.drain()
    await writer.close()
    assert (disk.groups, seen, disk.released) == ([[1]], [1], False)


async def test_who_stops_waiting_does_not_stop_the_commit():
    disk = Disk()
    writer = GroupWriter(disk, on_commit=lambda _group: None)
    turns = Turns(writer)
    disk.gate.clear()
    waiter = asyncio.create_task(_wait(turns.take()))
    others = turns.take()
    await asyncio.sleep(0.01)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    disk.gate.set()
    await others
    assert disk.groups == [[1, 2]]
    await writer.close()


async def test_an_idle_renewal_is_a_commit_without_rows(threaded: bool):
    disk = Disk()
    writer = GroupWriter(disk, on_commit=lambda _group: None, threaded=threaded)
    await writer.renew()
    await writer.close()
    with pytest.raises(StoreFailed, match="was closed"):
        writer.flush()
    assert disk.groups == [[]]


async def test_who_waits_again_hears_the_same(threaded: bool):
    writer = GroupWriter(Disk(), on_commit=lambda _group: None, threaded=threaded)
    durable, heard = Turns(writer).take(), []
    durable.then(lambda error: heard.append(("first", error)))
    await durable
    await durable
    durable.then(lambda error: heard.append(("late", error)))
    await writer.close()
    assert heard == [("first", None), ("late", None)]


async def test_a_call_that_fails_keeps_it_from_nobody_else(threaded: bool):
    disk, heard = Disk(), []
    writer = GroupWriter(disk, on_commit=lambda _group: None, threaded=threaded)
    turns = Turns(writer)
    durable = turns.take()

    def fail(_error: Exception | None) -> None:
        turns.take()
        raise LookupError("of this call alone")

    durable.then(fail)
    durable.then(heard.append)
    await asyncio.wait_for(_wait(durable), 5)
    await asyncio.wait_for(writer.drain(), 5)
    await writer.close()
    assert (disk.groups, heard) == ([[1], [2]], [None])


async def test_a_failed_writer_keeps_nothing_of_those_it_refuses(threaded: bool):
    disk = Disk()
    writer = GroupWriter(disk, on_commit=lambda _group: None, threaded=threaded)
    turns = Turns(writer)
    disk.error = OSError(5, "Input/output error")
    first = turns.take()
    for _ in range(20):
        for refused in (lambda: _wait(first), writer.drain, writer.renew):
            with pytest.raises(StoreFailed):
                await refused()
    assert writer.failed is not None
    assert len(list(traceback.walk_tb(writer.failed.__traceback__))) < 10
    await writer.close()


async def test_a_close_that_is_cancelled_leaves_nobody_waiting():
    disk = Disk()
    writer = GroupWriter(disk, on_commit=lambda _group: None)
    turns = Turns(writer)
    disk.gate.clear()
    under_way = turns.take()
    await asyncio.sleep(0)
    left = asyncio.create_task(_wait(turns.take()))
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0.01)
    closing.cancel()
    await asyncio.sleep(0.01)
    disk.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await asyncio.wait_for(_wait(under_way), 5)
    with pytest.raises(StoreFailed, match="was closed"):
        await asyncio.wait_for(left, 5)
    assert (disk.groups, disk.released) == ([[1]], False)
