"""Disposals at average cost: what of each asset went, at the average of all that was there. For tax, where that is the
rule; tax_lots.py matches lot by lot, first in, first out. Once all of an asset is gone both come to the same gain.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from app.domain.holding_entries import GRAIN
from app.domain.holdings import Entry, EntryKind
from app.domain.money import ZERO
from app.domain.performance.tax_lots import Disposal

POOLED = "average"
"""Where the worth of what came was found: of many."""


@dataclass(slots=True)
class _Pool:
    """quantity: what is there, negative what was sold before it came. known: the part of it whose worth is known, and
    what that was worth when it came (when it went, of what was sold before)."""

    quantity: Decimal = ZERO
    known: Decimal = ZERO
    worth: Decimal = ZERO

    def put(self, quantity: Decimal, value: Decimal | None) -> None:
        self.quantity += quantity
        if value is not None:
            self.known += abs(quantity)
            self.worth += value

    def take(self, quantity: Decimal) -> tuple[tuple[Decimal, Decimal | None], ...]:
        """Take that much out, in proportion: the parts of known and of unknown worth."""
        there = abs(self.quantity)
        known, worth = self.known, self.worth
        if quantity != there:
            known, worth = _part(known, quantity, there), _part(worth, quantity, there)
        self.quantity -= quantity if self.quantity > 0 else -quantity
        self.known -= known
        self.worth -= worth
        return tuple(one for one in ((known, worth), (quantity - known, None)) if one[0])


def average_disposals(
    entries: Iterable[Entry], *, asset: str | None = None, book: str | None = None
) -> Iterator[Disposal]:
    """As tax_lots.disposals, at average cost; acquired_ns and origin are None. What is sold before it is there costs
    what comes next."""
    pools: dict[str, _Pool] = {}
    number = 0
    for entry in entries:
        if entry.kind is EntryKind.COST or asset not in (None, entry.asset) or book not in (None, entry.book):
            continue
        pool = pools.setdefault(entry.asset, _Pool())
        size, value = abs(entry.quantity), entry.value
        closing = min(size, abs(pool.quantity)) if pool.quantity * entry.quantity < 0 else ZERO
        matched = value if value is None or closing == size else _part(value, closing, size)
        left = None if value is None or matched is None else value - matched
        for quantity, worth in pool.take(closing) if closing else ():
            number += 1
            own = matched if matched is None or quantity == closing else _part(matched, quantity, closing)
            yield _disposal(number, entry, quantity, worth, own)
        if closing < size:
            rest = size - closing
            pool.put(rest if entry.quantity > 0 else -rest, left)


def _part(value: Decimal, quantity: Decimal, whole: Decimal) -> Decimal:
    return (value * quantity / whole).quantize(GRAIN, ROUND_HALF_EVEN)


def _disposal(number: int, entry: Entry, quantity: Decimal, pooled: Decimal | None, own: Decimal | None) -> Disposal:
    cost, proceeds = (pooled, own) if entry.quantity < 0 else (own, pooled)
    return Disposal(
        number=number,
        asset=entry.asset,
        quantity=quantity,
        acquired_ns=None,
        disposed_ns=entry.time_ns,
        cost=cost,
        proceeds=proceeds,
        origin=None,
        kind=entry.kind,
        source=POOLED,
        instrument_id=entry.cause.instrument_id,
        trade_id=entry.cause.trade_id,
        order_id=entry.cause.order_id,
        booked_ns=entry.time_ns,
    )
