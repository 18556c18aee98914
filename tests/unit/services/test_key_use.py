"""What counts against a key's day: over midnight, without a price, in currencies of which a rate may be missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from app.domain.access_keys import KeyCharge
from app.services.trading.account.key_use import DAY_NS, KeyUse

D = Decimal
MONDAY = 20_000


def at(day: int) -> int:
    return day * DAY_NS + 5


def use(*charges: KeyCharge, missing: str = "") -> KeyUse:
    made = KeyUse(lambda instrument_id, size, price: None if instrument_id == missing else size * (price or D(100)))
    made.load(charges)
    return made


def charge(of: str, size: str, price: str | None = "10", *, day: int = MONDAY, still_open: bool = True) -> KeyCharge:
    return KeyCharge("api:bot", of, f"{of}-USDT", D(size), None if price is None else D(price), still_open, day)


def settled(order_id: str, filled: str) -> Any:
    """What a commit says of one order that is over."""
    order = SimpleNamespace(settled=True, filled=D(filled))
    return SimpleNamespace(orders={order_id: order}, new_orders={}, plain=[])


def test_what_is_over_counts_on_its_day_and_what_is_open_on_every_day() -> None:
    counted = use(charge("a", "3"), charge("b", "5", still_open=False), charge("c", "2", None))
    assert counted.total("api:bot", at(MONDAY)) == D(30 + 50 + 200)
    assert counted.total("api:bot", at(MONDAY)) == D(280), "asked again it is the same"
    assert counted.total("api:bot", at(MONDAY + 1)) == D(30 + 200)
    assert counted.total("api:other", at(MONDAY)) == D(0)


def test_an_order_that_is_amended_is_counted_once_and_at_its_largest() -> None:
    counted = use(charge("a", "3"), charge("b", "1"))
    assert counted.total("api:bot", at(MONDAY), but="a") == D(10)
    counted.charge(charge("a", "2", "12"))
    assert counted.total("api:bot", at(MONDAY)) == D(3 * 12 + 10)


def test_a_fill_that_is_told_late_counts_on_the_day_of_its_order() -> None:
    """An order was over with 1 filled; then the exchange tells of 2 more, one by one, and of one the day after."""
    counted = use(charge("a", "3"), charge("b", "1"))
    for filled, total in (("1", 20), ("2", 30), ("2", 30), ("3", 40)):
        counted.on_commit(settled("a", filled))
        assert counted.total("api:bot", at(MONDAY)) == D(total)
    assert counted.total("api:bot", at(MONDAY + 1)) == D(10)
    counted.on_commit(settled("a", "4"))
    assert counted.total("api:bot", at(MONDAY + 1)) == D(10)


def test_a_late_fill_is_counted_once_however_soon_it_comes() -> None:
    """Two fills before anybody asks for the sum are counted once, as is one in the moment without a price."""
    counted = use(charge("a", "3"))
    counted.on_commit(settled("a", "1"))
    counted.on_commit(settled("a", "2"))
    assert counted.total("api:bot", at(MONDAY)) == D(20)
    counted.on_commit(settled("a", "3"))
    counted.on_commit(settled("a", "4"))
    assert counted.total("api:bot", at(MONDAY)) == D(40)


def test_what_two_keys_asked_for_of_one_order_counts_for_both() -> None:
    counted = use(charge("a", "3"))
    counted.charge(replace(charge("a", "5", "12"), principal="api:other"))
    assert counted.total("api:bot", at(MONDAY)) == counted.total("api:other", at(MONDAY)) == D(60)
    assert counted.total("api:other", at(MONDAY), but="a") == D(0)
    counted.on_commit(settled("a", "1"))
    assert counted.total("api:bot", at(MONDAY)) == counted.total("api:other", at(MONDAY)) == D(12)


def test_without_a_price_nobody_knows_what_it_comes_to() -> None:
    counted = use(charge("a", "3"), charge("b", "1", still_open=False), missing="b-USDT")
    assert counted.total("api:bot", at(MONDAY)) is None
    assert counted.total("api:bot", at(MONDAY + 1)) == D(30), "of yesterday, it is forgotten"
