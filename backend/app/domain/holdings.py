"""What an account holds of each asset, whichever pair, transfer or hand brought it, and whose it is.

A holding is divided into books: one for each strategy, one for our orders without a strategy, and what is nobody's
(`UNATTRIBUTED`: there before us, sent in, bought by a hand at the exchange). Two steps, both pure: `entries_of` says
what a change of the balance does to which book, `put` folds such an entry in. Entries are what is written down, so a
replay folds them again without asking a market. Cost is in the valuation currency; it is unknown where nobody knows.

The sum of the books is the balance, always, and the sum of their profits the account's.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from app.domain.evolve import evolve
from app.domain.money import ZERO, floor_to

UNATTRIBUTED = "unattributed"
OWN = "own"
"""The book of orders that were given to us without a strategy."""
STRATEGY = "strategy:"
EXIT = "exit"
"""No book, but whose doing it is when all books are sold out of at a person's word (flatten, CLOSE)."""

GRAIN = Decimal(1).scaleb(-18)
"""Divisions are rounded to 18 decimals, half even; what is rounded off stays in cost, so that sums stay exact."""


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


_ORIGINS = {
    EntryKind.OPENING: Origin.OPENING,
    EntryKind.TRANSFER: Origin.TRANSFERRED,
    EntryKind.EARNED: Origin.EARNED,
    EntryKind.UNEXPLAINED: Origin.UNEXPLAINED,
}


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


_NO_LOT = Lot()
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
        return _together(self.lots.values())

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
        return _together(book.whole for book in self.books.values())

    @property
    def average_cost(self) -> Decimal | None:
        """Of one unit, in the valuation currency, over what has a known cost; None without any."""
        whole = self.whole
        return whole.cost / whole.priced if whole.priced else None

    def book(self, name: str) -> Book:
        return self.books.get(name, _EMPTY)


_EMPTY = Book()


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


def entries_of(holding: Holding, change: Change, lot: Decimal) -> tuple[Entry, ...]:
    """What a change does to the books; together it is exactly the change.

    What comes, comes to its book, after that has given back what it owes. What leaves, leaves its book first, then what
    is unattributed, then the other books in proportion (largest remainder, in steps of `lot`); what is not there at all
    is owed by its own book. An exit leaves all books in proportion, and what is unattributed only after them. No book
    turns negative through another's disposal.
    """
    return tuple(entry for entry, _ in _steps(holding, change, lot))


def put(holding: Holding, entry: Entry) -> Holding:
    """The holding after an entry."""
    lots, realised = _moved(holding.book(entry.book), entry.quantity, entry.value, _origin(entry.kind, entry.by))
    return _with(holding, entry, lots, realised)


def post(held: MutableMapping[str, Holding], entries: Iterable[Entry]) -> None:
    """Fold entries into the holdings, by asset, and keep with what was traded its fills and what they cost."""
    last: _FillOf | None = None
    for entry in entries:
        if entry.kind is not EntryKind.COST:
            held[entry.asset] = put(held.get(entry.asset) or Holding(entry.asset), entry)
        last = _keep(held, entry, last)


def change_of(held: MutableMapping[str, Holding], change: Change, lot: Decimal) -> tuple[Entry, ...]:
    """entries_of() and post() in one: what a change does to the books, and it is done."""
    asset = change.asset
    holding = held.get(asset) or Holding(asset)
    steps = _steps(holding, change, lot)
    if change.kind is not EntryKind.COST:
        for entry, lots in steps:
            holding = _with(holding, entry, lots, entry.realised)
        held[asset] = holding
    last: _FillOf | None = None
    for entry, _ in steps:
        last = _keep(held, entry, last)
    return tuple(entry for entry, _ in steps)


_FillOf = tuple[str, str, str]
"""(asset, trade id, order id): a fill is counted once, in however many books its quantity is."""


def _steps(holding: Holding, change: Change, lot: Decimal) -> list[tuple[Entry, Mapping[Origin, Lot]]]:
    """Each entry of a change, and the lots of its book after it."""
    asset, name, kind, whole, value, time_ns, cause = change
    if kind is EntryKind.COST:
        return [(Entry(asset, name, name, kind, whole, value, ZERO, time_ns, cause), NO_LOTS)]
    parts = _given_back(holding, change) if whole > 0 else _taken(holding, change, lot)
    origin = _origin(kind, name)
    found: list[tuple[Entry, Mapping[Origin, Lot]]] = []
    left = value
    for number, (book, quantity) in enumerate(parts, start=1):
        part = left
        if value is not None and left is not None and number < len(parts):
            part = _to_grain(value * quantity / whole)
            left -= part
        lots, realised = _moved(holding.book(book), quantity, part, origin)
        found.append((Entry(asset, book, name, kind, quantity, part, realised, time_ns, cause), lots))
    return found


def _with(holding: Holding, entry: Entry, lots: Mapping[Origin, Lot], realised: Decimal) -> Holding:
    book = holding.book(entry.book)
    books = {**holding.books, entry.book: evolve(book, lots=lots, realised=book.realised + realised)}
    if entry.by not in (entry.book, UNATTRIBUTED, EXIT):
        books[entry.by] = _owing(books.get(entry.by, _EMPTY), entry)
    return evolve(holding, books=MappingProxyType(books))


def _keep(held: MutableMapping[str, Holding], entry: Entry, last: _FillOf | None) -> _FillOf | None:
    cause = entry.cause
    if entry.kind is EntryKind.TRADE:
        fill = (entry.asset, cause.trade_id, cause.order_id)
        if fill != last:
            held[entry.asset] = _traded(held[entry.asset], entry)
        return fill
    if cause.traded:
        held[cause.traded] = _charged(held.get(cause.traded) or Holding(cause.traded), entry)
    return last


def _charged(holding: Holding, fee: Entry) -> Holding:
    name = OWN if fee.by == EXIT else fee.by
    book = holding.book(name)
    fees = _plus(book.fees, fee.asset, -fee.quantity)
    if fee.value is None:
        after = evolve(book, fees=fees, unvalued=_plus(book.unvalued, fee.asset, -fee.quantity))
    else:
        after = evolve(book, fees=fees, fee_value=book.fee_value + (fee.value if fee.quantity < 0 else -fee.value))
    return evolve(holding, books=MappingProxyType({**holding.books, name: after}))


def _plus(amounts: Mapping[str, Decimal], currency: str, amount: Decimal) -> Mapping[str, Decimal]:
    return MappingProxyType({**amounts, currency: amounts.get(currency, ZERO) + amount})


def _traded(holding: Holding, entry: Entry) -> Holding:
    name = OWN if entry.by == EXIT else entry.by
    book = holding.book(name)
    after = evolve(
        book,
        fill_count=book.fill_count + 1,
        last_ns=max(book.last_ns, entry.time_ns),
        instrument_id=entry.cause.instrument_id,
    )
    return evolve(holding, books=MappingProxyType({**holding.books, name: after}))


def unrealised(holding: Holding, price: Decimal) -> Decimal:
    """Profit of what is held and has a known cost, at a price in the valuation currency."""
    whole = holding.whole
    return whole.priced * price - whole.cost


def shares(wanted: Decimal, held: Mapping[str, Decimal], lot: Decimal) -> dict[str, Decimal]:
    """`wanted` taken from those that hold something, in proportion: each its whole lots, then the largest remainders a
    lot more each. Never more than somebody has; all of it when less is there than wanted."""
    there = {name: quantity for name, quantity in held.items() if quantity > 0}
    total = sum(there.values(), ZERO)
    if wanted >= total:
        return there
    exact = {name: wanted * quantity / total for name, quantity in there.items()}
    given = {name: floor_to(share, lot) for name, share in exact.items()}
    order = sorted(there, key=lambda name: (given[name] - exact[name], name))
    left = wanted - sum(given.values(), ZERO)
    while left > 0:
        for name in order:
            more = min(lot, left, there[name] - given[name])
            given[name] += more
            left -= more
    return {name: quantity for name, quantity in given.items() if quantity}


def _taken(holding: Holding, change: Change, lot: Decimal) -> list[tuple[str, Decimal]]:
    left = -change.quantity
    parts: dict[str, Decimal] = {}
    if change.book == EXIT:
        books = {name: book.quantity for name, book in holding.books.items() if name != UNATTRIBUTED}
        parts = shares(left, books, lot)
        parts[UNATTRIBUTED] = left - sum(parts.values(), ZERO)
        return [(name, -quantity) for name, quantity in parts.items() if quantity]
    for name in dict.fromkeys((change.book, UNATTRIBUTED)):
        parts[name] = min(left, max(holding.book(name).quantity, ZERO))
        left -= parts[name]
    if left:
        others = {name: book.quantity for name, book in holding.books.items() if name not in parts}
        for name, quantity in shares(left, others, lot).items():
            parts[name] = quantity
            left -= quantity
    parts[change.book] += left
    return [(name, -quantity) for name, quantity in parts.items() if quantity]


def _given_back(holding: Holding, change: Change) -> list[tuple[str, Decimal]]:
    book = holding.book(change.book)
    parts: list[tuple[str, Decimal]] = []
    left = change.quantity
    if change.kind is not EntryKind.TRADE or change.time_ns <= book.owed_ns:
        for lender, owed in book.owed.items():
            back = min(left, owed)
            if back:
                parts.append((lender, back))
            left -= back
    if left:
        parts.append((change.book, left))
    return parts


def _owing(book: Book, entry: Entry) -> Book:
    """After it took from another's book (the entry's quantity is negative) or gave back."""
    owed = dict(book.owed)
    rest = owed.pop(entry.book, ZERO) - entry.quantity
    if rest > 0:
        owed[entry.book] = rest
    since = max(book.owed_ns, entry.time_ns) if entry.quantity < 0 else book.owed_ns
    return evolve(book, owed=MappingProxyType(owed), owed_ns=since if owed else 0)


def _origin(kind: EntryKind, by: str) -> Origin:
    found = _ORIGINS.get(kind)
    if found is not None:
        return found
    return Origin.HAND if by == UNATTRIBUTED else Origin.OURS


def _moved(
    book: Book, quantity: Decimal, value: Decimal | None, origin: Origin
) -> tuple[Mapping[Origin, Lot], Decimal]:
    """The book's lots after `quantity` came or left for `value` (of all of it), and the profit that was realised."""
    held = book.quantity
    if held * quantity >= 0:
        return _entered(book.lots, quantity, value, origin), ZERO
    if abs(quantity) <= abs(held):
        return _released(book.lots, held, quantity, value)
    # Through zero: what is there leaves, the rest begins anew.
    first = None if value is None else _to_grain(value * -held / quantity)
    lots, realised = _released(book.lots, held, -held, first)
    rest = None if value is None or first is None else value - first
    return _entered(lots, quantity + held, rest, origin), realised


def _entered(
    lots: Mapping[Origin, Lot], quantity: Decimal, value: Decimal | None, origin: Origin
) -> Mapping[Origin, Lot]:
    if not quantity:
        return lots
    sign = 1 if quantity > 0 else -1
    there = lots.get(origin, _NO_LOT)
    if value is None:
        new = there._replace(quantity=there.quantity + quantity)
    else:
        new = Lot(there.quantity + quantity, there.priced + quantity, there.cost + sign * value)
    return MappingProxyType({**lots, origin: new})


def _released(
    lots: Mapping[Origin, Lot], held: Decimal, quantity: Decimal, value: Decimal | None
) -> tuple[Mapping[Origin, Lot], Decimal]:
    """Each lot gives its part. Realised is what the priced part brought over its cost; without a value, nothing."""
    if quantity == -held:
        return NO_LOTS, _profit(_together(lots.values()), held, value)
    kept: dict[Origin, Lot] = {}
    gone: list[Lot] = []
    left = -quantity
    for number, (origin, lot) in enumerate(lots.items(), start=1):
        part = left if number == len(lots) else _to_grain(-quantity * lot.quantity / held)
        left -= part
        out = _part(lot, part)
        gone.append(out)
        if part != lot.quantity:
            kept[origin] = Lot(lot.quantity - part, lot.priced - out.priced, lot.cost - out.cost)
    return MappingProxyType(kept), _profit(gone[0] if len(gone) == 1 else _together(gone), -quantity, value)


def _part(lot: Lot, quantity: Decimal) -> Lot:
    if quantity == lot.quantity or not lot.quantity:
        return Lot(quantity, lot.priced, lot.cost)
    priced = quantity if lot.priced == lot.quantity else _to_grain(lot.priced * quantity / lot.quantity)
    return Lot(quantity, priced, _to_grain(lot.cost * quantity / lot.quantity))


def _together(lots: Iterable[Lot]) -> Lot:
    quantity = priced = cost = ZERO
    for lot in lots:
        quantity += lot.quantity
        priced += lot.priced
        cost += lot.cost
    return Lot(quantity, priced, cost)


def _profit(gone: Lot, quantity: Decimal, value: Decimal | None) -> Decimal:
    """gone: signed as it was held. For what was short, cost is what it was sold for."""
    if value is None or not gone.priced:
        return ZERO
    got = value if gone.priced == quantity else _to_grain(value * gone.priced / quantity)
    return (got if quantity > 0 else -got) - gone.cost


def _to_grain(value: Decimal) -> Decimal:
    return value.quantize(GRAIN, ROUND_HALF_EVEN)
