"""Routes over a catalogue and the price along them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.routes import ITSELF, UNPRICED, PriceKind, Quote, Routes, Value, price_along

D = Decimal
PAR = ("USD", "USDT", "USDC")


def spot(name: str, base: str, quote: str) -> Instrument:
    return Instrument(name, InstrumentKind.SPOT, base, quote, quote, D("0.1"), D("0.1"), D("0.1"))


def swap(name: str, base: str, quote: str) -> Instrument:
    return Instrument(name, InstrumentKind.SWAP, base, quote, quote, D("0.1"), D("0.1"), D("0.1"))


def price(
    listed: list[Instrument], quotes: Mapping[str, str], currency: str, to: str, par: tuple[str, ...] = PAR
) -> Value:
    """quotes: "50000" is fresh, "50000?" an older price."""
    said = {name: Quote(D(text.rstrip("?")), 5, fresh="?" not in text) for name, text in quotes.items()}
    return price_along(Routes(listed, par).between(currency, to), said.get)


def test_names_say_nothing_base_and_quote_do() -> None:
    assert price([spot("XBT/EURO", "BTC", "EUR")], {"XBT/EURO": "45000"}, "BTC", "EUR") == Value(
        D(45_000), PriceKind.FRESH, ("XBT/EURO",), 5
    )


def test_direct_before_inverse_before_cross() -> None:
    direct, inverse = spot("d", "A", "B"), spot("i", "B", "A")
    cross = [spot("ax", "A", "X"), spot("xb", "X", "B")]
    quotes = {"d": "2", "i": "0.4", "ax": "4", "xb": "0.6"}
    listed = [*cross, inverse, direct]
    assert price(listed, quotes, "A", "B").route == ("d",)
    assert price([*cross, inverse], quotes, "A", "B") == Value(D("2.5"), PriceKind.FRESH, ("i",), 5)
    assert price(cross, quotes, "A", "B") == Value(D("2.4"), PriceKind.FRESH, ("ax", "xb"), 5)


def test_a_longer_way_serves_while_the_shortest_has_no_present_price() -> None:
    listed = [spot("d", "A", "B"), spot("ax", "A", "X"), spot("xb", "X", "B")]
    assert price(listed, {"d": "2?", "ax": "4", "xb": "0.6"}, "A", "B").route == ("ax", "xb")
    assert price(listed, {"d": "2?", "ax": "4?", "xb": "0.6"}, "A", "B") == Value(D(2), PriceKind.STALE, ("d",), 5)


def test_three_markets_and_no_more() -> None:
    chain = [spot("1", "A", "B"), spot("2", "B", "C"), spot("3", "C", "D"), spot("4", "D", "E")]
    quotes = dict.fromkeys("1234", "2")
    assert price(chain, quotes, "A", "D").price == D(8)
    assert price(chain, quotes, "D", "A").price == D("0.125")
    assert price(chain, quotes, "A", "E") == UNPRICED
    assert Routes(chain).between("A", "nowhere") == ()


def test_par_needs_no_market_but_a_fresh_one_between_them_wins() -> None:
    between = [spot("USDC-USDT", "USDC", "USDT")]
    at_par = Value(D(1), PriceKind.PAR, ("USDC=USDT",))
    assert price([], {}, "USDC", "USDT") == at_par
    assert price(between, {}, "USDC", "USDT") == at_par
    assert price(between, {"USDC-USDT": "0.9?"}, "USDC", "USDT") == at_par
    assert price(between, {"USDC-USDT": "0.9"}, "USDC", "USDT").price == D("0.9")
    assert price(between, {"USDC-USDT": "0.8"}, "USDT", "USDC").price == D("1.25")
    assert price([], {}, "USDC", "USDT", ()) == UNPRICED


@pytest.mark.parametrize("quotes", [{"e": "1.1"}, {"e": "1.1", "u": "1"}])
def test_par_at_either_end_and_in_the_middle(quotes: dict[str, str]) -> None:
    listed = [spot("e", "EUR", "USDC"), spot("u", "USDC", "USDT")]
    assert price(listed, quotes, "EUR", "USDT").price == D("1.1")
    back = price(listed, quotes, "USDT", "EUR").price
    assert back is not None
    assert abs(back - D(1) / D("1.1")) < D("1E-20")
    over = price([*listed, spot("b", "BTC", "USDT")], {**quotes, "b": "55000"}, "BTC", "EUR").price
    assert over is not None
    assert abs(over - 50_000) < D("1E-20")


def test_contracts_carry_only_where_no_spot_market_leads() -> None:
    perpetual = swap("BTC-USD-SWAP", "BTC", "USD")
    assert price([perpetual], {"BTC-USD-SWAP": "50000"}, "BTC", "USD").route == ("BTC-USD-SWAP",)
    listed = [perpetual, spot("BTC-USDT", "BTC", "USDT")]
    assert price(listed, {"BTC-USD-SWAP": "50000"}, "BTC", "USD") == UNPRICED
    assert price(listed, {"BTC-USDT": "50000"}, "BTC", "USD").route == ("BTC-USDT", "USDT=USD")


def test_itself() -> None:
    assert ITSELF.price == 1
    assert price([], {}, "A", "A") == Value(D(1), PriceKind.FRESH)
