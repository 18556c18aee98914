"""Holdings: one asset, one holding, whoever brought it; books, lots, and profits that add up to the equity's change."""

import random
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.holding_changes import ITSELF, Rate, cash_change, fee_change, profit_change, trade_changes
from app.domain.holding_entries import change_of, post, shares
from app.domain.holdings import (
    EXIT,
    OWN,
    UNATTRIBUTED,
    Change,
    Entry,
    EntryKind,
    Holding,
    Lot,
    Origin,
    book_of,
)
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Fill, OrderSide

D = Decimal
LOT = D("0.00000001")
A, B = book_of("a"), book_of("b")


def spot(base: str, quote: str) -> Instrument:
    return Instrument(f"{base}-{quote}", InstrumentKind.SPOT, base, quote, quote, D("0.1"), LOT, D("0.00001"))


def unrealised(holding: Holding, price: Decimal) -> Decimal:
    return holding.whole.priced * price - holding.whole.cost


class Books:
    """An account in USDT, kept with the domain's functions alone."""

    def __init__(self, **rates: str) -> None:
        self.prices = {"USDC": D(1)} | {currency: D(rate) for currency, rate in rates.items()}
        self.held: dict[str, Holding] = {}
        self.balances: dict[str, Decimal] = {}
        self.entries: list[Entry] = []
        self.time = 0

    @property
    def rates(self) -> defaultdict[str, Rate]:
        found = defaultdict(lambda: Rate(None, "none"), {c: Rate(p, "fresh") for c, p in self.prices.items()})
        found["USDT"] = ITSELF
        return found

    def change(self, change: Change | None) -> None:
        if change is None:
            return
        replayed = dict(self.held)
        found = change_of(self.held, change, LOT)
        post(replayed, found)
        assert replayed == self.held, "a replay folds the entries to the same"
        self.entries += found

    def cash(self, currency: str, amount: str, kind: str = "transfer", price: str | None = None) -> None:
        rate = self.rates[currency] if price is None else Rate(D(price), "given")
        self.move(currency, D(amount))
        self.change(cash_change(currency, D(amount), kind, rate, self.tick()))

    def fill(self, pair: str, side: str, size: str, price: str, book: str, fee: str = "0", fee_currency: str = "",
             time_ns: int | None = None) -> None:  # fmt: skip
        instrument = spot(*pair.split("-"))
        at, number = self.tick() if time_ns is None else time_ns, len(self.entries)
        made = Fill(pair, f"t{number}", "o", OrderSide(side), D(price), D(size), at, D(fee), fee_currency)
        self.move(instrument.base, made.side.sign * made.size)
        self.move(instrument.quote, -made.side.sign * made.size * made.price)
        self.move(fee_currency, -D(fee))
        for change in trade_changes(instrument, made, book, self.rates.__getitem__):
            self.change(change)
        self.change(fee_change(instrument, made, book, self.rates.__getitem__))

    def move(self, currency: str, amount: Decimal) -> None:
        self.balances[currency] = self.balances.get(currency, D(0)) + amount

    @property
    def fees(self) -> Decimal:
        return sum((book.fee_value for holding in self.held.values() for book in holding.books.values()), D(0))

    def tick(self) -> int:
        self.time += 1
        return self.time

    def quantity(self, asset: str, book: str | None = None) -> Decimal:
        holding = self.held.get(asset, Holding(asset))
        return holding.quantity if book is None else holding.book(book).quantity

    @property
    def realised(self) -> Decimal:
        return sum((entry.realised for entry in self.entries), D(0))


@pytest.mark.parametrize(("asset", "price", "worth"), [("BTC", "40000", "1.25"), ("USDT", "0.8", "1.25")])
def test_a_fee_in_a_quote_without_a_price_is_worth_what_its_fill_says(asset: str, price: str, worth: str) -> None:
    """As the trade itself: sold at 50,000 for euros that no market values; and what costs are counted in, for euros."""
    books = Books(BTC="50000")
    books.fill(f"{asset}-EUR", "sell", "0.1", price, OWN, "1", "EUR")
    assert books.entries[-1][:6] == ("EUR", OWN, OWN, EntryKind.FEE, D(-1), D(worth))
    assert (books.fees, books.held[asset].book(OWN).unvalued) == (D(worth), {})


def test_bought_for_one_quote_and_sold_for_another_is_no_position_and_one_profit() -> None:
    books = Books()
    books.cash("USDC", "10000", "opening")
    books.fill("BTC-USDC", "buy", "0.1", "50000.1", OWN, "0.0001", "BTC")
    books.fill("BTC-USDT", "sell", "0.0999", "50999.9", OWN, "5.09489001", "USDT")

    assert books.quantity("BTC") == 0
    assert round(books.realised - books.fees, 2) == D("89.79")
    fees = books.held["BTC"].book(OWN)
    assert (fees.fees, fees.fee_value) == ({"BTC": D("0.0001"), "USDT": D("5.09489001")}, books.fees)

    books.fill("BTC-USDT", "buy", "0.02", "40000", OWN)
    assert books.quantity("BTC") == D("0.02")
    assert books.held["BTC"].average_cost == 40000


def test_spending_a_coin_is_a_disposal_of_it() -> None:
    books = Books(BTC="50000")
    books.cash("BTC", "2", "opening", price="40000")
    books.fill("ETH-BTC", "buy", "10", "0.05", A)

    assert (books.quantity("BTC"), books.quantity("ETH")) == (D("1.5"), D(10))
    assert books.held["BTC"].average_cost == 40000
    assert books.held["ETH"].average_cost == 2500
    assert books.realised == 5000
    assert books.held["BTC"].book(UNATTRIBUTED).realised == 5000, "the gain is theirs whose coins they were"


def test_what_a_strategy_borrowed_of_a_quote_is_given_back_before_it_is_its_own() -> None:
    books = Books(BTC="50000")
    books.cash("BTC", "2", "opening")
    books.fill("ETH-BTC", "buy", "10", "0.05", A)
    books.fill("ETH-BTC", "sell", "10", "0.06", A)

    assert books.quantity("BTC", UNATTRIBUTED) == 2
    assert books.quantity("BTC", A) == D("0.1")


def test_a_hands_sale_is_taken_from_what_is_nobodys_first_then_from_all_in_proportion() -> None:
    books = Books()
    books.cash("BTC", "0.3", "transfer", price="50000")
    books.fill("BTC-USDT", "buy", "0.2", "50000", A)
    books.fill("BTC-USDT", "buy", "0.1", "50000", B)

    books.fill("BTC-USDT", "sell", "0.1", "51000", UNATTRIBUTED)
    assert [books.quantity("BTC", b) for b in (UNATTRIBUTED, A, B)] == [D("0.2"), D("0.2"), D("0.1")]

    before = len(books.entries)
    books.fill("BTC-USDT", "sell", "0.35", "51000", UNATTRIBUTED)
    named = [(e.book, e.quantity, e.realised) for e in books.entries[before:]]
    assert named == [(UNATTRIBUTED, D("-0.2"), 200), (A, D("-0.1"), 100), (B, D("-0.05"), 50)]
    assert [books.quantity("BTC", b) for b in (UNATTRIBUTED, A, B)] == [0, D("0.1"), D("0.05")]


def test_shares_are_whole_lots_and_the_largest_remainders_get_one_more() -> None:
    held = {"a": D(5), "b": D(3), "c": D(3), "owing": D(-2)}
    assert shares(D(4), held, D(1)) == {"a": D(2), "b": D(1), "c": D(1)}
    assert shares(D(11), held, D(1)) == {"a": D(5), "b": D(3), "c": D(3)}
    assert shares(D(20), held, D(1)) == {"a": D(5), "b": D(3), "c": D(3)}
    assert sum(shares(D("0.5"), {"a": D("0.3"), "b": D("0.3")}, D(1)).values()) == D("0.5")


def test_a_strategy_that_sells_more_than_it_has_takes_no_coin_that_is_not_there() -> None:
    books = Books()
    books.fill("BTC-USDT", "buy", "0.2", "50000", A)
    books.fill("BTC-USDT", "buy", "0.1", "50000", B)
    books.fill("BTC-USDT", "sell", "0.25", "50000", B)
    assert (books.quantity("BTC", A), books.quantity("BTC", B)) == (D("0.05"), 0)
    assert books.quantity("BTC") == D("0.05")


def test_a_sale_that_is_told_before_its_buy_leaves_other_coins_alone() -> None:
    books = Books()
    books.cash("BTC", "1", "opening", price="30000")
    books.fill("BTC-USDT", "sell", "0.1", "51000", A, time_ns=20)
    books.fill("BTC-USDT", "buy", "0.1", "50000", A, time_ns=10)
    assert (books.quantity("BTC", UNATTRIBUTED), books.quantity("BTC", A)) == (1, 0)

    alone = Books()
    alone.fill("BTC-USDT", "sell", "0.1", "51000", A, time_ns=20)
    alone.fill("BTC-USDT", "buy", "0.1", "50000", A, time_ns=10)
    assert (alone.quantity("BTC"), alone.realised) == (0, 100)


def test_who_sold_coins_of_before_us_and_buys_again_holds_what_was_bought() -> None:
    books = Books()
    books.cash("BTC", "1", "opening", price="40000")
    books.fill("BTC-USDT", "sell", "0.5", "50000", OWN)
    books.fill("BTC-USDT", "buy", "0.2", "45000", OWN)
    assert (books.quantity("BTC", UNATTRIBUTED), books.quantity("BTC", OWN)) == (D("0.5"), D("0.2"))
    assert books.realised == 5000


def test_a_fee_in_base_belongs_to_the_book_of_its_fill() -> None:
    books = Books()
    books.cash("BTC", "1", "opening", price="50000")
    books.fill("BTC-USDT", "buy", "0.1", "50000", A, "0.0001", "BTC")
    assert (books.quantity("BTC", UNATTRIBUTED), books.quantity("BTC", A)) == (1, D("0.0999"))
    assert books.fees == 5


def test_a_cost_that_nobody_knows_is_named_so_and_makes_no_profit() -> None:
    books = Books()
    books.cash("XYZ", "100", "transfer")
    books.fill("XYZ-USDT", "buy", "100", "2", A)
    holding = books.held["XYZ"]
    assert holding.whole == Lot(D(200), D(100), D(200))
    assert holding.average_cost == 2
    books.fill("XYZ-USDT", "sell", "50", "3", UNATTRIBUTED)
    assert books.realised == 0
    assert unrealised(books.held["XYZ"], D(3)) == 100


def test_lots_say_where_they_came_from() -> None:
    books = Books(BTC="50000")
    books.cash("BTC", "1", "opening")
    books.cash("BTC", "0.5", "transfer")
    books.cash("BTC", "0.01", "interest")
    books.fill("BTC-USDT", "buy", "0.2", "50000", UNATTRIBUTED)
    books.fill("BTC-USDT", "buy", "0.1", "50000", A)
    origins = {origin: lot.quantity for origin, lot in books.held["BTC"].book(UNATTRIBUTED).lots.items()}
    assert origins == {
        Origin.OPENING: D(1),
        Origin.TRANSFERRED: D("0.5"),
        Origin.EARNED: D("0.01"),
        Origin.HAND: D("0.2"),
    }
    assert {o: lot.quantity for o, lot in books.held["BTC"].book(A).lots.items()} == {Origin.OURS: D("0.1")}


def test_a_contracts_profit_in_a_coin_is_a_coin_of_its_book() -> None:
    books = Books(BTC="50000")
    books.cash("BTC", "1", "opening")
    inverse = Instrument(
        "BTC-USD-SWAP", InstrumentKind.SWAP, "BTC", "USD", "BTC", D("0.1"), D(1), D(1), D(100), inverse=True
    )
    fill = Fill("BTC-USD-SWAP", "t", "o", OrderSide.SELL, D(50000), D(1), 5)
    books.change(profit_change(inverse, fill, D("-0.02"), A, books.rates.__getitem__))
    assert books.quantity("BTC", UNATTRIBUTED) == D("0.98")
    books.change(profit_change(inverse, fill, D("0.05"), A, books.rates.__getitem__))
    assert (books.quantity("BTC", UNATTRIBUTED), books.quantity("BTC", A)) == (1, D("0.03"))


@pytest.mark.parametrize("book", [book_of("unattributed"), OWN])
def test_no_name_of_a_strategy_is_taken_for_another_book(book: str) -> None:
    assert book_of("own", external=True) == UNATTRIBUTED
    assert book not in (UNATTRIBUTED, *(book_of(name) for name in ("own", "strategy:x")))


ASSETS = ("BTC", "ETH", "USDC", "OKB")
PAIRS = ("BTC-USDT", "BTC-USDC", "ETH-USDT", "ETH-BTC", "OKB-USDT", "ETH-USDC")


def random_life(seed: int) -> tuple[Books, Decimal, Decimal]:
    """Random fills, fees, flows and prices; returns the books, what was earned, and what flowed in, all valued."""
    rng = random.Random(seed)
    books = Books(BTC="50000", ETH="2500", OKB="40")
    earned = flows = D(0)
    for _ in range(rng.randrange(1, 60)):
        for asset in ASSETS:
            books.prices[asset] = round(books.prices[asset] * D(rng.randrange(900, 1100)) / 1000, 6)
        if rng.random() < 0.25:
            asset = rng.choice((*ASSETS, "USDT"))
            kind = rng.choice(("opening", "transfer", "interest", "unexplained", "funding"))
            amount = D(rng.randrange(-5, 100)) / 10 or D(1)
            value = amount * books.prices.get(asset, D(1))
            books.cash(asset, str(amount), kind)
            if kind in ("interest", "funding"):
                earned += value
            else:
                flows += value
            continue
        pair = rng.choice(PAIRS)
        base, quote = pair.split("-")
        books.fill(
            pair,
            rng.choice(("buy", "sell")),
            str(D(rng.randrange(1, 300)) / 100),
            # At another price than the mark's, now and then: what is gained by the trade itself is profit too.
            str(round(books.prices[base] / books.prices.get(quote, D(1)) * D(rng.randrange(99, 102)) / 100, 9)),
            rng.choice((A, B, OWN, UNATTRIBUTED)),
            str(D(rng.randrange(-2, 10)) / 1000),
            rng.choice((base, quote, "OKB", "USDT")),
            time_ns=rng.randrange(1, 10**6),
        )
    return books, earned, flows


def check_sums(books: Books) -> None:
    for asset, holding in books.held.items():
        assert holding.quantity == books.balances[asset]
        assert holding.ours + holding.unattributed == holding.quantity
    again: dict[str, Holding] = {}
    post(again, books.entries)
    assert again == books.held, "entries alone make the same holdings: a replay asks no market"


@given(st.integers(0, 2**32))
def test_the_change_of_equity_is_profit_less_fees_and_what_flowed(seed: int) -> None:
    books, earned, flows = random_life(seed)
    check_sums(books)
    prices = {**books.prices, "USDT": D(1)}
    equity = sum((prices[c] * amount for c, amount in books.balances.items()), D(0))
    open_profit = sum((unrealised(holding, prices[asset]) for asset, holding in books.held.items()), D(0))
    assert all(lot.priced == lot.quantity for h in books.held.values() for lot in lots(h))
    assert abs(equity - (books.realised + open_profit + earned + flows - books.fees)) < D("1e-9")


@given(st.integers(0, 2**32))
def test_no_book_turns_negative_through_anothers_disposal(seed: int) -> None:
    books, _, _ = random_life(seed)
    held: dict[tuple[str, str], Decimal] = {}
    for entry in books.entries:
        key = (entry.asset, entry.book)
        held[key] = held.get(key, D(0)) + entry.quantity
        assert entry.by == entry.book or entry.quantity > 0 or held[key] >= 0, entry


def lots(holding: Holding) -> Iterable[Lot]:
    return (lot for book in holding.books.values() for lot in book.lots.values())


def test_an_entry_is_an_exact_part_of_its_change() -> None:
    held: dict[str, Holding] = {}
    post(held, (Entry("BTC", name, name, EntryKind.TRADE, D(1), D(3), D(0), 1) for name in (UNATTRIBUTED, A, B)))
    change = Change("BTC", UNATTRIBUTED, EntryKind.TRANSFER, D("-1.7"), D(10), 2)
    parts = change_of(held, change, D("0.1"))
    assert sum(part.quantity for part in parts) == change.quantity
    assert sum(part.value or 0 for part in parts) == change.value


def test_an_exit_leaves_all_books_in_proportion_and_nobodys_coins_last() -> None:
    books = Books()
    books.cash("BTC", "1", "opening", price="50000")
    books.fill("BTC-USDT", "buy", "0.2", "50000", A)
    books.fill("BTC-USDT", "buy", "0.1", "50000", OWN)
    books.fill("BTC-USDT", "sell", "0.15", "50000", EXIT, "7.5", "USDT")
    assert [books.quantity("BTC", b) for b in (UNATTRIBUTED, A, OWN)] == [1, D("0.1"), D("0.05")]
    books.fill("BTC-USDT", "sell", "0.4", "50000", EXIT)
    assert [books.quantity("BTC", b) for b in (UNATTRIBUTED, A, OWN)] == [D("0.75"), 0, 0]
    assert (books.fees, books.held["BTC"].book(OWN).fill_count) == (D("7.5"), 3)
