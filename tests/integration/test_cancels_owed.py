"""Cancels that the database did not take, of orders that live on: journalled and sent again once it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.exchanges.port import OutcomeKind
from app.journal.audit import audit
from app.models.trading import OrderStatus
from app.services.trading.venue.cancels import CancelsUnrecorded
from app.store.errors import StoreError
from tests.support.trading_world import TradingWorld, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

Act = Callable[[TradingWorld, str], Awaitable[Any]]


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def rename(world: TradingWorld, before: str, after: str) -> None:
    with world.system.database.writer_engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")


async def cancel_it(world: TradingWorld, order_id: str) -> None:
    with pytest.raises(CancelsUnrecorded):
        await world.executor.cancel_order(order_id, principal="operator:me")


async def cancel_all(world: TradingWorld, order_id: str) -> None:
    with pytest.raises(CancelsUnrecorded):
        await world.executor.cancel_all(principal="operator:me")


async def kill(world: TradingWorld, order_id: str) -> None:
    with pytest.raises(CancelsUnrecorded) as told:
        await world.executor.engage_kill_switch("now", principal="operator:me")
    assert told.value.engaged


async def alarmed(world: TradingWorld, order_id: str) -> None:
    """By a rule, which fires while the database is thought to be well."""
    world.exchange.break_streams("cut off")
    await asyncio.sleep(6)
    assert world.system.ledger.kill_switch.engaged
    world.exchange.restore_streams("mended")


@pytest.mark.parametrize(
    ("act", "failed_before"),
    [*((act, before) for act in (cancel_it, cancel_all, kill) for before in (False, True)), (alarmed, False)],
)
async def test_an_order_whose_cancel_was_lost_while_the_database_was_away_is_cancelled_when_it_is_back(
    tmp_path: Path, act: Act, failed_before: bool
) -> None:
    said = {"stream_down": {"action": "kill_switch", "fires_at": 3}}
    async with trading_world(tmp_path, alerts=said) as world:
        order = await world.rest()
        await asyncio.sleep(2)
        rename(world, "execution_events", "events_away")
        if failed_before:
            with suppress(StoreError):
                await world.rest()
            assert world.system.ledger.writer_failed
        for _ in range(3):
            world.exchange.answer_next("cancel", OutcomeKind.UNKNOWN)
        await act(world, order.order_id)
        assert len(world.exchange.venue.open) == 1
        world.exchange._scripts["cancel"].clear()
        rename(world, "events_away", "execution_events")
        await asyncio.sleep(60)
        assert world.exchange.venue.open == {}
        over = world.orders.get_order(order.order_id)
        assert (over.status, over.cancel_requested, over.settled) == (OrderStatus.CANCELED, True, True)
        who = "system" if act is alarmed else "operator:me"
        assert world.events("order.cancel_requested")[0]["principal"] == who
        assert world.system.ledger.kill_switch.engaged is (act in (kill, alarmed))
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean
