"""Numbers in and out: one parser at every door, places that follow what a number is made of, no exponent outside."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.money import exact, places, plain, rounded, shown_price, without_exponent
from app.domain.refusals import InvalidValue

D = Decimal


SEPARATED = ["1_000", "1__0", "1,000", "1\u00a0000"]
BLANKS = [" 7", "7 ", "\t7", "7\n"]
OTHER_DIGITS = ["\u0661\u0662", "\uff11", "\u22121"]
BROKEN = ["0x10", "", ".", "-", "1e", "e5", "--1"]


@pytest.mark.parametrize("text", [*SEPARATED, *BLANKS, *OTHER_DIGITS, *BROKEN])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="size="):
        exact("size", text)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-inf"])
def test_what_is_not_finite_says_so(text: str) -> None:
    with pytest.raises(InvalidValue, match="must be finite"):
        exact("size", text)


@pytest.mark.parametrize("text", ["0", "1", "-1", "+1", "0.001", ".5", "5.", "1e3", "1E-7", "0000.10"])
def test_what_is_a_number_is_exact(text: str) -> None:
    assert exact("size", text) == D(text)


def test_places_follow_what_the_number_is_made_of() -> None:
    price = D("0.0000000012345")
    assert rounded(price) == D("0.000000001234")
    assert rounded(price, step=D("0.0000000000001")) == price
    assert rounded(D(1) / 3, step=D("0.1")) == D("0.333333333333")
    assert places(D("0.0000000000001")) == 13
    assert places(D("1E+3")) == 0


def test_an_average_price_of_a_coin_of_a_billionth_keeps_its_digits() -> None:
    assert shown_price(D("0.0000000012345") / 3) == D("0.0000000004115")
    assert shown_price(D("0.0000000012345") / 7) == D("0.000000000176357142857")
    assert shown_price(D(50_000) / 3) == D("16666.666666666667")
    assert shown_price(D(0)) == 0


def test_no_exponent_leaves() -> None:
    assert plain(D("1E-7")) == "0.0000001"
    assert plain(D("1E+3")) == "1000"
    assert str(InvalidValue("price", D("1E-7"), "must be a multiple of the tick")) == (
        "price=0.0000001: must be a multiple of the tick"
    )
    assert without_exponent("1.2345E-9") == "0.0000000012345"
    assert without_exponent("-1E+3") == "-1000"
    assert [without_exponent(text) for text in ("E", "1E5", "BTCE-1", "1E-7 BTC")] == ["E", "1E5", "BTCE-1", "1E-7 BTC"]
