"""What a change does to the books of a holding, as entries, and entries folded into the books. Pure."""

from collections.abc import Iterable, Mapping, MutableMapping
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

from app.domain.evolve import evolve
from app.domain.holdings import (
    EXIT,
    NO_LOTS,
    OWN,
    UNATTRIBUTED,
    Book,
    Change,
    Entry,
    EntryKind,
    Holding,
    Lot,
    Origin,
    together,
)
from app.domain.money import ZERO, floor_to

GRAIN = Decimal(1).scaleb(-18)
"""Divisions are rounded to 18 decimals, half even; what is rounded off stays in cost, so that sums stay exact."""

_ORIGINS = {
    EntryKind.OPENING: Origin.OPENING,
    EntryKind.TRANSFER: Origin.TRANSFERRED,
    EntryKind.EARNED: Origin.EARNED,
    EntryKind.UNEXPLAINED: Origin.UNEXPLAINED,
}

_NO_LOT = Lot()


def put(holding: Holding, entry: Entry) -> Holding:
    """The holding after an entry."""
    lots, realised = _moved(holding.book(entry.book), entry.quantity, entry.value, origin_of(entry.kind, entry.by))
    return _with(holding, entry, lots, realised)


def post(held: MutableMapping[str, Holding], entries: Iterable[Entry]) -> None:
    """Fold entries into the holdings, by asset, and keep with what was traded its fills and what they cost."""
    last: _FillOf | None = None
    for entry in entries:
        if entry.kind is not EntryKind.COST:
            held[entry.asset] = put(held.get(entry.asset) or Holding(entry.asset), entry)
        last = _keep(held, entry, last)


def change_of(held: MutableMapping[str, Holding], change: Change, lot: Decimal) -> tuple[Entry, ...]:
    """What a change does to the books, and it is done; its entries together are exactly the change.

    What comes, comes to its book, after that has given back what it owes. What leaves, leaves its book first, then what
    is unattributed, then the other books in proportion (largest remainder, in steps of `lot`); what is not there at all
    is owed by its own book. An exit leaves all books in proportion, and what is unattributed only after them. No book
    turns negative through another's disposal.
    """
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
    origin = origin_of(kind, name)
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
        books[entry.by] = _owing(holding.book(entry.by), entry)
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


def origin_of(kind: EntryKind, by: str) -> Origin:
    """How what comes by such an entry came; by: the book whose doing it was."""
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
        return NO_LOTS, _profit(together(lots.values()), held, value)
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
    return MappingProxyType(kept), _profit(gone[0] if len(gone) == 1 else together(gone), -quantity, value)


def _part(lot: Lot, quantity: Decimal) -> Lot:
    if quantity == lot.quantity or not lot.quantity:
        return Lot(quantity, lot.priced, lot.cost)
    priced = quantity if lot.priced == lot.quantity else _to_grain(lot.priced * quantity / lot.quantity)
    return Lot(quantity, priced, _to_grain(lot.cost * quantity / lot.quantity))


def _profit(gone: Lot, quantity: Decimal, value: Decimal | None) -> Decimal:
    """gone: signed as it was held. For what was short, cost is what it was sold for."""
    if value is None or not gone.priced:
        return ZERO
    got = value if gone.priced == quantity else _to_grain(value * gone.priced / quantity)
    return (got if quantity > 0 else -got) - gone.cost


def _to_grain(value: Decimal) -> Decimal:
    return value.quantize(GRAIN, ROUND_HALF_EVEN)
