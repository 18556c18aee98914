"""Holdings in memory, and how a turn changes them (app.domain.holdings). Part of the ledger.

A turn values what it books at the prices of its moment and writes those down: the next event that it appends tells the
entries, so a replay asks no market.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from app.domain.holding_changes import (
    ITSELF,
    UNKNOWN,
    Rate,
    cash_change,
    fee_change,
    profit_change,
    trade_changes,
)
from app.domain.holding_entries import change_of
from app.domain.holdings import EXIT, OWN, Book, Change, Entry, Holding, book_of
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import Fill, Order
from app.domain.routes import DEFAULT_CURRENCY, UNPRICED, Value
from app.store.group import Group

SMALLEST_LOT = Decimal("0.00000001")

ValueOf = Callable[[str, str], Value]

_encode = msgspec.json.Encoder(decimal_format="string").encode


def unpriced(currency: str, to: str) -> Value:
    return UNPRICED


@dataclass
class AssetBooks:
    """All holdings of the account by asset. currency: that costs are counted in, chosen once, when the books begin.
    foreign: whether the account is valued in another one now. begun: whether they hold all that was booked before.
    value_of(currency, to): prices. lots: the smallest step in which each asset is traded."""

    held: dict[str, Holding] = field(default_factory=dict[str, Holding])
    currency: str = DEFAULT_CURRENCY
    foreign: bool = False
    begun: bool = True
    next_entry: int = 1
    value_of: ValueOf = unpriced
    lots: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    def load(
        self, books: Mapping[tuple[str, str], Book], currency: str | None, *, begun: bool, next_entry: int
    ) -> None:
        """Begin from what the database has."""
        found: dict[str, dict[str, Book]] = {}
        for (asset, name), book in books.items():
            found.setdefault(asset, {})[name] = book
        self.held = {asset: Holding(asset, each) for asset, each in found.items()}
        self.currency, self.begun, self.next_entry = currency or DEFAULT_CURRENCY, begun, next_entry

    def of(self, asset: str) -> Holding:
        """What is held of an asset."""
        return self.held.get(asset) or Holding(asset)

    def quantity(self, asset: str, book: str) -> Decimal:
        """What one book holds of an asset."""
        return self.of(asset).book(book).quantity

    def learn_lots(self, instruments: Iterable[Instrument]) -> None:
        """The smallest step in which each asset is traded, for what must be shared."""
        for instrument in instruments:
            if instrument.kind is InstrumentKind.SPOT:
                known = self.lots.get(instrument.base, instrument.lot)
                self.lots[instrument.base] = min(known, instrument.lot)


class StagedBooks:
    """One turn's changes of the holdings."""

    __slots__ = ("_books", "_entries", "_held", "_rates", "_told")

    def __init__(self, books: AssetBooks) -> None:
        self._books = books
        self._held: dict[str, Holding] = {}
        self._entries: list[tuple[int, Entry]] = []
        self._rates: dict[str, Rate] = {}
        self._told = 0

    def trade(self, order: Order, instrument: Instrument, fill: Fill, profit: Mapping[str, Decimal]) -> None:
        """A new fill; profit: what a contract's fill realised."""
        book, rate_of = _book(order), self._rate
        for change in trade_changes(instrument, fill, book, rate_of):
            self._change(change)
        self._change(profit_change(instrument, fill, profit.get(instrument.settle, ZERO), book, rate_of))
        self._change(fee_change(instrument, fill, book, rate_of))

    def fee(self, order: Order, instrument: Instrument, fill: Fill, profit: Mapping[str, Decimal]) -> None:
        """A fee that came later than its fill; profit: by how much that changed what was realised."""
        book, rate_of = _book(order), self._rate
        self._change(profit_change(instrument, fill, profit.get(instrument.settle, ZERO), book, rate_of))
        self._change(fee_change(instrument, fill, book, rate_of))

    def cash(self, currency: str, amount: Decimal, kind: str, price: Decimal | None, time_ns: int) -> None:
        """A movement of cash; price: in the valuation currency."""
        rate = self._rate(currency)
        if rate is not ITSELF and price is not None and not self._books.foreign:
            rate = Rate(price, rate.source if rate.price == price else "given")
        self._change(cash_change(currency, amount, kind, rate, time_ns))

    def change(self, change: Change) -> None:
        """Any other change."""
        self._change(change)

    def tell(self, seq: int, payload: str) -> str:
        """The payload of event `seq`, which tells what was changed since the last one that did."""
        untold = self._entries[self._told :]
        if not untold:
            return payload
        self._entries[self._told :] = [(seq, entry) for _, entry in untold]
        self._told = len(self._entries)
        entries = _encode([entry for _, entry in untold]).decode()
        return f'{payload[:-1]}{"" if payload == "{}" else ","}"holdings":{entries}}}'

    def stage(self, group: Group) -> None:
        """Hand over what is written."""
        if not self._entries:
            return
        first = self._books.next_entry
        group.entries.extend((first + number, seq, entry) for number, (seq, entry) in enumerate(self._entries))
        touched: set[tuple[str, str]] = set()
        for _, entry in self._entries:
            by = OWN if entry.by == EXIT else entry.by
            touched |= {(entry.asset, entry.book), (entry.asset, by), (entry.cause.traded, by)}
        for asset, name in touched:
            holding = self._held.get(asset)
            if holding is not None and name in holding.books:
                group.books[asset, name] = holding.books[name]

    def remember(self) -> None:
        """Make the changes true in memory."""
        self._books.held.update(self._held)
        self._books.next_entry += len(self._entries)

    def _change(self, change: Change | None) -> None:
        if change is None:
            return
        lot = self._books.lots.get(change.asset, SMALLEST_LOT)
        held, known = self._held, self._books.held
        for asset in (change.asset, change.cause.traded):
            if asset not in held and asset in known:
                held[asset] = known[asset]
        self._entries += [(0, entry) for entry in change_of(held, change, lot)]

    def _rate(self, currency: str) -> Rate:
        """As it is in the turn's moment, looked up once."""
        if currency == self._books.currency:
            return ITSELF
        rate = self._rates.get(currency)
        if rate is None:
            value = self._books.value_of(currency, self._books.currency)
            known = None if value.price is None else Rate(value.price, " ".join((value.kind.value, *value.route)))
            rate = self._rates[currency] = known or UNKNOWN
        return rate


def _book(order: Order) -> str:
    return book_of(order.request.strategy_id, external=order.request.external, exit=order.exit)
