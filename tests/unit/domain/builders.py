"""Instruments, requests, fills and reports for the domain's tests."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.order_changes import mark_sent, new_order
from app.domain.orders import (
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    Source,
    TradeMode,
    VenueState,
)

D = Decimal
SECOND = 1_000_000_000
VENUE_ID = "v1"

SPOT = Instrument("BTC-USDT", InstrumentKind.SPOT, "BTC", "USDT", "USDT", D("0.1"), D("0.00000001"), D("0.00001"))
LINEAR = Instrument(
    "BTC-USDT-SWAP", InstrumentKind.SWAP, "BTC", "USDT", "USDT", D("0.1"), D("0.01"), D("0.01"), D("0.01")
)
INVERSE = Instrument(
    "BTC-USD-SWAP", InstrumentKind.SWAP, "BTC", "USD", "BTC", D("0.1"), D(1), D(1), D(100), inverse=True
)


def request(instrument: Instrument = SPOT, **changes: Any) -> OrderRequest:
    """A limit buy of 5 at 100; price None and type market together with order_type=MARKET."""
    made = OrderRequest(
        order_id="ord-1",
        account="a",
        client_order_id="TE1",
        instrument_id=instrument.instrument_id,
        side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        size=D(5),
        size_unit=instrument.size_unit,
        price=D(100),
        trade_mode=TradeMode.CASH if instrument.kind is InstrumentKind.SPOT else TradeMode.CROSS,
        created_ns=0,
    )
    return replace(made, **changes)


def sent(**changes: Any) -> Order:
    """An order whose bytes went out and that nothing has been heard of."""
    return mark_sent(new_order(request(**changes)))


def fill(number: int, size: str = "1", price: str = "100", **changes: Any) -> Fill:
    made = Fill(
        instrument_id=SPOT.instrument_id,
        trade_id=str(number),
        venue_order_id=VENUE_ID,
        side=OrderSide.BUY,
        price=D(price),
        size=D(size),
        time_ns=number * SECOND,
        fee=D("0.1"),
        fee_currency="USDT",
    )
    return replace(made, **changes)


def report(
    state: VenueState | None = None,
    filled: str | None = None,
    at: int = 0,
    *,
    size: str | None = None,
    price: str | None = None,
    **changes: Any,
) -> OrderReport:
    """A stream report; `at` seconds of venue time."""
    made = OrderReport(
        instrument_id=SPOT.instrument_id,
        source=Source.STREAM,
        client_order_id="TE1",
        venue_order_id=VENUE_ID,
        state=state,
        filled=None if filled is None else D(filled),
        size=None if size is None else D(size),
        price=None if price is None else D(price),
        venue_time_ns=at * SECOND,
    )
    return replace(made, **changes)


def facts(order: Order) -> Order:
    """The order without our own clock's stamps, which say when we learned and not what is."""
    return replace(order, sent_ns=None, acknowledged_ns=None, completed_ns=None, updated_ns=0)
