"""FAULTS E: our own process, its disk, its twin, its end."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import Any

import pytest

from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.port import Outcome
from app.services.trading.account.ids import OrderIds
from app.services.trading.errors import OrderNotFound
from app.services.trading.schemas import OrderResponse
from app.store import queries
from app.store.database import Database
from app.store.leases import LeaseSql
from app.store.writer import StoreFailed
from app.system import System
from tests.simulation.faults import Disk, Link
from tests.simulation.order_scenarios import (
    UNKNOWN,
    D,
    S,
    answer,
    events,
    hear,
    limit,
    link,
    lose,
    market,
    now,
    play,
    system,
    until,
)
from tests.simulation.world import BTC, World


def fail_commits(world: World, *, count: int = 1, after: bool = False) -> None:
    """The next commits fail; after: though they were made."""
    real = Disk.commit
    left = count

    def commit(self: Disk, group: Any) -> str:
        nonlocal left
        if left <= 0 or self._world is not world:
            return real(self, group)
        left -= 1
        if after:
            real(self, group)
        raise OSError(errno.EIO, "Input/output error")

    Disk.commit = commit  # type: ignore[method-assign]
    world.loop.call_later(300, setattr, Disk, "commit", real)


@pytest.fixture
def _whole_disk() -> Any:
    real = Disk.commit
    yield
    Disk.commit = real  # type: ignore[method-assign]


@pytest.mark.usefixtures("_whole_disk")
@pytest.mark.parametrize("after", [False, True], ids=["not committed", "committed unseen"])
def test_E2_a_failed_commit_sends_nothing_and_the_request_can_be_repeated(tmp_path: Path, after: bool) -> None:
    async def scenario(world: World, executor: System) -> None:
        fail_commits(world, after=after)
        with pytest.raises(StoreFailed):
            await executor.executor.place_order(limit(), idempotency_key="k")
        assert world.wire.places == {}
        with pytest.raises(StoreFailed):
            await executor.executor.place_order(limit(), idempotency_key="k")
        await asyncio.sleep(20)
        again = await executor.executor.place_order(limit(), idempotency_key="k")
        assert again.status is (S.NEVER_ACCEPTED if after else S.LIVE), "the key finds what the database has"
        assert len(world.wire.places) == (0 if after else 1)

    play(tmp_path, scenario)


@pytest.mark.usefixtures("_whole_disk")
def test_E2_cancels_and_the_kill_switch_work_without_a_database(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        orders = [await executor.executor.place_order(limit(size=f"0.{n}")) for n in range(1, 6)]
        fail_commits(world, count=40)
        with pytest.raises(StoreFailed):
            await executor.executor.place_order(limit())
        with pytest.raises(StoreFailed):
            await executor.executor.cancel_order(orders[0].order_id)
        assert len(world.exchange.venue.open) == 4
        with pytest.raises(StoreFailed):
            await executor.executor.engage_kill_switch("stop")
        assert not world.exchange.venue.open, "S12"
        await asyncio.sleep(400)
        assert executor.ledger.kill_switch.engaged, "nobody was told that it holds, but it does"
        assert queries.load_account(executor.database, "main").kill_switch.engaged
        await executor.executor.release_kill_switch("over")

    play(tmp_path, scenario)


@pytest.mark.usefixtures("_whole_disk")
def test_E2_recovery_goes_on_until_the_exchange_can_be_compared(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        fail_commits(world)
        world.exchange.reads_fail_with = ExchangeUnavailable("down too")
        with pytest.raises(StoreFailed):
            await executor.executor.place_order(limit())
        await asyncio.sleep(60)
        assert not executor.ready
        world.exchange.reads_fail_with = None
        await asyncio.sleep(15)
        assert executor.ready

    play(tmp_path, scenario)


@pytest.mark.usefixtures("_whole_disk")
def test_E2_the_answer_cannot_be_recorded(tmp_path: Path) -> None:
    """The order is at the venue, the commit of its acceptance fails: found again, not doubled."""

    async def scenario(world: World, executor: System) -> None:
        lose(world)
        real = Link._send

        async def send(self: Link, act: Any) -> Outcome:
            outcome = await real(self, act)
            fail_commits(world)
            return outcome

        link(world)._send = send.__get__(link(world))  # type: ignore[method-assign]
        with pytest.raises(StoreFailed):
            await executor.executor.place_order(limit())
        del link(world)._send  # type: ignore[misc]
        await asyncio.sleep(5)
        hear(world)
        (found,) = executor.orders.get_active_orders()
        assert found.status is S.LIVE

    play(tmp_path, scenario)


def test_E4_a_second_owner_stops_the_first(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit())
        rival = Database(f"sqlite:///{world.path}")
        connection = rival.writer_connection()
        connection.execute("UPDATE leases SET expires_ms = 0")
        LeaseSql(rival, world.clock, 15).acquire(connection, "main", "elsewhere/abc:1:1")
        with pytest.raises(StoreFailed, match="LeaseLost"):
            await executor.executor.place_order(limit())
        assert len(world.wire.places) == 1
        await asyncio.sleep(5)
        assert (await executor.executor.place_order(limit()) if executor.ready else None) is None
        with pytest.raises(StoreFailed):
            await executor.executor.cancel_order(order.order_id)
        assert not world.exchange.venue.open, "S12: a deposed owner still cancels"
        connection.execute("UPDATE leases SET expires_ms = 0")
        connection.close()
        rival.close()
        await asyncio.sleep(20)
        assert executor.ready, "the other has gone"

    play(tmp_path, scenario)


@pytest.mark.parametrize("seconds", [1.5, 6, 35, 600])
def test_E5_after_a_stall_nothing_is_sent_on_what_was_known_before(tmp_path: Path, seconds: float) -> None:
    async def scenario(world: World, executor: System) -> None:
        asking = asyncio.ensure_future(executor.executor.place_order(limit()))
        await until(executor.ledger.open_orders)
        world.stall(seconds)
        if seconds > 15:
            with pytest.raises(StoreFailed, match="LeaseLost"):
                await asking
        else:
            assert (await asking).status is S.NOT_SENT
        assert world.wire.places == {}
        await asyncio.sleep(20)
        assert executor.ready
        world.quote(BTC)
        assert (await executor.executor.place_order(limit())).status is S.LIVE

    play(tmp_path, scenario)


def test_E6_a_restored_backup_finds_what_it_has_forgotten(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        kept = await executor.executor.place_order(limit(size="0.1"))
        await world.stop()
        backup = world.path.read_bytes()
        await world.boot()
        forgotten = await system(world).executor.place_order(limit(size="0.2"))
        filled = await system(world).executor.place_order(market())
        await system(world).executor.wait_for(filled.order_id, 1)
        await system(world).executor.cancel_order(kept.order_id)
        await world.stop()
        await asyncio.sleep(3600)
        for name in world.path.parent.glob(world.path.name + "*"):
            name.unlink()
        world.path.write_bytes(backup)
        before = set(world.wire.places)
        await world.boot()
        restored = system(world)
        assert restored.orders.get_order(kept.order_id).status is S.CANCELED
        adopted = [o for o in restored.ledger.open_orders() if o.request.external]
        assert [o.request.client_order_id for o in adopted] == [forgotten.client_order_id]
        told = [row["payload"] for row in events(world, "anomaly")]
        assert sorted(forgotten.client_order_id in t or filled.client_order_id in t for t in told) == [True, True]
        switch = restored.ledger.kill_switch
        assert switch.engaged
        assert "this database is older than the account" in switch.reason
        assert (await restored.executor.place_order(limit(size="0.3"))).status is S.DENIED
        await restored.executor.release_kill_switch("the backup was restored by me", principal="operator:me")
        new = await restored.executor.place_order(limit(size="0.3"))
        assert new.client_order_id not in before
        await asyncio.sleep(100)
        assert len(events(world, "anomaly")) == 2, "told once, not by every audit"
        with pytest.raises(OrderNotFound):
            restored.orders.get_order(forgotten.order_id)

    play(tmp_path, scenario, settle=False)


def test_E6_an_order_of_another_executor_on_the_account_stops_this_one(tmp_path: Path) -> None:
    """Its database is not ours, so no lease tells the two apart (E4)."""

    async def scenario(world: World, executor: System) -> None:
        world.foreign_order("hand of a person")
        await asyncio.sleep(1)
        assert not executor.ledger.kill_switch.engaged
        other = OrderIds(world.clock)
        other.use_installation("0THER")
        world.foreign_order(other.draw())
        await asyncio.sleep(1)
        assert executor.ledger.kill_switch.engaged
        assert (await executor.executor.place_order(limit())).status is S.DENIED
        assert len(events(world, "anomaly")) == 1

    play(tmp_path, scenario)


def test_E9_the_end_waits_for_the_answers_of_what_is_on_the_wire(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        asking = [
            asyncio.ensure_future(executor.executor.place_order(limit(size=f"0.{number}"))) for number in range(1, 9)
        ]
        await asyncio.sleep(0.003)
        await world.stop()
        done = await asyncio.gather(*asking, return_exceptions=True)
        assert {o.status for o in done if isinstance(o, OrderResponse)} <= {S.LIVE, S.NOT_SENT}
        with Database(f"sqlite:///{world.path}").reading() as connection:
            statuses = {row[0] for row in connection.exec_driver_sql("SELECT status FROM orders")}
        assert statuses <= {"live", "not_sent"}, "no outcome is left open"
        assert sum(isinstance(o, OrderResponse) and o.status is S.LIVE for o in done) == len(world.exchange.venue.open)
        await world.boot()

    play(tmp_path, scenario)


@pytest.mark.parametrize("rounds", range(0, 40, 4))
def test_E9_stop_at_each_step_of_a_send(tmp_path: Path, rounds: int) -> None:
    async def scenario(world: World, executor: System) -> None:
        asking = world.client(executor.executor.place_order(market()))
        for _ in range(rounds):
            await asyncio.sleep(0 if rounds < 20 else 0.01)
        await world.stop()
        await asyncio.wait([asking])
        await world.boot()

    play(tmp_path, scenario)


def test_E10_a_hundred_equal_requests_at_once_are_one_order(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        asking = [executor.executor.place_order(limit(), idempotency_key="once") for _ in range(100)]
        answers = await asyncio.gather(*asking)
        assert len({order.order_id for order in answers}) == 1
        assert {order.status for order in answers} == {S.LIVE}
        assert len(world.wire.places) == len(world.exchange.venue.open) == 1

    play(tmp_path, scenario)


def test_E10_clients_cancel_and_amend_at_once(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit())
        acts: list[Any] = [executor.executor.cancel_order(order.order_id) for _ in range(5)]
        acts += [executor.executor.modify_order(order.order_id, new_size=D("0.2")) for _ in range(5)]
        await asyncio.gather(*acts, return_exceptions=True)
        await asyncio.sleep(1)
        assert (await now(world, order)).status is S.CANCELED

    play(tmp_path, scenario)


@pytest.mark.parametrize("restart", [False, True], ids=["while it runs", "at the start"])
def test_E2_what_the_database_refuses_stops_trading_and_nothing_else(tmp_path: Path, restart: bool) -> None:
    """A fill whose row is there already can never be written; no commit may fail over it again and again."""

    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit("49990", "0.1"))
        await executor.executor.place_order(market())
        poison(world, order, "2")
        if restart:
            await world.stop()
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.03"))
        if restart:
            await world.boot()
        await asyncio.sleep(20)
        now_running = system(world)
        assert [str(reason) for reason in now_running.gate.closed()] == []
        assert now_running.ledger.kill_switch.engaged
        assert (await now_running.executor.place_order(market())).status is S.DENIED
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.04"))
        await asyncio.sleep(1)
        assert now_running.ledger.orders[order.order_id].filled == D("0.04"), "the fills after it are booked"
        assert len(events(world, "message.quarantined")) == 1
        await now_running.executor.cancel_order(order.order_id)

    play(tmp_path, scenario, settle=False)


def poison(world: World, order: OrderResponse, trade_id: str) -> None:
    """A row stands where a fill of the order is to be written."""
    other = Database(f"sqlite:///{world.path}")
    connection = other.writer_connection()
    columns = [row[1] for row in connection.execute("PRAGMA table_info(trades)").fetchall()]
    copied = ", ".join({"trade_id": "?", "exchange_order_id": "?"}.get(name, name) for name in columns)
    connection.execute(f"INSERT INTO trades SELECT {copied} FROM trades LIMIT 1", (trade_id, order.exchange_order_id))
    connection.close()
    other.close()


@pytest.mark.parametrize("bad", [(0,), (2,), (1, 3)], ids=["the first", "the last", "two of four"])
def test_E2_a_refused_group_of_fills_is_sorted_out_at_once(tmp_path: Path, bad: tuple[int, ...]) -> None:
    """Before any comparison: the exchange cannot be read."""

    async def scenario(world: World, executor: System) -> None:
        await executor.executor.place_order(market())
        count = 4 if len(bad) > 1 else 3
        orders = [await executor.executor.place_order(limit("49990", f"0.{n}")) for n in range(1, count + 1)]
        for n in bad:
            poison(world, orders[n], str(n + 2))
        world.exchange.reads_fail_with = ExchangeUnavailable("down")
        world.exchange.set_book(BTC, D("49980"), D("49985"), D(1))
        await asyncio.sleep(2)
        filled = [executor.orders.find(order.order_id).filled for order in orders]
        assert filled == [D(0) if n in bad else order.size for n, order in enumerate(orders)]
        assert {trade_id for trade_id, _ in executor.ledger.refused} == {str(n + 2) for n in bad}
        assert executor.ledger.kill_switch.engaged
        world.exchange.reads_fail_with = None
        await asyncio.sleep(20)
        assert [str(reason) for reason in executor.gate.closed()] == []
        assert len(events(world, "message.quarantined")) == len(bad)

    play(tmp_path, scenario, settle=False)


def test_P4_a_cancel_of_an_order_that_never_came_to_be(tmp_path: Path) -> None:
    """Seeds 2412 and 2610: the cancel was answered after the commit of its order had failed."""

    async def scenario(world: World, executor: System) -> None:
        fail_commits(world)
        asking = asyncio.ensure_future(executor.executor.place_order(limit()))
        await until(executor.ledger.open_orders)
        cancelling = asyncio.ensure_future(executor.executor.cancel_order(executor.ledger.open_orders()[0].order_id))
        answer(world, Outcome(UNKNOWN), taken=False)
        done = await asyncio.gather(asking, cancelling, return_exceptions=True)
        assert all(isinstance(each, StoreFailed | OrderNotFound) for each in done), done

    play(tmp_path, scenario)
