"""OrderBook against a naive dictionary book on random message sequences, and its rules one by one."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.market import BookAction, BookUpdate, Level
from app.domain.orders import OrderSide
from app.market_data.order_book import OrderBook
from app.market_data.view import Walk

INSTRUMENT = "BTC-USDT"


def message(action: BookAction, bids: list[Level], asks: list[Level], sequence: int = 1) -> BookUpdate:
    return BookUpdate(INSTRUMENT, action, tuple(bids), tuple(asks), sequence * 1_000, sequence)


def snapshot(bids: list[Level], asks: list[Level]) -> BookUpdate:
    return message(BookAction.SNAPSHOT, bids, asks)


def levels(*pairs: tuple[str, str]) -> list[Level]:
    return [(D(price), D(size)) for price, size in pairs]


class NaiveBook:
    """Two dictionaries, sorted anew at every question."""

    def __init__(self, levels_max: int) -> None:
        self.levels_max = levels_max
        self.valid = False
        self.bids: dict[D, D] = {}
        self.asks: dict[D, D] = {}

    def apply(self, update: BookUpdate) -> None:
        if update.action is BookAction.INVALID:
            self.valid, self.bids, self.asks = False, {}, {}
            return
        if update.action is BookAction.SNAPSHOT:
            self.valid, self.bids, self.asks = True, {}, {}
        if not self.valid:
            return
        self.bids = self._changed(self.bids, update.bids, sign=-1)
        self.asks = self._changed(self.asks, update.asks, sign=1)

    def _changed(self, side: dict[D, D], changes: tuple[Level, ...], sign: int) -> dict[D, D]:
        merged = {price: size for price, size in {**side, **dict(changes)}.items() if size > 0}
        return dict(sorted(merged.items(), key=lambda level: sign * level[0])[: self.levels_max])

    def seen(self) -> tuple[object, ...]:
        bids, asks = tuple(self.bids.items()), tuple(self.asks.items())
        return self.valid, bids, asks, bids[0] if bids else None, asks[0] if asks else None


prices = st.integers(1, 40).map(lambda ticks: D(ticks) / 10)
sizes = st.integers(0, 3).map(D)
sides = st.dictionaries(prices, sizes, max_size=12).map(lambda side: tuple(side.items()))
actions = st.sampled_from([BookAction.SNAPSHOT] + [BookAction.UPDATE] * 8 + [BookAction.INVALID])
messages = st.lists(st.tuples(actions, sides, sides), max_size=30)


@given(sequence=messages, levels_max=st.sampled_from([3, 8, 1_000]))
def test_equals_a_naive_book_after_every_message(
    sequence: list[tuple[BookAction, tuple[Level, ...], tuple[Level, ...]]], levels_max: int
) -> None:
    book, naive = OrderBook(INSTRUMENT, levels_max), NaiveBook(levels_max)
    for number, (action, bids, asks) in enumerate(sequence):
        update = BookUpdate(INSTRUMENT, action, bids, asks, number, number)
        assert book.apply(update) == (naive.apply(update) or naive.valid)
        assert (book.valid, *book.depth(1_000), book.best_bid, book.best_ask) == naive.seen()
        if naive.bids and naive.asks:
            bid, ask = max(naive.bids), min(naive.asks)
            assert (book.crossed, book.mid, book.spread) == (bid >= ask, (bid + ask) / 2, ask - bid)
        else:
            assert (book.empty, book.crossed, book.mid, book.spread) == (True, False, None, None)


@given(asks=sides, bids=sides, side=st.sampled_from(OrderSide), lots=st.integers(1, 40))
def test_walk_takes_unit_by_unit_from_the_best(
    asks: tuple[Level, ...], bids: tuple[Level, ...], side: OrderSide, lots: int
) -> None:
    book = OrderBook(INSTRUMENT)
    book.apply(snapshot(list(bids), list(asks)))
    resting = asks if side is OrderSide.BUY else bids
    units = sorted((price for price, size in resting for _ in range(int(size))), reverse=side is OrderSide.SELL)[:lots]
    expected = Walk(D(lots), D(len(units)), sum(units) / len(units) if units else None, units[-1] if units else None)
    assert book.walk(side, D(lots)) == expected
    assert expected.complete == (len(units) == lots)


def test_touch_and_microprice() -> None:
    book = OrderBook(INSTRUMENT)
    book.apply(snapshot(levels(("99", "1"), ("100", "3")), levels(("102", "5"), ("101", "1"))))
    assert (book.best_bid, book.best_ask) == ((D(100), D(3)), (D(101), D(1)))
    assert (book.mid, book.spread, book.crossed, book.empty) == (D("100.5"), D(1), False, False)
    assert book.microprice == D("100.75")
    assert book.depth(1) == (((D(100), D(3)),), ((D(101), D(1)),))


def test_update_before_any_snapshot_is_ignored() -> None:
    book = OrderBook(INSTRUMENT)
    assert not book.apply(message(BookAction.UPDATE, levels(("100", "1")), levels(("101", "1"))))
    assert (book.valid, book.empty) == (False, True)


def test_invalid_forgets_the_levels_and_only_a_snapshot_brings_them_back() -> None:
    book = OrderBook(INSTRUMENT)
    book.apply(snapshot(levels(("100", "1")), levels(("101", "1"))))
    assert not book.apply(message(BookAction.INVALID, [], []))
    assert not book.apply(message(BookAction.UPDATE, levels(("100", "1")), []))
    assert (book.valid, book.best_bid, book.best_ask) == (False, None, None)
    assert book.apply(snapshot(levels(("100", "2")), levels(("101", "2"))))
    assert book.best_bid == (D(100), D(2))


def test_keep_alive_changes_nothing_but_the_sequence() -> None:
    book = OrderBook(INSTRUMENT)
    book.apply(snapshot(levels(("100", "1")), levels(("101", "1"))))
    before = (book.version, book.venue_time_ns, book.depth(9))
    assert book.apply(message(BookAction.UPDATE, [], [], sequence=7))
    assert (book.version, book.venue_time_ns, book.depth(9)) == before
    assert book.sequence == 7


@pytest.mark.parametrize(
    ("price", "size"), [("0", "1"), ("-1", "1"), ("NaN", "1"), ("Infinity", "1"), ("1", "-1"), ("1", "NaN")]
)
@pytest.mark.parametrize("action", [BookAction.SNAPSHOT, BookAction.UPDATE])
def test_C7_an_impossible_level_makes_the_book_invalid(action: BookAction, price: str, size: str) -> None:
    book = OrderBook(INSTRUMENT)
    book.apply(snapshot(levels(("100", "1")), levels(("101", "1"))))
    assert not book.apply(message(action, levels((price, size)), []))
    assert (book.valid, book.empty) == (False, True)


def test_another_instruments_update_is_a_bug() -> None:
    with pytest.raises(ValueError, match="BTC-USDT"):
        OrderBook("ETH-USDT").apply(snapshot([], []))


def test_levels_beyond_the_bound_are_forgotten() -> None:
    book = OrderBook(INSTRUMENT, levels_max=2)
    book.apply(
        snapshot(levels(("98", "1"), ("99", "1"), ("100", "1")), levels(("101", "1"), ("102", "1"), ("103", "1")))
    )
    assert book.depth(9) == (tuple(levels(("100", "1"), ("99", "1"))), tuple(levels(("101", "1"), ("102", "1"))))
