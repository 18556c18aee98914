"""How many of the orders that were sent came to nothing: refused, or taken back."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.orders import OrderStatus

REFUSED = frozenset({OrderStatus.REJECTED, OrderStatus.NEVER_ACCEPTED})
NEVER_LEFT = frozenset({OrderStatus.DENIED, OrderStatus.NOT_SENT, OrderStatus.PENDING})


@dataclass(frozen=True, slots=True)
class OrderRatios:
    """sent: that left for the exchange. reject: of those, refused by it. cancel: of those that it took, taken back with
    something unfilled. None of none."""

    sent: int
    reject: float | None
    cancel: float | None


def order_ratios(statuses: Iterable[OrderStatus]) -> OrderRatios:
    """Of orders by what became of them; what never left (denied here, not sent) counts for nothing."""
    sent = [status for status in statuses if status not in NEVER_LEFT]
    taken = [status for status in sent if status not in REFUSED]
    canceled = sum(status is OrderStatus.CANCELED for status in taken)
    return OrderRatios(
        len(sent),
        (len(sent) - len(taken)) / len(sent) if sent else None,
        canceled / len(taken) if taken else None,
    )
