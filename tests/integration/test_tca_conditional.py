"""What waits for a price costs from when it fires: the way of the market to its trigger is no cost of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.clock import SimulatedClock, to_ns
from app.domain.orders import OrderSide
from app.exchanges.memory import MemoryExchange
from app.services.trading.reports.costs import execution_cost
from app.simulator import Config
from tests.integration.test_conditional import tape
from tests.integration.test_held_at_the_exchange import BUY, MOVER, SELL, World
from tests.integration.test_tca import WIDE, cost
from tests.support.okx_system import BTC, D
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import TradingWorld, VirtualTimePolicy, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def fire(world: TradingWorld) -> None:
    """Down to the trigger of 49,000, through which there is a gap, and a while more."""
    world.quote("48949.9", "48950.1")
    await world.clock.sleep(0.5)
    tape(world.exchange, world.clock.now_ns(), "48990")
    await world.clock.sleep(30)


async def test_a_stop_that_fires_here_is_measured_from_its_first_order(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.buy("0.1")
        stop = await world.system.parents.start("stop", {"trigger_price": 49_000}, market(OrderSide.SELL, "0.05"))
        await world.clock.sleep(60)
        waiting = cost(world, stop.parent_id)
        assert (waiting.arrival.price, waiting.arrival.source) == (None, "it has not fired")
        assert waiting.shortfall is None
        await fire(world)
        found = cost(world, stop.parent_id)
        (order,) = world.system.parents.orders(stop.parent_id)
        assert (found.arrival.price, found.arrival.source) == (D(48_950), "the book when it fired")
        assert found.arrival_slippage_bps == D("0.02042901")  # half a spread of 0.2, and nothing of the thousand before
        assert (found.market is not None, found.duration_seconds is not None) == (True, True)
        assert found.market is not None
        assert found.market.start_at == order.created_at
        assert found.estimate.walk_bps == D("0.02042901")


async def test_one_that_was_accepted_before_a_restart_too(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        stop = await world.system.parents.start("stop", {"trigger_price": 49_000}, market(OrderSide.SELL, "0.05"))
        await world.clock.sleep(20)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(20)
        await fire(world)
        found = cost(world, stop.parent_id)
        assert (found.arrival.price, found.arrival.source) == (D(48_950), "the book when it fired")


async def test_one_whose_first_order_a_crash_took_is_not_measured_from_a_later_one(tmp_path: Path) -> None:
    """What was seen is written within seconds; taken up after the crash it begins with the next order."""
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.buy("0.1")
        stop = await world.system.parents.start("stop", {"trigger_price": 49_000}, market(OrderSide.SELL, "0.05"))
        await world.clock.sleep(20)
        await fire(world)
        with world.system.database.writer_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE tca_windows SET started_ns = started_ns + 5000000000")
        found = cost(world, stop.parent_id)
        (order,) = world.system.parents.orders(stop.parent_id)
        assert (found.arrival.price, found.arrival.at, found.shortfall) == (None, order.created_at, None)
        assert found.arrival.source == "the process ended before the book of then was written"


async def test_one_that_never_fired_cost_nothing(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        stop = await world.system.parents.start("stop", {"trigger_price": 49_000}, market(OrderSide.SELL, "0.05"))
        await world.clock.sleep(20)
        await world.system.parents.cancel(stop.parent_id)
        await world.clock.sleep(20)
        found = cost(world, stop.parent_id)
        assert (found.arrival.source, found.shortfall, found.market) == ("it has not fired", None, None)


async def test_one_that_fires_at_the_exchange_is_measured_from_just_before_its_first_fill(tmp_path: Path) -> None:
    world = World(tmp_path, Config(accounts=(replace(MAIN, balances={"USDT": D(10**6)}), MOVER), flow_rate=0.0))
    await world.restart()
    await world.place(BTC, BUY, "0.05")
    accepted = world.last
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await asyncio.sleep(30)
    await world.move(SELL, seconds=30)
    ledger = world.system.ledger
    found = execution_cost(world.system.database, ledger.account, stop, ledger.instruments.get)
    await world.system.stop()
    (fill,) = found.fills
    assert found.arrival.source == "the book before its first fill, at the exchange"
    assert (found.arrival.price, found.arrival.at) == (fill.mid, fill.at)
    assert found.market is not None
    assert abs(to_ns(found.market.start_at) - to_ns(fill.at)) < 10**9
    assert found.arrival.price is not None
    assert found.arrival.price <= accepted


async def test_one_that_fired_at_the_exchange_while_nothing_lived_met_a_book_that_nobody_saw(tmp_path: Path) -> None:
    """The book of the restart is not that of when it fired; no arrival, and so no cost, is told of it."""
    world = World(tmp_path, Config(accounts=(replace(MAIN, balances={"USDT": D(10**6)}), MOVER), flow_rate=0.0))
    await world.restart()
    await world.place(BTC, BUY, "0.05")
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.system.stop()
    await world.move(SELL, seconds=60)
    await world.restart()
    await asyncio.sleep(30)
    ledger = world.system.ledger
    found = execution_cost(world.system.database, ledger.account, stop, ledger.instruments.get)
    await world.system.stop()
    assert len(found.fills) == 1
    assert (found.arrival.price, found.arrival.source) == (None, "the process was down when it fired, at the exchange")
    assert (found.shortfall, found.market, found.estimate.walk_bps) == (None, None, None)
    assert "market: it filled before anybody looked; no volume, no VWAP, no TWAP" in found.missing
