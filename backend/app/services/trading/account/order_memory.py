"""The orders of one account that memory holds, by every id, with the exposure that they reserve.

Open orders always; of the settled ones the newest, for late reports and quick answers.
"""

from collections import OrderedDict

from app.domain.exposure import OpenExposure, Reservation, reservation
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.order_changes import mark_sent
from app.domain.order_parts import venue_ids
from app.domain.orders import Order

SETTLED_KEPT = 2048
"""Settled orders kept in memory; older ones are read back when needed."""


class OrderMemory:
    """`orders` by our order id; `exposure` always the sum over them."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.exposure = OpenExposure()
        self._by_client_id: dict[str, str] = {}
        self._by_venue_id: dict[str, str] = {}
        self._open: dict[str, None] = {}
        self._settled: OrderedDict[str, None] = OrderedDict()
        self._reserved: dict[str, Reservation] = {}

    def find(self, client_order_id: str, venue_order_id: str) -> Order | None:
        """The order with one of these ids ("" is no id).

        Our client order ids are unique for ever; of others' orders only the venue's id says which is meant, for the
        venue lets a client order id be used again once its order is over (FAULTS fact 1).
        """
        order_id = self._by_client_id.get(client_order_id) if client_order_id else None
        order = self.orders.get(order_id) if order_id is not None else None
        if order is not None and order.request.external and venue_order_id not in ("", order.venue_order_id):
            order = None
        if order is None and venue_order_id:
            order_id = self._by_venue_id.get(venue_order_id)
            order = self.orders.get(order_id) if order_id is not None else None
        return order

    def id_taken(self, client_order_id: str) -> bool:
        """Whether an order has this client order id."""
        return client_order_id in self._by_client_id

    def open(self) -> list[Order]:
        """Orders that are not settled, oldest first."""
        return [self.orders[order_id] for order_id in self._open]

    @property
    def open_count(self) -> int:
        return len(self._open)

    def install(self, order: Order, instrument: Instrument | None) -> None:
        """Take an order's new state; the oldest settled order makes room."""
        order_id = order.order_id
        before = self.orders.get(order_id)
        self.orders[order_id] = order
        self._by_client_id[order.request.client_order_id] = order_id
        for name in venue_ids(order):
            self._by_venue_id[name] = order_id
        if instrument is not None and (before is None or not _reserves_the_same(before, order)):
            self._reserve(order, instrument)
        if not order.settled:
            self._settled.pop(order_id, None)
            self._open[order_id] = None
            return
        self._open.pop(order_id, None)
        self._settled[order_id] = None
        self._settled.move_to_end(order_id)
        while len(self._settled) > SETTLED_KEPT:
            self._forget(self._settled.popitem(last=False)[0])

    def learn(self, instrument: Instrument) -> None:
        """An instrument has become known, and with it what its open orders may still spend."""
        for order in self.open():
            if order.request.instrument_id == instrument.instrument_id:
                self._reserve(order, instrument)

    def note_sent(self, order_id: str) -> None:
        """Its bytes are with the transport."""
        self.orders[order_id] = mark_sent(self.orders[order_id])

    def clear(self) -> None:
        self.exposure = OpenExposure()
        for memory in (self.orders, self._by_client_id, self._by_venue_id, self._open, self._settled, self._reserved):
            memory.clear()

    def _reserve(self, order: Order, instrument: Instrument) -> None:
        spot = instrument.kind is InstrumentKind.SPOT
        before = self._reserved.pop(order.order_id, None)
        now = reservation(order, instrument) if order.max_remaining else None
        if now is not None:
            self._reserved[order.order_id] = now
        if before == now:
            return
        if before is not None:
            self.exposure.remove(before, spot=spot)
        if now is not None:
            self.exposure.add(now, spot=spot)

    def _forget(self, order_id: str) -> None:
        order = self.orders.pop(order_id)
        self._by_client_id.pop(order.request.client_order_id, None)
        for name in venue_ids(order):
            self._by_venue_id.pop(name, None)


def _reserves_the_same(before: Order, after: Order) -> bool:
    """Whether nothing that a reservation depends on has changed; by identity, for evolve() keeps what stays."""
    return (
        before.ending is after.ending
        # Of an order that is over, an acknowledgement says that it may not be.
        and (after.ending is None or before.acknowledged is after.acknowledged)
        and before.filled is after.filled
        and before.filled_before is after.filled_before
        and before.reported_filled is after.reported_filled
        and before.size is after.size
        and before.price is after.price
        and before.amendments is after.amendments
        and before.venue_order_id is after.venue_order_id
        and before.condition is after.condition
    )


class ReadNumbers:
    """Serial numbers of what is read of the exchange: later reads have larger ones, over restarts too.

    What is pushed is numbered as it arrives, an answer as it is asked for: it may be as old as that.
    """

    def __init__(self) -> None:
        self._last = 0

    def begin(self, epoch: int) -> None:
        """epoch: of the lease, which is larger at every start."""
        self._last = max(self._last, epoch << 32)

    def next(self) -> int:
        self._last += 1
        return self._last
