"""What waits at the exchange while answers and news are lost, late, doubled or wrong: one order, traded once, booked
once; and who may take it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import PositionSide, TradeMode
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.services.trading import OrderParams
from app.services.trading.amending import Amending
from app.simulator import AccountConfig, Config
from tests.integration.test_held_at_the_exchange import BUY, MOVER, SELL, WIDE, World
from tests.support.okx_system import BTC, SWAP, D
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

ONCE = {"probability": 1.0, "times": 1}
LOST = ["drop_reply", "cut_before_accept", "error_taken", "error_not_taken"]


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def made(folder: Path, main: AccountConfig, **settings: Any) -> World:
    world = World(folder, Config(accounts=(main, MOVER), flow_rate=0.0))
    await world.start(risk=WIDE, **settings)
    await world.system.follow(BTC)
    await world.system.follow(SWAP)
    await asyncio.sleep(2)
    return world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = await made(tmp_path, replace(MAIN, balances={"USDT": D(10**6)}))
    await world.place(BTC, BUY, "0.05")
    await asyncio.sleep(1)
    yield world
    await stopped(world)


async def stopped(world: World) -> None:
    await world.system.stop()
    report = audit(world.system.database, "main", world.system.ledger.instruments)
    assert report.clean, [str(finding) for finding in report.findings]


def names(world: World) -> list[str]:
    """The ids of all that ever waited at the exchange."""
    algos = world.venue.exchange.algos
    return [str(algo.params["algoClOrdId"]) for algo in (*algos.ended.values(), *algos.live.values())]


async def sold_once(world: World, stop: str, seconds: float = 120) -> None:
    await world.until(lambda: world.parent(stop).status.terminal, seconds)
    ended = world.parent(stop)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.01")), ended.reason
    assert len(names(world)) == len(set(names(world)))
    sold = sum((D(fill["fillSz"]) for fill in world.venue.ledger()["fills"] if fill["side"] == "sell"), D(0))
    assert sold == D("0.01")
    assert not world.system.ledger.kill_switch.engaged
    assert not [order for order in world.system.orders.get_order_history().orders if order.order_id.startswith("ext-")]


# --- answers ---


@pytest.mark.parametrize("fault", LOST)
async def test_an_order_whose_answer_goes_wrong_stands_there_once(world: World, fault: str) -> None:
    """One that was not taken is placed again when it cannot be taken any more, under another id."""
    world.venue.set_faults({fault: ONCE})
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    await world.until(lambda: world.parent(stop).waiting_for.startswith("at the exchange"), 120)
    assert len(world.algos) == 1
    await world.move(SELL)
    await sold_once(world, stop)


@pytest.mark.parametrize("fault", LOST)
async def test_a_change_whose_answer_goes_wrong_is_in_force_all_the_same(world: World, fault: str) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 500)
    world.venue.set_faults({fault: ONCE})
    wanted = world.last - 1
    await world.system.parents.amend(stop, config={"trigger_price": wanted})
    await world.until(lambda: world.algos[0].params["slTriggerPx"] == str(wanted), 20)
    await world.until(lambda: world.parent(stop).waiting_for == f"at the exchange, for trigger_price {wanted}", 20)
    assert len(names(world)) == 1, "it was never away"
    await world.move(SELL)
    await sold_once(world, stop)


@pytest.mark.parametrize("config", [{"trigger_price": -500}, {}], ids=["other terms", "a larger size"])
async def test_one_that_fires_just_before_it_is_changed_goes_on(
    world: World, config: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change was decided while it waited; what it has become by then can take none."""
    amend = Amending.amend

    async def late(*given: Any) -> Any:
        if not world.venue.exchange.algos.ended:
            world.venue.set_faults({"late_push": {"probability": 1.0, "value": 4000}})
            await world.move(SELL, seconds=1)
        return await amend(*given)

    monkeypatch.setattr(Amending, "amend", late)
    stop = await world.hold("stop", SELL, "0.005", trigger_price=world.last - 1)
    changed = {name: world.last + far for name, far in config.items()}
    await world.system.parents.amend(stop, size=D("0.01"), config=changed)
    await sold_once(world, stop)


@pytest.mark.parametrize("fault", LOST[:2])
async def test_one_that_is_taken_back_is_gone_whatever_becomes_of_the_answer(world: World, fault: str) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    world.venue.set_faults({fault: ONCE})
    await world.system.parents.cancel(stop)
    await world.until(lambda: world.parent(stop).status.terminal, 60)
    assert (world.parent(stop).status, world.algos) == (ParentStatus.CANCELED, [])


async def test_what_the_exchange_has_no_words_for_waits_here_and_says_so(world: World) -> None:
    """OKX trails by a thousandth at least."""
    trailing = await world.hold("trailing_stop", SELL, "0.01", distance_pct=D("0.0001"))
    await world.move(SELL, "0.01")
    waiting = world.parent(trailing)
    assert (waiting.status, world.algos) == (ParentStatus.RUNNING, [])
    assert "held here, for the exchange will not: callback_ratio 0.0001 must be from 0.001 to 1" in waiting.waiting_for
    shown = world.system.executor.held_order(trailing)
    assert shown is not None
    assert shown.status is OrderStatus.PENDING
    assert [order.order_id for order in world.system.parents.held()] == [trailing], "it is among the active ones"
    await world.move(SELL, "12")
    await world.until(lambda: world.parent(trailing).status.terminal)
    assert (world.parent(trailing).status, world.system.parents.held()) == (ParentStatus.COMPLETED, [])


# --- news ---


@pytest.mark.parametrize(
    "fault",
    [
        {"lost_push": {"probability": 1.0, "times": 4}},
        {"late_push": {"probability": 1.0, "times": 2, "value": 5000}},
        {"duplicate_push": {"probability": 1.0}},
        {"push_before_ack": {"probability": 1.0}},
        {"terminal_before_fill": {"probability": 1.0}},
        {"empty_trade_id": {"probability": 1.0}},
        {"read_lag": {"probability": 1.0, "value": 3000}},
        {"silent_stream": {"probability": 1.0, "times": 3}},
    ],
    ids=lambda fault: next(iter(fault)),
)
async def test_what_fires_is_booked_once_however_it_is_told(world: World, fault: dict[str, Any]) -> None:
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    world.venue.set_faults(fault)
    await world.move(SELL)
    await sold_once(world, stop, 300)


async def test_fills_that_are_read_before_the_algo_order_is_are_the_orders_own(world: World) -> None:
    """The fills endpoint names only the exchange's id of the order that it placed, which nobody here has heard of."""
    stop = await world.hold("stop", SELL, "0.01", trigger_price=world.last - 1)
    world.venue.set_faults({"silent_stream": {"probability": 1.0}})
    await world.move(SELL, seconds=0)
    reports = await world.exchange.fills(0)
    assert world.child(stop).exchange_order_id is None, "nobody has told that it has fired"
    for report in reports:
        await world.system.tracker.on_order_update(report)
    assert world.child(stop).status is OrderStatus.FILLED
    await sold_once(world, stop)


# --- who takes it back ---


def contracts(side: OrderSide, size: str, position: str, *, reduce_only: bool = False) -> OrderParams:
    return OrderParams(
        instrument_id=SWAP,
        side=side,
        order_type=OrderType.MARKET,
        size=D(size),
        trade_mode=TradeMode.CROSS,
        position_side=PositionSide(position),
        reduce_only=reduce_only,
    )


@pytest.mark.parametrize("position", ["net", "long"])
async def test_of_contracts_what_only_reduces_stays_and_what_could_add_goes(tmp_path: Path, position: str) -> None:
    """In one-way mode by reduce_only, in the hedged one by its side: under the kill switch, cancel-all and flatten."""
    mode = "net_mode" if position == "net" else "long_short_mode"
    world = await made(tmp_path, replace(MAIN, position_mode=mode), okx_expected_hedged=position != "net")
    await world.system.executor.place_order(contracts(BUY, "5", position))
    last = world.venue.exchange.markets[SWAP]
    price = last.inst.price(last.last_price)

    async def hold(params: OrderParams, trigger: Any) -> str:
        config = {"held": "exchange", "trigger_price": trigger}
        started = await world.system.parents.start("stop", config, params)
        await asyncio.sleep(2)
        return started.parent_id

    closing = contracts(SELL, "5", position, reduce_only=position == "net")
    protection = await hold(closing, price - 300)
    other = await hold(contracts(SELL, "1", "short" if position == "long" else "net"), price - 200)
    assert len(world.algos) == 2
    await world.system.executor.engage_kill_switch("test")
    await asyncio.sleep(2)
    assert [str(algo.params["algoClOrdId"]) for algo in world.algos] == [world.child(protection).client_order_id]
    assert world.parent(other).status is ParentStatus.CANCELED
    await world.system.executor.release_kill_switch("test")
    other = await hold(contracts(BUY, "1", position), price + 200)
    await world.system.executor.cancel_all()
    await asyncio.sleep(2)
    assert [str(algo.params["algoClOrdId"]) for algo in world.algos] == [world.child(protection).client_order_id]
    assert world.parent(other).status is ParentStatus.CANCELED
    await world.system.executor.flatten()
    await world.until(lambda: world.parent(protection).status.terminal)
    assert (world.parent(protection).status, world.algos) == (ParentStatus.CANCELED, [])
    await stopped(world)


async def test_entries_there_are_checked_in_the_worst_case_and_keep_their_money(world: World) -> None:
    """At the price at which each fires, all of them at once, beside whatever else is asked for."""
    trigger = world.last + 5000
    first = await world.hold("stop", BUY, "8", trigger_price=trigger)
    kept = D(8) * trigger
    assert kept <= world.system.ledger.exposure.hold("USDT") < kept * D("1.31")
    assert world.parent(first).waiting_for.startswith("at the exchange")
    with pytest.raises(InvalidValue, match="open orders counted as filled"):
        await world.hold("stop", BUY, "12", trigger_price=trigger)
    ordinary = await world.place(BTC, BUY, "12", str(world.last - 1000))
    assert ordinary.status is OrderStatus.DENIED
    await world.system.parents.cancel(first)
    await world.until(lambda: world.parent(first).status.terminal)
    assert world.system.ledger.exposure.hold("USDT") == 0
