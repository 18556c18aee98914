"""What the fills of contracts were worth at their time, as the entries of the books say it: their fees, and the price
of the currency that they settle in. Stands between the books and trip_fills.py.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from app.domain.holdings import Entry, EntryKind

FillKey = tuple[str, str, str]
"""(instrument id, trade id, the exchange's order id)."""


class Amount(NamedTuple):
    """quantity of a currency, and what it was worth; both signed."""

    currency: str
    quantity: Decimal
    value: Decimal

    def price(self, currency: str) -> Decimal | None:
        """Of one unit, if that is the currency."""
        return self.value / self.quantity if self.currency == currency and self.quantity else None


@dataclass(slots=True)
class ContractValues:
    """Of contracts that are paid in something else than costs are counted in; the others need no value.

    begun_ns: when the books began; of a fill that was booked before, they do not know what it realised. None: they have
    not. fees: by fill.
    gains: what each book was paid by the exchange, by (instrument id, book).
    """

    begun_ns: int | None = None
    fees: dict[FillKey, Amount] = field(default_factory=dict[FillKey, Amount])
    gains: dict[tuple[str, str], Amount] = field(default_factory=dict[tuple[str, str], Amount])
    settled: dict[FillKey, Amount] = field(default_factory=dict[FillKey, Amount])

    def heard(self, entries: Iterable[Entry]) -> Generator[Entry]:
        """The entries, as they are, after each was looked at."""
        for entry in entries:
            if entry.cause.trade_id and not entry.cause.traded and entry.value is not None:
                self._hear(entry, entry.value if entry.quantity > 0 else -entry.value)
            yield entry

    def _hear(self, entry: Entry, value: Decimal) -> None:
        key = (entry.cause.instrument_id, entry.cause.trade_id, entry.cause.order_id)
        if entry.kind is EntryKind.FEE:
            self.fees[key] = _sum(self.fees.get(key), entry, -entry.quantity, -value)
        elif entry.kind is EntryKind.PROFIT:
            place = (entry.cause.instrument_id, entry.by)
            self.settled[key] = _sum(self.settled.get(key), entry, entry.quantity, value)
            self.gains[place] = _sum(self.gains.get(place), entry, entry.quantity, value)

    def knows(self, recorded_ns: int) -> bool:
        """Whether a fill that was booked then is in the books with what it realised."""
        return self.begun_ns is not None and recorded_ns >= self.begun_ns

    def rate(self, key: FillKey, currency: str, recorded_ns: int) -> Decimal | None:
        """The price of what a fill settled in, at its time; None where the books do not say it."""
        if not self.knows(recorded_ns):
            return None
        for told in (self.settled.get(key), self.fees.get(key)):
            price = None if told is None else told.price(currency)
            if price:
                return price
        return None


def _sum(before: Amount | None, entry: Entry, quantity: Decimal, value: Decimal) -> Amount:
    if before is None:
        return Amount(entry.asset, quantity, value)
    return before._replace(quantity=before.quantity + quantity, value=before.value + value)
