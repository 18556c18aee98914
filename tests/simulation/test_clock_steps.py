"""Somebody sets the machine's clock while the system trades (FAULTS E15): parents, days and switches go on by time that
is right. In virtual time; a step never costs more than the seconds for which the clock is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from app.clock import NS_PER_SECOND, CorrectedClock, SimulatedClock
from app.domain.orders import OrderStatus
from app.domain.parents import ParentStatus
from app.exchanges.memory import MemoryExchange
from app.store import queries
from app.store.database import Database
from tests.support.trading_world import SteppedClock, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
HOUR = 3600
DAY = 86_400
MIDNIGHT_NS = 1_767_312_000 * NS_PER_SECOND
"""2026-01-02T00:00Z."""

STEPS = (3, -3, 12, -12, HOUR, -HOUR, DAY, -DAY)


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def step(clock: SimulatedClock, seconds: float) -> None:
    assert isinstance(clock, SteppedClock)
    clock.ahead_ns += int(seconds * NS_PER_SECOND)


@asynccontextmanager
async def machine(folder: Path, start_ns: int = MIDNIGHT_NS - 12 * HOUR * NS_PER_SECOND) -> AsyncIterator[TradingWorld]:
    """A world whose exchange has a clock of its own, which is right."""
    venue = MemoryExchange(SimulatedClock(start_ns), balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(folder, exchange=venue, clock=SteppedClock(start_ns)) as world:
        yield world


def days(world: TradingWorld) -> list[str]:
    return [row["day"] for row in queries.equity_days(world.system.database, world.system.ledger.account)]


@pytest.mark.parametrize("seconds", STEPS)
async def test_a_parent_neither_expires_nor_waits_when_the_clock_steps(tmp_path: Path, seconds: int) -> None:
    async with machine(tmp_path) as world:
        parents = world.system.parents
        parent = await parents.start("twap", {"duration": 60, "num_slices": 6}, market(size="0.06"), principal="me")
        await asyncio.sleep(15)
        step(world.clock, seconds)
        await asyncio.sleep(5)
        assert parents.get(parent.parent_id).status is ParentStatus.RUNNING
        assert world.system.ready == (abs(seconds) <= 5)
        step(world.clock, -seconds)
        await asyncio.sleep(45)
        over = parents.get(parent.parent_id)
        assert (over.status, over.filled_size) == (ParentStatus.COMPLETED, D("0.06"))


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
async def test_no_parent_expires_while_the_clock_is_known_to_be_wrong(tmp_path: Path, seconds: int) -> None:
    async with machine(tmp_path) as world:
        parents = world.system.parents
        parent = await parents.start("twap", {"duration": 30, "num_slices": 3}, market(size="0.03"), principal="me")
        await asyncio.sleep(5)
        step(world.clock, seconds)
        await asyncio.sleep(300)
        assert parents.get(parent.parent_id).status is ParentStatus.RUNNING
        step(world.clock, -seconds)
        await asyncio.sleep(5)
        assert parents.get(parent.parent_id).status is ParentStatus.PARTIAL_EXPIRED


@pytest.mark.parametrize("seconds", STEPS)
async def test_the_lease_is_counted_and_trading_goes_on_whatever_the_clock_says(tmp_path: Path, seconds: int) -> None:
    async with machine(tmp_path) as world:
        order = await world.rest()
        step(world.clock, seconds)
        assert world.system.gate.lease_left_ns() <= 15 * NS_PER_SECOND
        await asyncio.sleep(20)
        step(world.clock, -seconds)
        await asyncio.sleep(20)
        assert world.system.ready
        assert not world.system.ledger.kill_switch.engaged
        assert (await world.executor.cancel_order(order.order_id)).status is OrderStatus.CANCELED


@pytest.mark.parametrize("seconds", STEPS)
async def test_days_go_forward_when_every_clock_steps(tmp_path: Path, seconds: int) -> None:
    """The exchange's clock steps along, so that nothing tells that they are wrong."""
    clock = SteppedClock(MIDNIGHT_NS - 60 * NS_PER_SECOND)
    async with trading_world(tmp_path, clock=clock) as world:
        await asyncio.sleep(61)
        assert days(world) == ["2026-01-01", "2026-01-02"]
        for _ in range(2):
            step(clock, seconds)
            await asyncio.sleep(30)
            step(clock, -seconds)
            await asyncio.sleep(30)
        await world.buy()
        assert days(world) == sorted(set(days(world)))
        assert not world.system.ledger.kill_switch.engaged
        assert world.system.ready


async def test_a_step_back_over_midnight_opens_the_day_once_more(tmp_path: Path) -> None:
    clock = SteppedClock(MIDNIGHT_NS - 10 * NS_PER_SECOND)
    async with trading_world(tmp_path, clock=clock) as world:
        await asyncio.sleep(11.5)
        step(clock, -3)
        await asyncio.sleep(1)
        await world.buy()
        await asyncio.sleep(5)
        opened = [str(row["payload"]) for row in world.events("equity.day_opened")]
        assert [text.count("2026-01-02") for text in opened] == [0, 1, 1]
        assert days(world) == ["2026-01-01", "2026-01-02"]
        assert world.system.ready


async def test_a_database_whose_clock_was_a_day_ahead_starts_and_the_next_day_opens(tmp_path: Path) -> None:
    clock = SteppedClock(MIDNIGHT_NS - 60 * NS_PER_SECOND)
    venue = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=venue, clock=clock) as world:
        await world.buy()
    database = Database(f"sqlite:///{tmp_path / 'executor.db'}")
    with database.writer_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO equity_days (account, day, equity, currency, at_ns) "
            "SELECT account, '2026-01-02', equity, currency, at_ns + 86400000000000 FROM equity_days"
        )
    database.close()
    async with trading_world(tmp_path, exchange=venue, clock=clock) as world:
        assert world.system.ready
        day = world.system.ledger.equity_of_day
        assert day is not None
        assert day.day == "2026-01-01", "the day that has not come yet limits nothing"
        await asyncio.sleep(65)
        day = world.system.ledger.equity_of_day
        assert day is not None
        assert day.day == "2026-01-02"
        assert not world.system.ledger.kill_switch.engaged
        assert days(world) == ["2026-01-01", "2026-01-02"]


async def test_a_kill_switch_that_was_used_by_a_wrong_clock_holds_nothing_up_once_released(tmp_path: Path) -> None:
    clock = SteppedClock(MIDNIGHT_NS)
    venue = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=venue, clock=clock) as world:
        step(clock, DAY)
        await asyncio.sleep(10)
        await world.executor.engage_kill_switch("looks odd")
        await world.executor.release_kill_switch("it was the clock")
    step(clock, -DAY)
    async with trading_world(tmp_path, exchange=venue, clock=clock) as world:
        assert (await world.executor.place_order(limit())).status is OrderStatus.LIVE


async def test_a_machine_whose_clock_is_wrong_at_the_start_opens_the_right_day(tmp_path: Path) -> None:
    venue = MemoryExchange(SimulatedClock(MIDNIGHT_NS), balances={"USDT": D(100_000), "BTC": D(1)})
    clock = SteppedClock(MIDNIGHT_NS)
    step(clock, DAY)
    async with trading_world(tmp_path, exchange=venue, clock=clock) as world:
        assert days(world) == ["2026-01-02"]
        assert not world.system.ready
        step(clock, -DAY)
        await asyncio.sleep(20)
        assert world.system.ready


async def test_two_of_three_clocks_are_believed() -> None:
    exchange, local = SteppedClock(MIDNIGHT_NS), SteppedClock(MIDNIGHT_NS)
    clock = CorrectedClock(local, exchange.now_ns)
    for wrong in (exchange, local):
        for seconds in STEPS:
            step(wrong, seconds)
            await asyncio.sleep(1)
            assert clock.now_ns() == MIDNIGHT_NS + clock.monotonic_ns()
            step(wrong, -seconds)
    step(exchange, HOUR)
    step(local, HOUR)
    assert clock.now_ns() == MIDNIGHT_NS + clock.monotonic_ns() + HOUR * NS_PER_SECOND, (
        "the monotonic clock stood still"
    )
