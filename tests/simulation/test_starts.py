"""Starts on bad days: a slow exchange, a busy day to read, an outage, a lease lost or held by another (FAULTS E4, E17).
The whole system in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from app.clock import NS_PER_SECOND, SimulatedClock, VirtualTimeLoop
from app.domain.orders import OrderReport, OrderStatus
from app.domain.parents import ParentStatus
from app.exchanges.errors import AccessRefused, ExchangeUnavailable
from app.exchanges.memory import MemoryExchange
from app.exchanges.port import AccountConfig, Balance, Bill, VenuePosition
from app.journal.audit import audit
from app.services.trading.running import lease_keeper
from app.services.trading.venue.cancels import CancelsUnrecorded
from app.settings import load_settings
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.store.leases import Lease, LeaseSql
from app.system import System
from tests.support.disks import unsynced
from tests.support.systems import stall
from tests.support.trading_world import BTC, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
PAGE = 100
ELSEWHERE = "host/12345678/4026532999:7:100"


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def sleep_of_the_machine(seconds: float) -> None:
    stall(cast(VirtualTimeLoop, asyncio.get_running_loop()), seconds)


class Slow(MemoryExchange):
    """Each page takes `seconds`; `rows` rows stand in the history. down: nothing is
    answered. sleeps: the machine sleeps while the history is read, once."""

    seconds = 0.0
    rows = 0
    down = False
    sleeps = False

    async def _page(self, rows: int = 0) -> None:
        await asyncio.sleep(self.seconds * (1 + rows // PAGE))
        if self.down:
            raise ExchangeUnavailable("connection refused")

    async def account_config(self) -> AccountConfig:
        await self._page()
        return await super().account_config()

    async def open_orders(self) -> Sequence[OrderReport]:
        await self._page()
        return await super().open_orders()

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]:
        if self.sleeps:
            self.sleeps = False
            sleep_of_the_machine(40)
        await self._page(self.rows)
        # What is open, told again and again: it is the reading that takes its time.
        known = await super().open_orders()
        return [*(list(known) * self.rows)[: self.rows], *await super().order_history(since_ns)]

    async def fills(self, since_ns: int, **of: Any) -> Sequence[OrderReport]:
        await self._page()
        return await super().fills(since_ns, **of)

    async def bills(self, since_ns: int) -> Sequence[Bill]:
        await self._page()
        return await super().bills(since_ns)

    async def balances(self) -> Sequence[Balance]:
        await self._page()
        return await super().balances()

    async def positions(self) -> Sequence[VenuePosition]:
        await self._page()
        return await super().positions()


def venue(clock: SimulatedClock) -> Slow:
    return Slow(clock, balances={"USDT": D(100_000), "BTC": D(1)})


Starting = tuple[System, list[str], "asyncio.Task[None]"]


@asynccontextmanager
async def starting(folder: Path, exchange: MemoryExchange, clock: SimulatedClock) -> AsyncIterator[Starting]:
    """A system whose start is under way, and what it tells."""
    told: list[str] = []
    settings = load_settings(data_dir=folder, database_url=f"sqlite:///{folder / 'executor.db'}")
    system = System(settings, clock=clock, exchange=exchange, disk=unsynced, progress=told.append)
    task = asyncio.create_task(system.start())
    try:
        yield system, told, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await system.stop()


def lease_of(system: System) -> Lease:
    assert system.session.lease is not None
    return system.session.lease


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("rows", [0, 20_000])
async def test_reading_may_outlast_the_lease_many_times(tmp_path: Path, seconds: float, rows: int) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        order = await world.rest()
    exchange.seconds, exchange.rows = seconds, rows
    async with starting(tmp_path, exchange, clock) as (system, told, task):
        began = clock.monotonic_ns()
        await task
        took = (clock.monotonic_ns() - began) / NS_PER_SECOND
        assert took >= seconds * (rows // PAGE + 6)
        assert system.ready
        assert lease_of(system).epoch == 2, "it was asked for once and kept"
        assert system.orders.get_order(order.order_id).status is OrderStatus.LIVE
        reading = [text for text in told if text.startswith("comparing with the exchange for")]
        assert len(reading) >= took // 5 - 3
        if rows and took > 20:
            assert any("reading the order history" in text for text in reading)


async def test_while_a_long_start_reads_cancels_go_and_new_orders_do_not(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        order = await world.rest()
    exchange.seconds, exchange.rows = 1.0, 10_000
    async with starting(tmp_path, exchange, clock) as (system, _, _):
        await asyncio.sleep(30)
        assert not system.ready
        assert "reading the order history" in system.not_ready_reasons[0]
        assert system.status()["phase"] == "starting"
        assert (await system.executor.place_order(limit())).status is OrderStatus.DENIED
        await system.executor.cancel_order(order.order_id)
        assert not exchange.venue.open


@pytest.mark.parametrize("asked_after", [0.5, 30])
async def test_what_a_person_cancels_during_a_start_is_not_taken_up_afterwards(
    asked_after: float, tmp_path: Path
) -> None:
    """Before there is a right to write it is said that nothing was recorded; from then on it holds."""
    clock = SimulatedClock()
    exchange = venue(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        started = await world.system.parents.start("twap", {"duration": 600, "num_slices": 60}, market(size="0.06"))
        await world.clock.sleep(25)
    filled = sum(fill.size for fill in exchange.venue.fills)
    assert 0 < filled < D("0.01")
    exchange.seconds, exchange.rows = 1.0, 10_000
    async with starting(tmp_path, exchange, clock) as (system, _, task):
        await asyncio.sleep(asked_after)
        if asked_after < 1:
            with pytest.raises(CancelsUnrecorded):
                await system.executor.cancel_all()
            await asyncio.sleep(30)
        assert await system.executor.cancel_all() == []
        await task
        exchange.set_book(BTC, D("49999.9"), D("50000.1"), D(5))
        await asyncio.sleep(5)
        assert system.parents.get(started.parent_id).status is ParentStatus.CANCELED
        assert sum(fill.size for fill in exchange.venue.fills) == filled


async def test_a_lease_that_is_lost_at_the_start_is_asked_for_again(tmp_path: Path) -> None:
    """The machine slept while it read."""
    clock = SimulatedClock()
    exchange = venue(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        await world.rest()
    exchange.seconds, exchange.sleeps = 0.1, True
    async with starting(tmp_path, exchange, clock) as (system, told, task):
        await task
        assert system.ready
        assert lease_of(system).epoch == 3
        assert any("asking for it again" in text for text in told)


@pytest.mark.parametrize("seconds", [20, 3600])
async def test_after_a_sleep_the_lease_is_taken_again_and_everything_compared(tmp_path: Path, seconds: int) -> None:
    async with trading_world(tmp_path) as world:
        kept, gone = await world.rest(), await world.rest("48000")
        sleep_of_the_machine(seconds)
        (lost,) = [order for order in world.exchange.venue.open.values() if order.price == D(48000)]
        world.exchange.cancel_by_venue(lost.venue_order_id, "20")
        await asyncio.sleep(20)
        assert world.system.ready
        assert lease_of(world.system).epoch == 2
        assert world.orders.get_order(kept.order_id).status is OrderStatus.LIVE
        assert world.orders.get_order(gone.order_id).status is OrderStatus.CANCELED


async def test_a_start_during_an_outage_waits_and_shows_what_the_database_has(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        order = await world.rest()
        await world.buy("0.2")
    exchange.down = True
    async with starting(tmp_path, exchange, clock) as (system, told, task):
        await system.loaded.wait()
        await asyncio.sleep(600)
        assert not task.done()
        assert [o.order_id for o in system.orders.get_active_orders()] == [order.order_id]
        (reason,) = system.not_ready_reasons
        assert "asking the exchange who we are: connection refused; trying again in 10 s" in reason
        assert 60 < len(told) < 75, "the pauses grow up to ten seconds"
        exchange.down = False
        await asyncio.sleep(11)
        await task
        assert system.ready
        assert system.orders.get_order(order.order_id).status is OrderStatus.LIVE


async def test_an_outage_in_the_midst_of_a_start_is_waited_for(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock):
        pass
    exchange.seconds = 0.5
    async with starting(tmp_path, exchange, clock) as (system, told, task):
        await asyncio.sleep(1.2)
        exchange.down = True
        await asyncio.sleep(120)
        assert not task.done()
        assert system.gate.lease_left_ns() > 0
        exchange.down = False
        await asyncio.sleep(30)
        await task
        assert system.ready
        assert lease_of(system).epoch == 2
        assert any(text.startswith("comparing") and "connection refused" in text for text in told)


async def test_a_first_start_that_waits_or_was_cut_off_leaves_a_clean_journal(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)
    exchange.seconds = 0.5
    async with starting(tmp_path, exchange, clock) as (system, told, _task):
        await asyncio.sleep(1.2)
        exchange.down = True
        await asyncio.sleep(30)
        assert any("reading what the account holds: connection refused" in text for text in told)
        report = audit(system.database, "main", system.ledger.instruments)
        assert (report.findings, report.chain.events) == ((), 1)


async def test_a_start_that_waits_ends_at_once_when_it_is_cancelled(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)
    exchange.down = True
    async with trading_world(tmp_path, exchange=MemoryExchange(clock), clock=clock):
        pass
    async with starting(tmp_path, exchange, clock) as (_, _, task):
        await asyncio.sleep(100)
        began = clock.monotonic_ns()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert clock.monotonic_ns() == began


async def test_a_kill_switch_that_is_engaged_during_an_outage_holds(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)
    async with trading_world(tmp_path, exchange=exchange, clock=clock):
        pass
    exchange.down = True
    async with starting(tmp_path, exchange, clock) as (system, _, task):
        await asyncio.sleep(30)
        with pytest.raises(StoreError):
            await system.executor.engage_kill_switch("not on this day")
        exchange.down = False
        await asyncio.sleep(20)
        await task
        assert queries.load_account(system.database, "main").kill_switch.engaged
        assert (await system.executor.place_order(limit())).status is OrderStatus.DENIED


async def test_a_refused_key_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimulatedClock()
    exchange = venue(clock)

    async def refuse() -> AccountConfig:
        raise AccessRefused("50111", "invalid key")

    async with trading_world(tmp_path, exchange=exchange, clock=clock):
        pass
    monkeypatch.setattr(exchange, "account_config", refuse)
    async with starting(tmp_path, exchange, clock) as (_, _, task):
        with pytest.raises(AccessRefused):
            await task


class Rival:
    """Another living process that holds the account, in a container of its own."""

    def __init__(self, world: TradingWorld, path: Path) -> None:
        self.database = Database(f"sqlite:///{path}")
        self.connection = self.database.writer_connection()
        self.sql = LeaseSql(self.database, world.clock, 15)
        self.connection.execute("UPDATE leases SET expires_ms = 0")
        self.lease = self.sql.acquire(self.connection, "main", ELSEWHERE)

    async def live(self, seconds: int) -> None:
        for _ in range(seconds // 5):
            await asyncio.sleep(5)
            assert self.sql.renew(self.connection, self.lease), "it was taken away from a living owner"

    def die(self) -> None:
        self.connection.close()
        self.database.close()


async def test_who_lost_the_lease_to_a_living_owner_stands_by(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        order = await world.rest()
        rival = Rival(world, tmp_path / "executor.db")
        await rival.live(300)
        reasons = world.system.not_ready_reasons
        assert any(ELSEWHERE in reason and "stands by" in reason for reason in reasons)
        assert world.orders.get_order(order.order_id).status is OrderStatus.LIVE
        with pytest.raises(StoreError):
            await world.executor.place_order(limit())
        with pytest.raises(StoreError):
            await world.executor.cancel_order(order.order_id)
        assert not world.exchange.venue.open, "S12: the cancel went out all the same"
        rival.die()
        await asyncio.sleep(35)
        assert world.system.ready
        assert world.orders.get_order(order.order_id).status is OrderStatus.CANCELED
        assert (await world.executor.place_order(limit())).status is OrderStatus.LIVE


async def test_a_second_process_follows_the_first_and_takes_over_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimulatedClock()
    async with trading_world(tmp_path, clock=clock) as world:
        monkeypatch.setattr(lease_keeper, "this_owner", lambda: ELSEWHERE)
        spare = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
        async with starting(tmp_path, spare, clock) as (system, told, task):
            await asyncio.sleep(60)
            order = await world.rest()
            await asyncio.sleep(1)
            assert [o.order_id for o in system.orders.get_active_orders()] == [order.order_id]
            assert any("standing by" in text for text in told)
            assert world.system.ready
            await world.executor.cancel_order(order.order_id)
            await world.system.stop()
            await asyncio.sleep(20)
            await task
            assert system.ready


async def test_an_owner_that_stopped_renewing_is_replaced_though_the_clock_was_set_back(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        rival = Rival(world, tmp_path / "executor.db")
        rival.connection.execute("UPDATE leases SET expires_ms = expires_ms + 3600000")
        rival.die()
        await asyncio.sleep(35)
        assert world.system.ready
