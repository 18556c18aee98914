"""What each disposal's fill cost in fees: a fee stands in the books after its fill, sometimes long after. Beside
tax_lots.py and average_lots.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from app.domain.holding_entries import GRAIN
from app.domain.holdings import Entry, EntryKind
from app.domain.money import ZERO
from app.domain.performance.tax_lots import Disposal

FillKey = tuple[str, str, str]
"""(asset that was traded, trade id, the exchange's order id)."""
Fold = Callable[[Iterable[Entry]], Iterator[Disposal]]


@dataclass(slots=True)
class _Fees:
    """Of one fill that sold. sold: how much; left: of which no disposal has come yet; fee: None where a part of it has
    no known worth."""

    sold: Decimal = ZERO
    left: Decimal = ZERO
    fee: Decimal | None = ZERO
    shared: Decimal = ZERO

    def part(self, quantity: Decimal) -> Decimal | None:
        """Of a disposal, in proportion; all parts come to the whole."""
        self.left -= quantity
        if self.fee is None:
            return None
        share = (self.fee * quantity / self.sold).quantize(GRAIN, ROUND_HALF_EVEN)
        if not self.left:
            share = self.fee - self.shared
        self.shared += share
        return share


def late_fees(entries: Iterable[Entry]) -> dict[FillKey, Decimal | None]:
    """The fees that were told after something else was booked; a start for with_fees."""
    late: dict[FillKey, Decimal | None] = {}
    current = ("", "")
    for entry in entries:
        if not entry.cause.traded:
            current = _fill(entry)
        elif _fill(entry) != current:
            _add(late, entry)
    return late


def with_fees(entries: Iterable[Entry], fold: Fold, late: dict[FillKey, Decimal | None]) -> Iterator[Disposal]:
    """The disposals that `fold` makes of the entries, each with its part of the fees of its fill.

    A fee is one of the asset that was traded: what was spent for it, or went as the fee itself, has none.
    """
    sold: dict[FillKey, _Fees] = {}
    told = dict(late)

    def heard() -> Iterator[Entry]:
        current = ("", "")
        for entry in entries:
            if not entry.cause.traded:
                current = _fill(entry)
            elif _fill(entry) == current:
                _add(told, entry)
            if entry.kind is EntryKind.TRADE and entry.quantity < 0:
                of = sold.setdefault((entry.asset, *_fill(entry)), _Fees())
                of.sold -= entry.quantity
                of.left -= entry.quantity
            yield entry

    waiting: list[Disposal] = []
    for found in fold(heard()):
        if waiting and (waiting[0].trade_id, waiting[0].order_id) != (found.trade_id, found.order_id):
            yield from _charged(waiting, sold, told)
            waiting = []
        waiting.append(found)
    yield from _charged(waiting, sold, told)


def _charged(
    waiting: Iterable[Disposal], sold: dict[FillKey, _Fees], told: dict[FillKey, Decimal | None]
) -> Iterator[Disposal]:
    for found in waiting:
        key = (found.asset, found.trade_id, found.order_id)
        of = sold.get(key)
        if found.kind is not EntryKind.TRADE or of is None:
            yield found
            continue
        of.fee = told.get(key, ZERO)
        yield replace(found, fee=of.part(found.quantity))
        if not of.left:
            del sold[key]
            told.pop(key, None)


def _fill(entry: Entry) -> tuple[str, str]:
    return entry.cause.trade_id, entry.cause.order_id


def _add(fees: dict[FillKey, Decimal | None], entry: Entry) -> None:
    key = (entry.cause.traded, *_fill(entry))
    before = fees.get(key, ZERO)
    if before is None or entry.value is None:
        fees[key] = None
    else:
        fees[key] = before + (entry.value if entry.quantity < 0 else -entry.value)
