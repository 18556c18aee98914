"""How many of the orders and fills that the exchange lists are here, by instrument: every one must be."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from app.domain.orders import Order, OrderReport
from app.services.trading.account.opening import Opening, is_held
from app.services.trading.venue.differences import Difference, DifferenceKind

Counted = tuple[DifferenceKind, str]


class Counts:
    """Of one comparison."""

    def __init__(self) -> None:
        self._listed: Counter[Counted] = Counter()
        self._here: Counter[Counted] = Counter()

    def take(self, report: OrderReport, order: Order | None, opening: Opening) -> None:
        """What was listed, and the order that it came to: None when it was set aside."""
        fill = report.fill
        what = (DifferenceKind.ORDERS if fill is None else DifferenceKind.FILLS, report.instrument_id)
        self._listed[what] += 1
        here = order is not None and (fill is None or fill.key in order.fills)
        self._here[what] += here or is_held(opening, order, report)

    def take_open(self, orders: Iterable[Order]) -> None:
        """An order of which the exchange says that more has filled than is here lacks at least one fill."""
        for order in orders:
            if order.accounted < order.filled_size:
                self._listed[DifferenceKind.FILLS, order.request.instrument_id] += 1

    def differences(self) -> list[Difference]:
        return [
            Difference(kind=kind, subject=subject, ledger=Decimal(self._here[kind, subject]), venue=Decimal(listed))
            for (kind, subject), listed in sorted(self._listed.items())
            if listed != self._here[kind, subject]
        ]
