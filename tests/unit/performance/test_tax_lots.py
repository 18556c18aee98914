"""First in, first out, by known answers, and against the average cost of the books: both gain the same in the end."""

from collections.abc import Iterator
from decimal import Decimal
from weakref import WeakSet

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.holdings import OWN, Cause, Entry, EntryKind, Origin, book_of
from app.domain.performance import Disposal, average_disposals, disposals, late_fees, with_fees
from app.domain.performance.disposal_fees import Fold
from tests.unit.domain.test_holdings import Books

D = Decimal
A, B = book_of("a"), book_of("b")


def told(found: list[Disposal]) -> list[tuple[Decimal, Decimal | None, Decimal | None, Decimal | None]]:
    return [(one.quantity, one.cost, one.proceeds, one.gain) for one in found]


def test_three_buys_and_two_partial_sells() -> None:
    books = Books()
    for size, price in (("1", "100"), ("2", "110"), ("1", "130")):
        books.fill("ETH-USDT", "buy", size, price, OWN)
    books.fill("ETH-USDT", "sell", "1.5", "120", OWN)
    books.fill("ETH-USDT", "sell", "2", "140", OWN)
    found = list(disposals(books.entries))
    assert told(found) == [
        (1, 100, 120, 20),
        (D("0.5"), 55, 60, 5),
        (D("1.5"), 165, 210, 45),
        (D("0.5"), 65, 70, 5),
    ]
    assert [one.number for one in found] == [1, 2, 3, 4]
    assert [(one.acquired_ns, one.disposed_ns) for one in found] == [(1, 4), (2, 4), (2, 5), (3, 5)]
    assert {(one.asset, one.origin, one.kind) for one in found} == {("ETH", Origin.OURS, EntryKind.TRADE)}


def test_a_fee_in_base_goes_first_as_a_disposal_of_its_own() -> None:
    books = Books()
    books.fill("BTC-USDT", "buy", "0.1", "50000", OWN, "0.0001", "BTC")
    books.fill("BTC-USDT", "sell", "0.0999", "51000", OWN, "5.0949", "USDT")
    found = list(disposals(books.entries))
    assert told(found) == [(D("0.0001"), 5, 5, 0), (D("0.0999"), 4995, D("5094.9"), D("99.9"))]
    assert [one.kind for one in found] == [EntryKind.FEE, EntryKind.TRADE]


def test_bought_on_one_pair_and_sold_on_another() -> None:
    books = Books(USDC="1")
    books.cash("USDC", "10000", "opening")
    books.fill("BTC-USDC", "buy", "0.1", "50000", OWN)
    books.prices["USDC"] = D("0.99")
    books.fill("BTC-USDT", "sell", "0.1", "51000", OWN)
    btc = list(disposals(books.entries, asset="BTC"))
    assert told(btc) == [(D("0.1"), 5000, 5100, 100)]
    assert btc[0].instrument_id == "BTC-USDT"
    assert told(list(disposals(books.entries, asset="USDC"))) == [(5000, 5000, 5000, 0)]


def test_a_coin_bought_with_another_is_a_disposal_of_that() -> None:
    books = Books(BTC="50000", ETH="2500")
    books.fill("BTC-USDT", "buy", "1", "40000", OWN)
    books.fill("ETH-BTC", "buy", "10", "0.05", OWN)
    (found,) = disposals(books.entries)
    assert (found.asset, found.quantity, found.cost, found.proceeds, found.gain) == (
        "BTC",
        D("0.5"),
        20_000,
        25_000,
        5_000,
    )
    assert (found.kind, found.instrument_id) == (EntryKind.SPENT, "ETH-BTC")
    books.fill("ETH-USDT", "sell", "10", "2600", OWN)
    assert told(list(disposals(books.entries, asset="ETH"))) == [(10, 25_000, 26_000, 1_000)]


def test_a_transfer_enters_at_the_value_of_its_moment_and_an_unknown_cost_is_no_gain() -> None:
    books = Books(ETH="2500")
    books.cash("ETH", "1", "transfer")
    books.prices.pop("ETH")
    books.cash("ETH", "1", "transfer")
    books.fill("ETH-USDT", "sell", "1.5", "3000", OWN)
    found = list(disposals(books.entries))
    assert told(found) == [(1, 2500, 3000, 500), (D("0.5"), None, 1500, None)]
    assert [(one.origin, one.source) for one in found] == [
        (Origin.TRANSFERRED, "fresh"),
        (Origin.TRANSFERRED, "none"),
    ]


def test_a_fill_that_is_told_late_came_when_it_came() -> None:
    books = Books()
    books.fill("ETH-USDT", "buy", "1", "110", OWN, time_ns=20)
    books.fill("ETH-USDT", "buy", "1", "100", OWN, time_ns=10)
    books.time = 30
    books.fill("ETH-USDT", "sell", "1", "120", OWN)
    assert told(list(disposals(books.entries))) == [(1, 100, 120, 20)]


def test_what_is_sold_before_it_is_there_is_matched_with_what_comes() -> None:
    books = Books()
    books.fill("ETH-USDT", "sell", "1", "120", OWN)
    assert list(disposals(books.entries)) == []
    books.fill("ETH-USDT", "buy", "3", "100", OWN)
    (found,) = disposals(books.entries)
    assert (found.acquired_ns, found.disposed_ns, found.booked_ns, found.gain) == (2, 1, 2, 20)


def test_one_book_has_lots_of_its_own() -> None:
    books = Books()
    books.fill("ETH-USDT", "buy", "1", "100", A)
    books.fill("ETH-USDT", "buy", "1", "110", B)
    books.fill("ETH-USDT", "sell", "1", "120", B)
    assert told(list(disposals(books.entries, book=B))) == [(1, 110, 120, 10)]
    assert told(list(disposals(books.entries))) == [(1, 100, 120, 20)]
    assert list(disposals(books.entries, book=A)) == []


steps = st.lists(
    st.tuples(st.booleans(), st.integers(1, 9), st.integers(90, 110), st.integers(0, 3), st.sampled_from([A, B])),
    max_size=30,
)


@given(steps)
def test_once_all_is_gone_the_gain_is_that_of_the_average_cost(steps: list[tuple[bool, int, int, int, str]]) -> None:
    books = Books()
    for buys, size, price, fee, book in steps:
        if buys:
            books.fill("ETH-USDT", "buy", str(size), str(price), book, str(D(fee) / 1000), "ETH")
        elif books.quantity("ETH") >= size:
            books.fill("ETH-USDT", "sell", str(size), str(price), book)
    left = books.quantity("ETH")
    if left:
        books.fill("ETH-USDT", "sell", str(left), "100", OWN)
    for book in (None, A, B):
        gains = [one.gain for one in disposals(books.entries, book=book)]
        average = [entry.realised for entry in books.entries if book in (None, entry.book)]
        assert None not in gains
        assert abs(sum((gain for gain in gains if gain is not None), D(0)) - sum(average, D(0))) < D("1e-15")


def test_three_buys_and_two_partial_sells_at_average_cost() -> None:
    """One at 100, two at 110, one at 130: 112.5 each."""
    books = Books()
    for size, price in (("1", "100"), ("2", "110"), ("1", "130")):
        books.fill("ETH-USDT", "buy", size, price, OWN)
    books.fill("ETH-USDT", "sell", "1.5", "120", OWN)
    books.fill("ETH-USDT", "sell", "2", "140", OWN)
    found = list(average_disposals(books.entries))
    assert told(found) == [(D("1.5"), D("168.75"), 180, D("11.25")), (2, 225, 280, 55)]
    assert [(one.number, one.acquired_ns, one.disposed_ns, one.origin) for one in found] == [
        (1, None, 4, None), (2, None, 5, None)
    ]  # fmt: skip


def test_at_average_cost_what_has_no_known_worth_goes_in_its_part() -> None:
    books = Books()
    books.cash("ETH", "1", "transfer")
    books.fill("ETH-USDT", "buy", "3", "100", OWN)
    books.fill("ETH-USDT", "sell", "2", "120", OWN)
    unknown, known = sorted(average_disposals(books.entries), key=lambda one: one.cost is not None)
    assert (unknown.quantity, unknown.gain) == (D("0.5"), None)
    assert (known.quantity, known.cost, known.proceeds) == (D("1.5"), 150, 180)


def test_at_average_cost_what_is_sold_first_costs_what_comes_next() -> None:
    books = Books()
    books.fill("ETH-USDT", "sell", "2", "100", A)
    books.fill("ETH-USDT", "buy", "1", "90", A)
    books.fill("ETH-USDT", "buy", "2", "80", A)
    assert told(list(average_disposals(books.entries))) == [(1, 90, 100, 10), (1, 80, 100, 20)]


def test_the_fee_of_a_sale_is_shared_by_what_it_disposed_of() -> None:
    """Two lots go with one sale of 3 whose fee is 0.3; the buys' fees, and what is spent, are none of a disposal's."""
    books = Books()
    books.fill("ETH-USDT", "buy", "1", "100", OWN, "0.1", "USDT")
    books.fill("ETH-USDT", "buy", "2", "110", OWN, "0.2", "USDT")
    books.fill("ETH-USDT", "sell", "3", "120", OWN, "0.3", "USDT")
    late = late_fees(books.entries)
    assert late == {}
    found = list(with_fees(books.entries, disposals, late))
    assert [(one.quantity, one.fee) for one in found] == [(1, D("0.1")), (2, D("0.2"))]
    assert [one.fee for one in with_fees(books.entries, average_disposals, late)] == [D("0.3")]


def test_a_fee_that_is_told_late_is_of_its_fill_all_the_same() -> None:
    books = Books()
    books.fill("ETH-USDT", "buy", "2", "100", OWN)
    books.fill("ETH-USDT", "sell", "1", "120", OWN, "0.3", "USDT")
    sale, fee = books.entries[:-1], books.entries[-1]
    assert fee.cause.traded == "ETH"
    books.fill("ETH-USDT", "sell", "1", "130", OWN, "0.4", "USDT")
    entries = [*sale, *books.entries[len(sale) + 1 :], fee]
    late = late_fees(entries)
    assert list(late.values()) == [D("0.3")]
    assert [one.fee for one in with_fees(entries, disposals, late)] == [D("0.3"), D("0.4")]


def test_a_sale_for_what_is_owed_has_its_fee_though_another_disposal_comes_first() -> None:
    """Of a fill: the coin, what it was sold for (which covers an earlier sale of that), then the fee."""
    books = Books(BTC="50000", ETH="2500")
    books.fill("ETH-USDT", "buy", "20", "2500", OWN)
    books.fill("BTC-USDT", "sell", "0.5", "50000", OWN, "3", "USDT")
    books.fill("ETH-BTC", "sell", "10", "0.05", OWN, "7", "USDT")
    found = list(with_fees(books.entries, disposals, late_fees(books.entries)))
    assert sorted((one.asset, one.fee) for one in found) == [("BTC", 3), ("ETH", 7)]


def test_a_books_part_of_a_sale_has_its_part_of_the_fee() -> None:
    books = Books()
    books.fill("ETH-USDT", "buy", "1", "100", A)
    books.fill("ETH-USDT", "buy", "2", "100", B)
    books.fill("ETH-USDT", "sell", "3", "120", OWN, "0.3", "USDT")
    late = late_fees(books.entries)
    assert [one.fee for one in with_fees(books.entries, disposals, late, book=A)] == [D("0.1")]
    assert [one.fee for one in with_fees(books.entries, disposals, late, asset="ETH", book=B)] == [D("0.2")]
    assert list(with_fees(books.entries, disposals, late, asset="BTC")) == []


class Name(str):
    """Of which can be told whether anybody still has it."""


@pytest.mark.parametrize("of", [{}, {"asset": "BTC"}, {"book": B}], ids=str)
@pytest.mark.parametrize("fold", [disposals, average_disposals])
def test_a_fill_that_is_over_is_not_remembered(fold: Fold, of: dict[str, str]) -> None:
    """Neither a buy, whose fee is of no disposal, nor a sale that all disposals have come of, nor one of others."""
    named: WeakSet[Name] = WeakSet()
    most = 0

    def entries() -> Iterator[Entry]:
        nonlocal most
        for number in range(50):
            named.add(name := Name(f"t{number}"))
            most = max(most, len(named))
            quantity = D(1) if number % 2 == 0 else D(-1)
            cause = Cause("fill", "ETH-USDT", name, "v")
            yield Entry("ETH", A, A, EntryKind.TRADE, quantity, D(100), D(0), number, cause)
            fee = cause._replace(traded="ETH")
            yield Entry("USDT", A, A, EntryKind.COST, D("-0.1"), D("0.1"), D(0), number, fee)

    found = [one.fee for one in with_fees(entries(), fold, {}, **of)]
    assert (found, most < 8) == ([] if of else [D("0.1")] * 25, True)
