"""The strategies beyond the specification's four, from the front door to the fills, by Python and by HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock
from app.domain.market import PublicTrade
from app.domain.money import rounded
from app.domain.orders import TradeMode
from app.domain.parents import ParentStatus
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.memory import DEFAULT_INSTRUMENTS, MemoryExchange
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.services.trading.errors import ParentNotFound, ParentOver, ParentRefused
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy, TWAPExecution
from app.services.trading.execution_strategies.views import AtWorst
from app.services.trading.schemas import OrderParams, OrderResponse
from tests.support.trading_world import BTC, TradingWorld, VirtualTimePolicy, limit, market, trading_world
from tests.unit.domain.builders import INVERSE

D = Decimal

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path) as made:
        yield made


async def executed(world: TradingWorld, name: str, config: dict[str, Any], params: OrderParams) -> list[OrderResponse]:
    strategy: ExecutionStrategy = STRATEGIES[name](world.executor, config)
    return await strategy.execute(params)


async def test_vwap_by_its_curve(world: TradingWorld) -> None:
    """The world begins at 00:00 UTC; the second of two hours trades three times the first."""
    curve = [1, 3, *[0] * 22]
    orders = await executed(world, "vwap", {"duration": 7200, "num_slices": 2, "volume_curve": curve}, market())
    assert [order.filled_size for order in orders] == [D("0.025"), D("0.075")]


async def test_implementation_shortfall_begins_with_the_larger_part(world: TradingWorld) -> None:
    config = {"duration": 100, "num_slices": 4, "urgency": "high"}
    orders = await executed(world, "implementation_shortfall", config, market())
    sizes = [order.filled_size for order in orders]
    assert sum(sizes) == D("0.1")
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > D("0.07")


async def test_how_a_parent_stands_while_it_runs_and_when_it_is_over(world: TradingWorld, tmp_path: Path) -> None:
    """Its arrival is frozen when it is accepted, whatever the market does then, and outlives the process."""
    parents = world.system.parents
    started = await parents.start("twap", {"duration": 100, "num_slices": 4}, market())
    await world.clock.sleep(30)
    world.quote("50499.9", "50500.1")
    await world.clock.sleep(30)
    found = parents.figures(started.parent_id)
    assert (found.arrival_price, found.average_price) == (D(50_000), D("50166.766666666667"))
    assert (found.slippage_bps, found.maker_share) == (D("33.3533"), 0)
    assert (found.scheduled_size, found.ahead_size, found.ahead_seconds) == (D("0.075"), 0, 0)
    assert [child.reason for child in found.children] == ["slice 1/4", "slice 2/4", "slice 3/4"]
    while world.system.parents.open_count:
        await world.clock.sleep(1)
    over = parents.figures(started.parent_id)
    assert (over.arrival_price, over.scheduled_size, over.expected_end) == (D(50_000), None, None)
    assert len(over.children) == 4
    row = parents.get(started.parent_id).parent
    assert row.arrival is not None
    assert (row.arrival.bid, row.arrival.ask) == (D("49999.9"), D("50000.1"))
    with pytest.raises(ParentNotFound):
        parents.figures("nosuch")


async def test_a_handle_steers_what_was_started(world: TradingWorld) -> None:
    strategy = TWAPExecution(world.executor, {"duration": 100, "num_slices": 10})
    working = await strategy.start(market(), key="one of mine")
    again = await strategy.start(market(), key="one of mine")
    assert again.parent_id == working.parent_id
    await world.clock.sleep(15)
    assert (await working.pause("lunch")).status is ParentStatus.PAUSED
    assert (working.state.reason, working.figures.ahead_size) == ("lunch", 0)
    amended = await working.amend(size=D("0.05"))
    assert (amended.parent.size, amended.status) == (D("0.05"), ParentStatus.PAUSED)
    waiting = asyncio.ensure_future(working)
    await world.clock.sleep(5)
    assert not waiting.done(), "a pause is waited for"
    assert (await working.resume()).status is ParentStatus.RUNNING
    orders = await waiting
    assert sum(order.filled_size for order in orders) == D("0.05")
    assert orders == working.orders
    with pytest.raises(ParentOver):
        await working.cancel()
    other = await strategy.start(market())
    assert (await other.cancel("no more")).status in (ParentStatus.CANCELING, ParentStatus.CANCELED)
    await other
    assert other.state.status is ParentStatus.CANCELED


async def test_a_market_order_that_would_be_too_dear_is_refused_at_the_door(world: TradingWorld) -> None:
    with pytest.raises(ParentRefused, match=r"max_cost_pct=0\.000001"):
        await executed(world, "market", {"max_cost_pct": "0.000001"}, market())
    assert world.system.parents.open_count == 0
    (order,) = await executed(world, "market", {"max_cost_pct": "0.01"}, market())
    assert order.filled_size == D("0.1")


async def test_pov_takes_its_part_of_what_others_trade(world: TradingWorld) -> None:
    number = 0

    async def others() -> None:
        nonlocal number
        while True:
            await world.clock.sleep(1)
            number += 1
            world.system.market.on_trade(
                PublicTrade(BTC, f"o{number}", D(50_000), D("0.02"), True, world.clock.now_ns())
            )

    world.system.tasks.spawn(others(), "others")
    config = {"participation": "0.2", "duration": 120, "window": 60}
    orders = await executed(world, "pov", config, market(size="2"))
    filled = sum(order.filled_size for order in orders)
    # The exchange in memory does not print our own trades, so they are taken out of the others': 0.2/0.8 of 2.4, less.
    assert D("0.36") < filled <= D("0.6")
    assert len(orders) > 10


async def test_sniper_takes_what_comes_to_its_price(world: TradingWorld) -> None:
    async def come() -> None:
        await world.clock.sleep(10)
        world.quote("49989.9", "49990")

    world.system.tasks.spawn(come(), "come")
    (order,) = await executed(world, "sniper", {"timeout": 60}, limit("49990"))
    assert (order.status, order.filled_size, order.order_type) == (OrderStatus.FILLED, D("0.1"), OrderType.IOC)


async def test_chase_stays_a_maker_and_follows(world: TradingWorld) -> None:
    async def move() -> None:
        await world.clock.sleep(5)
        world.quote("50009.9", "50010.1")
        await world.clock.sleep(5)
        world.quote("50000", "50009.9")

    world.system.tasks.spawn(move(), "move")
    first, second = await executed(world, "chase", {"timeout": 60}, market())
    assert (first.order_type, first.status, first.price) == (OrderType.POST_ONLY, OrderStatus.CANCELED, D("49999.9"))
    assert (second.order_type, second.status, second.price) == (OrderType.POST_ONLY, OrderStatus.FILLED, D("50009.9"))


async def test_scale_stands_on_every_rung_at_once(world: TradingWorld) -> None:
    config = {"price_from": 49990, "price_to": 49970, "levels": 3, "timeout": 60}
    seen: list[int] = []

    async def come() -> None:
        await world.clock.sleep(5)
        seen.append(len(world.orders.get_active_orders()))
        world.quote("49959.9", "49960")

    world.system.tasks.spawn(come(), "come")
    orders = await executed(world, "scale", config, market(size="0.09"))
    assert seen == [3]
    assert [(order.price, order.filled_size) for order in orders] == [
        (D(49990), D("0.03")),
        (D(49980), D("0.03")),
        (D(49970), D("0.03")),
    ]


TWENTY = {"duration": 20, "num_slices": 2}


@pytest.mark.parametrize(
    ("name", "config", "price", "share", "fees", "total"),
    [
        ("market", {}, None, "0", "5.00001", "5.01001"),
        ("twap", TWENTY, None, "0", "5.00001", "5.01001"),
        ("twap", TWENTY | {"style": "passive"}, None, "1", "-0.4999990", "-0.509999"),
        ("twap", TWENTY | {"style": "passive_then_cross"}, None, "0.8", "0.5999988", "0.5899988"),
        ("limit", {}, "49900", "1", "-0.499", "-10.499"),
        ("limit", {}, "50100", "0", "5.00001", "5.01001"),
        ("pov", {}, None, "0", "5", None),
    ],
)
async def test_a_preview_counts_the_fees_by_how_it_trades(
    tmp_path: Path, name: str, config: dict[str, Any], price: str | None, share: str, fees: str, total: str | None
) -> None:
    """0.1 BTC at 49999.9 / 50000.1; a maker gets a ten-thousandth, a taker pays ten. POV waits for others to trade."""
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, fee_rate=D("0.001"), maker_fee_rate=D("-0.0001"))
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        params = market() if price is None else limit(price)
        shown = await STRATEGIES[name](world.executor, config).preview(params)
        assert (shown.maker_share, shown.expected_fees) == (D(share), D(fees))
        assert (shown.expected_total, shown.cost_currency) == (None if total is None else D(total), "USDT")


async def test_a_preview_of_an_inverse_contract_costs_coins(tmp_path: Path) -> None:
    """100 contracts of 100 USD at 50000.1 where the mid is 50000; a taker pays a thousandth of 0.2 BTC."""
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, (*DEFAULT_INSTRUMENTS, INVERSE), {"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        world.quote("49999.9", "50000.1", INVERSE.instrument_id)
        exchange.set_book(INVERSE.instrument_id, D("49999.9"), D("50000.1"), D(500))
        wanted = market(size="100", instrument_id=INVERSE.instrument_id, trade_mode=TradeMode.CROSS)
        shown = await STRATEGIES["market"](world.executor, {}).preview(wanted)
        assert (shown.cost_currency, shown.expected_cost) == ("BTC", D("0.000000399999"))
        assert (shown.expected_fees, shown.expected_total) == (
            D("0.0001999996"),
            D("0.0001999996") + D("0.000000399999"),
        )
        assert shown.at_worst == AtWorst("USDT", D(60_000), D("0.4"))  # with the coin that is held


async def test_a_preview_tells_what_the_position_comes_to_with_what_is_held_and_open(tmp_path: Path) -> None:
    """Of 100,000 USDT: 5 contracts of 0.01 BTC are held, 3 are asked for beside them, and 4 more are previewed."""
    clock = SimulatedClock()
    async with trading_world(tmp_path, exchange=MemoryExchange(clock), clock=clock) as world:
        contract = {"instrument_id": "BTC-USDT-SWAP", "trade_mode": TradeMode.CROSS}
        world.quote("49999", "50001", "BTC-USDT-SWAP")
        await world.executor.place_order(market(size="5", **contract))
        await world.executor.place_order(limit("49000", size="3", **contract))
        policy = STRATEGIES["market"](world.executor, {})
        shown = (await policy.preview(market(size="4", **contract))).at_worst
        assert shown is not None
        assert (shown.currency, shown.worth) == ("USDT", D(6_000))
        assert shown.of_equity == rounded(D(6_000) / (await world.executor.account()).equity)
        assert (await policy.preview(market(size="2", side=OrderSide.SELL, **contract))).at_worst is None


async def test_without_the_exchanges_rates_a_preview_leaves_the_fees_open(world: TradingWorld) -> None:
    world.exchange.reads_fail_with = ExchangeUnavailable("down")
    shown = await STRATEGIES["market"](world.executor, {}).preview(market())
    assert (shown.expected_fees, shown.expected_total, shown.taker_fee_rate) == (None, None, None)
    assert shown.expected_cost == D("0.01")
