"""What an account holds of each asset, whichever pair, transfer or hand brought it, and whose it is.

A holding is divided into books: one for each strategy, one for our orders without a strategy, and what is nobody's
(`UNATTRIBUTED`: there before us, sent in, bought by a hand at the exchange). What a change of the balance does to which
book is an entry (app.domain.holding_entries). Entries are what is written down, so a replay folds them again without
asking a market. Cost is in the valuation currency; it is unknown where nobody knows.

The sum of the books is the balance, always, and the sum of their profits the account's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from app.domain.money import ZERO

UNATTRIBUTED = "unattributed"
OWN = "own"
"""The book of orders that were given to us without a strategy."""
STRATEGY = "strategy:"
EXIT = "exit"
"""No book, but whose doing it is when all books are sold out of at a person's word (flatten, CLOSE)."""


class EntryKind(StrEnum):
    """Why a quantity came or went. SPENT: as the quote of a pair, paid or received. COST: a fee in the currency that
    costs are counted in, of which no holding is kept."""

    OPENING = "opening"
    TRADE = "trade"
    SPENT = "spent"
    FEE = "fee"
    COST = "cost"
    PROFIT = "profit"
    EARNED = "earned"
    TRANSFER = "transfer"
    UNEXPLAINED = "unexplained"


class Origin(StrEnum):
    """How the lots of a holding came: by our orders, from before us, from outside, by a hand at the exchange, as
    interest or rebate, or nobody knows how."""

    OURS = "ours"
    OPENING = "opening"
    TRANSFERRED = "transferred"
    HAND = "hand"
    EARNED = "earned"
    UNEXPLAINED = "unexplained"


def book_of(strategy_id: str | None, *, external: bool = False, exit: bool = False) -> str:
    """Whose a fill is. external: its order was not placed by us. exit: it gets out of what all books hold."""
    if external:
        return UNATTRIBUTED
    if exit and strategy_id is None:
        return EXIT
    return OWN if strategy_id is None else STRATEGY + strategy_id


class Lot(NamedTuple):
    """quantity: signed. priced: the part of it whose cost is known, and cost what that was entered for."""

    quantity: Decimal = ZERO
    priced: Decimal = ZERO
    cost: Decimal = ZERO


NO_LOTS: Mapping[Origin, Lot] = MappingProxyType({})
NONE_OWED: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True)
class Book:
    """One book's part of a holding; lots are kept by origin, their cost averaged.

    owed: what this book took from others (book to quantity), because it sold or spent more than it had. What it is paid
    in the asset afterwards, and what it had bought before owed_ns and is told only now, is given back first.
    realised: profit of what left, fees not taken off. fees, fee_value: of its trades in this asset, by currency and in
    the valuation currency; unvalued: those of them that nobody could value. instrument_id: of its last trade.
    """

    lots: Mapping[Origin, Lot] = field(default_factory=lambda: NO_LOTS)
    owed: Mapping[str, Decimal] = field(default_factory=lambda: NONE_OWED)
    owed_ns: int = 0
    realised: Decimal = ZERO
    fee_value: Decimal = ZERO
    fees: Mapping[str, Decimal] = field(default_factory=lambda: NONE_OWED)
    unvalued: Mapping[str, Decimal] = field(default_factory=lambda: NONE_OWED)
    fill_count: int = 0
    last_ns: int = 0
    instrument_id: str = ""

    @property
    def whole(self) -> Lot:
        """All its lots as one."""
        return together(self.lots.values())

    @property
    def quantity(self) -> Decimal:
        quantity = ZERO
        for lot in self.lots.values():
            quantity += lot.quantity
        return quantity


@dataclass(frozen=True)
class Holding:
    """All that is held of one asset, by book."""

    asset: str
    books: Mapping[str, Book] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def quantity(self) -> Decimal:
        return sum((book.quantity for book in self.books.values()), ZERO)

    @property
    def ours(self) -> Decimal:
        """What all books but the unattributed hold."""
        return self.quantity - self.unattributed

    @property
    def unattributed(self) -> Decimal:
        return self.book(UNATTRIBUTED).quantity

    @property
    def whole(self) -> Lot:
        """Everything held as one lot: quantity, how much of it has a known cost, and that cost."""
        return together(book.whole for book in self.books.values())

    @property
    def average_cost(self) -> Decimal | None:
        """Of one unit, in the valuation currency, over what has a known cost; None without any."""
        whole = self.whole
        return whole.cost / whole.priced if whole.priced else None

    def book(self, name: str) -> Book:
        return self.books.get(name, _EMPTY)


_EMPTY = Book()


def together(lots: Iterable[Lot]) -> Lot:
    """Lots as one."""
    quantity = priced = cost = ZERO
    for lot in lots:
        quantity += lot.quantity
        priced += lot.priced
        cost += lot.cost
    return Lot(quantity, priced, cost)


class Cause(NamedTuple):
    """What a change is of. source: how its value was found. instrument_id, trade_id, order_id (the exchange's): of its
    fill; traded: the asset that a fee is the price of trading in."""

    source: str = ""
    instrument_id: str = ""
    trade_id: str = ""
    order_id: str = ""
    traded: str = ""


NO_CAUSE = Cause()


class Change(NamedTuple):
    """What happened to one asset's balance: `quantity` (signed) came to or left `book`.

    value: what all of it was worth in the valuation currency at that moment (positive), None when nobody knows.
    """

    asset: str
    book: str
    kind: EntryKind
    quantity: Decimal
    value: Decimal | None
    time_ns: int
    cause: Cause = NO_CAUSE


class Entry(NamedTuple):
    """A change's part in one book. by: the book whose doing it was. value: of this part, for what left and what came;
    None: not known. realised: the profit of what left over its cost (of what was owed when it came)."""

    asset: str
    book: str
    by: str
    kind: EntryKind
    quantity: Decimal
    value: Decimal | None
    realised: Decimal
    time_ns: int
    cause: Cause = NO_CAUSE
