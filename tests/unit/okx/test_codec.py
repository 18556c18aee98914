"""What OKX's rows become: signs, units, absent values, unknown words."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.orders import SELF_TRADE, AmendOutcome, Fill, Liquidity, OrderSide, PositionSide, Source, VenueState
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, wire
from app.exchanges.port import FeeRates

FILLED: dict[str, Any] = {
    "instId": "BTC-USDT",
    "instType": "SPOT",
    "ordId": "452197707845865472",
    "clOrdId": "c1",
    "state": "filled",
    "side": "sell",
    "ordType": "limit",
    "posSide": "",
    "sz": "0.001",
    "px": "31527.1",
    "accFillSz": "0.001",
    "avgPx": "31527.1",
    "fillPx": "31527.1",
    "fillSz": "0.001",
    "tradeId": "242589207",
    "fillTime": "1654084353263",
    "fillFee": "-0.02522168",
    "fillFeeCcy": "USDT",
    "execType": "M",
    "category": "normal",
    "uTime": "1654084353264",
    "cTime": "1654084334977",
}


def order_row(**changes: Any) -> wire.OrderRow:
    return msgspec.json.decode(json.dumps({**FILLED, **changes}), type=wire.OrderRow)


def test_a_stream_row_with_its_fill() -> None:
    report = codec.order_report(order_row(), Source.STREAM)
    assert report.fill == Fill(
        "BTC-USDT",
        "242589207",
        "452197707845865472",
        OrderSide.SELL,
        Decimal("31527.1"),
        Decimal("0.001"),
        1654084353263_000_000,
        Decimal("0.02522168"),
        "USDT",
        Liquidity.MAKER,
    )
    assert (report.state, report.filled, report.size, report.price, report.venue_time_ns) == (
        VenueState.FILLED,
        Decimal("0.001"),
        Decimal("0.001"),
        Decimal("31527.1"),
        1654084353264_000_000,
    )


def test_d9_a_rebate_is_a_negative_fee() -> None:
    fill = codec.order_report(order_row(fillFee="0.01"), Source.STREAM).fill
    assert fill is not None
    assert fill.fee == Decimal("-0.01")


def test_a_rest_row_carries_no_fill_because_it_has_no_fee_of_its_own() -> None:
    assert codec.order_report(order_row(), Source.POLL).fill is None


@pytest.mark.parametrize("changes", [{"fillSz": "0", "tradeId": ""}, {"fillSz": "", "tradeId": ""}, {"fillSz": None}])
def test_b7_filled_without_a_fill_is_a_state_and_no_fill(changes: dict[str, Any]) -> None:
    report = codec.order_report(order_row(**changes), Source.STREAM)
    assert (report.state, report.fill, report.filled) == (VenueState.FILLED, None, Decimal("0.001"))


def test_b11_no_trade_id_no_fill() -> None:
    assert codec.order_report(order_row(tradeId=""), Source.STREAM).fill is None


def test_d14_a_liquidation_keeps_its_negative_trade_id_and_category() -> None:
    fill = codec.order_report(order_row(tradeId="-17", category="full_liquidation"), Source.STREAM).fill
    assert fill is not None
    assert (fill.trade_id, fill.category) == ("-17", "full_liquidation")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": "hibernating"}, VenueState.OTHER),
        ({"state": "mmp_canceled"}, VenueState.CANCELED),
        ({"state": ""}, None),
        ({"state": None}, None),
    ],
)
def test_b8_unknown_states_never_raise(changes: dict[str, Any], expected: VenueState | None) -> None:
    raw = json.dumps({**FILLED, **changes}).encode()
    report = codec.order_report(order_row(**changes), Source.STREAM, raw)
    assert report.state is expected
    assert report.raw == (raw.decode() if expected is VenueState.OTHER else "")


def test_an_order_that_self_trade_prevention_ended_says_so_in_our_word() -> None:
    report = codec.order_report(order_row(state="canceled", cancelSource="32"), Source.STREAM)
    assert report.cancel_source == f"{SELF_TRADE}:32"


def test_c11_unknown_words_are_kept_raw() -> None:
    report = codec.order_report(
        order_row(
            ordType="rpi",
            category="novel",
            cancelSource="99",
            execType="?",
            posSide="both",
            amendResult="7",
            reqId="r1",
        ),
        Source.STREAM,
    )
    assert (report.order_type, report.category, report.cancel_source, report.amend_outcome) == (
        None,
        "novel",
        "99",
        None,
    )
    assert report.fill is not None
    assert (report.fill.liquidity, report.fill.position_side) == (None, PositionSide.NET)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("0", AmendOutcome.DONE), ("-1", AmendOutcome.FAILED), ("1", AmendOutcome.CANCELED), ("", None)],
)
def test_b6_amend_results(result: str, outcome: AmendOutcome | None) -> None:
    report = codec.order_report(order_row(amendResult=result, reqId="r1", code="51503", msg="done"), Source.STREAM)
    assert (report.amend_request_id, report.amend_outcome, report.code) == ("r1", outcome, "51503")


def test_sizes_by_quote_amount_and_missing_prices_are_left_out() -> None:
    report = codec.order_report(order_row(tgtCcy="quote_ccy", px="", sz="100"), Source.POLL)
    assert (report.size, report.price) == (None, None)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400", "0x10", "1,5", "１", "--1", "9" * 200, " 1"])
def test_d8_what_is_no_finite_decimal_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        codec.needed("sz", text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**12), max_value=10**12))
def test_d8_numbers_are_exact(value: Decimal) -> None:
    assert codec.number("sz", format(value, "f")) == value


@pytest.mark.parametrize("text", ["1.5", "-1", "soon", "1" * 16, "１２"])
def test_d2_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        codec.moment("uTime", text)


@pytest.mark.parametrize(
    ("side", "size", "signed"),
    [
        ("net", "-3", "-3"),
        ("net", "3", "3"),
        ("long", "3", "3"),
        ("short", "3", "-3"),
        ("short", "-3", "-3"),
        ("", "", "0"),
    ],
)
def test_positions_are_signed_in_every_mode(side: str, size: str, signed: str) -> None:
    row = wire.PositionRow("BTC-USDT-SWAP", "SWAP", posSide=side, pos=size, avgPx="50000", mgnMode="isolated")
    assert codec.position(row).size == Decimal(signed)
    assert codec.position(row).trade_mode == "isolated"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"maker": "-0.0008", "taker": "-0.001"}, ("0.0008", "0.001")),
        ({"maker": "-0.0002", "taker": "-0.0005", "makerU": "-0.0001", "takerU": "-0.0003"}, ("0.0001", "0.0003")),
        (
            {
                "maker": "-1",
                "taker": "-1",
                "feeGroup": [
                    {"groupId": "1", "maker": "-0.5", "taker": "-0.5"},
                    {"groupId": "4", "maker": "0.0001", "taker": "-0.0007"},
                ],
            },
            ("-0.0001", "0.0007"),
        ),
    ],
)
def test_fee_rates_are_positive_when_paid(row: dict[str, Any], expected: tuple[str, str]) -> None:
    decoded = msgspec.json.decode(json.dumps(row), type=wire.FeeRow)
    assert codec.fee_rates(decoded, "4", "USDT") == FeeRates(Decimal(expected[0]), Decimal(expected[1]))


def test_d11_contracts_linear_and_inverse() -> None:
    shared = {"instType": "SWAP", "tickSz": "0.1", "lotSz": "1", "minSz": "1", "ctMult": "1", "state": "live"}
    linear = wire.InstrumentRow(
        "BTC-USDT-SWAP", instFamily="BTC-USDT", settleCcy="USDT", ctVal="0.01", ctType="linear", **shared
    )
    inverse = wire.InstrumentRow(
        "BTC-USD-SWAP", instFamily="BTC-USD", settleCcy="BTC", ctVal="100", ctType="inverse", **shared
    )
    one, two = codec.instrument(linear), codec.instrument(inverse)
    assert (one.base, one.quote, one.settle, one.notional(Decimal(2), Decimal(50_000))) == ("BTC", "USDT", "USDT", 1000)
    assert (two.base, two.quote, two.settle, two.notional(Decimal(2), Decimal(50_000))) == ("BTC", "USD", "BTC", 200)


@pytest.mark.parametrize("state", ["suspend", "preopen", "test", "rebase", "post_only", "settling", "novel", ""])
def test_d4_only_live_instruments_take_orders(state: str) -> None:
    row = wire.InstrumentRow("A-B", "SPOT", tickSz="1", lotSz="1", minSz="1", state=state)
    assert not codec.instrument(row).live


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(FILLED)), JSON_VALUES, max_size=4))
def test_c10_any_mutated_order_row_is_read_or_refused_with_a_protocol_error(changes: dict[str, Any]) -> None:
    raw = msgspec.Raw(json.dumps({**FILLED, **changes}).encode())
    with contextlib.suppress(ProtocolError):
        codec.order_report(wire.read_row(raw, wire.OrderRow), Source.STREAM)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_c10_any_bytes_are_read_or_refused_with_a_protocol_error(raw: bytes | str) -> None:
    with contextlib.suppress(ProtocolError):
        wire.raw_rows(wire.read_message(raw).data)
