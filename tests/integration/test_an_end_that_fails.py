"""What fails while it is told to end does not keep the system from its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.domain.parents import ParentStatus
from app.exchanges.memory.exchange import MemoryExchange
from app.services.alerts.watch import AlertWatch
from app.services.trading.parents.driver import ParentDriver
from app.services.trading.running.cost_capture import CostCapture
from app.services.trading.running.position_marks import MarkKeeper
from app.services.trading.tasks import TaskGroup
from app.store.errors import StoreError
from tests.simulation.parent_stack import buy
from tests.support.trading_world import D, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.mark.parametrize("error", [RuntimeError("a bug"), StoreError("no database")])
async def test_costs_that_cannot_be_put_in_order_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(_: CostCapture) -> None:
        raise error

    async with asyncio.timeout(600), trading_world(tmp_path) as world:
        await world.buy("0.1")
        await world.clock.sleep(5)
        monkeypatch.setattr(CostCapture, "_all_dirty", fails)


@pytest.mark.parametrize("error", [RuntimeError("a bug"), StoreError("no database")])
@pytest.mark.parametrize(("kind", "round_"), [(AlertWatch, "_round"), (MarkKeeper, "run")])
async def test_a_round_that_fails_when_it_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, round_: str, error: Exception
) -> None:
    begun = asyncio.Event()

    async def fails(_: object) -> None:
        begun.set()
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            raise error from None

    monkeypatch.setattr(kind, round_, fails)
    async with asyncio.timeout(600), trading_world(tmp_path):
        await begun.wait()


async def test_a_task_that_takes_the_word_for_an_error_is_told_again() -> None:
    told = []

    async def goes_on() -> None:
        for _ in range(2):
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError:
                told.append(asyncio.get_running_loop().time())

    tasks = TaskGroup()
    tasks.spawn(goes_on(), "goes on")
    await asyncio.sleep(1)
    async with asyncio.timeout(600):
        await tasks.stop()
    assert (len(told), tasks.running) == (2, 0)


async def test_an_execution_that_fails_as_it_is_broken_off_goes_on_after_the_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            raise RuntimeError("a bug") from None

    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    config = {"duration": 600, "num_slices": 10}
    async with asyncio.timeout(600), trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        started = await world.system.parents.start("twap", config, buy("0.1"))
        monkeypatch.setattr(ParentDriver, "_sleep", fails)
        await world.clock.sleep(70)
    monkeypatch.undo()
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        assert world.system.parents.get(started.parent_id).status is ParentStatus.RUNNING
        await world.clock.sleep(700)
        assert world.system.parents.get(started.parent_id).status is ParentStatus.COMPLETED
