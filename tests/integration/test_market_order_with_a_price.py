"""A market order with a price never trades beyond it: an IOC limit at it, on every exchange and by every door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.domain.refusals import InvalidValue
from app.exchanges.okx import OkxExchange
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.services.trading import OrderParams
from app.services.trading.execution_strategies import MarketExecution
from tests.support.simulated_okx import SimulatedVenue, okx_config
from tests.support.systems import system_in
from tests.support.trading_world import BTC, D, TradingWorld, VirtualTimePolicy, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

RISK = {"max_order_value": 200_000, "max_position_value_pct": 5}
LISTS = {"environment": "demo", "exchange": "okx", "okx_api_key": "a", "okx_secret_key": "b", "okx_passphrase": "c"}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path, risk=RISK) as made:
        yield made


@pytest.mark.parametrize(
    ("side", "price", "filled", "at"),
    [
        (OrderSide.BUY, "50000", "0", None),  # the ask is 50000.1
        (OrderSide.BUY, "50000.1", "0.1", "50000.1"),
        (OrderSide.BUY, "50100", "0.1", "50000.1"),
        (OrderSide.SELL, "50000", "0", None),
        (OrderSide.SELL, "49000", "0.1", "49999.9"),
    ],
)
async def test_it_trades_at_its_price_or_better_or_not(
    world: TradingWorld, side: OrderSide, price: str, filled: str, at: str | None
) -> None:
    placed = await world.executor.place_order(market(side, price=D(price)))
    done = await world.executor.wait_for(placed.order_id, 5)
    assert (placed.order_type, placed.price, done.order_type) == (OrderType.IOC, D(price), OrderType.IOC)
    assert (done.filled_size, done.average_fill_price) == (D(filled), None if at is None else D(at))
    assert done.status is (OrderStatus.FILLED if at else OrderStatus.CANCELED)


async def test_what_the_book_does_not_have_at_its_price_is_cancelled(world: TradingWorld) -> None:
    world.quotes.clear()
    world.exchange.set_book(BTC, D("49999.9"), D("50000.1"), D("0.3"))
    placed = await world.executor.place_order(market(size="0.5", price=D("50000.1")))
    done = await world.executor.wait_for(placed.order_id, 5)
    assert (done.status, done.filled_size, world.exchange.venue.open) == (OrderStatus.CANCELED, D("0.3"), {})


async def test_risk_looks_at_the_price_that_goes_out(world: TradingWorld) -> None:
    for price, check in (("50000.03", "tick_size"), ("60000", "max_price_deviation")):
        params = market(price=D(price))
        refused = await world.executor.place_order(params)
        assert check in {reason.check for reason in refused.reasons}
        assert refused.order_type is OrderType.IOC
    assert not world.risk.validate_order_params(market(price=D("50000.03")))


async def test_a_repeated_key_finds_it(world: TradingWorld) -> None:
    first = await world.executor.place_order(market(price=D(50100)), idempotency_key="k")
    again = await world.executor.place_order(market(price=D(50100)), idempotency_key="k")
    assert (first.order_id, first.order_type) == (again.order_id, again.order_type)


async def test_it_cannot_be_amended_as_what_does_not_rest(world: TradingWorld) -> None:
    world.exchange.drop_pushes = 100
    placed = await world.executor.place_order(market(price=D(50100)))
    with pytest.raises(InvalidValue, match="cannot be amended"):
        await world.executor.modify_order(placed.order_id, new_price=D(50200))


async def test_a_parents_children_hold_its_price(world: TradingWorld) -> None:
    world.quotes.clear()
    world.exchange.set_book(BTC, D("49999.9"), D("50000.1"), D("0.3"))
    children = await MarketExecution(world.executor, {"timeout": 5}).execute(market(size="0.5", price=D("50000.1")))
    assert {(child.order_type, child.price) for child in children} == {(OrderType.IOC, D("50000.1"))}


async def test_okx_gets_an_ioc_order(tmp_path: Path) -> None:
    clock = SimulatedClock(seed=1)
    venue = SimulatedVenue(clock)
    system = system_in(tmp_path, OkxExchange(okx_config(), clock, venue.transport()), clock, **LISTS)
    await system.start()
    try:
        await system.follow(BTC)
        await system.market.wait_usable(BTC, 5)
        book = system.market.book(BTC)
        assert book is not None
        assert book.bid is not None
        params = OrderParams(instrument_id=BTC, side="buy", order_type="market", size="0.01", price=book.bid)  # type: ignore[arg-type]
        placed = await system.executor.place_order(params)
        done = await system.executor.wait_for(placed.order_id, 10)
        assert (done.order_type, done.status, done.filled_size) == (OrderType.IOC, OrderStatus.CANCELED, D(0))
        (sent,) = [
            frame
            for text in venue.frames
            if (frame := json.loads(text) if text[:1] == "{" else {}).get("op") == "order"
        ]
        assert {key: sent["args"][0].get(key) for key in ("ordType", "tgtCcy")} == {"ordType": "ioc", "tgtCcy": None}
    finally:
        await system.stop()
