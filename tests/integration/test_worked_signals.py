"""A signal that names an execution strategy is one parent for its key: repeated, after a restart, beside orders."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.events import EventKind
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.services.trading.errors import IdempotencyConflict
from app.services.trading.schemas import OrderResponse
from app.store import queries
from app.strategies.signals import Signal, SignalType
from tests.simulation.parent_stack import Process, World
from tests.simulation.test_parent_life import over, play
from tests.support.trading_world import BTC, TradingWorld, VirtualTimePolicy, trading_world

D = Decimal
pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")
TWAP: dict[str, Any] = {"strategy": "twap", "config": {"duration": 20, "num_slices": 4}}
WIDE = {"max_order_value": 1_000_000, "max_order_size": 100, "max_position_value_pct": 5}
BUY = Signal(SignalType.BUY, BTC, None, D("0.1"))


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


async def executed(world: TradingWorld, signal: Signal, key: str | None = "k", **how: Any) -> OrderResponse:
    order = await world.executor.execute_signal(signal, strategy_id="mine", idempotency_key=key, **how)
    assert order is not None
    return order


async def test_a_repeated_signal_is_one_parent(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        first, second = await asyncio.gather(executed(world, BUY, **TWAP), executed(world, BUY, **TWAP))
        assert first.parent_id is not None
        assert (second.order_id, second.parent_id) == (first.order_id, first.parent_id)
        assert (first.size, first.strategy_id) == (D("0.025"), "mine")
        await world.clock.sleep(60)
        assert (await executed(world, BUY, **TWAP)).order_id == first.order_id
        (parent,) = world.system.parents.history()
        assert (parent.status, parent.filled_size) == (ParentStatus.COMPLETED, D("0.1"))


def test_a_signal_repeated_after_a_kill_finds_its_parent(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        ask: Any = {"strategy_id": "mine", "idempotency_key": "k", **TWAP}
        first = await process.executor.execute_signal(BUY, **ask)
        await process.kill()
        again = await world.process()
        second = await again.executor.execute_signal(BUY, **ask)
        assert first is not None
        assert second is not None
        assert (second.order_id, second.parent_id) == (first.order_id, first.parent_id)
        await over(again, first.parent_id or "")
        assert (world.filled, len(again.parents.history())) == (D("0.1"), 1)

    play(tmp_path, scenario)


def test_an_execution_names_its_signal_also_after_a_kill(tmp_path: Path) -> None:
    """A bracket's two parents both do, and the journal has it as the cause."""

    async def scenario(world: World, process: Process) -> None:
        bracket: Any = {"strategy": "bracket", "config": {"timeout": 60, "stop_loss": "40000"}}
        for key, how in (("k", TWAP), ("b", bracket)):
            await process.executor.execute_signal(BUY, strategy_id="mine", idempotency_key=key, **how)
        await process.kill()
        again = await world.process()
        events = list(queries.events(again.world.database, again.ledger.account))
        told = [row["seq"] for row in events if row["kind"] == EventKind.SIGNAL_RECEIVED]
        begun: dict[str, Any] = {}
        for row in events:
            if row["kind"] == EventKind.PARENT_CHANGED:
                begun.setdefault(row["parent_id"], row["cause_seq"])
        parents = {each.parent_id: each.parent.signal_seq for each in again.parents.history()}
        assert (len(told), len(parents)) == (2, 3)
        assert sorted(parents.values(), key=str) == [told[0], told[1], told[1]]
        assert begun == parents

    play(tmp_path, scenario)


async def test_a_close_in_pieces_names_its_signal(tmp_path: Path) -> None:
    async with trading_world(tmp_path, balances={"USDT": D(1_000_000)}, risk=WIDE) as world:
        await executed(world, Signal(SignalType.BUY, BTC, None, D("0.5")), None)
        world.risk.configure(WIDE | {"max_order_size": "0.2"})
        piece = await executed(world, Signal(SignalType.CLOSE, BTC))
        (parent,) = world.system.parents.history()
        last = world.events(EventKind.SIGNAL_RECEIVED)[-1]
        assert (parent.parent_id, parent.parent.signal_seq) == (piece.parent_id, last["seq"])


@pytest.mark.parametrize(
    ("signal", "how"),
    [
        (Signal(SignalType.BUY, BTC, None, D("0.2")), TWAP),
        (Signal(SignalType.SELL, BTC, None, D("0.1")), TWAP),
        (BUY, {"strategy": "chase"}),
        (BUY, {}),
    ],
)
async def test_a_key_that_started_a_parent_is_of_no_other_signal(
    signal: Signal, how: dict[str, Any], tmp_path: Path
) -> None:
    async with trading_world(tmp_path) as world:
        await executed(world, BUY, **TWAP)
        with pytest.raises(IdempotencyConflict):
            await executed(world, signal, **how)
        assert len(world.system.parents.history()) == 1


async def test_a_key_that_made_an_order_starts_no_parent_beside_it(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        await executed(world, BUY)
        with pytest.raises(IdempotencyConflict):
            await executed(world, BUY, **TWAP)
        assert world.system.parents.history() == []


async def test_what_cannot_be_worked_is_refused(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        for signal, how, said in [
            (BUY, {"strategy": "nosuch"}, "strategy=nosuch: must be one of market"),
            (BUY, {"strategy": "twap", "config": {"slices": 4}}, "slices=4: unknown key"),
            (BUY, {"config": {"duration": 4}}, "and none is named"),
            (Signal(SignalType.CLOSE, BTC), TWAP, "must not be given with CLOSE"),
        ]:
            with pytest.raises(InvalidValue, match=said):
                await executed(world, signal, **how)
        assert world.system.parents.history() == []
