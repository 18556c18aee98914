"""Reservations: what one order may still take, of what, at which price; and sums that return to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.exposure import OpenExposure, exposure_of, reservation
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.order_changes import apply_report, request_amend
from app.domain.orders import Amendment, OrderSide, OrderType, PositionKey, PositionSide, TradeMode, VenueState
from tests.unit.domain.builders import INVERSE, LINEAR, SPOT, D, fill, report, sent

MARKET: dict[str, Any] = {"order_type": OrderType.MARKET, "price": None}


@pytest.mark.parametrize(
    ("instrument", "changes", "currency", "amount"),
    [
        (SPOT, {}, "USDT", "500"),
        (SPOT, {"side": OrderSide.SELL}, "BTC", "5"),
        (SPOT, {**MARKET, "reference_price": D(105)}, "USDT", "525"),
        (SPOT, {"reference_price": D(105)}, "USDT", "525"),
        (LINEAR, {}, "USDT", "5"),
        (LINEAR, {"side": OrderSide.SELL, "reference_price": D(110)}, "USDT", "5.5"),
        (INVERSE, {}, "USD", "500"),
        (SPOT, MARKET, "USDT", "0"),  # a foreign market order has no price that we know
    ],
)
def test_what_an_order_reserves(instrument: Instrument, changes: dict[str, Any], currency: str, amount: str) -> None:
    order = sent(instrument=instrument, **changes)
    found = reservation(order, instrument)
    assert (found.size, found.currency, found.amount) == (D(5), currency, D(amount))
    spot = instrument.kind is InstrumentKind.SPOT
    exposure = exposure_of([(order, instrument)])
    assert exposure.hold(currency) == (D(amount) if spot else 0)
    assert exposure.size(order.request.key, order.request.side) == 5
    assert exposure.notional(order.request.key, order.request.side) == D(amount)


def test_an_amendment_reserves_the_dearer_of_both() -> None:
    order = request_amend(sent(), Amendment("r1", D(8), D(90), 1), 1)
    assert reservation(order, SPOT).amount == D(800)
    order = request_amend(sent(), Amendment("r1", None, D(110), 1), 1)
    assert reservation(order, SPOT).amount == D(550)


def test_what_is_filled_is_reserved_until_its_fills_are_here() -> None:
    told = apply_report(sent(), report(VenueState.FILLED, "5"), 1).order
    assert reservation(told, SPOT).amount == D(500)
    part = apply_report(told, report(fill=fill(1, "2")), 2).order
    assert reservation(part, SPOT).amount == D(300)
    whole = apply_report(part, report(fill=fill(2, "3")), 3).order
    assert reservation(whole, SPOT).size == 0


def test_position_sides_and_modes_are_apart() -> None:
    keys = [
        PositionKey("BTC-USDT-SWAP", side, mode)
        for side in PositionSide
        for mode in (TradeMode.CROSS, TradeMode.ISOLATED)
    ]
    orders = [sent(instrument=LINEAR, position_side=key.side, trade_mode=key.mode) for key in keys]
    exposure = exposure_of([(order, LINEAR) for order in orders])
    assert [exposure.size(key, OrderSide.BUY) for key in keys] == [D(5)] * 6


def test_what_is_removed_leaves_nothing() -> None:
    exposure = OpenExposure()
    items = [reservation(sent(side=side, size=D(n), price=D("0.1")), SPOT) for n in (1, 3) for side in OrderSide]
    for item in items:
        exposure.add(item, spot=True)
    assert exposure.spot_holds == {"USDT": D("0.4"), "BTC": D(4)}
    for item in reversed(items):
        exposure.remove(item, spot=True)
    assert exposure == OpenExposure()
