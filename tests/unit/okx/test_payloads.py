"""Every recorded payload that the adapter has a decoder for decodes, and keeps what it should.

The recordings are no part of the project: they stand beside the checkout with the other test data, or where
TEST_OKX_PAYLOADS says (rest_*/ with bodies, ws_pushes/ and ws_requests/ with dialogues); without them these tests skip.
test_codec.py has shapes of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.domain.market import BookAction
from app.domain.orders import Source
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import bills, codec, market_rows, wire
from app.exchanges.okx.beyond import algo_orders

BESIDE = Path(__file__).resolve().parents[4] / "shared" / "okx" / "payloads"
FOLDER = Path(os.environ.get("TEST_OKX_PAYLOADS", BESIDE))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded payloads at {FOLDER} (TEST_OKX_PAYLOADS)")

Reader = Callable[[msgspec.Raw], Any]


def _through(shape: type[Any], convert: Callable[[Any], Any]) -> Reader:
    return lambda raw: convert(wire.read_row(raw, shape))


def _instrument(row: wire.InstrumentRow) -> Any:
    return codec.instrument(row) if row.instType in ("SPOT", "SWAP") else row


ORDER = _through(wire.OrderRow, lambda row: codec.order_report(row, Source.POLL))
FILL = _through(wire.FillRow, codec.fill_report)
ACTION = _through(wire.ActionRow, lambda row: row)
BILL = _through(wire.BillRow, bills.bill)
BALANCE = _through(wire.BalanceRow, codec.balances)
POSITION = _through(wire.PositionRow, codec.position)
TICKER = _through(wire.TickerRow, market_rows.ticker)
BOOK = _through(wire.BookRow, lambda row: market_rows.book("X", row, BookAction.SNAPSHOT))
ALGO = _through(wire.AlgoRow, algo_orders.report)
MARK = _through(wire.MarkPriceRow, market_rows.mark_price)
FUNDING = _through(wire.FundingRow, market_rows.funding_rate)
CANDLE = _through(wire.CandleRow, lambda row: market_rows.candle(row, "X", "1m"))

REST: dict[str, Reader] = {
    "rest_trading/GetOrderDetails": ORDER,
    "rest_trading/GetOrders": ORDER,
    "rest_trading/GetOrderHistory": ORDER,
    "rest_trading/GetOrderArchive": ORDER,
    "rest_trading/GetUserTrades": FILL,
    "rest_trading/GetUserTradesArchive": FILL,
    "rest_trading/PlaceOrder": ACTION,
    "rest_trading/PlaceMultipleOrders": ACTION,
    "rest_trading/CancelOrder": ACTION,
    "rest_trading/CancelMultipleOrders": ACTION,
    "rest_trading/AmendOrder": ACTION,
    "rest_trading/AmendMultipleOrders": ACTION,
    "rest_trading/GetAlgoOrder": ALGO,
    "rest_trading/GetAlgoOrderList": ALGO,
    "rest_trading/GetAlgoOrderHistory": ALGO,
    "rest_trading/PlaceAlgoOrder": ACTION,
    "rest_trading/AmendAlgoOrder": ACTION,
    "rest_trading/CancelAlgoOrder": ACTION,
    "rest_trading/CancelAdvanceAlgoOrder": ACTION,
    "rest_trading/CancelAllAfter": _through(wire.TriggerRow, lambda row: row),
    "rest_account/GetAccountBalance": BALANCE,
    "rest_account/GetAccountPositions": POSITION,
    "rest_account/GetBillHistory": BILL,
    "rest_account/GetBillArchive": BILL,
    "rest_account/GetAccountConfiguration": _through(wire.AccountRow, lambda row: codec.account_config(row, "demo")),
    "rest_account/GetFeeRates": _through(wire.FeeRow, lambda row: codec.fee_rates(row, "", "USD")),
    "rest_account/GetAccountLeverage": _through(wire.LeverageRow, lambda row: codec.needed("lever", row.lever)),
    "rest_account/SetAccountLeverage": _through(wire.LeverageRow, lambda row: codec.needed("lever", row.lever)),
    "rest_exchangedata/GetSymbols": _through(wire.InstrumentRow, _instrument),
    "rest_exchangedata/GetTicker": TICKER,
    "rest_exchangedata/GetTickers": TICKER,
    "rest_exchangedata/GetOrderBook": BOOK,
    "rest_exchangedata/GetServerTime": _through(wire.TimeRow, lambda row: codec.moment("ts", row.ts)),
    "rest_exchangedata/GetKlines": CANDLE,
    "rest_exchangedata/GetKlineHistory": CANDLE,
    "rest_exchangedata/GetMarkPrices": MARK,
    "rest_exchangedata/GetFundingRates": FUNDING,
    "rest_exchangedata/GetRecentTrades": _through(wire.TradeRow, market_rows.trade),
}

PUSHES: dict[str, Reader] = {
    "Order": _through(wire.OrderRow, lambda row: codec.order_report(row, Source.STREAM)),
    "Balance": BALANCE,
    "Position": POSITION,
    "OrderBook": BOOK,
    "Trades": _through(wire.TradeRow, market_rows.trade),
    "Ticker": TICKER,
    "AlgoOrder": ALGO,
    "AdvancedAlgoOrder": ALGO,
    "Klines": CANDLE,
    "MarkPrice": MARK,
    "FundingRate": FUNDING,
    "Symbol": _through(wire.InstrumentRow, _instrument),
}


def rest_body(name: str) -> bytes:
    _, _, _, body = (FOLDER / f"{name}.txt").read_text("utf-8-sig").split("\n", 3)
    return body.encode()


def dialogue(path: Path) -> list[str]:
    """What the server says in a recorded dialogue: answers, and everything after a line "=" as one push each."""
    said: list[str] = []
    for line in path.read_text("utf-8-sig").splitlines():
        if line.startswith("< "):
            said.append(line[2:])
        elif line.startswith("="):
            said.append(line[1:])
        elif line.startswith("> "):
            said.append("")
        elif said:
            said[-1] += line
    return [text for text in said if text.strip()]


@pytest.mark.parametrize("name", sorted(REST))
def test_rest_answers(name: str) -> None:
    envelope = wire.read_envelope(rest_body(name))
    rows = wire.raw_rows(envelope.data)
    assert rows
    for row in rows:
        REST[name](row)


@pytest.mark.parametrize("name", sorted(PUSHES))
def test_pushes(name: str) -> None:
    decoded = 0
    for text in dialogue(FOLDER / "ws_pushes" / f"{name}.txt"):
        message = wire.read_message(text)
        for row in wire.raw_rows(message.data):
            PUSHES[name](row)
            decoded += 1
    assert decoded


@pytest.mark.parametrize("name", ["PlaceOrder", "PlaceMultipleOrders", "CancelOrder", "AmendOrder"])
def test_replies_to_operations(name: str) -> None:
    replies = [wire.read_message(text) for text in dialogue(FOLDER / "ws_requests" / f"{name}.txt")]
    rows = [row for reply in replies if reply.op for row in wire.read_rows(reply.data, wire.ActionRow)]
    assert rows
    assert all(row.sCode is not None for row in rows)


def test_the_kept_fields_of_an_order_round_trip() -> None:
    envelope = wire.read_envelope(rest_body("rest_trading/GetOrderDetails"))
    (raw,) = wire.raw_rows(envelope.data)
    row = wire.read_row(raw, wire.OrderRow)
    recorded = json.loads(bytes(raw))
    again = json.loads(wire.write(row))
    assert {name: again[name] for name in again if name in recorded} == {
        name: recorded[name] for name in again if name in recorded
    }


def test_every_recorded_body_at_least_reads_as_an_envelope() -> None:
    unreadable: list[str] = []
    for path in sorted(FOLDER.glob("rest_*/*.txt")):
        try:
            wire.read_envelope(rest_body(f"{path.parent.name}/{path.stem}"))
        except ProtocolError as error:
            unreadable.append(f"{path.name}: {error}")
    assert unreadable == []
