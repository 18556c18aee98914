"""First in, first out: which lot of an asset went with each disposal, and what that gained. For tax; what is shown
elsewhere counts at average cost, and comes to the same once all of an asset is gone.

A fold over the entries of the books (app.domain.holdings), in the order in which they were booked, of all as one or
of one alone. Fees are costs of their own and are not taken off; a fee in an asset is itself a disposal of it. What is
sold before it is there is matched with what comes next.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from app.domain.holding_entries import GRAIN, origin_of
from app.domain.holdings import Entry, EntryKind, Origin
from app.domain.money import ZERO


class LotMethod(StrEnum):
    """Which of what is there goes with a disposal: what came first, or a part of all, at its average cost."""

    FIFO = "fifo"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Disposal:
    """A part of one lot that went. quantity: positive. kind: why it went. cost, proceeds: what it was worth when it
    came and when it went; None where nobody knows, and then the gain is None too. origin, source: of the lot, and how
    its worth was found; acquired_ns and origin are None where lots are pooled. instrument_id, trade_id, order_id (the
    exchange's): of the fill by which it went, empty for any other way. fee: its part of what trading that fill cost,
    positive paid, None where nobody knows what that was worth; see disposal_fees.py.

    number: from 1, in the order of booking, of all disposals; later entries change none of it. booked_ns: the time of
    the later of the two entries, which is that of going unless it was sold before it came.
    """

    number: int
    asset: str
    quantity: Decimal
    acquired_ns: int | None
    disposed_ns: int
    cost: Decimal | None
    proceeds: Decimal | None
    origin: Origin | None
    kind: EntryKind
    source: str
    instrument_id: str
    trade_id: str
    booked_ns: int
    order_id: str = ""
    fee: Decimal | None = ZERO

    @property
    def gain(self) -> Decimal | None:
        return None if self.cost is None or self.proceeds is None else self.proceeds - self.cost


@dataclass(slots=True)
class _Part:
    """What is not matched yet of an entry: quantity and value are positive."""

    entry: Entry
    quantity: Decimal
    value: Decimal | None

    @property
    def time_ns(self) -> int:
        return self.entry.time_ns

    def take(self, quantity: Decimal) -> Decimal | None:
        """Take that much out; its value, so that all parts come to the whole."""
        value = self.value
        if value is not None and quantity != self.quantity:
            value = (value * quantity / self.quantity).quantize(GRAIN, ROUND_HALF_EVEN)
        self.quantity -= quantity
        if self.value is not None and value is not None:
            self.value -= value
        return value


def disposals(entries: Iterable[Entry], *, asset: str | None = None, book: str | None = None) -> Iterator[Disposal]:
    """Every disposal of an asset or of all, each as soon as its entry comes. book: of what this one held alone."""
    waiting: dict[str, list[_Part]] = {}
    number = 0
    for entry in entries:
        if entry.kind is EntryKind.COST or asset not in (None, entry.asset) or book not in (None, entry.book):
            continue
        lots = waiting.setdefault(entry.asset, [])
        part = _Part(entry, abs(entry.quantity), entry.value)
        while part.quantity and lots and lots[0].entry.quantity * entry.quantity < 0:
            number += 1
            yield _matched(number, lots[0], part)
            if not lots[0].quantity:
                lots.pop(0)
        if part.quantity:
            # A fill that is told late came when it came.
            insort(lots, part, key=_time_of)


def _time_of(part: _Part) -> int:
    return part.time_ns


def _matched(number: int, lot: _Part, part: _Part) -> Disposal:
    quantity = min(lot.quantity, part.quantity)
    came, went = (lot, part) if part.entry.quantity < 0 else (part, lot)
    return Disposal(
        number=number,
        asset=came.entry.asset,
        quantity=quantity,
        acquired_ns=came.time_ns,
        disposed_ns=went.time_ns,
        cost=came.take(quantity),
        proceeds=went.take(quantity),
        origin=origin_of(came.entry.kind, came.entry.by),
        kind=went.entry.kind,
        source=came.entry.cause.source,
        instrument_id=went.entry.cause.instrument_id,
        trade_id=went.entry.cause.trade_id,
        booked_ns=part.time_ns,
        order_id=went.entry.cause.order_id,
    )
