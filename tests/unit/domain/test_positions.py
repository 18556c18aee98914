"""Positions: the same for any order of arrival, and equal to the change of equity (INVARIANTS M1, M3, M4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.instruments import Instrument
from app.domain.orders import Fill, OrderSide, PositionKey, PositionSide
from app.domain.positions import (
    RECENT_FILLS_MAX,
    HistoryNeeded,
    Position,
    PositionFold,
    anchored,
    apply_fill,
    fill_order,
    fold_in,
    opened,
    pnl_currency,
    refold,
    unrealised_pnl,
    with_fee,
)
from tests.unit.domain.builders import INVERSE, LINEAR, SPOT, D, fill

BUY, SELL = OrderSide.BUY, OrderSide.SELL
Legs = list[tuple[OrderSide, str, str]]


def trades(instrument: Instrument, legs: Legs) -> Position:
    position = Position(instrument.instrument_id)
    for number, (side, size, price) in enumerate(legs, start=1):
        position = apply_fill(position, instrument, fill(number, size, price, side=side, fee=None))
    return position


@pytest.mark.parametrize(
    ("instrument", "legs", "size", "entry", "realised"),
    [
        (SPOT, [(BUY, "1", "100"), (BUY, "1", "110")], "2", "105", "0"),
        (SPOT, [(BUY, "1", "100"), (BUY, "1", "110"), (SELL, "1", "120")], "1", "105", "15"),
        (SPOT, [(BUY, "2", "100"), (SELL, "2", "90")], "0", None, "-20"),
        (LINEAR, [(BUY, "200", "100"), (SELL, "300", "110")], "-100", "110", "20"),  # through zero
        (LINEAR, [(SELL, "100", "100"), (BUY, "50", "80")], "-50", "100", "10"),
        (LINEAR, [(SELL, "100", "100"), (BUY, "100", "80"), (BUY, "100", "80")], "100", "80", "20"),
        # 100 contracts of 100 USD bought at 50,000 and sold at 62,500: 0.2 BTC in, 0.16 BTC out.
        (INVERSE, [(BUY, "100", "50000"), (SELL, "100", "62500")], "0", None, "0.04"),
        (INVERSE, [(SELL, "100", "50000"), (BUY, "100", "62500")], "0", None, "-0.04"),
        (INVERSE, [(BUY, "100", "50000"), (BUY, "100", "40000")], "200", "44444.44444444", "0"),
        (INVERSE, [(BUY, "100", "50000"), (SELL, "150", "40000")], "-50", "40000", "-0.05"),
    ],
)
def test_known_answers(instrument: Instrument, legs: Legs, size: str, entry: str | None, realised: str) -> None:
    position = trades(instrument, legs)
    price = position.entry_price(instrument)
    assert (position.size, position.realised_pnl) == (D(size), D(realised))
    assert (price and round(price, 8)) == (entry and D(entry))


@pytest.mark.parametrize(
    ("instrument", "side", "mark", "expected"),
    [
        (SPOT, BUY, "110", "10"),
        (LINEAR, BUY, "110", "0.1"),
        (LINEAR, SELL, "110", "-0.1"),
        (INVERSE, BUY, "125", "0.2"),  # 1 BTC in; 0.8 BTC buys it back
        (INVERSE, SELL, "125", "-0.2"),
    ],
)
def test_unrealised(instrument: Instrument, side: OrderSide, mark: str, expected: str) -> None:
    position = trades(instrument, [(side, "1", "100")])
    assert unrealised_pnl(position, instrument, D(mark)) == D(expected)


def test_the_short_side_of_a_hedged_account_is_its_own_position() -> None:
    long = refold(
        LINEAR, PositionKey(LINEAR.instrument_id, PositionSide.LONG), [fill(1, "5", position_side=PositionSide.LONG)]
    ).position
    short = refold(
        LINEAR,
        PositionKey(LINEAR.instrument_id, PositionSide.SHORT),
        [fill(2, "3", side=SELL, position_side=PositionSide.SHORT)],
    ).position
    assert (long.side, long.size, short.side, short.size) == (PositionSide.LONG, D(5), PositionSide.SHORT, D(-3))


# --- fees ---


@pytest.mark.parametrize(
    ("fee", "currency", "size", "cost", "fee_value", "fees"),
    [
        ("0.1", "USDT", "1", "100", "0.1", {"USDT": "0.1"}),
        ("-0.1", "USDT", "1", "100", "-0.1", {"USDT": "-0.1"}),  # a rebate
        ("0.001", "BTC", "0.999", "99.9", "0.1", {"BTC": "0.001"}),  # 1 bought, 0.999 there (FAULTS D9)
        ("-0.001", "BTC", "1.001", "100.1", "-0.1", {"BTC": "-0.001"}),
        ("0.2", "OKB", "1", "100", "0", {"OKB": "0.2"}),
        ("0", "USDT", "1", "100", "0", {}),
    ],
)
def test_where_a_spot_fee_goes(
    fee: str, currency: str, size: str, cost: str, fee_value: str, fees: dict[str, str]
) -> None:
    position = apply_fill(Position("BTC-USDT"), SPOT, fill(1, fee=D(fee), fee_currency=currency))
    assert (position.size, position.cost, position.fee_value) == (D(size), D(cost), D(fee_value))
    assert dict(position.fees) == {name: D(amount) for name, amount in fees.items()}
    assert position.realised_pnl == 0


# --- the equity identity ---


def money(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(D(low), D(high), places=places, allow_nan=False, allow_infinity=False)


@st.composite
def fills_of(draw: st.DrawFn, instrument: Instrument, currencies: tuple[str, ...], count: int = 12) -> list[Fill]:
    made: list[Fill] = []
    for number in range(1, draw(st.integers(1, count)) + 1):
        lots = draw(st.integers(1, 500))
        made.append(
            Fill(
                instrument.instrument_id,
                str(number),
                "v1",
                draw(st.sampled_from([BUY, SELL])),
                draw(money("1", "90000", 1)),
                lots * instrument.lot,
                draw(st.integers(1, 5)),  # several in one nanosecond
                draw(st.one_of(st.none(), money("-1", "1", 8))),
                draw(st.sampled_from(currencies)),
            )
        )
    return made


@given(fills_of(SPOT, ("USDT", "BTC", "OKB")), money("1", "90000", 1))
def test_spot_profit_is_exactly_the_change_of_equity(fills: list[Fill], mark: Decimal) -> None:
    """M3, against an account kept by hand: cash and coins, each fee taken from its own currency."""
    held = {"USDT": D(0), "BTC": D(0), "OKB": D(0)}
    for one in fills:
        held["BTC"] += one.side.sign * one.size
        held["USDT"] -= one.side.sign * one.size * one.price
        if one.fee is not None:
            held[one.fee_currency] -= one.fee
    position = refold(SPOT, PositionKey(SPOT.instrument_id), fills).position
    profit = position.realised_pnl + unrealised_pnl(position, SPOT, mark) - position.fee_value
    assert profit == held["USDT"] + held["BTC"] * mark
    assert position.size == held["BTC"]
    assert position.fees.get("OKB", D(0)) == -held["OKB"]


@given(fills_of(LINEAR, ("USDT",)), money("1", "90000", 1))
def test_linear_profit_is_exactly_the_change_of_equity(fills: list[Fill], mark: Decimal) -> None:
    by_hand = sum((f.side.sign * f.size * LINEAR.contract_value * (mark - f.price) for f in fills), D(0))
    by_hand -= sum((f.fee for f in fills if f.fee is not None), D(0))
    position = refold(LINEAR, PositionKey(LINEAR.instrument_id), fills).position
    assert position.realised_pnl + unrealised_pnl(position, LINEAR, mark) - position.fee_value == by_hand
    assert position.size == sum((f.side.sign * f.size for f in fills), D(0))


@given(fills_of(INVERSE, ("BTC",)), money("1", "90000", 1))
def test_inverse_profit_is_the_change_of_equity_but_for_the_eighteenth_decimal(
    fills: list[Fill], mark: Decimal
) -> None:
    """Every division is rounded at 1e-18 BTC, at most three a fill."""
    assert pnl_currency(INVERSE) == "BTC"
    by_hand = sum((f.side.sign * f.size * INVERSE.contract_value * (1 / f.price - 1 / mark) for f in fills), D(0))
    by_hand -= sum((f.fee for f in fills if f.fee is not None), D(0))
    position = refold(INVERSE, PositionKey(INVERSE.instrument_id), fills).position
    profit = position.realised_pnl + unrealised_pnl(position, INVERSE, mark) - position.fee_value
    assert abs(profit - by_hand) <= D("1e-18") * (3 * len(fills) + 1)


@given(fills_of(LINEAR, ("USDT",)))
def test_what_is_flat_has_no_cost(fills: list[Fill]) -> None:
    """M1: a position back at zero has realised everything; nothing is left in cost to leak later."""
    size = sum((f.side.sign * f.size for f in fills), D(0))
    if size:
        closing = fill(1, str(abs(size)), "50000", side=SELL if size > 0 else BUY, time_ns=9, fee=None)
        fills = [*fills, replace(closing, trade_id="999")]
    position = refold(LINEAR, PositionKey(LINEAR.instrument_id), fills).position
    assert (position.size, position.cost) == (0, 0)
    assert position.entry_price(LINEAR) is None


# --- order of arrival ---


@settings(max_examples=150)
@given(st.data(), st.sampled_from([SPOT, LINEAR, INVERSE]))
def test_any_order_of_arrival_gives_the_same_position(data: st.DataObject, instrument: Instrument) -> None:
    """M4, fill by fill, with some fees told only after all fills."""
    fills = data.draw(fills_of(instrument, (pnl_currency(instrument), "BTC", "OKB")))
    arriving = data.draw(st.permutations(fills))
    late = data.draw(st.sets(st.sampled_from(fills)))
    fold = opened(PositionKey(instrument.instrument_id))
    for one in arriving:
        fold = fold_in(fold, instrument, replace(one, fee=None) if one in late else one)
    for one in late:
        fold = with_fee(fold, instrument, one)
    assert fold.position == refold(instrument, PositionKey(instrument.instrument_id), fills).position


def many(count: int) -> list[Fill]:
    return [fill(n, "1", str(100 + n % 7), side=BUY if n % 3 else SELL) for n in range(1, count + 1)]


def test_a_long_history_folds_like_a_short_one() -> None:
    fills = many(3 * RECENT_FILLS_MAX)
    fold = refold(LINEAR, PositionKey(LINEAR.instrument_id), fills)
    position = Position(LINEAR.instrument_id)
    for one in fills:
        position = apply_fill(position, LINEAR, one)
    assert fold.position == position
    assert len(fold.recent) <= RECENT_FILLS_MAX


def test_a_fill_within_memory_takes_its_place() -> None:
    fills = many(3 * RECENT_FILLS_MAX)
    late = fills.pop(-20)
    fold = fold_in(refold(LINEAR, PositionKey(LINEAR.instrument_id), fills), LINEAR, late)
    assert fold.position == refold(LINEAR, PositionKey(LINEAR.instrument_id), [*fills, late]).position


def test_a_fill_older_than_memory_asks_for_the_history() -> None:
    fills = many(3 * RECENT_FILLS_MAX)
    late = fills.pop(3)
    fold = refold(LINEAR, PositionKey(LINEAR.instrument_id), fills)
    with pytest.raises(HistoryNeeded, match=late.trade_id):
        fold_in(fold, LINEAR, late)
    with pytest.raises(HistoryNeeded, match=fills[0].trade_id):
        with_fee(fold, LINEAR, fills[0])


def test_a_stored_position_goes_on() -> None:
    fills = many(9)
    before = refold(LINEAR, PositionKey(LINEAR.instrument_id), fills[:6]).position
    fold: PositionFold = anchored(before, fill_order(fills[5]))
    for one in (fills[7], fills[6], fills[8]):
        fold = fold_in(fold, LINEAR, one)
    assert fold.position == refold(LINEAR, PositionKey(LINEAR.instrument_id), fills).position
    with pytest.raises(HistoryNeeded):
        fold_in(fold, LINEAR, fills[2])


def test_the_order_of_fills_is_time_then_the_trade_id_as_a_number_then_the_order() -> None:
    nine, ten = fill(9, time_ns=5), fill(10, time_ns=5)
    maker = replace(nine, venue_order_id="v0")  # a self-trade: one trade, two orders
    earlier = fill(11, time_ns=4)
    assert sorted([ten, nine, maker, earlier], key=fill_order) == [earlier, maker, nine, ten]


def test_below_one_lot_is_flat() -> None:
    assert Position("x", size=D("0.009")).flat(LINEAR)
    assert not Position("x", size=D("-0.01")).flat(LINEAR)


@pytest.mark.parametrize("rounding", [ROUND_HALF_UP, ROUND_DOWN])
def test_another_librarys_rounding_does_not_move_the_last_digit(rounding: str) -> None:
    """ccxt.decimal_to_precision leaves ROUND_HALF_UP in the thread's decimal context: the same fills then gave another
    cost than the journal, one unit of the 18th decimal away. Here: a third of 50 leaves 33.333333333333333333, and the
    half of that is a tie in the 19th decimal, which goes to the even digit."""
    legs: Legs = [(BUY, "2", "20"), (BUY, "1", "10"), (SELL, "1", "20"), (SELL, "1", "20")]
    with localcontext() as context:
        context.rounding = rounding
        position = trades(SPOT, legs)
    assert position == trades(SPOT, legs)
    assert position.cost == D("16.666666666666666667")
