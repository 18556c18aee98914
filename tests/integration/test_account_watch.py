"""The position mode is changed at the exchange while the system runs: noticed, named, gone by; whole systems over the
simulated OKX."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.domain.orders import OrderStatus, PositionSide
from app.domain.refusals import RefusalClass
from app.exchanges.memory import MemoryExchange
from app.exchanges.port import AccountConfig
from app.journal.audit import audit
from app.models.trading import OrderSide
from app.strategies.signals import Signal, SignalType
from tests.support.okx_system import ETH, SWAP, D, OkxSystem, okx_system
from tests.support.trading_world import VirtualTimePolicy, limit, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")
TO_HEDGED, TO_NET = ("net_mode", "long_short_mode"), ("long_short_mode", "net_mode")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def change(world: OkxSystem, mode: str) -> None:
    world.venue.act("position_mode", account="main", posMode=mode)


async def signalled(world: OkxSystem, kind: SignalType, size: str | None = None) -> tuple[OrderStatus, PositionSide]:
    signal = Signal(kind, SWAP, size=None if size is None else D(size))
    order = await world.system.executor.execute_signal(signal)
    assert order is not None
    ended = await world.system.executor.wait_for(order.order_id, 10)
    return ended.status, ended.position_side


@pytest.mark.parametrize("found_by", ["a refused order", "a look"])
async def test_orders_go_by_the_mode_that_the_account_has_now(tmp_path: Path, found_by: str) -> None:
    async with okx_system(tmp_path) as world:
        await world.system.follow(SWAP)
        await asyncio.sleep(1)
        for _ in range(2):
            for mode, side in (("long_short_mode", PositionSide.LONG), ("net_mode", PositionSide.NET)):
                hedged = mode == "long_short_mode"
                change(world, mode)
                if found_by == "a look":
                    await asyncio.sleep(65)
                else:
                    signal = Signal(SignalType.BUY, SWAP, size=D(1))
                    wrong = await world.system.executor.execute_signal(signal)
                    assert wrong is not None
                    assert (wrong.status, wrong.refusal) == (OrderStatus.REJECTED, RefusalClass.WRONG)
                    await world.until(lambda hedged=hedged: world.system.ledger.hedged is hedged, 2)
                assert await signalled(world, SignalType.BUY, "1") == (OrderStatus.FILLED, side)
                assert await signalled(world, SignalType.CLOSE) == (OrderStatus.FILLED, side)
        assert (await world.system.reconciler.run()).clean
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


async def test_a_mode_that_is_not_the_declared_one_stops_sending_until_it_is_put_back(tmp_path: Path) -> None:
    world = OkxSystem(tmp_path)
    system = await world.start(okx_expected_hedged=False)
    try:
        await system.follow(ETH)
        await asyncio.sleep(1)
        change(world, "long_short_mode")
        await asyncio.sleep(65)
        said = "account=other: position mode is long/short, declared is net"
        assert system.not_ready_reasons == [said]
        order = await world.system.executor.execute_signal(Signal(SignalType.BUY, ETH, size=D("0.1")))
        assert order is not None
        assert (order.status, [str(reason) for reason in order.reasons]) == (OrderStatus.DENIED, [said])
        change(world, "net_mode")
        await asyncio.sleep(65)
        assert system.ready
        assert (await world.place(ETH, OrderSide.BUY, "0.1")).status is OrderStatus.FILLED
    finally:
        await system.stop()


class Moved(MemoryExchange):
    """Its key is another account's from some moment on."""

    uid = "1"

    async def account_config(self) -> AccountConfig:
        return replace(await super().account_config(), uid=self.uid)


@pytest.mark.parametrize("seconds", [1, 90])
async def test_another_account_than_that_of_the_start_stops_sending(tmp_path: Path, seconds: float) -> None:
    """Before the first look too."""
    clock = SimulatedClock()
    exchange = Moved(clock, balances={"USDT": D(100_000)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        await asyncio.sleep(seconds)
        assert world.system.ready
        exchange.uid = "2"
        await asyncio.sleep(65)
        said = "account=other: uid is 2, it was 1"
        assert world.system.not_ready_reasons == [said]
        order = await world.executor.place_order(limit())
        assert (order.status, [str(reason) for reason in order.reasons]) == (OrderStatus.DENIED, [said])
        exchange.uid = "1"
        await asyncio.sleep(65)
        assert world.system.ready
