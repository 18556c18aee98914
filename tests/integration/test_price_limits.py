"""The exchange lets an order go less far from the market than we would: what crosses comes nearer until it is taken."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.domain.orders import OrderStatus
from app.domain.parents import ParentStatus
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams
from tests.support.okx_system import BTC, SWAP, D, OkxSystem
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

BEYOND = {"max_price_deviation": "0.3", "max_order_value": 1_000_000, "max_position_value_pct": 5}
"""The simulated exchange refuses (51006, spot 51138) what is 5 % from the market."""


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def ended(world: OkxSystem, parent_id: str) -> tuple[ParentStatus, object]:
    parents = world.system.parents
    await world.until(lambda: parents.get(parent_id).status.terminal, 120)
    parent = parents.get(parent_id)
    return parent.status, parent.filled_size


@pytest.mark.parametrize(("instrument_id", "size"), [(BTC, "0.4"), (SWAP, "40")])
async def test_an_exit_in_pieces(tmp_path: Path, instrument_id: str, size: str) -> None:
    world = OkxSystem(tmp_path)
    system = await world.start(risk=BEYOND)
    try:
        await system.follow(instrument_id)
        await asyncio.sleep(1)
        assert (await world.place(instrument_id, OrderSide.BUY, size)).status is OrderStatus.FILLED
        await asyncio.sleep(1)
        system.risk.configure(BEYOND | {"max_order_size": "0.1"})
        (parent,) = (await system.executor.flatten()).parents
        assert (await ended(world, parent.parent_id))[0] is ParentStatus.COMPLETED
        children = system.parents.orders(parent.parent_id)
        refused = [child.error_code for child in children if child.status is OrderStatus.REJECTED]
        assert set(refused) in ({"51006"}, {"51138"})
        assert len(refused) <= 3, "what the exchange takes is learned once"
    finally:
        await system.stop()


@pytest.mark.parametrize("side", OrderSide)
async def test_a_twap_that_may_slip_further_than_the_exchange_lets_it(tmp_path: Path, side: OrderSide) -> None:
    world = OkxSystem(tmp_path)
    system = await world.start(risk=BEYOND)
    try:
        await system.follow(BTC)
        await asyncio.sleep(1)
        params = OrderParams(instrument_id=BTC, side=side, order_type=OrderType.MARKET, size=D("0.03"))
        config = {"duration": 30, "num_slices": 3, "max_slippage_pct": "0.2"}
        parent = await system.parents.start("twap", config, params)
        assert await ended(world, parent.parent_id) == (ParentStatus.COMPLETED, D("0.03"))
    finally:
        await system.stop()
