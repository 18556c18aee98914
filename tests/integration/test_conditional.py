"""Conditional orders from the door to the fills, over restarts, kill switch, cancel-all and flatten (decision 0025).

Whole systems in virtual time over an exchange in memory.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock, utc
from app.domain.conditional_types import ConditionalType
from app.domain.market import PublicTrade
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.exchanges.memory.exchange import MemoryExchange
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.services.trading import OrderParams
from app.services.trading.errors import IdempotencyConflict, ParentRefused
from app.services.trading.execution_strategies.terms import ParentTerms
from app.services.trading.schemas import ParentResponse
from app.strategies.signals import Signal, SignalType
from tests.support.contract_world import COIN, Contracts, play
from tests.support.trading_world import BTC, SWAP, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
BUY, SELL = OrderSide.BUY, OrderSide.SELL
WIDE = {"max_order_value": 1_000_000, "max_order_size": 100, "max_position_value_pct": 5}
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000)}) as made:
        yield made
        report = audit(made.system.database, "main", made.system.ledger.instruments)
        assert report.clean, [str(finding) for finding in report.findings]


def tape(exchange: MemoryExchange, now_ns: int, price: str, instrument: str = BTC) -> None:
    exchange.trade(PublicTrade(instrument, f"t{next(NUMBERS)}", D(price), D(1), False, now_ns))


async def trades(world: TradingWorld, price: str) -> None:
    """The public trades at this price, and a moment passes."""
    tape(world.exchange, world.clock.now_ns(), price)
    await world.clock.sleep(2)


async def held(world: TradingWorld, name: str, params: OrderParams, **config: Any) -> str:
    started = await world.system.parents.start(name, config, params)
    await world.clock.sleep(1)
    return started.parent_id


def state(world: TradingWorld, parent_id: str) -> ParentResponse:
    return world.system.parents.get(parent_id)


# --- firing ---


async def test_a_stop_loss_sells_what_is_there_through_a_gap(world: TradingWorld) -> None:
    await world.buy("0.1")  # 0.0999 arrive
    stop = await held(world, "stop", market(SELL, "0.1"), trigger_price=49000)
    await trades(world, "49500")
    assert state(world, stop).waiting_for == "for trigger_price 49000; last is 49500"
    world.quote("40000", "40000.1")
    await trades(world, "40000")
    ended = state(world, stop)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))
    assert ended.reason == "0.0999 of 0.1: the rest was not there any more (0 is left)"
    (order,) = world.system.parents.orders(stop)
    assert (order.order_type, order.average_fill_price, order.parent_id) == (OrderType.IOC, D("40000"), stop)


async def test_what_the_book_does_not_take_at_once_is_sold_in_pieces(world: TradingWorld) -> None:
    await world.buy("4")
    await world.buy("4")  # the book shows five at a time
    stop = await held(world, "stop", market(SELL, "7.5"), trigger_price=49000)
    await trades(world, "48000")
    await world.clock.sleep(10)
    ended = state(world, stop)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("7.5"))
    assert len(world.system.parents.orders(stop)) > 1


async def test_a_stop_limit_rests_at_its_price(world: TradingWorld) -> None:
    await world.buy("0.2")
    stop = await held(world, "stop", limit("49100", "0.1", SELL), trigger_price=49000)
    world.quote("48900", "48900.1")
    await trades(world, "48900")
    (order,) = world.system.parents.orders(stop)
    assert (order.order_type, order.price, order.status) == (OrderType.LIMIT, D(49100), OrderStatus.LIVE)
    world.quote("49100", "49100.1")
    await world.clock.sleep(2)
    assert state(world, stop).status is ParentStatus.COMPLETED


async def test_of_an_oco_one_trades_all_and_the_other_is_gone(world: TradingWorld) -> None:
    await world.buy("0.2")
    oco = await held(world, "oco", market(SELL, "0.1"), take_profit=51000, stop_loss=49000)
    world.quote("51000", "51000.1")
    await trades(world, "51000")
    assert state(world, oco).status is ParentStatus.COMPLETED
    world.quote("40000", "40000.1")
    await trades(world, "40000")
    assert [order.filled_size for order in world.system.parents.orders(oco)] == [D("0.1")]


async def test_an_entry_stop_buys_above_the_market(world: TradingWorld) -> None:
    entry = await held(world, "stop", market(BUY, "0.1"), trigger_price=50500)
    world.quote("50500", "50500.1")
    await trades(world, "50500")
    assert state(world, entry).status is ParentStatus.COMPLETED
    assert world.system.ledger.balances["BTC"] == D("0.0999")


async def test_its_trigger_comes_while_the_book_is_stale(world: TradingWorld) -> None:
    await world.buy("0.2")
    stop = await held(world, "stop", market(SELL, "0.1"), trigger_price=49000)
    world.quiet = True
    world.exchange.listener_down = True  # type: ignore[attr-defined]
    await world.clock.sleep(5)
    world.system.market.on_trade(PublicTrade(BTC, "while stale", D(48900), D(1), False, world.clock.now_ns()))
    world.system.market.on_stream_down()
    await world.clock.sleep(5)
    assert world.system.parents.orders(stop) == []
    world.quiet = False
    await world.clock.sleep(3)
    assert state(world, stop).status is ParentStatus.COMPLETED


async def test_coins_that_another_order_holds_are_sold_when_they_are_free(world: TradingWorld) -> None:
    await world.buy("0.1")
    resting = await world.executor.place_order(limit("52000", "0.0999", SELL))
    stop = await held(world, "stop", market(SELL, "0.0999"), trigger_price=49000)
    await trades(world, "48900")
    assert "held by other open orders" in state(world, stop).waiting_for
    await world.executor.cancel_order(resting.order_id)
    await world.clock.sleep(3)
    assert state(world, stop).status is ParentStatus.COMPLETED


# --- at the door, and amended ---


@pytest.mark.parametrize(
    ("name", "params", "config", "said"),
    [
        (
            "stop",
            market(SELL, "0.1"),
            {"trigger_price": 50001},
            "trigger_price=50001: is reached already: the market is at 49999.9, and must be above it",
        ),
        ("stop", market(BUY, "0.1"), {"trigger_price": 49000}, "trigger_price=49000: is reached already"),
        ("oco", market(BUY, "0.1"), {"trigger_price": 49000}, "trigger_price=49000: unknown key"),
        ("stop", market(BUY, "40"), {"trigger_price": 60000}, "size=40: needs 2400000 USDT of which 1000000 is free"),
        ("stop", limit("49000.05", "0.1", SELL), {"trigger_price": 49000}, "price=49000.05: must be a multiple of"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    world: TradingWorld, name: str, params: OrderParams, config: dict[str, Any], said: str
) -> None:
    await trades(world, "50000")
    with pytest.raises(InvalidValue) as refused:
        await world.system.parents.start(name, config, params)
    assert said in str(refused.value)
    assert world.system.parents.history() == []


async def test_entries_that_may_fire_together_are_checked_together(world: TradingWorld) -> None:
    """Each is worth 720,000 of the million that there is."""
    first = await held(world, "stop", market(BUY, "12"), trigger_price=60000)
    with pytest.raises(InvalidValue, match="size=24: needs 1440000 USDT of which 1000000 is free"):
        await world.system.parents.start("stop", {"trigger_price": 60000}, market(BUY, "12"))
    await world.system.parents.amend(first, config={"trigger_price": 61000})
    await world.system.parents.cancel(first)
    await world.clock.sleep(1)
    await held(world, "stop", market(BUY, "12"), trigger_price=60000)


async def test_its_trigger_and_size_are_amended(world: TradingWorld) -> None:
    await world.buy("0.3")
    stop = await held(world, "stop", market(SELL, "0.1"), trigger_price=49000)
    await trades(world, "50000")
    parents = world.system.parents
    with pytest.raises(InvalidValue, match="trigger_price=50000: is reached already: the market is at 50000"):
        await parents.amend(stop, config={"trigger_price": 50000})
    await parents.amend(stop, config={"trigger_price": 49800}, size=D("0.2"))
    await trades(world, "49790")
    assert (state(world, stop).status, state(world, stop).filled_size) == (ParentStatus.COMPLETED, D("0.2"))


async def test_a_paused_one_watches_nothing(world: TradingWorld) -> None:
    await world.buy("0.2")
    stop = await held(world, "stop", market(SELL, "0.1"), trigger_price=49000)
    await world.system.parents.pause(stop)
    await trades(world, "48000")
    await world.system.parents.resume(stop)
    await world.clock.sleep(2)
    assert state(world, stop).status is ParentStatus.RUNNING
    await trades(world, "48999")
    assert state(world, stop).status is ParentStatus.COMPLETED


# --- over a restart ---


@pytest.mark.parametrize(("now", "fires"), [("48900", True), ("49100", False)])
async def test_a_trigger_that_passed_while_down_fires_if_it_is_still_so(tmp_path: Path, now: str, fires: bool) -> None:
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(1_000_000)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.buy("0.2")
        stop = await held(world, "stop", market(SELL, "0.1"), trigger_price=49000)
    exchange.set_book(BTC, D("48000"), D("48000.1"), D(5))
    await clock.sleep(600)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await trades(world, now)
        await world.clock.sleep(5)
        assert state(world, stop).status is (ParentStatus.COMPLETED if fires else ParentStatus.RUNNING)


async def test_a_trailing_stop_goes_on_from_where_it_stood(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(1_000_000)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.buy("0.2")
        stop = await held(world, "trailing_stop", market(SELL, "0.1"), distance=500)
        for price in ("50000", "52000"):
            await trades(world, price)
        assert state(world, stop).waiting_for.startswith("for stop 51500; ")
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await trades(world, "51600")
        assert state(world, stop).status is ParentStatus.RUNNING
        await trades(world, "51500")
        assert state(world, stop).status is ParentStatus.COMPLETED


# --- kill switch, cancel-all, flatten ---


async def test_the_kill_switch_ends_an_entry_and_lets_protection_fire(world: TradingWorld) -> None:
    await world.buy("0.2")
    stop = await held(world, "stop", market(SELL, "0.1"), trigger_price=49000)
    entry = await held(world, "stop", market(BUY, "0.1"), trigger_price=50500)
    await world.executor.engage_kill_switch("news")
    await trades(world, "50500")
    assert (state(world, entry).status, state(world, entry).reason) == (ParentStatus.CANCELED, "kill switch: news")
    await trades(world, "48900")
    assert state(world, stop).status is ParentStatus.COMPLETED
    (order,) = world.system.parents.orders(stop)
    assert (order.status, order.filled_size) == (OrderStatus.FILLED, D("0.1"))
    assert world.system.parents.orders(entry) == []


@pytest.mark.parametrize("laid", ["running", "paused", "scheduled"])
@pytest.mark.parametrize("kind", ["stop", "take_profit", "trailing_stop", "oco", "bracket", "contracts"])
async def test_the_kill_switch_ends_whatever_waits_here_and_could_add_risk(
    world: TradingWorld, kind: str, laid: str
) -> None:
    """An entry that was laid aside, or has not begun, is not resumed later; what works otherwise is laid aside."""
    config: dict[str, Any] = {
        "stop": {"trigger_price": 50500},
        "take_profit": {"trigger_price": 49000},
        "trailing_stop": {"distance": 500},
        "oco": {"take_profit": 49000, "stop_loss": 50500},
        "bracket": {"stop_loss": 48000, "timeout": 3600},
        "contracts": {"trigger_price": 49000},
    }[kind]
    terms = ParentTerms(start_at=utc(world.clock.now_ns()) + timedelta(minutes=5) if laid == "scheduled" else None)
    params = limit("49500", "0.1") if kind == "bracket" else market(BUY, "0.1")
    if kind == "contracts":
        params = OrderParams(instrument_id=SWAP, side=SELL, order_type="market", size=D(1), trade_mode="cross")
    parents = world.system.parents
    entry = await parents.start("stop" if kind == "contracts" else kind, config, params, terms=terms)
    twap = await parents.start("twap", {"duration": 3600}, market(BUY, "0.1"))
    await world.clock.sleep(1)
    if laid == "paused":
        await parents.pause(entry.parent_id)
    await world.executor.engage_kill_switch("news")
    await world.clock.sleep(3)
    ended = parents.get(entry.parent_id)
    assert (ended.status, ended.reason, ended.open_children) == (ParentStatus.CANCELED, "kill switch: news", ())
    assert parents.get(twap.parent_id).status is ParentStatus.SUSPENDED
    again = await parents.start("stop", {"trigger_price": 50500}, market(BUY, "0.1"))
    await world.clock.sleep(1)
    assert parents.get(again.parent_id).status is ParentStatus.CANCELED, "nor does one begin while it is on"
    await world.executor.release_kill_switch("calm")
    await trades(world, "50600")
    await trades(world, "48900")
    assert [order for order in parents.orders(entry.parent_id) if order.filled_size] == []
    assert world.executor.held_order(entry.parent_id).status is OrderStatus.CANCELED  # type: ignore[union-attr]


async def test_a_release_of_a_kill_switch_that_nobody_engaged_ends_no_entry(world: TradingWorld) -> None:
    """As a repeated release is, whose first answer was lost."""
    entry = await held(world, "stop", market(BUY, "0.1"), trigger_price=50500)
    await world.clock.sleep(1)
    await world.executor.release_kill_switch("again")
    await world.clock.sleep(2)
    assert state(world, entry).status is ParentStatus.RUNNING


async def test_an_entry_is_ended_by_a_kill_switch_that_was_released_before_it_looked(world: TradingWorld) -> None:
    entry = await held(world, "stop", market(BUY, "0.1"), trigger_price=50500)
    await world.clock.sleep(1)
    engaging, releasing = world.executor.engage_kill_switch("news"), world.executor.release_kill_switch("calm")
    await asyncio.gather(engaging, releasing)
    await world.clock.sleep(2)
    assert state(world, entry).status is ParentStatus.CANCELED
    later = await held(world, "stop", market(BUY, "0.1"), trigger_price=50500)
    await world.clock.sleep(2)
    assert state(world, later).status is ParentStatus.RUNNING


async def test_a_bracket_that_is_half_in_is_ended_by_the_kill_switch_and_what_gets_out_stays(
    world: TradingWorld,
) -> None:
    bracket = await held(world, "bracket", limit("49500", "20"), stop_loss=48000, timeout=3600)
    world.quote("49499.9", "49500")  # it shows five at a time
    await world.clock.sleep(0.2)
    filled = state(world, bracket).filled_size
    assert D(0) < filled < D(20)
    world.quote("49900", "49900.1")
    await world.executor.engage_kill_switch("news")
    await world.clock.sleep(3)
    assert state(world, bracket).status is ParentStatus.CANCELED
    (out,) = [each for each in world.system.parents.history() if each.parent.entry_id == bracket]
    assert out.status is ParentStatus.RUNNING
    world.quote("47900", "47900.1")
    await trades(world, "47900")
    await world.clock.sleep(10)
    ended = world.system.parents.get(out.parent_id)
    assert (ended.status.terminal, ended.filled_size >= filled * D("0.998")) == (True, True)


async def test_what_waits_here_for_its_price_is_among_the_active_orders(world: TradingWorld) -> None:
    await world.buy("0.2")
    resting = await world.rest()
    await world.clock.sleep(1)
    stop = await world.executor.place_order(
        OrderParams(
            instrument_id=BTC,
            side="sell",
            order_type="stop_limit",
            size=D("0.1"),
            trigger_price=D(49000),
            price=D(48900),
        )
    )
    twap = await world.system.parents.start("twap", {"duration": 3600}, market(BUY, "0.1", instrument_id=BTC))
    await world.clock.sleep(1)
    bracket = await held(world, "bracket", limit("48500", "0.1"), stop_loss=48000, take_profit=52000, timeout=3600)
    active = world.orders.get_active_orders()
    assert [(order.order_type, order.status) for order in active if order.parent_id != twap.parent_id] == [
        (OrderType.LIMIT, OrderStatus.LIVE),
        (ConditionalType.STOP_LIMIT, OrderStatus.PENDING),
        (OrderType.LIMIT, OrderStatus.LIVE),
        (ConditionalType.OCO, OrderStatus.PENDING),
    ]
    assert (active[0].order_id, active[1].order_id) == (resting.order_id, stop.order_id)
    assert active[1] == world.executor.held_order(stop.order_id)
    assert world.orders.get_active_orders(SWAP) == []
    assert bracket not in {order.order_id for order in active}, "its order is at the exchange"
    world.quote("48900", "48900.1")
    await trades(world, "48900")
    await world.executor.cancel_all(protection=True)
    await world.clock.sleep(3)
    assert world.orders.get_active_orders() == []


async def test_what_a_stop_limit_has_resting_outlives_the_kill_switch(world: TradingWorld) -> None:
    await world.buy("0.2")
    stop = await held(world, "stop", limit("49100", "0.1", SELL), trigger_price=49000)
    world.quote("48900", "48900.1")
    await trades(world, "48900")
    await world.executor.engage_kill_switch("news")
    await world.clock.sleep(2)
    (order,) = world.system.parents.orders(stop)
    assert order.status is OrderStatus.LIVE
    world.quote("49100", "49100.1")
    await world.clock.sleep(2)
    assert state(world, stop).status is ParentStatus.COMPLETED


async def test_protection_sells_out_of_its_own_book_with_the_kill_switch_on(world: TradingWorld) -> None:
    """A strategy's coins stay, and a strategy's stop takes none but its own."""
    await world.buy("0.2", strategy_id="a")
    await world.buy("0.1")
    own = await held(world, "stop", market(SELL, "0.09"), trigger_price=49000)
    theirs = await held(world, "stop", market(SELL, "0.3", strategy_id="b"), trigger_price=49000)
    await world.executor.engage_kill_switch("news")
    await trades(world, "48900")
    await world.clock.sleep(3)
    books = world.positions.get_all_positions()[0].books
    assert (books["own"], books["strategy:a"]) == (D("0.0099"), D("0.1998"))
    assert state(world, own).status is ParentStatus.COMPLETED
    assert [order.status for order in world.system.parents.orders(theirs)] in ([], [OrderStatus.DENIED])


async def test_cancel_all_leaves_protection_unless_told_otherwise(world: TradingWorld) -> None:
    await world.buy("0.2")
    stop = await held(world, "stop", market(SELL, "0.1"), trigger_price=49000)
    entry = await held(world, "stop", market(BUY, "0.1"), trigger_price=50500)
    resting = await world.rest()
    await world.executor.cancel_all()
    await world.clock.sleep(1)
    assert state(world, entry).status is ParentStatus.CANCELED
    assert world.orders.get_order(resting.order_id).status is OrderStatus.CANCELED
    assert state(world, stop).status is ParentStatus.RUNNING
    await world.executor.cancel_all(protection=True)
    await world.clock.sleep(1)
    assert state(world, stop).status is ParentStatus.CANCELED


async def test_flatten_ends_protection_when_what_it_protects_is_gone(world: TradingWorld) -> None:
    await world.buy("0.1")
    watching = await held(world, "stop", market(SELL, "0.04"), trigger_price=49000)
    resting = await held(world, "stop", limit("49100", "0.05", SELL), trigger_price=48500)
    world.quote("48400", "48400.1")
    tape(world.exchange, world.clock.now_ns(), "49050")
    await world.system.parents.pause(watching)  # it would fire too
    await trades(world, "48400")
    (order,) = world.system.parents.orders(resting)
    assert order.status is OrderStatus.LIVE
    await world.system.parents.resume(watching)
    await world.executor.flatten(principal="operator:me")
    await world.clock.sleep(70)  # what is laid aside looks once a minute
    assert world.system.ledger.balances["BTC"] < D("0.00001")
    assert {state(world, parent).status for parent in (watching, resting)} == {ParentStatus.CANCELED}
    assert "was not there any more" in state(world, watching).reason


async def test_a_stop_of_what_is_sold_by_hand_ends(world: TradingWorld) -> None:
    await world.buy("0.1")
    stop = await held(world, "stop", market(SELL, "0.0999"), trigger_price=49000)
    await world.clock.sleep(5)
    await world.sell("0.0999")
    await world.clock.sleep(2)
    ended = state(world, stop)
    assert (ended.status, ended.filled_size) == (ParentStatus.CANCELED, 0)


# --- contracts ---


@pytest.mark.parametrize(
    ("instrument", "position", "mode", "side"),
    [
        (SWAP, "net", "cross", "buy"),
        (SWAP, "net", "isolated", "sell"),
        (COIN, "net", "cross", "sell"),
        (COIN, "net", "isolated", "buy"),
        (SWAP, "long", "cross", "buy"),
        (SWAP, "short", "isolated", "sell"),
        (COIN, "short", "cross", "sell"),
    ],
)
def test_a_stop_closes_a_position_of_contracts(
    tmp_path: Path, instrument: str, position: str, mode: str, side: str
) -> None:
    """Also with the kill switch on; never more than there is, and the position beside it stays."""

    async def scenario(world: Contracts) -> None:
        exchange = world.venue
        assert isinstance(exchange, MemoryExchange)
        await world.trade(side, "5", position, mode, instrument)
        other = "isolated" if mode == "cross" else "cross"
        await world.trade(side, "3", position, other, instrument)
        closing = SELL if side == "buy" else BUY
        params = OrderParams(
            instrument_id=instrument,
            side=closing,
            order_type=OrderType.MARKET,
            size=D(8),  # more than there is
            trade_mode=mode,  # type: ignore[arg-type]
            position_side=position,  # type: ignore[arg-type]
            reduce_only=position == "net",
        )
        trigger = 49900 if closing is SELL else 50100
        started = await world.system.parents.start("stop", {"trigger_price": trigger}, params)
        await world.system.executor.engage_kill_switch("news")
        await asyncio.sleep(2)
        assert world.system.parents.get(started.parent_id).status is ParentStatus.RUNNING
        tape(exchange, world.system.clock.now_ns(), str(trigger), instrument)
        await asyncio.sleep(5)
        ended = world.system.parents.get(started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D(5)), ended.reason
        signed = D(3) if side == "buy" else D(-3)
        assert world.held == {(instrument, position, other): signed}

    play(tmp_path, "memory", scenario, hedged=position != "net")


# --- brackets ---


def exits_of(world: TradingWorld, entry: str) -> ParentResponse:
    (found,) = [each for each in world.system.parents.history() if each.parent.entry_id == entry]
    return state(world, found.parent_id)


async def test_a_bracket_gets_in_and_out_again(world: TradingWorld) -> None:
    entry = await held(world, "bracket", market(BUY, "0.1"), take_profit=51000, stop_loss=49000)
    assert state(world, entry).status is ParentStatus.COMPLETED
    out = exits_of(world, entry)
    assert (out.parent.strategy, out.parent.side, out.parent.size) == ("oco", SELL, D("0.1"))
    world.quote("48900", "48900.1")
    await trades(world, "48900")
    ended = exits_of(world, entry)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))


async def test_its_exits_are_as_large_as_what_has_filled_and_firing_ends_the_entry(world: TradingWorld) -> None:
    entry = await held(world, "bracket", limit("49500", "0.3"), take_profit=51000, stop_loss=49000, timeout=3600)
    await trades(world, "49400")  # a trade alone fills nothing here
    assert exits_of(world, entry).waiting_for == "for its entry"
    world.exchange.set_book(BTC, D("49499.9"), D("49500"), D("0.1"))
    await world.clock.sleep(2)
    assert state(world, entry).filled_size == D("0.1")
    await trades(world, "48900")
    await world.clock.sleep(3)
    assert state(world, entry).status is ParentStatus.CANCELED
    assert "what gets out of it has fired" in state(world, entry).reason
    ended = exits_of(world, entry)
    assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))


async def test_an_entry_that_comes_to_nothing_ends_its_exits(world: TradingWorld) -> None:
    entry = await held(world, "bracket", limit("49500", "0.3"), take_profit=51000, stop_loss=49000, timeout=10)
    await trades(world, "48000")
    await world.clock.sleep(15)
    assert state(world, entry).status is ParentStatus.PARTIAL_EXPIRED
    assert (exits_of(world, entry).status, exits_of(world, entry).reason) == (
        ParentStatus.CANCELED,
        "what it was to get out of came to nothing",
    )


async def test_what_traded_before_it_got_in_does_not_fire_its_exits(world: TradingWorld) -> None:
    """The market was above the take-profit when the bid was placed, and a moment before it filled."""
    entry = await held(world, "bracket", limit("49000", "0.1"), take_profit=49800, stop_loss=48000, timeout=3600)
    await trades(world, "50000")
    world.quote("48999.9", "49000")
    await world.clock.sleep(3)
    assert state(world, entry).status is ParentStatus.COMPLETED
    assert exits_of(world, entry).status is ParentStatus.RUNNING
    await trades(world, "49100")
    assert exits_of(world, entry).status is ParentStatus.RUNNING
    world.quote("49800", "49800.1")
    await trades(world, "49800")
    assert exits_of(world, entry).status is ParentStatus.COMPLETED


async def test_cancel_all_ends_the_entry_and_leaves_its_exits(world: TradingWorld) -> None:
    entry = await held(world, "bracket", limit("49500", "0.3"), stop_loss=49000, timeout=3600)
    world.quote("49499.9", "49500")
    await world.clock.sleep(2)
    other = await held(world, "bracket", limit("49300", "0.3"), stop_loss=49000, timeout=3600)
    await world.executor.cancel_all()
    await world.clock.sleep(3)
    assert (state(world, entry).status, state(world, other).status) == (ParentStatus.COMPLETED, ParentStatus.CANCELED)
    assert exits_of(world, entry).status is ParentStatus.RUNNING
    assert exits_of(world, other).status is ParentStatus.CANCELED


@pytest.mark.parametrize(
    ("params", "config", "said"),
    [
        (market(BUY, "0.1"), {"stop_loss": 51000}, "stop_loss=51000: must be below 50000.1, where it gets in"),
        (market(SELL, "0.1"), {"take_profit": 51000}, "take_profit=51000: must be below 49999.9"),
        (limit("49000", "0.1"), {"stop_loss": 49500}, "stop_loss=49500: must be below 49000, where it gets in"),
        (market(BUY, "0.1"), {}, "take_profit=None: is needed, or stop_loss"),
    ],
)
async def test_a_bracket_gets_out_beyond_where_it_gets_in(
    world: TradingWorld, params: OrderParams, config: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        await world.system.parents.start("bracket", config, params)
    assert said in str(refused.value)


@pytest.mark.parametrize("hedged", [False, True])
def test_a_bracket_of_contracts_gets_out_with_the_kill_switch_on(tmp_path: Path, hedged: bool) -> None:
    async def scenario(world: Contracts) -> None:
        exchange = world.venue
        assert isinstance(exchange, MemoryExchange)
        params = OrderParams(
            instrument_id=SWAP,
            side=SELL,
            order_type=OrderType.MARKET,
            size=D(5),
            trade_mode="cross",  # type: ignore[arg-type]
            position_side="short" if hedged else "net",  # type: ignore[arg-type]
        )
        started = await world.system.parents.start("bracket", {"take_profit": 49000, "stop_loss": 50500}, params)
        await asyncio.sleep(3)
        assert list(world.held.values()) == [D(-5)]
        await world.system.executor.engage_kill_switch("news")
        tape(exchange, world.system.clock.now_ns(), "50500", SWAP)
        await asyncio.sleep(5)
        assert world.held == {}
        assert world.system.parents.get(started.parent_id).status is ParentStatus.COMPLETED

    play(tmp_path, "memory", scenario, hedged=hedged)


# --- as orders, and from signals ---


async def test_conditional_types_are_orders_that_are_looked_up_amended_and_cancelled(world: TradingWorld) -> None:
    await world.buy("0.3")
    params = market(SELL, "0.1", order_type="stop", trigger_price="49000")
    order = await world.executor.place_order(params, idempotency_key="k1")
    assert (order.status, order.order_type, order.parent_id) == (OrderStatus.PENDING, "stop", order.order_id)
    again = await world.executor.place_order(params, idempotency_key="k1")
    assert again.order_id == order.order_id
    with pytest.raises(IdempotencyConflict):
        await world.executor.place_order(
            market(SELL, "0.2", order_type="stop", trigger_price="49000"), idempotency_key="k1"
        )
    with pytest.raises(IdempotencyConflict):
        await world.executor.place_order(market(SELL, "0.1"), idempotency_key="k1")
    await world.executor.modify_order(order.order_id, new_size=D("0.2"), new_trigger_price=D("49500"))
    again = await world.executor.place_order(params, idempotency_key="k1")
    assert again.order_id == order.order_id, "asked for again, as it was, after its terms were amended"
    await trades(world, "49400")
    fired = world.executor.held_order(order.order_id)
    assert fired is not None
    assert (fired.status, fired.filled_size, fired.average_fill_price) == (OrderStatus.FILLED, D("0.2"), D("49999.9"))
    other = await world.executor.place_order(market(SELL, "0.05", order_type="trailing_stop", distance_pct="0.01"))
    canceled = await world.executor.cancel_order(other.order_id)
    assert canceled.cancel_requested
    await world.clock.sleep(1)
    now = world.executor.held_order(other.order_id)
    assert now is not None
    assert now.status is OrderStatus.CANCELED


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"order_type": "stop"}, "trigger_price=None: is needed"),
        ({"order_type": "stop", "trigger_price": 49000, "distance": 5}, "distance=5: goes not with order type stop"),
        ({"order_type": "stop", "trigger_price": 49000, "price": 48000}, "price=48000: goes not with order type stop"),
        ({"order_type": "stop_limit", "trigger_price": 49000}, "price=none: is required for order type stop_limit"),
        ({"order_type": "post_only", "price": 51000, "stop_loss": 49000}, "takes no take_profit or stop_loss"),
        (
            {"order_type": "limit", "price": 51000, "trigger_price": 49000},
            "trigger_price=49000: goes not with order type",
        ),
        (
            {"order_type": "hope"},
            "order_type=hope: must be one of market, limit, post_only, ioc, fok, stop, stop_limit",
        ),
    ],
)
async def test_what_does_not_go_with_its_type_is_refused(world: TradingWorld, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        await world.executor.place_order(market(SELL, "0.1", **given))
    assert said in str(refused.value)


async def test_a_signal_with_a_stop_loss_is_a_bracket(world: TradingWorld) -> None:
    signal = Signal(SignalType.BUY, BTC, size=D("0.1"), take_profit=D(51000), stop_loss=D(49000))
    order = await world.executor.execute_signal(signal, strategy_id="a", idempotency_key="s1")
    assert order is not None
    assert order.parent_id is not None
    await world.clock.sleep(2)
    assert exits_of(world, order.parent_id).parent.strategy_id == "a"
    again = await world.executor.execute_signal(signal, strategy_id="a", idempotency_key="s1")
    assert again is not None
    assert again.order_id == order.order_id
    await trades(world, "49000")
    assert exits_of(world, order.parent_id).status is ParentStatus.COMPLETED
    stopped = Signal(SignalType.BUY, BTC, size=D("0.1"), stop_loss=D(49000))
    with pytest.raises(InvalidValue, match="stop_loss=49000: goes not with strategy twap"):
        await world.executor.execute_signal(stopped, strategy="twap")
    with pytest.raises(InvalidValue, match="stop_loss=49000: goes not with a close signal"):
        Signal(SignalType.CLOSE, BTC, stop_loss=D(49000))


@pytest.mark.parametrize(
    ("name", "config"), [("stop", {"trigger_price": 49000}), ("bracket", {"take_profit": 60000, "stop_loss": 40000})]
)
async def test_an_exchange_without_conditional_orders_is_not_asked_to_hold_one(
    world: TradingWorld, name: str, config: dict[str, int]
) -> None:
    await world.buy("0.1")
    side = SELL if name == "stop" else BUY
    with pytest.raises(ParentRefused, match="this exchange holds no conditional orders"):
        await held(world, name, market(side, "0.1"), held="exchange", **config)
