"""What is counted as it is committed: orders asked for, answered, refused and cancelled, by strategy; and those whose
outcome is unknown. Some microseconds an event."""

from collections import Counter

from app.clock import Clock
from app.domain.events import EventKind
from app.domain.orders import Order, OrderStatus
from app.services.alerts.window import ACCOUNT, Counts
from app.services.trading.account.ledger import Ledger
from app.store.group import Group

ASKED, ANSWERED, REFUSED, CANCELLED = range(4)
_COUNTED = {
    EventKind.ORDER_INTENT.value: (ASKED,),
    EventKind.ORDER_DENIED.value: (ASKED,),
    EventKind.AMEND_INTENT.value: (ASKED,),
    EventKind.ORDER_ACCEPTED.value: (ANSWERED,),
    EventKind.ORDER_REJECTED.value: (ANSWERED, REFUSED),
    EventKind.CANCEL_REQUESTED.value: (CANCELLED,),
}


class Counting:
    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._unknown: dict[str, int] = {}
        self._ledger = ledger
        self._clock = clock
        self._counts = _empty()

    def begin(self) -> None:
        """The orders whose outcome is unknown already; how long it was so before is not counted."""
        for order in self._ledger.open_orders():
            self._look(order)

    def unknown(self) -> list[int]:
        """Since when the outcome of each such order is unknown (monotonic ns), oldest first."""
        for order_id in tuple(self._unknown):
            order = self._ledger.orders.get(order_id)
            if order is None or order.status is not OrderStatus.UNKNOWN:
                del self._unknown[order_id]
        return list(self._unknown.values())

    def take(self) -> tuple[Counts, Counts, Counts, Counts]:
        """What was counted since the last time: asked, answered, refused, cancelled."""
        asked, answered, refused, cancelled = self._counts
        self._counts = _empty()
        return asked, answered, refused, cancelled

    def on_commit(self, group: Group) -> None:
        for event in group.events:
            for which in _COUNTED.get(event.kind, ()):
                self._counts[which][self._of(event.order_id or "", group)] += 1
        for order in group.orders.values():
            self._look(order)

    def _look(self, order: Order) -> None:
        if order.unanswered and order.status is OrderStatus.UNKNOWN:
            self._unknown.setdefault(order.order_id, self._clock.monotonic_ns())

    @staticmethod
    def _of(order_id: str, group: Group) -> str:
        order = group.orders.get(order_id)
        if order is None:
            new = group.new_orders.get(order_id)
            order = new.order if new is not None else None
        strategy_id = None if order is None else order.request.strategy_id
        return f"strategy:{strategy_id}" if strategy_id else ACCOUNT


def _empty() -> tuple[Counter[str], Counter[str], Counter[str], Counter[str]]:
    return Counter(), Counter(), Counter(), Counter()
