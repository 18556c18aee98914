"""What each disposal's fill cost in fees: a fee stands in the books after its fill, sometimes long after. Beside
tax_lots.py and average_lots.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from app.domain.holding_entries import GRAIN
from app.domain.holdings import Entry, EntryKind
from app.domain.money import ZERO
from app.domain.performance.tax_lots import Disposal

FillKey = tuple[str, str, str]
"""(asset that was traded, trade id, the exchange's order id)."""
NO_FILL = ("", "")


class Fold(Protocol):
    def __call__(self, entries: Iterable[Entry], *, asset: str | None, book: str | None) -> Iterator[Disposal]: ...


@dataclass(slots=True)
class _Fees:
    """Of one fill that sold. sold: how much, of all books; ours: of which it is told; left: of that, of which no
    disposal has come yet; fee: None where a part of it has no known worth."""

    sold: Decimal = ZERO
    ours: Decimal = ZERO
    left: Decimal = ZERO
    fee: Decimal | None = ZERO
    shared: Decimal = ZERO

    def part(self, quantity: Decimal) -> Decimal | None:
        """Of a disposal, in proportion; all parts come to the whole."""
        self.left -= quantity
        if self.fee is None:
            return None
        share = (self.fee * quantity / self.sold).quantize(GRAIN, ROUND_HALF_EVEN)
        if not self.left and self.ours == self.sold:
            share = self.fee - self.shared
        self.shared += share
        return share


def late_fees(entries: Iterable[Entry]) -> dict[FillKey, Decimal | None]:
    """The fees that were told after something else was booked; a start for with_fees."""
    late: dict[FillKey, Decimal | None] = {}
    current = NO_FILL
    for entry in entries:
        if not entry.cause.traded:
            current = _fill(entry)
        elif _fill(entry) != current:
            _add(late, entry)
    return late


def with_fees(
    entries: Iterable[Entry],
    fold: Fold,
    late: dict[FillKey, Decimal | None],
    *,
    asset: str | None = None,
    book: str | None = None,
) -> Iterator[Disposal]:
    """The disposals that `fold` makes of the entries, each with its part of the fees of its fill.

    A fee is one of the asset that was traded: what was spent for it, or went as the fee itself, has none. Kept are the
    late fees, and of the fills that sold those of which a disposal is still to come; a disposal waits for the last fee
    of the fill by which it is found.
    """
    fills = _Fills(dict(late), asset, book)
    waiting: list[Disposal] = []
    during = NO_FILL
    for found in fold(fills.heard(entries), asset=asset, book=book):
        if during == NO_FILL or during != fills.current:
            yield from map(fills.charged, waiting)
            waiting.clear()
        waiting.append(found)
        during = fills.current
    yield from map(fills.charged, waiting)


class _Fills:
    """Those that sold, while they are of use. current: the one whose entries are heard, its fees among the last."""

    def __init__(self, told: dict[FillKey, Decimal | None], asset: str | None, book: str | None) -> None:
        self.current = NO_FILL
        self._told = told
        self._asset, self._book = asset, book
        self._sold: dict[FillKey, _Fees] = {}
        self._begun: list[FillKey] = []

    def heard(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            fill = _fill(entry)
            if entry.cause.traded:
                if fill == self.current and (entry.cause.traded, *fill) in self._sold:
                    _add(self._told, entry)
            elif fill != self.current:
                self._next(fill)
            if entry.kind is EntryKind.TRADE and entry.quantity < 0 and self._asset in (None, entry.asset):
                self._sells(entry)
            yield entry

    def _next(self, fill: tuple[str, str]) -> None:
        """Of what sold nothing of this book no disposal comes."""
        for key in self._begun:
            if key in self._sold and not self._sold[key].left:
                self._forget(key)
        self._begun.clear()
        self.current = fill

    def _sells(self, entry: Entry) -> None:
        key = (entry.asset, *_fill(entry))
        if key not in self._sold:
            self._sold[key] = _Fees()
            self._begun.append(key)
        of = self._sold[key]
        of.sold -= entry.quantity
        if self._book in (None, entry.book):
            of.ours -= entry.quantity
            of.left -= entry.quantity

    def charged(self, found: Disposal) -> Disposal:
        key = (found.asset, found.trade_id, found.order_id)
        of = self._sold.get(key)
        if found.kind is not EntryKind.TRADE or of is None:
            return found
        of.fee = self._told.get(key, ZERO)
        fee = of.part(found.quantity)
        if not of.left:
            self._forget(key)
        return replace(found, fee=fee)

    def _forget(self, key: FillKey) -> None:
        del self._sold[key]
        self._told.pop(key, None)


def _fill(entry: Entry) -> tuple[str, str]:
    return entry.cause.trade_id, entry.cause.order_id


def _add(fees: dict[FillKey, Decimal | None], entry: Entry) -> None:
    key = (entry.cause.traded, *_fill(entry))
    before = fees.get(key, ZERO)
    if before is None or entry.value is None:
        fees[key] = None
    else:
        fees[key] = before + (entry.value if entry.quantity < 0 else -entry.value)
