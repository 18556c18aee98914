"""What is counted as it is committed: orders asked for, answered, refused and cancelled, by strategy; what else befell
the account; and the orders whose outcome is unknown. Some microseconds an event."""

from collections import Counter

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import Event, EventKind
from app.domain.orders import Order, OrderStatus, Source
from app.services.alerts.window import ACCOUNT, Counts
from app.services.trading.account.gate import TradingGate
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
UNKNOWN, ANOMALY, SET_ASIDE, STRANGER, MISSED, BREAK = "unknown", "anomaly", "set_aside", "stranger", "missed", "break"
HAPPENED = {
    EventKind.ORDER_UNKNOWN.value: UNKNOWN,
    EventKind.ANOMALY.value: ANOMALY,
    EventKind.QUARANTINED.value: SET_ASIDE,
    EventKind.ORDER_ADOPTED.value: STRANGER,
}
_FOUND = tuple(f'"source":"{source.value}"' for source in (Source.AUDIT, Source.POLL))
"""In the payload of a report that we had to ask for; of what was filled while no stream was up there was no other."""

TOLD_WITHIN_NS = NS_PER_SECOND * 3 // 2
"""What is found sooner than that after the exchange's time of it, the stream may still tell."""


class Counting:
    def __init__(self, ledger: Ledger, clock: Clock, gate: TradingGate) -> None:
        self._unknown: dict[str, int] = {}
        self._ledger = ledger
        self._clock = clock
        self._gate = gate
        self._counts = _empty()
        self._happened: Counter[str] = Counter()

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

    def take(self) -> tuple[Counts, Counts, Counts, Counts, Counts]:
        """What was counted since the last time: asked, answered, refused, cancelled, happened."""
        (asked, answered, refused, cancelled), happened = self._counts, self._happened
        for strategy_id, count in self._ledger.refused_lines.take_not_written().items():
            asked[f"strategy:{strategy_id}" if strategy_id else ACCOUNT] += count
        self._counts, self._happened = _empty(), Counter()
        return asked, answered, refused, cancelled, happened

    def on_commit(self, group: Group) -> None:
        for event in group.events:
            for which in _COUNTED.get(event.kind, ()):
                self._counts[which][self._of(event.order_id or "", group)] += 1
            if (what := HAPPENED.get(event.kind)) is not None:
                self._happened[what] += 1
            elif event.trade_id is not None and event.kind == EventKind.ORDER_REPORT:
                self._happened[MISSED] += any(each in event.payload for each in _FOUND) and self._told(event, group)
        for order in group.orders.values():
            self._look(order)

    def _told(self, event: Event, group: Group) -> bool:
        """Whether the stream should have told of this fill: it has been up since, for long enough."""
        from_ns = self._gate.hears_from_ns
        until_ns = event.at_ns + round(self._gate.clock_offset_seconds() * NS_PER_SECOND) - TOLD_WITHIN_NS
        times = (fill.time_ns for _, fill, _ in group.fills if fill.trade_id == event.trade_id)
        return from_ns is not None and any(from_ns <= time_ns <= until_ns for time_ns in times)

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
