"""Who asked for an order hears what became of its send, however the send ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import OrderStatus
from app.exchanges.port import CommittedIntent
from app.services.trading.venue.sending import Sender
from app.store.durable import Durable
from app.store.writer import StoreFailed
from tests.support.trading_world import TradingWorld, VirtualTimePolicy, limit, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def ask_twice(world: TradingWorld) -> list[BaseException | Any]:
    """The same request twice, at once, under one key; what each of the two was told."""
    asked = (world.executor.place_order(limit(), idempotency_key="k") for _ in range(2))
    return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 20)


async def test_a_send_cancelled_before_it_began_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with trading_world(tmp_path) as world:
        spawn = world.system.sends.spawn

        def spawn_and_cancel(work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
            task = spawn(work, name)
            task.cancel()
            return task

        monkeypatch.setattr(world.system.sends, "spawn", spawn_and_cancel)
        told = await ask_twice(world)
        assert [type(each) for each in told] == [StoreFailed, StoreFailed]
        (order,) = world.orders.get_active_orders()
        assert (order.status, await world.system.exchange.open_orders()) == (OrderStatus.PENDING, [])


async def test_a_send_that_fails_is_told_as_it_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Or a parent would take it for a database that is about to be reloaded, and wait for that for ever."""

    async def fail(_sender: Sender, _intent: CommittedIntent) -> Durable:
        raise LookupError("a bug")

    async with trading_world(tmp_path) as world:
        monkeypatch.setattr(Sender, "submit", fail)
        assert [repr(each) for each in await ask_twice(world)] == ["LookupError('a bug')"] * 2
        assert not world.executor._placing._sending


async def test_a_stop_lets_a_durable_intent_go_out_or_ends_it(tmp_path: Path):
    """Asked for in the same breath as the stop: its intent becomes durable while the system ends."""
    async with trading_world(tmp_path) as world:
        asked = asyncio.create_task(world.executor.place_order(limit()))
        stopping = asyncio.create_task(world.system.stop())
        order = await asyncio.wait_for(asked, 20)
        await asyncio.wait_for(stopping, 20)
        assert (order.status, order.sent_at) == (OrderStatus.NOT_SENT, None)
        assert await world.system.exchange.open_orders() == []


async def test_who_stops_waiting_does_not_stop_the_send(tmp_path: Path):
    async with trading_world(tmp_path) as world:
        before = await world.rest()
        asked = asyncio.create_task(world.executor.place_order(limit()))
        await asyncio.sleep(0)
        assert [order.status for order in world.orders.get_active_orders()] == [OrderStatus.LIVE, OrderStatus.PENDING]
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await world.clock.sleep(1)
        orders = world.orders.get_active_orders()
        assert [order.status for order in orders] == [OrderStatus.LIVE, OrderStatus.LIVE]
        assert [each.client_order_id for each in await world.system.exchange.open_orders()] == [
            order.client_order_id for order in orders
        ]
        assert orders[0] == before
