"""One asset, one holding, on whole systems in virtual time: several pairs, several strategies, coins of before us,
hands at the exchange, pairs that are listed no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.clock import SimulatedClock
from app.domain.holdings import OWN, UNATTRIBUTED, book_of
from app.domain.instruments import SizeUnit
from app.domain.orders import OrderRequest, TradeMode
from app.domain.refusals import InvalidValue
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from app.exchanges.port import BillKind
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.strategies.signals import Signal, SignalType
from tests.support.trading_world import BTC, SWAP, D, TradingWorld, VirtualTimePolicy, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

USDC = "BTC-USDC"
ETHBTC = "ETH-BTC"
WIDE = {"max_order_value": 1_000_000, "max_order_size": 1_000, "max_position_value_pct": 5}
MARKETS = tuple(i for i in (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS) if i.instrument_id != "USDC-USDT")
A, B = book_of("a"), book_of("b")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def exchange(clock: SimulatedClock, instruments: Any = MARKETS, **balances: str) -> MemoryExchange:
    held = {currency: D(amount) for currency, amount in balances.items()}
    return MemoryExchange(clock, instruments=instruments, balances=held)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    """100,000 USDT and as much USDC, two bitcoins of before us; BTC at 50,000 and ETH at 2,500, or 0.05 BTC."""
    clock = SimulatedClock()
    venue = exchange(clock, USDT="100000", USDC="100000", BTC="2")
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as made:
        made.quote("49999.9", "50000.1", USDC)
        made.quote("2499.9", "2500.1", "ETH-USDT")
        made.quote("0.04999", "0.05001", ETHBTC)
        yield made
        assert_sound(made)


def assert_sound(world: TradingWorld) -> None:
    ledger = world.system.ledger
    assert audit(world.system.database, ledger.account, ledger.instruments).findings == ()
    for asset, total in ledger.balances.items():
        assert asset == ledger.assets.currency or ledger.assets.of(asset).quantity == total


def books(world: TradingWorld, asset: str = "BTC") -> dict[str, Decimal]:
    held = world.system.ledger.assets.of(asset).books.items()
    return {name: book.quantity for name, book in held if book.quantity}


async def by_hand(world: TradingWorld, side: OrderSide, size: str, instrument_id: str = BTC) -> None:
    """Somebody trades on the exchange's own page."""
    number = len(world.exchange.venue.fills)
    request = OrderRequest(
        order_id=f"hand{number}", account="main", client_order_id=f"hand{number}", instrument_id=instrument_id,
        side=side, order_type=OrderType.MARKET, size=D(size), size_unit=SizeUnit.BASE, price=None,
        trade_mode=TradeMode.CASH, created_ns=world.clock.now_ns(), external=True,
    )  # fmt: skip
    world.exchange.venue.place(request)
    await world.clock.sleep(1)
    await world.system.reconciler.run()


async def close(world: TradingWorld, instrument_id: str = BTC, strategy: str | None = None) -> Any:
    order = await world.executor.execute_signal(Signal(SignalType.CLOSE, instrument_id), strategy_id=strategy)
    assert order is not None
    return await world.executor.wait_for(order.order_id, 5)


async def test_bought_for_one_quote_and_sold_for_another_leaves_no_position_and_one_profit(tmp_path: Path) -> None:
    clock = SimulatedClock()
    venue = exchange(clock, USDT="10000", USDC="10000")
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        world.quote("49999.9", "50000.1", USDC)
        await world.clock.sleep(1)
        await world.buy("0.1", instrument_id=USDC)
        held = world.positions.get_position(BTC)
        assert held is not None
        assert (held.size, held.pnl_currency) == (D("0.0999"), "USDT")
        world.quote("50999.9", "51000.1")
        await world.clock.sleep(1)
        await world.sell("0.0999")

        assert world.positions.get_all_positions() == []
        for pair in (USDC, BTC):
            over = world.positions.get_position(pair)
            assert over is not None
            assert over.net_pnl is not None
            assert (over.size, round(over.net_pnl, 2)) == (0, D("89.79"))
        await world.buy("0.02")
        (now,) = world.positions.get_all_positions()
        assert (now.instrument_id, now.size, now.entry_price) == (BTC, D("0.01998"), D("51000.1"))
        assert_sound(world)


async def test_an_asset_is_listed_once_and_seen_through_each_pair(world: TradingWorld) -> None:
    await world.buy("0.1", strategy_id="a")
    await world.clock.sleep(1)
    await world.buy("0.1", instrument_id=USDC, strategy_id="b")
    (held,) = world.positions.get_all_positions()
    assert (held.instrument_id, held.size) == (USDC, D("2.1998"))
    assert held.books == {A: D("0.0999"), B: D("0.0999"), UNATTRIBUTED: D(2)}
    seen = {pair: world.positions.get_position(pair) for pair in (BTC, USDC)}
    assert {pair: p.size if p else None for pair, p in seen.items()} == {BTC: D("2.1998"), USDC: D("2.1998")}
    assert world.positions.get_position("BTC-EUR") is not None


async def test_flatten_leaves_coins_that_were_there_before_us(world: TradingWorld) -> None:
    await world.buy("0.1")
    await world.clock.sleep(1)
    await world.buy("0.2", instrument_id=USDC, strategy_id="a")
    plan = world.executor.flatten_plan()
    assert [(c.instrument_id, c.size) for c in plan.closing] == [(USDC, D("0.2997"))]
    done = await world.executor.flatten()
    await world.clock.sleep(5)
    assert books(world) == {UNATTRIBUTED: D(2)}
    (left,) = done.left_out
    assert (left.size, left.value, left.value_currency, left.dust) == (D(2), D(100_000), "USDT", False)
    assert "--all" in left.reason

    again = await world.executor.flatten()
    assert (again.orders, len(again.left_out)) == ((), 1)
    await world.executor.flatten(all=True)
    await world.clock.sleep(5)
    assert books(world) == {}
    assert world.exchange.venue.ledger.balance("BTC", 0).total == 0


async def test_close_takes_a_strategys_book_or_the_sum_of_all_books(world: TradingWorld) -> None:
    await world.buy("0.1", strategy_id="a")
    await world.buy("0.2", instrument_id=USDC, strategy_id="b")
    await world.buy("0.3")
    assert (await close(world, strategy="a")).size == D("0.0999")
    assert books(world) == {B: D("0.1998"), OWN: D("0.2997"), UNATTRIBUTED: D(2)}
    with pytest.raises(InvalidValue, match="strategy a holds no position in BTC-USDT to close"):
        await close(world, strategy="a")
    assert (await close(world)).size == D("0.4995")
    assert books(world) == {UNATTRIBUTED: D(2)}
    with pytest.raises(InvalidValue, match="2 BTC is unattributed, which only flatten with all sells"):
        await close(world)


async def test_coins_sent_in_are_nobodys_and_what_a_hand_sells_is_taken_from_them_first(world: TradingWorld) -> None:
    await world.buy("0.2", strategy_id="a")
    await world.buy("0.1", strategy_id="b")
    world.exchange.move_cash(BillKind.TRANSFER, "BTC", D("0.5"))
    await world.system.reconciler.run()
    assert books(world)[UNATTRIBUTED] == D("2.5")
    await by_hand(world, OrderSide.SELL, "2.4")
    assert books(world) == {UNATTRIBUTED: D("0.1"), A: D("0.1998"), B: D("0.0999")}
    await by_hand(world, OrderSide.SELL, "0.2")
    assert books(world) == {A: D("0.13313333"), B: D("0.06656667")} or sum(books(world).values()) == D("0.1997")
    assert min(books(world).values()) > 0
    # Never more than is there: both together close exactly what is left.
    assert (await close(world)).filled_size == D("0.1997")


async def test_a_coin_spent_on_another_is_a_disposal_and_given_back_when_it_is_paid_back(world: TradingWorld) -> None:
    await world.buy("4", instrument_id=ETHBTC, strategy_id="a")
    assert books(world) == {UNATTRIBUTED: D("1.79996")}
    (btc, eth) = world.positions.get_all_positions()
    assert (btc.size, eth.size) == (D("1.79996"), D("3.996"))
    await close(world, ETHBTC, "a")
    assert books(world, "ETH") == {}
    back = books(world)
    assert back[UNATTRIBUTED] < 2
    done = await world.executor.flatten()
    assert [(order.instrument_id, order.size) for order in done] == []


async def test_a_limit_looks_at_the_asset_over_all_pairs(tmp_path: Path) -> None:
    clock = SimulatedClock()
    venue = exchange(clock, USDT="60000", USDC="60000")
    risk = WIDE | {"max_position_value_pct": 0.5}
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=risk) as world:
        world.quote("49999.9", "50000.1", USDC)
        await world.clock.sleep(1)
        assert (await world.buy("1")).status is OrderStatus.FILLED  # 50,000 of 120,000
        second = await world.executor.place_order(market(size="1", instrument_id=USDC))
        assert [reason.check for reason in second.reasons] == ["max_position_value"]
        third = await world.executor.place_order(market(size="60", instrument_id=SWAP, trade_mode="cross"))
        assert "max_position_value" in [reason.check for reason in third.reasons]
        hedge = market(OrderSide.SELL, "5", instrument_id=SWAP, trade_mode="cross")
        assert (await world.executor.place_order(hedge)).status is OrderStatus.FILLED


async def test_a_coin_that_is_listed_no_more_stays_visible(tmp_path: Path) -> None:
    clock = SimulatedClock()
    venue = exchange(clock, USDT="100000")
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        world.quote("2499.9", "2500.1", "ETH-USDT")
        await world.clock.sleep(1)
        await world.buy("2", instrument_id="ETH-USDT", strategy_id="a")
    listed = tuple(i for i in MARKETS if i.base != "ETH")
    later = exchange(clock, listed, USDT="100000")
    later.venue.ledger = venue.venue.ledger
    async with trading_world(tmp_path, exchange=later, clock=clock, risk=WIDE) as world:
        (held,) = world.positions.get_all_positions()
        assert (held.instrument_id, held.size, held.entry_price) == ("ETH-USDT", D("1.998"), D("2500.1"))
        assert world.positions.get_position("ETH-USDT") == held
        done = await world.executor.flatten()
        (left,) = done.left_out
        assert (left.instrument_id, left.size, left.dust) == ("ETH-USDT", D("1.998"), False)


async def test_every_contract_goes_whoever_opened_it(world: TradingWorld) -> None:
    await world.sell("5", instrument_id=SWAP, trade_mode="cross", strategy_id="a")
    done = await world.executor.flatten()
    assert [(order.instrument_id, order.side) for order in done] == [(SWAP, OrderSide.BUY)]


async def test_books_and_costs_outlive_a_restart(tmp_path: Path) -> None:
    clock = SimulatedClock()
    venue = exchange(clock, USDT="100000", USDC="100000", BTC="2")
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        world.quote("49999.9", "50000.1", USDC)
        await world.clock.sleep(1)
        await world.buy("0.1", strategy_id="a")
        await world.buy("0.1", instrument_id=USDC)
        before = dict(world.system.ledger.assets.held)
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        assert world.system.ledger.assets.held == before
        assert_sound(world)


async def test_a_changed_entry_or_book_is_found_by_the_audit(world: TradingWorld) -> None:
    await world.buy("0.1", strategy_id="a")
    ledger, database = world.system.ledger, world.system.database
    with database.writer_engine.begin() as connection:
        connection.execute(sa.text("UPDATE holding_books SET cost = '1' WHERE book = 'strategy:a' AND asset = 'BTC'"))
    findings = audit(database, ledger.account, ledger.instruments).findings
    assert [f.subject for f in findings] == ["holding BTC/strategy:a"]
    with database.writer_engine.begin() as connection:
        held = ledger.assets.of("BTC").book(A).whole.cost
        connection.execute(
            sa.text("UPDATE holding_books SET cost = :cost WHERE book = 'strategy:a' AND asset = 'BTC'"),
            {"cost": str(held)},
        )
