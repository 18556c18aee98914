"""No order on bad data: without a fresh, whole, uncrossed book nothing is priced (INVARIANTS S10, FAULTS C7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.market import BookAction, BookUpdate
from app.domain.orders import OrderSide
from app.services.trading.holdings.prices import Prices
from tests.unit.risk.world import BTC, ETH, ETHBTC, INVERSE, SECOND, D, World, names


def silence(world: World) -> None:
    world.clock.ns += 2 * SECOND + 1


def stepped_back(world: World) -> None:
    world.clock.ns -= 2 * SECOND + 1


def invalid(world: World) -> None:
    world.market.on_book(BookUpdate(BTC.instrument_id, BookAction.INVALID, (), (), 0, 2))


def book(world: World, bids: str, asks: str) -> None:
    levels = [tuple((D(price), D(1)) for price in side.split()) for side in (bids, asks)]
    update = BookUpdate(BTC.instrument_id, BookAction.SNAPSHOT, levels[0], levels[1], world.clock.ns, 2)
    world.market.on_book(update)


FAULTS: dict[str, tuple[Callable[[World], None], str]] = {
    "stale": (silence, "was confirmed 2.000 s ago"),
    "clock stepped back": (stepped_back, "was confirmed -2.000 s ago"),
    "invalid": (invalid, "is invalid until the next snapshot"),
    "stream down": (lambda w: w.market.on_stream_down(), "is invalid until the next snapshot"),
    "crossed": (lambda w: book(w, "50001", "50000"), "is crossed"),
    "locked": (lambda w: book(w, "50000", "50000"), "is crossed"),
    "no bid": (lambda w: book(w, "", "50000"), "has no bid"),
    "no ask": (lambda w: book(w, "50000", ""), "has no ask"),
    "empty": (lambda w: book(w, "", ""), "has no bid"),
    "impossible price": (lambda w: book(w, "50000", "0"), "is invalid"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("price", "side"), [("50000", "buy"), (None, "buy"), ("50000", "sell"), (None, "sell")])
def test_a_book_that_cannot_be_used(fault: str, price: str | None, side: str) -> None:
    world = World()
    spoil, says = FAULTS[fault]
    spoil(world)
    refused = world.approve(price=price, side=side)
    assert "max_price_deviation" in names(refused)
    assert any(says in reason.rule for reason in refused.result.reasons), refused.result.reasons
    assert refused.reference_price is None or price is not None


def test_no_book_at_all() -> None:
    world = World()
    refused = world.approve(ETH, size="0.1", price=None)
    assert names(refused)[0] == "max_price_deviation"
    assert str(refused.result.reasons[0]) == "book=ETH-USDT: has no book"


def test_an_order_whose_currencies_have_no_price_is_not_valued() -> None:
    """Neither the currency that it is quoted in nor its base leads to the valuation currency."""
    world = World()
    world.risk.prices = Prices(world.ledger, world.market, "EUR")
    refused = world.approve()
    assert names(refused) == ("max_order_value", "max_position_value")
    rule = "cannot be valued: there is no price of USDT or BTC in EUR, the valuation currency"
    assert {reason.rule for reason in refused.result.reasons} == {rule}


def test_an_inverse_contract_is_worth_its_dollars() -> None:
    world = World({"max_order_value": 10_000, "max_position_value_pct": 10})
    world.market.on_stream_down()
    world.quote(INVERSE, "50000")
    assert names(world.approve(INVERSE, size="100")) == ()
    assert names(world.approve(INVERSE, size="101")) == ("max_order_value",)


def test_fifty_ether_for_bitcoin_are_worth_125_000() -> None:
    world = World({"max_order_value": 10_000, "max_order_size": 1_000, "max_position_value_pct": 10})
    world.ledger.balances["BTC"] = D(10)
    world.quote(ETHBTC, "0.05", spread="0.0001")
    refused = world.approve(ETHBTC, size="50", price="0.05")
    assert names(refused) == ("max_order_value",)
    assert "is worth 125000 USDT" in refused.result.reasons[0].rule
    assert names(world.approve(ETHBTC, size="4", price="0.05")) == ()


def test_the_price_moved_tenfold_is_caught() -> None:
    """A contract value or a price wrong by ten is beyond any collar (FAULTS D11)."""
    world = World()
    world.quote(BTC, "500000")
    assert "max_price_deviation" in names(world.approve(price="50000"))


@pytest.mark.parametrize(
    ("side", "price", "passed"),
    [(OrderSide.BUY, "50000", True), (OrderSide.BUY, "53000", False), ("sell", None, True), ("buy", "50000.05", False)],
)
def test_validate_price_reasonability(side: OrderSide, price: str | None, passed: bool) -> None:
    assert World().risk.validate_price_reasonability("BTC-USDT", side, price).passed is passed


def test_validate_price_reasonability_without_book_or_instrument() -> None:
    world = World()
    world.market.on_stream_down()
    assert not world.risk.validate_price_reasonability("BTC-USDT", OrderSide.BUY, D(50_000))
    assert not world.risk.validate_price_reasonability("NO-SUCH", OrderSide.BUY, D(50_000))
