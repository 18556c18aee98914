"""No order on bad data: without a fresh, whole, uncrossed book nothing is priced (INVARIANTS S10, FAULTS C7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.market import BookAction, BookUpdate
from app.domain.orders import OrderSide
from tests.unit.risk.world import BTC, ETH, INVERSE, SECOND, D, World, names


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


def test_an_inverse_contract_without_a_price_of_its_currency_is_not_valued() -> None:
    world = World()
    world.market.on_stream_down()
    world.quote(INVERSE, "50000")
    refused = world.approve(INVERSE)
    assert names(refused) == ("max_position_value", "max_daily_loss")  # the bitcoin held has no price either
    assert "cannot be valued" in refused.result.reasons[0].rule


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
