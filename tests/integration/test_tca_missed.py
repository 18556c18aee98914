"""Marks of a fill that came while nothing lived: out of the trades that OKX remembers, and each says so."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.models.trading import OrderSide
from app.services.trading.reports.costs import order_cost
from app.simulator import Config
from tests.integration.test_held_at_the_exchange import BUY, MOVER, SELL, WIDE, World
from tests.support.okx_system import BTC, D
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def trade(world: World, side: OrderSide, seconds: float) -> None:
    await world.move(side, "0.01", seconds)


async def test_a_fill_while_nothing_lived_has_the_marks_of_the_exchanges_trades(tmp_path: Path) -> None:
    world = World(tmp_path, Config(accounts=(replace(MAIN, balances={"USDT": D(10**6)}), MOVER), flow_rate=0.0))
    await world.restart()
    order = await world.place(BTC, BUY, "0.02", str(world.last - 1))
    await world.system.stop()
    await world.move(SELL, "6", 0.05)  # fills ours, and goes below
    low = world.last
    await trade(world, SELL, 4.75)  # just after the fill
    await trade(world, BUY, 25.0)
    high = world.last
    await trade(world, BUY, 380)
    await world.start(risk=WIDE)
    await world.system.follow(BTC)
    await asyncio.sleep(10)
    ledger = world.system.ledger
    found = order_cost(world.system.database, ledger.account, order.order_id, ledger.instruments.get)
    (fill,) = {(each.trade_id): each for each in found.fills}.values()
    marks = [(mark.horizon_ms, mark.mid, mark.source, "near enough" in mark.why) for mark in fill.marks]
    await world.system.stop()
    assert low < high
    assert [mark for mark in marks if mark[0] != 60_000 and mark[0] != 300_000] == [
        (100, low, "public trade", False),
        (1_000, low, "public trade", False),
        (5_000, high, "public trade", False),
        (10_000, None, "", True),
        (30_000, high, "public trade", False),
    ]
    assert all(source in ("minute candle", "") for horizon, _, source, _ in marks if horizon >= 60_000)
