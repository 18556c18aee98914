"""BookView.usable names why a book may not be used; MarketView answers from its own moment alone."""

from decimal import Decimal as D

import pytest

from app.domain.market import Level
from app.domain.orders import OrderSide
from app.market_data.view import NS_PER_SECOND, BookView, MarketView, VolumeBucket, Walk, book_refusal

BID: Level = (D("100"), D("2"))
ASK: Level = (D("101"), D("6"))
NOW = 1_000 * NS_PER_SECOND


def view(bid: Level | None = BID, ask: Level | None = ASK, age_seconds: float = 0, valid: bool = True) -> BookView:
    received_ns = NOW - int(age_seconds * NS_PER_SECOND)
    return BookView.of("BTC-USDT", bid, ask, received_ns=received_ns, valid=valid)


@pytest.mark.parametrize(
    ("book", "rule"),
    [
        (view(), None),
        (view(age_seconds=2), None),
        (view(age_seconds=-2), None),
        (None, "has no book"),
        (view(valid=False), "is invalid until the next snapshot"),
        (view(bid=None), "has no bid"),
        (view(ask=None), "has no ask"),
        (view(bid=None, ask=None), "has no bid"),
        (view(bid=(D("101"), D(1))), "is crossed: bid 101 at or above ask 101"),
        (view(bid=(D("102"), D(1))), "is crossed: bid 102 at or above ask 101"),
        (view(age_seconds=2.001), "was confirmed 2.001 s ago, above the limit of 2 s"),
        (view(age_seconds=-3600), "was confirmed -3600.000 s ago, above the limit of 2 s"),
    ],
)
def test_C7_why_a_book_may_not_be_used(book: BookView | None, rule: str | None) -> None:
    for limit in (2, D(2)):
        refusal = book_refusal(book, "BTC-USDT", NOW, limit)
        assert (refusal.rule if refusal else None) == rule
        if refusal:
            assert (refusal.check, refusal.field, refusal.value) == ("market_data", "book", "BTC-USDT")


def test_derived_values() -> None:
    book = view()
    assert (book.mid, book.spread, book.microprice, book.crossed) == (D("100.5"), D(1), D("100.25"), False)
    assert (book.near(OrderSide.BUY), book.far(OrderSide.BUY)) == (D(100), D(101))
    assert (book.near(OrderSide.SELL), book.far(OrderSide.SELL)) == (D(101), D(100))
    empty = view(bid=None)
    assert (empty.mid, empty.spread, empty.microprice, empty.crossed) == (None, None, None, False)


def test_market_view_walks_its_snapshot() -> None:
    market = MarketView("BTC-USDT", NOW, view(), bids=(BID,), asks=(ASK, (D(103), D(2))))
    assert market.walk(OrderSide.BUY, D(8)) == Walk(D(8), D(8), D("101.5"), D(103))
    assert market.walk(OrderSide.SELL, D(3)) == Walk(D(3), D(2), D(100), D(100))
    assert market.usable(2) is None


def test_a_market_never_heard_of_is_empty_and_unusable() -> None:
    market = MarketView("BTC-USDT", NOW)
    refusal = market.usable(2)
    assert refusal is not None
    assert refusal.rule == "has no book"
    assert market.walk(OrderSide.BUY, D(1)) == Walk(D(1), D(0), None, None)
    assert market.traded_volume(0) == D(0)


def test_traded_volume_counts_whole_seconds_since() -> None:
    buckets = tuple(VolumeBucket(s * NS_PER_SECOND, D(s), D(0), D(s) * (100 + s), 1) for s in (1, 2, 5))
    market = MarketView("BTC-USDT", NOW, volume=buckets)
    assert market.traded_volume(0) == D(8)
    assert market.traded_volume(2 * NS_PER_SECOND) == D(7)
    assert market.traded_volume(2 * NS_PER_SECOND + 1) == D(5)
