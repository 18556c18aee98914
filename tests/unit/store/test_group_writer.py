"""The writer's promises on the loop: turns share commits, one commit at a time, and a failed one fails all after it."""

from __future__ import annotations

import asyncio
import sqlite3
import traceback

import pytest

from app.store.durable import Durable
from app.store.group import Group
from app.store.writer import EARLY_TURNS, FEW_TURNS, GroupWriter, StoreFailed
from tests.support.store import event


class Disk:
    """A committer that keeps what it was given and fails on demand. later: what it commits is durable some rounds of
    the loop afterwards, and not before `gate` is open; else at once."""

    def __init__(self, later: bool = True) -> None:
        self.later = later
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.at_once = 0
        self.most_at_once = 0
        self.released: bool | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def prepare(self, group: Group) -> Group:
        return group

    def commit(self, group: Group) -> Durable | None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if not self.later:
            self._write(group)
            return None
        durable = Durable()
        self._tasks.append(asyncio.create_task(self._commit(group, durable)))
        return durable

    async def _commit(self, group: Group, durable: Durable) -> None:
        await self.gate.wait()
        try:
            self._write(group)
        except Exception as error:
            durable.settle(error)
        else:
            durable.settle()

    def _write(self, group: Group) -> None:
        self.at_once -= 1
        if self.error is not None:
            raise self.error
        self.groups.append([item.seq for item in group.events])

    def close(self, release: bool = True):
        self.released = release
        return asyncio.gather(*self._tasks) if self.later else None


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


@pytest.fixture(params=[True, False], ids=["later", "at once"])
def later(request: pytest.FixtureRequest) -> bool:
    return request.param


async def test_turns_of_one_round_share_a_commit(later: bool):
    disk, seen = Disk(later), []
    writer = GroupWriter(disk, on_commit=lambda group: seen.append(len(group.events)), overlaps=later)
    turns = Turns(writer)
    await asyncio.gather(*(_wait(turns.take()) for _ in range(5)))
    await turns.take()
    await writer.close()
    assert (disk.groups, seen, disk.released) == ([[1, 2, 3, 4, 5], [6]], [5, 1], True)


async def _wait(durable) -> None:
    await durable


async def test_what_only_tells_hears_of_a_group_behind_what_the_group_let_go_of(later: bool):
    heard = list[str]()
    writer = GroupWriter(
        Disk(later), on_commit=lambda _: heard.append("before"), told=lambda _: heard.append("told"), overlaps=later
    )
    turns = Turns(writer)

    async def send() -> None:
        heard.append("sent")

    for _ in range(2):
        sends: list[asyncio.Task[None]] = []
        durable = turns.take()
        durable.then(lambda _error, sends=sends: sends.append(asyncio.ensure_future(send())))
        await durable
        await asyncio.gather(*sends)
    await writer.close()
    await asyncio.sleep(0)
    assert heard == ["before", "sent", "told"] * 2


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
async def test_a_failed_commit_fails_everything_after_it(later: bool, error: Exception):
    disk, seen = Disk(later), []
    writer = GroupWriter(disk, on_commit=lambda group: seen.append(len(group.events)), overlaps=later)
    turns = Turns(writer)
    await turns.take()
    disk.error = error
    first, second = turns.take(), None
    if later:
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


async def test_a_large_group_begins_in_the_midst_of_a_round():
    disk = Disk()
    writer = GroupWriter(disk, on_commit=lambda _group: None, overlaps=True)
    turns = Turns(writer)
    durables = [turns.take() for _ in range(3 * EARLY_TURNS)]
    assert (disk.at_once, writer.backlog) == (1, 2 * EARLY_TURNS)
    for durable in durables:
        await durable
    await writer.close()
    assert (disk.groups, disk.most_at_once) == (
        [list(range(1, EARLY_TURNS + 1)), list(range(EARLY_TURNS + 1, 3 * EARLY_TURNS + 1))],
        1,
    )


@pytest.mark.parametrize(("before", "begun"), [(1, 1), (FEW_TURNS, 1), (FEW_TURNS + 1, 0)])
async def test_a_new_order_does_not_wait_for_the_round_while_few_are_under_way(before: int, begun: int):
    disk = Disk()
    writer = GroupWriter(disk, on_commit=lambda _group: None, overlaps=True)
    turns = Turns(writer)
    for durable in [turns.take() for _ in range(before)]:
        await durable
    durable = turns.take()
    writer.hurry()
    assert disk.at_once == begun
    late = turns.take()
    writer.hurry()
    await durable
    await late
    await writer.close()
    first = list(range(1, before + 1))
    rest = [[before + 1], [before + 2]] if begun else [[before + 1, before + 2]]
    assert (disk.groups, disk.most_at_once) == ([first, *rest], 1)


async def test_an_idle_renewal_is_a_commit_without_rows(later: bool):
    disk = Disk(later)
    writer = GroupWriter(disk, on_commit=lambda _group: None, overlaps=later)
    await writer.renew()
    await writer.close()
    with pytest.raises(StoreFailed, match="was closed"):
        writer.flush()
    assert disk.groups == [[]]


async def test_who_waits_again_hears_the_same(later: bool):
    writer = GroupWriter(Disk(later), on_commit=lambda _group: None, overlaps=later)
    durable, heard = Turns(writer).take(), []
    durable.then(lambda error: heard.append(("first", error)))
    await durable
    await durable
    durable.then(lambda error: heard.append(("late", error)))
    await writer.close()
    assert heard == [("first", None), ("late", None)]


async def test_a_call_that_fails_keeps_it_from_nobody_else(later: bool):
    disk, heard = Disk(later), []
    writer = GroupWriter(disk, on_commit=lambda _group: None, overlaps=later)
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


async def test_a_failed_writer_keeps_nothing_of_those_it_refuses(later: bool):
    disk = Disk(later)
    writer = GroupWriter(disk, on_commit=lambda _group: None, overlaps=later)
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
        await asyncio.wait_for(left, 60)
    assert (disk.groups, disk.released) == ([[1]], False)
