"""FAULTS B8, C11, D14: a word of the venue that nobody knows is tolerated and named; only forced ones stop trading."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.domain.events import EventKind
from app.domain.orders import OrderStatus, Source
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import bills, codec, wire
from app.exchanges.port import BillKind
from app.services.trading import OrderResponse
from tests.support.trading_world import BTC, TradingWorld, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

NEW_WORD = "something_of_2027"


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def push(world: TradingWorld, order: OrderResponse, **changes: Any) -> None:
    """A fill of the order as OKX pushes it, through the adapter's reader and the system's listener."""
    row = {
        "instId": BTC,
        "instType": "SPOT",
        "ordId": order.exchange_order_id,
        "clOrdId": order.client_order_id,
        "state": "partially_filled",
        "side": "buy",
        "ordType": "limit",
        "posSide": "net",
        "sz": "0.1",
        "px": "49000",
        "accFillSz": "0.04",
        "fillPx": "49000",
        "fillSz": "0.04",
        "tradeId": "900001",
        "fillTime": str(world.clock.now_ns() // 1_000_000),
        "fillFee": "-0.00004",
        "fillFeeCcy": "BTC",
        "execType": "M",
        "category": "normal",
        "uTime": str(world.clock.now_ns() // 1_000_000),
        **changes,
    }
    read = msgspec.json.decode(json.dumps(row), type=wire.OrderRow)
    world.system.listener.on_order(codec.order_report(read, Source.STREAM, json.dumps(row).encode()))


def anomalies(world: TradingWorld) -> list[str]:
    return [json.loads(row["payload"])["code"] for row in world.events(EventKind.ANOMALY.value)]


@pytest.mark.parametrize("category", ["twap", "ddh", "auto_conversion", NEW_WORD])
async def test_a_fill_of_our_order_under_any_other_category_is_an_anomaly_and_trading_goes_on(
    tmp_path: Path, category: str
) -> None:
    async with trading_world(tmp_path) as world:
        order = await world.rest()
        push(world, order, category=category)
        push(world, order, category=category, accFillSz="0.05", fillSz="0.01", tradeId="900002")
        await world.system.ledger.writer.drain()
        found = world.orders.get_order(order.order_id)
        assert (found.status, str(found.filled_size)) == (OrderStatus.PARTIALLY_FILLED, "0.05")
        assert not world.system.ledger.kill_switch.engaged
        assert anomalies(world) == [f"unusual_category:{category}"], "named once for the order"
        assert (await world.buy()).status is OrderStatus.FILLED


@pytest.mark.parametrize("category", ["full_liquidation", "partial_liquidation", "adl", "delivery"])
async def test_a_forced_fill_stops_trading(tmp_path: Path, category: str) -> None:
    async with trading_world(tmp_path) as world:
        order = await world.rest()
        push(world, order, category=category)
        await world.system.ledger.writer.drain()
        assert world.system.ledger.kill_switch.engaged
        assert category in world.system.ledger.kill_switch.reason


async def test_a_fill_that_the_second_way_shows_to_be_forced_stops_trading_too(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        order = await world.rest()
        push(world, order, category="normal")
        push(world, order, category="adl")
        await world.system.ledger.writer.drain()
        assert world.system.ledger.kill_switch.engaged


@pytest.mark.parametrize(
    "field", ["state", "ordType", "posSide", "execType", "amendResult", "cancelSource", "amendSource", "category"]
)
async def test_any_word_that_is_new_leaves_a_known_order_open_and_its_fill_booked(tmp_path: Path, field: str) -> None:
    async with trading_world(tmp_path) as world:
        order = await world.rest()
        push(world, order, **{field: NEW_WORD})
        await world.system.ledger.writer.drain()
        found = world.orders.get_order(order.order_id)
        assert (found.status, str(found.filled_size)) == (OrderStatus.PARTIALLY_FILLED, "0.04")
        assert not world.system.ledger.kill_switch.engaged
        assert world.events(EventKind.QUARANTINED.value) == []


def instrument_row(**changes: Any) -> wire.InstrumentRow:
    row = {
        "instId": "BTC-USDT-SWAP",
        "instType": "SWAP",
        "instFamily": "BTC-USDT",
        "settleCcy": "USDT",
        "ctVal": "0.01",
        "ctType": "linear",
        "tickSz": "0.1",
        "lotSz": "0.01",
        "minSz": "0.01",
        "state": "live",
        **changes,
    }
    return msgspec.json.decode(json.dumps(row), type=wire.InstrumentRow)


def test_an_instrument_in_a_state_that_nobody_knows_takes_no_orders() -> None:
    assert codec.instrument(instrument_row()).live
    assert not codec.instrument(instrument_row(state=NEW_WORD)).live


def test_contracts_of_a_type_that_nobody_knows_are_left_out_not_taken_for_linear_ones() -> None:
    with pytest.raises(ProtocolError, match="neither linear nor inverse"):
        codec.instrument(instrument_row(ctType=NEW_WORD))


def test_a_bill_of_a_type_that_nobody_knows_is_booked_under_its_own_word() -> None:
    row = wire.BillRow(billId="1", ccy="USDT", type="9999", subType="1", balChg="-0.5", ts="1654084353263")
    read = bills.bill(row)
    assert (read.kind, str(read.amount), read.venue_kind) == (BillKind.OTHER, "-0.5", "9999/1")
