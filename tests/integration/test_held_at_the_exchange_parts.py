"""An order that waits at the exchange and becomes several orders there, one after the other: one here, over with the
last of them, each part of it booked once. The exchange's knob split_algo makes it so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.models.trading import OrderStatus
from app.services.trading.order_manager import check_amendable
from app.simulator import Config
from tests.integration.test_held_at_the_exchange import BUY, MOVER, SELL, WIDE, World
from tests.integration.test_held_at_the_exchange_faults import ONCE, sold_once, stopped
from tests.support.okx_system import BTC, D
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

IN_THREE = {"split_algo": {"probability": 1.0, "value": 3}}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path, Config(accounts=(replace(MAIN, balances={"USDT": D(10**6)}), MOVER), flow_rate=0.0))
    await world.start(risk=WIDE)
    await world.system.follow(BTC)
    await asyncio.sleep(2)
    await world.place(BTC, BUY, "0.05")
    await asyncio.sleep(1)
    world.venue.set_faults(IN_THREE)
    yield world
    await stopped(world)


def parts(world: World) -> list[str]:
    """The exchange's ids of all orders that ours became."""
    algos = world.venue.exchange.algos
    (algo,) = (each for each in (*algos.live.values(), *algos.ended.values()) if each.order_ids)
    return algo.order_ids


async def test_it_is_over_with_the_last_part_and_each_is_booked_once(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.move(SELL, seconds=0.5)
    first = world.child(stop)
    assert (first.status, first.filled_size) == (OrderStatus.PARTIALLY_FILLED, D("0.00333333"))
    assert (world.parent(stop).status, world.parent(stop).unsent_size) == (ParentStatus.RUNNING, D(0))
    await asyncio.sleep(4)
    assert len(parts(world)) == 3
    await sold_once(world, stop)
    order = world.system.ledger.orders[world.child(stop).order_id]
    assert {fill.venue_order_id for fill in order.fills.values()} == set(parts(world))
    assert order.venue_order_id == min(parts(world))
    assert world.system.ledger.kill_switch.engaged is False


@pytest.mark.parametrize("down_seconds", [0.5, 10])
async def test_parts_that_come_while_we_are_down_are_ours(world: World, down_seconds: float) -> None:
    """Down before the first of them, back between two or after all."""
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.system.stop()
    await world.move(SELL, seconds=down_seconds)
    await world.restart()
    await world.until(lambda: world.parent(stop).status.terminal)
    await sold_once(world, stop)


async def test_down_after_the_first_of_them(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.move(SELL, seconds=0.5)
    assert world.child(stop).status is OrderStatus.PARTIALLY_FILLED
    await world.system.stop()
    await asyncio.sleep(10)
    await world.restart()
    await world.until(lambda: world.parent(stop).status.terminal)
    await sold_once(world, stop)


@pytest.mark.parametrize(
    "fault",
    [
        {"lost_push": {"probability": 1.0, "times": 8}},
        {"late_push": {"probability": 1.0, "times": 4, "value": 5000}},
        {"duplicate_push": {"probability": 1.0}},
        {"terminal_before_fill": {"probability": 1.0}},
        {"empty_trade_id": {"probability": 1.0}},
        {"read_lag": {"probability": 1.0, "value": 3000}},
        {"silent_stream": {"probability": 1.0, "times": 3}},
        {"close_stream": {"probability": 0.3, "times": 6}},
    ],
    ids=lambda fault: next(iter(fault)),
)
async def test_parts_are_booked_once_however_they_are_told(world: World, fault: dict[str, Any]) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    world.venue.set_faults(IN_THREE | fault)
    await world.move(SELL)
    await sold_once(world, stop, 300)


async def test_fills_of_a_part_that_nobody_has_told_of_are_the_orders_own(world: World) -> None:
    """The fills endpoint names only the exchange's id of each part."""
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    world.venue.set_faults(IN_THREE | {"silent_stream": {"probability": 1.0}})
    await world.move(SELL, seconds=4)
    for report in reversed(await world.exchange.fills(0)):
        await world.system.tracker.on_order_update(report)
    assert (world.child(stop).status, world.child(stop).filled_size) == (OrderStatus.FILLED, D("0.01"))
    await sold_once(world, stop)


@pytest.mark.parametrize("seconds", [0.5, 5])
async def test_a_cancel_takes_all_parts_back_and_those_to_come(world: World, seconds: float) -> None:
    """Stop-limit: what it becomes rests. seconds: after it fired, between two parts or after all."""
    stop = await world.hold("stop", SELL, "0.01", price=world.last + 200, trigger_price=world.last - 1)
    await world.move(SELL, seconds=seconds)
    assert world.child(stop).status is OrderStatus.LIVE
    with pytest.raises(InvalidValue, match="has become several orders at the exchange"):
        check_amendable(world.system.ledger.orders[world.child(stop).order_id], None, world.last + 300)
    await world.system.parents.cancel(stop)
    await asyncio.sleep(8)
    assert (world.parent(stop).status, world.child(stop).status) == (ParentStatus.CANCELED, OrderStatus.CANCELED)
    (account,) = (each for each in world.venue.exchange.accounts.values() if each.name == MAIN.name)
    assert [order for order in account.orders.values() if order.open] == []
    assert world.algos == []


async def test_a_lost_cancel_of_a_part_is_sent_again(world: World) -> None:
    stop = await world.hold("stop", SELL, "0.01", price=world.last + 200, trigger_price=world.last - 1)
    await world.move(SELL, seconds=5)
    world.venue.set_faults({"drop_request": ONCE})
    await world.system.parents.cancel(stop)
    await world.until(lambda: world.parent(stop).status.terminal)
    assert world.child(stop).status is OrderStatus.CANCELED
