"""The writer's process: what it commits, how it fails and dies, and that the executor gets over it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from app.clock import SystemClock
from app.exchanges.memory import MemoryExchange
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.services.trading import OrderParams
from app.settings import load_settings
from app.store import queries, writer_process
from app.store.committer import GroupCommitter
from app.store.database import Database
from app.store.errors import NotCommitted, StoreError
from app.store.leases import LeaseSql, this_owner
from app.store.transaction import Address, EachRow
from app.store.writer import EARLY_TURNS, GroupWriter, RefusedByDatabase, StoreFailed
from app.store.writer_child import CHECKPOINT_BYTES
from app.store.writer_process import WriterProcess
from app.system import System
from tests.support import store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with store.opened(tables_url) as database:
        yield database


class Life:
    """A writer on its process, from the lease to the end of it."""

    def __init__(self, database: Database, disk: WriterProcess, head: tuple[str, int]) -> None:
        clock, sql = SystemClock(), LeaseSql(database, SystemClock(), 60)
        connection = database.writer_connection()
        lease = sql.acquire(connection, store.ACCOUNT, this_owner())
        connection.close()
        self.disk = disk
        self.committer = GroupCommitter(disk, database, clock, lease, sql, *head)
        self.writer = GroupWriter(self.committer, on_commit=lambda _group: None, overlaps=True)

    def take(self, *seqs: int, size: int = 2):
        durable = self.writer.flush()
        self.writer.filling.events += [store.event(seq, payload='"' + "x" * size + '"') for seq in seqs]
        self.writer.filling.turns += 1
        return durable


async def begin(database: Database, head: tuple[str, int] = ("", 0)) -> Life:
    return Life(database, await WriterProcess.start(database.writer_address()), head)


def seqs(database: Database) -> list[int]:
    return [row["seq"] for row in queries.events(database, store.ACCOUNT)]


async def test_groups_are_durable_one_after_another_and_the_lease_is_let_go(database: Database) -> None:
    life = await begin(database)
    await life.take(1, 2)
    assert seqs(database) == [1, 2]
    await asyncio.gather(*(_wait(life.take(seq)) for seq in range(3, 100)))
    await life.writer.close()
    lease = queries.lease(database, store.ACCOUNT)
    assert (seqs(database), life.disk.process.returncode) == (list(range(1, 100)), 0)
    assert lease is not None
    assert (lease["seq"], lease["expires_ms"]) == (99, 0)


async def test_a_group_larger_than_the_sockets_buffers(database: Database) -> None:
    life = await begin(database)
    await asyncio.wait_for(_wait(life.take(*range(1, 41), size=400_000)), 60)
    await life.take(41)
    await life.writer.close()
    assert seqs(database) == list(range(1, 42))


async def test_sqlites_log_does_not_grow_with_what_was_written(sqlite_url: str) -> None:
    sizes: list[int] = []
    with store.opened(sqlite_url) as database:
        log = Path(f"{database.url.database}-wal")
        life = await begin(database)
        for start in range(1, 10_000, 250):
            await life.take(*range(start, start + 250), size=10_000)
            sizes.append(_size(log))
        await life.writer.close()
    assert max(sizes) < 2 * CHECKPOINT_BYTES


async def test_a_refusal_is_told_with_what_it_held(database: Database) -> None:
    life = await begin(database)
    await life.take(1)
    durable = life.take(1)
    group = life.writer.filling
    with pytest.raises(RefusedByDatabase, match=r"commit failed: (IntegrityError|UniqueViolation): ") as refused:
        await durable
    with pytest.raises(StoreFailed):
        life.take(2)
    await life.writer.close()
    assert (refused.value.group, seqs(database), life.disk.process.returncode) == (group, [1], 0)


@pytest.mark.parametrize("when", ["before", "during"])
async def test_a_writer_that_is_killed_leaves_the_outcome_unknown(database: Database, when: str) -> None:
    life = await begin(database)
    await life.take(1)
    if when == "before":
        life.disk.process.kill()
        life.disk.process.wait()
        durable = life.take(2)
    else:
        os.kill(life.disk.process.pid, signal.SIGSTOP)
        durable = life.take(2)
        await asyncio.sleep(0)
        life.disk.process.kill()
    with pytest.raises(StoreFailed, match="commit failed: the writer's process"):
        await asyncio.wait_for(_wait(durable), 10)
    await life.writer.close()
    assert seqs(database) == [1]
    lease = queries.lease(database, store.ACCOUNT)
    assert lease is not None
    assert lease["expires_ms"] > 0, "the lease of a failed writer is left to run out"


async def test_a_writer_that_stands_still_is_given_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_process, "COMMIT_SECONDS", 0.2)
    life = await begin(database)
    os.kill(life.disk.process.pid, signal.SIGSTOP)
    with pytest.raises(StoreFailed, match="commit failed: no answer within 0 s"):
        await asyncio.wait_for(_wait(life.take(1)), 10)
    await life.writer.close()
    assert (seqs(database), life.disk.process.returncode) == ([], -signal.SIGKILL)


@pytest.mark.parametrize("turns", [1, EARLY_TURNS - 1, EARLY_TURNS, EARLY_TURNS + 1, 2 * EARLY_TURNS])
async def test_who_drains_waits_for_the_turns_that_were_taken_and_for_no_other(database: Database, turns: int) -> None:
    life = await begin(database)
    for seq in range(1, turns + 1):
        life.take(seq)
    await asyncio.wait_for(life.writer.drain(), 10)
    await asyncio.wait_for(life.writer.close(), 10)
    assert seqs(database) == list(range(1, turns + 1))


async def test_a_close_that_is_cancelled_still_hears_what_became_of_the_last_group(database: Database) -> None:
    life = await begin(database)
    os.kill(life.disk.process.pid, signal.SIGSTOP)
    under_way = life.take(1)
    await asyncio.sleep(0)
    left = asyncio.create_task(_wait(life.take(2)))
    closing = asyncio.create_task(life.writer.close())
    await asyncio.sleep(0.01)
    closing.cancel()
    await asyncio.sleep(0.01)
    os.kill(life.disk.process.pid, signal.SIGCONT)
    with pytest.raises(asyncio.CancelledError):
        await closing
    await asyncio.wait_for(_wait(under_way), 5)
    with pytest.raises(StoreFailed, match="was closed"):
        await left
    assert seqs(database) == [1]


async def test_ctrl_c_and_stop_signals_leave_it_at_work(database: Database) -> None:
    life = await begin(database)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(life.disk.process.pid, number)
    await life.take(1)
    await life.writer.close()
    assert seqs(database) == [1]


async def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    address = Address(True, {"database": str(tmp_path / "nowhere" / "x.db")})
    with pytest.raises(StoreError, match="has not begun: OperationalError: unable to open database file"):
        await WriterProcess.start(address)


async def test_a_process_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(StoreError, match=r"the writer's process cannot be started: .*No such file"):
        await WriterProcess.start(Address(True, {}))


async def test_what_is_asked_after_the_end_is_told_too(database: Database) -> None:
    disk = await WriterProcess.start(database.writer_address())
    await disk.close([])
    with pytest.raises(NotCommitted, match="the writer's process has ended"):
        await disk.commit([(EachRow("SELECT 1"), [()])])


_EXECUTOR = """
import asyncio, os, sys
sys.path[:0] = sys.argv[2:]
from app.store.database import Database
from tests.integration.test_writer_process import begin

async def main():
    life = await begin(Database(sys.argv[1]))
    await life.take(1)
    life.take(*range(2, 400))
    await asyncio.sleep(0)
    print(life.disk.process.pid, flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


async def test_a_killed_executor_takes_its_writer_along_and_half_a_group_never_counts(
    database: Database, tables_url: str
) -> None:
    command = [sys.executable, "-c", _EXECUTOR, tables_url, str(ROOT), str(ROOT / "backend")]
    done = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    writer = int(done.stdout.splitlines()[-1])
    for _ in range(1_000):
        if not _alive(writer):
            break
        await asyncio.sleep(0.01)
    assert not _alive(writer)
    state = queries.load_account(database, store.ACCOUNT)
    assert state.seq in (1, 399), "a group is whole or not there"
    # The next owner does not wait for the dead one's lease, and goes on where the journal ends.
    life = await begin(database, (state.hash, state.seq))
    await life.take(state.seq + 1)
    await life.writer.close()
    assert seqs(database) == list(range(1, state.seq + 2))


async def test_the_system_gets_over_the_death_of_its_writer(tmp_path: Path) -> None:
    exchange = MemoryExchange(SystemClock(), balances={"USDT": Decimal(100_000)})
    exchange.set_book("BTC-USDT", Decimal("49999.9"), Decimal("50000.1"), Decimal(10))
    url = f"sqlite:///{tmp_path / 'executor.db'}"
    settings = load_settings(data_dir=tmp_path, database_url=url)
    system = System(settings, clock=SystemClock(), exchange=exchange, progress=lambda _: None)
    await system.start()
    beating = asyncio.create_task(_beat(system))
    try:
        first = await system.executor.place_order(_buy("0.01"))
        await system.executor.wait_for(first.order_id, 10)
        writer = system.ledger.writer
        writer._committer.disk.process.kill()  # type: ignore[attr-defined]
        with pytest.raises(StoreFailed):
            await system.executor.place_order(_buy("0.02"))
        async with asyncio.timeout(20):
            while not system.ready:  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.01)
        second = await system.executor.place_order(_buy("0.03"))
        second = await system.executor.wait_for(second.order_id, 10)
        assert (second.status, system.ledger.writer is not writer) == (OrderStatus.FILLED, True)
        truth = {balance.currency: balance.total for balance in await exchange.balances()}
        assert system.ledger.balances == truth
    finally:
        beating.cancel()
        await system.stop()
    database = Database(url)
    assert audit(database, "main", system.ledger.instruments).clean
    database.close()


async def _beat(system: System) -> None:
    while True:
        system.market.on_heartbeat()
        await asyncio.sleep(0.2)


def _buy(size: str) -> OrderParams:
    return OrderParams(
        instrument_id="BTC-USDT", side=OrderSide.BUY, order_type=OrderType.MARKET, size=Decimal(size), trade_mode="cash"
    )


async def _wait(durable) -> None:
    await durable


def _size(path: Path) -> int:
    return path.stat().st_size


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZXx"
    except OSError:
        return False
