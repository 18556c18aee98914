"""Executions that a wheel assigns: at random by weight, once for a key, and only what every arm could work."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock
from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.domain.tca.grouping import Grouping
from app.exchanges.memory.exchange import MemoryExchange
from app.journal.audit import audit
from app.services.trading.errors import IdempotencyConflict, ParentRefused
from app.services.trading.parents.wheels import Wheel
from app.services.trading.reports.cost_groups import cost_report
from app.services.trading.schemas import ParentResponse
from app.strategies.signals import Signal, SignalType
from tests.integration.test_tca import WIDE
from tests.support.trading_world import BTC, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
ARMS: dict[str, Any] = {
    "patient": {"strategy": "twap", "config": {"duration": 20, "num_slices": 2}},
    "quick": {"strategy": "market", "weight": 3},
}
WHEELS = {"mine": ARMS}


@pytest.fixture
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def start(world: TradingWorld, key: str | None = None, **changes: Any) -> ParentResponse:
    params = market(OrderSide.BUY, changes.pop("size", "0.01"), strategy_id=changes.pop("label", "mine"), **changes)
    return await world.system.parents.start("wheel", {}, params, key=key)


def test_arms_are_drawn_by_their_weights_and_an_id_is_always_the_same_arm() -> None:
    wheel = Wheel.of("mine", ARMS | {"rare": {"strategy": "pov", "weight": "0.5"}})
    ids = [f"P{number}" for number in range(9_000)]
    drawn = [wheel.drawn(each).name for each in ids]
    assert drawn == [wheel.drawn(each).name for each in ids]
    counts = Counter(drawn)
    for name, share in (("patient", 1 / 4.5), ("quick", 3 / 4.5), ("rare", 0.5 / 4.5)):
        # Four standard deviations of so many draws.
        assert abs(counts[name] - 9_000 * share) < 4 * (9_000 * share * (1 - share)) ** 0.5
    other = Wheel.of("other", ARMS)
    same = sum(other.drawn(each).name == wheel.drawn(each).name for each in ids)
    assert same < 0.7 * 9_000, "another label draws by itself"


async def test_an_execution_is_assigned_once_for_its_key_also_after_a_restart(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE, wheels=WHEELS) as world:
        first = {f"k{n}": (await start(world, f"k{n}")).parent for n in range(8)}
        strategies = {parent.arm: parent.strategy for parent in first.values()}
        assert strategies == {"patient": "twap", "quick": "market"}
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean
    turned = {"mine": {name: {**arm, "weight": 1_000 if name == "patient" else 1} for name, arm in ARMS.items()}}
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE, wheels=turned) as world:
        for key, parent in first.items():
            again = (await start(world, key)).parent
            assert (again.parent_id, again.arm, again.config) == (parent.parent_id, parent.arm, parent.config)
        await world.clock.sleep(60)
        assert {world.system.parents.get(each.parent_id).status for each in first.values()} == {ParentStatus.COMPLETED}
        ledger = world.system.ledger
        await world.buy("0.1")
        told = cost_report(world.system.database, ledger.account, ledger.instruments.get, Grouping.ARM)
        counts = Counter(f"mine: {parent.arm}" for parent in first.values())
        assert {each.group: each.orders for each in told.groups} == counts
        assert told.orders == 8


async def test_what_was_not_durable_is_drawn_alike_when_it_is_asked_for_again(tmp_path: Path) -> None:
    """Two systems that know nothing of each other: the arm comes of the key alone."""
    found: list[list[str | None]] = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        async with trading_world(tmp_path / name, risk=WIDE, wheels=WHEELS, seed=len(found)) as world:
            found.append([(await start(world, f"key {n}")).parent.arm for n in range(6)])
    assert found[0] == found[1]


async def test_a_signal_is_assigned_and_repeated(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE, wheels=WHEELS) as world:
        signal = Signal(SignalType.BUY, BTC, None, D("0.01"))
        how: dict[str, Any] = {"strategy_id": "mine", "strategy": "wheel"}
        one = await world.executor.execute_signal(signal, **how, idempotency_key="k")
        again = await world.executor.execute_signal(signal, **how, idempotency_key="k")
        assert one is not None
        assert again is not None
        assert (again.order_id, again.parent_id) == (one.order_id, one.parent_id)
        (parent,) = world.system.parents.history()
        assert parent.parent.arm in ARMS
        with pytest.raises(IdempotencyConflict):
            await world.executor.execute_signal(signal, strategy_id="mine", strategy="pov", idempotency_key="k")


async def test_what_one_arm_could_not_work_is_refused_whatever_is_drawn(tmp_path: Path) -> None:
    arms = {"whole": {"strategy": "market"}, "many": {"strategy": "twap", "config": {"num_slices": 50}}}
    async with trading_world(tmp_path, risk=WIDE, wheels={"mine": arms}) as world:
        for n in range(6):
            with pytest.raises(ParentRefused, match=r"\(arm many\)"):
                await start(world, f"k{n}", size="0.02")
        assert (await start(world, "large enough", size="0.06")).parent.arm in arms
        with pytest.raises(ParentRefused, match=r"\(arm whole\)"):
            await world.system.parents.start("wheel", {}, limit("40000.123456", "0.01", strategy_id="mine"))
        assert len(world.system.parents.history()) == 1


@pytest.mark.parametrize("label", [None, "unknown"])
async def test_without_a_wheel_of_its_label_it_is_refused_by_that_field(label: str | None, tmp_path: Path) -> None:
    async with trading_world(tmp_path, wheels=WHEELS) as world:
        with pytest.raises(InvalidValue, match=r"^strategy_id=.*\(mine\)"):
            await start(world, label=label)
        with pytest.raises(InvalidValue, match=r"^config=duration: goes not with a wheel"):
            await world.system.parents.start("wheel", {"duration": 5}, market(strategy_id="mine"))
        with pytest.raises(InvalidValue, match=r"^strategy=wheel: is drawn when it starts: preview the arms, pat"):
            await world.system.parents.preview("wheel", {}, market(strategy_id="mine"))


@pytest.mark.parametrize(
    ("label", "said", "at"),
    [
        ("mine", {"one": {"strategy": "twap"}}, r"wheels.mine=1 arms: must have 2 to 10"),
        ("mine", ARMS | {"x": {"strategy": "bracket"}}, r"wheels.mine.x.strategy=bracket: must be one of market, "),
        ("mine", ARMS | {"x": {"strategy": "stop"}}, r"wheels.mine.x.strategy=stop"),
        ("mine", ARMS | {"x": {"strategy": "exit"}}, r"wheels.mine.x.strategy=exit"),
        ("mine", ARMS | {"x": {}}, r"wheels.mine.x.strategy=None"),
        ("mine", ARMS | {"x": {"strategy": "twap", "config": {"durations": 1}}}, r"wheels.mine.x.config.durations="),
        ("mine", ARMS | {"x": {"strategy": "twap", "weight": 0}}, r"wheels.mine.x.weight=0: must be above zero"),
        ("mine", ARMS | {"x": {"strategy": "twap", "wait": 1}}, r"wheels.mine.x.wait=given: is no setting of an arm"),
        ("mine", ARMS | {"X y": {"strategy": "twap"}}, r"wheels.mine.X y=X y: must be 1 to 32"),
        ("mine", "twap", r"wheels.mine=twap: must be a table"),
        ("", ARMS, r"wheels.=: must be a strategy_id"),
    ],
)
def test_a_wheel_that_cannot_be_is_refused_by_its_key(label: str, said: Any, at: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{at}"):
        Wheel.of(label, said)
