"""What an order, an execution or a while of waiting leaves is gone once nobody holds it: a circle of references would
wait for the collector, which stops the loop while it looks for it, the longer the more orders there were."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.orders import OrderStatus
from app.domain.parents import ParentStatus
from app.models.trading import OrderSide
from app.system import System
from tests.support.okx_system import okx_system
from tests.support.trading_world import VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

WIDE = {"max_order_value": 1_000_000, "max_order_size": 100, "max_position_value_pct": 5}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def filled(system: System) -> None:
    for side in (OrderSide.BUY, OrderSide.SELL):
        order = await system.executor.place_order(market(side, "0.01"), strategy_id="one")
        await system.executor.wait_for(order.order_id, 10)


async def canceled(system: System) -> None:
    order = await system.executor.place_order(limit("49000", "0.01"))
    await system.executor.cancel_order(order.order_id)


async def amended(system: System) -> None:
    order = await system.executor.place_order(limit("49000", "0.01"))
    await system.executor.modify_order(order.order_id, new_price=Decimal(48900))
    await system.executor.cancel_order(order.order_id)


async def denied(system: System) -> None:
    order = await system.executor.place_order(market(OrderSide.BUY, "99"))
    assert order.status is OrderStatus.DENIED


async def sliced(system: System) -> None:
    config = {"duration": 10, "num_slices": 2, "use_limit_orders": False}
    parent = await system.parents.start("twap", config, market(OrderSide.BUY, "0.02"))
    await asyncio.sleep(20)
    assert system.parents.get(parent.parent_id).parent.status is ParentStatus.COMPLETED


async def shown_in_part_and_canceled(system: System) -> None:
    parent = await system.parents.start("iceberg", {"min_visible_size": "0.01"}, limit("49000", "0.03"))
    await asyncio.sleep(5)
    await system.parents.cancel(parent.parent_id)
    await asyncio.sleep(5)


async def idle(_: System) -> None:
    await asyncio.sleep(100)


ACTS = (filled, canceled, amended, denied, sliced, shown_in_part_and_canceled, idle)
Act = Callable[[System], Awaitable[None]]


@contextmanager
def left() -> Iterator[Counter[str]]:
    """By type, what of ours only the collector found of what was made meanwhile."""
    found = Counter[str]()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        kinds = [type(each) for each in gc.garbage]
        found.update(kind.__qualname__ for kind in kinds if kind.__module__.startswith("app."))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def measured(system: System, act: Act) -> Counter[str]:
    await act(system)
    with left() as found:
        for _ in range(3):
            await act(system)
        await asyncio.sleep(1)
    return found


@pytest.mark.parametrize("act", ACTS)
async def test_it_leaves_nothing_on_the_exchange_in_memory(act: Act, tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE) as world:
        assert await measured(world.system, act) == {}


@pytest.mark.parametrize("act", ACTS)
async def test_it_leaves_nothing_on_okx(act: Act, tmp_path: Path) -> None:
    async with okx_system(tmp_path) as world:
        assert await measured(world.system, act) == {}
