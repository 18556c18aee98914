"""A person who gets out while a stop-limit has fired and rests: all of it is sold, however slow the exchange is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.parents import ParentStatus
from app.models.trading import OrderStatus, OrderType
from app.services.trading import OrderParams
from app.simulator import Config, LatencyLeg
from tests.integration.test_held_at_the_exchange import BUY, MOVER, SELL, World
from tests.support.okx_system import BTC, D
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.mark.parametrize("held", ["here", "exchange"])
@pytest.mark.parametrize("milliseconds", [0, 5, 50, 500])
async def test_what_a_fired_stop_has_resting_is_sold_too(tmp_path: Path, milliseconds: int, held: str) -> None:
    late = LatencyLeg(base_ns=milliseconds * 1_000_000)
    main = replace(MAIN, balances={"USDT": D(10**6)})
    world = World(tmp_path, Config(accounts=(main, MOVER), flow_rate=0.0, response=late, feed=late))
    await world.restart()
    await world.place(BTC, BUY, "0.1")
    await asyncio.sleep(2)
    above = world.last + 50
    params = OrderParams(instrument_id=BTC, side=SELL, order_type=OrderType.LIMIT, size=D("0.05"), price=above)
    config = {"trigger_price": world.last - 1, "held": held}
    stop = (await world.system.parents.start("stop", config, params)).parent_id
    await asyncio.sleep(3)
    await world.move(SELL)
    assert (world.child(stop).status, bool(world.child(stop).exchange_order_id)) == (OrderStatus.LIVE, True)
    await world.system.executor.flatten(principal="operator:me")
    await asyncio.sleep(20)
    assert world.system.ledger.balances["BTC"] < D("0.00001")
    assert (world.parent(stop).status, world.system.parents.open_count) == (ParentStatus.CANCELED, 0)
    await world.system.stop()
