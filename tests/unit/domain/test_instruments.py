"""Quantising never enlarges a size nor sharpens a price; notional by kind; what a venue would refuse (S9, D7, D11)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.instruments import Instrument
from app.domain.money import ceil_to, exact, floor_to, from_config, is_multiple, plain, positive
from app.domain.refusals import InvalidValue
from tests.unit.domain.builders import INVERSE, LINEAR, SPOT, D

STEPS = st.one_of(
    st.sampled_from(["1", "0.1", "0.5", "0.25", "0.00000001", "0.0001", "5", "10", "0.05", "1000000"]).map(D),
    st.decimals(D("1e-24"), D(10_000), places=24, allow_nan=False, allow_infinity=False).filter(lambda x: x > 0),
)
NUMBERS = st.one_of(
    st.decimals(D(0), D("1e12"), places=12, allow_nan=False, allow_infinity=False),
    st.decimals(D(0), D("1e24") - D("1e-24"), places=24, allow_nan=False, allow_infinity=False),
)


@given(NUMBERS, STEPS)
def test_flooring_never_enlarges_and_loses_less_than_a_step(value: Decimal, step: Decimal) -> None:
    floored = floor_to(value, step)
    assert floored <= value < floored + step
    assert is_multiple(floored, step)
    assert floor_to(floored, step) == floored


@given(NUMBERS, STEPS)
def test_ceiling_never_lessens(value: Decimal, step: Decimal) -> None:
    raised = ceil_to(value, step)
    assert raised - step < value <= raised
    assert is_multiple(raised, step)
    assert ceil_to(raised, step) == raised


@given(st.decimals(D("0.00001"), D("1e6"), places=9), st.decimals(D("0.1"), D("1e6"), places=5))
def test_an_instrument_quantises_passively(size: Decimal, price: Decimal) -> None:
    for instrument in (SPOT, LINEAR, INVERSE):
        assert instrument.floor_size(size) <= size
        assert instrument.passive_price(price, buying=True) <= price <= instrument.passive_price(price, buying=False)
        for buying in (True, False):
            assert not instrument.price_refusals(instrument.passive_price(price, buying=buying)) or price < D("0.1")


@pytest.mark.parametrize(
    ("size", "lot", "expected"),
    [("2.2504", "0.0001", "2.2504"), ("2.05324", "0.00001", "2.05324"), ("2.0532499", "0.00001", "2.05324"),
     ("0.99999999", "1", "0"), ("7", "2.5", "5")],
)  # fmt: skip
def test_known_traps_of_other_systems(size: str, lot: str, expected: str) -> None:
    """ccxt #4853 and #799: 2.2504 became 2.2503, 2.05324 became 2.049999."""
    assert floor_to(D(size), D(lot)) == D(expected)


@pytest.mark.parametrize(
    ("instrument", "size", "price", "notional", "base"),
    [
        (SPOT, "0.1", "50000", "5000", "0.1"),
        (LINEAR, "10", "50000", "5000", "0.1"),
        (replace(LINEAR, contract_value=D("0.1")), "10", "50000", "50000", "1"),  # ten times the value
        (replace(LINEAR, contract_value=D(10)), "3", "2", "60", "30"),
        (INVERSE, "50", "50000", "5000", "0.1"),
        (INVERSE, "50", "25000", "5000", "0.2"),
    ],
)
def test_contract_values(instrument: Instrument, size: str, price: str, notional: str, base: str) -> None:
    assert instrument.notional(D(size), D(price)) == D(notional)
    assert instrument.base_quantity(D(size), D(price)) == D(base)


@pytest.mark.parametrize(
    ("size", "rules"),
    [("0.01", 0), ("0", 1), ("-1", 1), ("0.015", 1), ("0.005", 2)],
)
def test_size_refusals_name_every_rule(size: str, rules: int) -> None:
    assert len(LINEAR.size_refusals(D(size))) == rules


def test_reducing_may_be_below_the_minimum() -> None:
    instrument = replace(LINEAR, min_size=D(1))
    assert [r.rule for r in instrument.size_refusals(D("0.5"))] == ["is below minimum size 1 of BTC-USDT-SWAP"]
    assert instrument.size_refusals(D("0.5"), reduce_only=True) == []


@pytest.mark.parametrize(("price", "refused"), [("50000.1", False), ("50000.15", True), ("0", True), ("-0.1", True)])
def test_price_refusals(price: str, refused: bool) -> None:
    assert bool(SPOT.price_refusals(D(price))) is refused


# --- money's door ---


@pytest.mark.parametrize(
    "value", [1.5, True, None, "", "abc", "NaN", "Infinity", "-Infinity", "sNaN", "1e400", "1e25", "1e-25", [], b"1"]
)
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        exact("size", value)
    assert caught.value.refusal.field == "size"


@pytest.mark.parametrize(("value", "number"), [("1.50", "1.5"), (3, "3"), (D("1e3"), "1000"), ("-2", "-2")])
def test_exact_numbers(value: object, number: str) -> None:
    assert exact("size", value) == D(number)


@pytest.mark.parametrize("value", ["0", "-1", 0, "-0"])
def test_positive(value: object) -> None:
    with pytest.raises(InvalidValue, match="above zero"):
        positive("size", value)


def test_floats_of_a_configuration_are_what_a_person_reads() -> None:
    assert [from_config("x", x) for x in (0.1, 0.001, 10000.0, 1e-8, "0.3")] == [
        D("0.1"), D("0.001"), D(10000), D("1e-8"), D("0.3"),
    ]  # fmt: skip
    for bad in (float("nan"), float("inf"), 1e300):
        with pytest.raises(InvalidValue):
            from_config("x", bad)


@pytest.mark.parametrize(
    ("value", "text"), [("1.500", "1.5"), ("1E+3", "1000"), ("0.000", "0"), ("-0", "0"), ("1e-8", "0.00000001")]
)
def test_plain_text(value: str, text: str) -> None:
    assert plain(D(value)) == text
