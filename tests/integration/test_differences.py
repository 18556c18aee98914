"""A difference from the exchange that stays is told, closes what it concerns, and ends by evidence or an operator."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.cli import reconciling
from app.domain.events import EventKind
from app.domain.instruments import SizeUnit
from app.domain.orders import OrderRequest, OrderSide, OrderStatus, OrderType, TradeMode
from app.domain.refusals import InvalidValue
from app.exchanges.memory.exchange import MemoryExchange
from app.journal.audit import audit
from app.services.trading import OrderResponse
from app.store import queries
from app.store.queries import TradeFilter
from tests.support.trading_world import BTC, SWAP, TradingWorld, VirtualTimePolicy, limit, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
CROSS = f"{SWAP}/net/cross"


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def steal(venue: MemoryExchange, currency: str, amount: str) -> None:
    """The exchange takes money, and no bill says so."""
    venue.venue.ledger.total[currency] -= D(amount)


def standing(world: TradingWorld) -> list[tuple[str, str, str]]:
    return [(d["kind"], d["subject"], d["venue"]) for d in world.system.status()["differences"]["standing"]]


def told(world: TradingWorld) -> tuple[int, int, int]:
    """Anomalies, alarms and their ends in the journal."""
    anomalies = [row for row in world.events(EventKind.ANOMALY.value) if "difference_stands" in row["payload"]]
    ended = world.events(EventKind.DIFFERENCE_ENDED.value)
    return len(anomalies), len(world.events(EventKind.DIFFERENCE.value)), len(ended)


def unexplained(world: TradingWorld) -> list[tuple[str, Decimal]]:
    rows = queries.cash_movements(world.system.database, "main")
    return [(row["currency"], row["amount"]) for row in rows if row["kind"] == "unexplained"]


def trades(world: TradingWorld) -> list[queries.Row]:
    found = queries.iter_trades(world.system.database, "main", TradeFilter())
    return [row for rows in found for row in rows]


async def assert_clean(world: TradingWorld) -> None:
    await world.system.ledger.writer.drain()
    ledger = world.system.ledger
    report = audit(world.system.database, ledger.account, ledger.instruments)
    assert report.clean, report.findings[:5]
    assert await reconciling.compared(world.exchange, world.system.database, ledger.account, 0) == []


async def swap(world: TradingWorld, side: OrderSide = OrderSide.BUY, size: str = "2", **given: Any) -> OrderResponse:
    return await world.trade(side, size, instrument_id=SWAP, trade_mode=TradeMode.CROSS, **given)


async def test_money_that_is_missing_without_a_bill_closes_its_currency_and_ends_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with trading_world(tmp_path) as world:
        resting = await world.rest()
        steal(world.exchange, "BTC", "0.01")
        await asyncio.sleep(25)
        assert (await world.buy("0.01")).status is OrderStatus.FILLED, "not yet"
        await asyncio.sleep(45)
        assert standing(world) == [("balance", "BTC", "0.99999")]
        assert told(world) == (1, 1, 0)
        refused = await world.buy("0.01")
        assert (refused.status, "stays so" in str(refused.error_message)) == (OrderStatus.DENIED, True)
        assert (await world.sell("0.01")).status is OrderStatus.FILLED, "what reduces passes"
        assert (await swap(world)).status is OrderStatus.FILLED, "other currencies trade on"
        await world.executor.cancel_order(resting.order_id)
        assert world.orders.get_order(resting.order_id).status is OrderStatus.CANCELED
        steal(world.exchange, "BTC", "-0.01")
        await asyncio.sleep(35)
        assert (standing(world), told(world)) == ([], (1, 1, 1))
        assert (await world.buy("0.01")).status is OrderStatus.FILLED
        assert unexplained(world) == []
        await assert_clean(world)


async def test_an_operator_s_accept_books_it_as_unexplained_and_opens_again(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        steal(world.exchange, "USDT", "7.5")
        await asyncio.sleep(70)
        assert [each[:2] for each in standing(world)] == [("balance", "USDT")]
        with pytest.raises(InvalidValue):
            await world.system.differences.accept("balance", "BTC", principal="operator:alice", why="mistaken")
        with pytest.raises(InvalidValue):
            await world.system.differences.accept("balance", "USDT", principal="operator:alice", why="")
        await world.system.differences.accept("balance", "USDT", principal="operator:alice", why="a fee by hand")
        assert unexplained(world) == [("USDT", D("-7.5"))]
        (ended,) = world.events(EventKind.DIFFERENCE_ENDED.value)
        assert (ended["principal"], json.loads(ended["payload"])["why"]) == ("operator:alice", "a fee by hand")
        assert (await world.buy("0.01")).status is OrderStatus.FILLED
        await asyncio.sleep(70)
        assert standing(world) == []
        await assert_clean(world)


async def test_it_survives_a_restart_and_is_closed_from_the_first_moment(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        venue = world.exchange
        steal(venue, "BTC", "0.01")
        await asyncio.sleep(70)
        assert len(standing(world)) == 1
    async with trading_world(tmp_path, exchange=venue, seed=1) as world:
        assert [each[:2] for each in standing(world)] == [("balance", "BTC")]
        assert (await world.buy("0.01")).status is OrderStatus.DENIED
        assert told(world) == (1, 1, 0), "not told twice"
    steal(venue, "BTC", "-0.01")
    async with trading_world(tmp_path, exchange=venue, seed=2) as world:
        assert (standing(world), told(world)) == ([], (1, 1, 1)), "the start's own comparison is evidence"
        assert (await world.buy("0.01")).status is OrderStatus.FILLED


async def test_a_contract_position_that_differs_closes_its_instrument_and_can_be_accepted(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        await swap(world, size="2")
        (held,) = (held for held in world.exchange.venue.ledger.holdings.values() if held.size)
        held.size = D(3)
        await asyncio.sleep(70)
        assert standing(world) == [("position", CROSS, "3")]
        assert (await swap(world, size="1")).status is OrderStatus.DENIED
        assert (await world.buy("0.01")).status is OrderStatus.FILLED, "other instruments trade on"
        before = trades(world)
        await world.system.differences.accept("position", CROSS, principal="operator:alice", why="moved in by hand")
        shown = world.positions.get_position(SWAP)
        assert shown is not None
        assert shown.size == D(3)
        assert trades(world) == before, "it is no trade"
        assert (await swap(world, size="1")).status is OrderStatus.FILLED
        await world.system.ledger.writer.drain()
        report = audit(world.system.database, "main", world.system.ledger.instruments)
        assert report.clean, report.findings[:5]


async def test_a_fill_that_cannot_be_booked_closes_everything_until_it_can(tmp_path: Path, monkeypatch: Any) -> None:
    """A hand's fill; what the exchange lists of it is not taken, for whatever reason."""
    async with trading_world(tmp_path) as world:
        tracker = world.system.tracker
        book = tracker._book
        broken = True

        def fails(report: Any, **given: Any) -> Any:
            if broken and report.instrument_id == BTC:
                raise ValueError("a mistake of ours")
            return book(report, **given)

        monkeypatch.setattr(tracker, "_book", fails)
        world.exchange.venue.place(by_hand(world, "0.2"))
        await asyncio.sleep(75)
        assert ("fills", BTC) in [each[:2] for each in standing(world)]
        assert (await swap(world)).status is OrderStatus.DENIED, "everything is closed"
        broken = False
        await asyncio.sleep(75)
        assert standing(world) == []
        again = await swap(world)
        assert again.status is OrderStatus.FILLED, again.error_message
        await assert_clean(world)


def by_hand(world: TradingWorld, size: str) -> OrderRequest:
    return OrderRequest(
        order_id="",
        account="",
        client_order_id="",
        instrument_id=BTC,
        side=OrderSide.BUY,
        order_type=OrderType.MARKET,
        size=D(size),
        size_unit=SizeUnit.BASE,
        price=None,
        trade_mode=TradeMode.CASH,
        created_ns=world.clock.now_ns(),
    )


async def test_a_busy_account_that_agrees_in_between_raises_no_alarm(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        for number in range(60):
            side = (OrderSide.BUY, OrderSide.SELL)[number % 2]
            await world.executor.place_order(limit("50001" if side is OrderSide.BUY else "49999", "0.01", side))
            await asyncio.sleep(2)
        assert (standing(world), told(world)) == ([], (0, 0, 0))
        await assert_clean(world)
