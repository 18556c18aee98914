"""What was decided, a line each in the log, once it is durable: signals, orders with risk's word on them, their ends,
and the steps of execution strategies. The journal has all of it in full; this is for eyes.
"""

import logging
from collections import OrderedDict

import structlog

from app.domain.events import Event, EventKind
from app.domain.money import plain
from app.domain.orders import Ending, Order
from app.journal.codec import decode_plain
from app.store.group import Group

ENDS_KEPT = 10_000
"""Ended orders that are remembered, so that a fee that comes late does not tell their end again."""

log = structlog.get_logger("decision")


class DecisionLog:
    """Subscribed to the ledger's commits."""

    def __init__(self) -> None:
        self._ended: OrderedDict[str, None] = OrderedDict()

    def on_commit(self, group: Group) -> None:
        if not log.is_enabled_for(logging.INFO):
            return
        for event in group.events:
            _tell_event(event)
        for new in group.new_orders.values():
            _tell_new(new.order)
            self._tell_end(new.order)
        for order in group.orders.values():
            self._tell_end(order)

    def _tell_end(self, order: Order) -> None:
        if not order.settled or order.ending is Ending.DENIED or order.order_id in self._ended:
            return
        self._ended[order.order_id] = None
        if len(self._ended) > ENDS_KEPT:
            self._ended.popitem(last=False)
        average = order.average_price
        log.info(
            f"order.{order.status.value}",
            order_id=order.order_id,
            filled=plain(order.filled_size),
            size=plain(order.size),
            average_price=None if average is None else plain(average),
            reason=": ".join(filter(None, (order.error_code, order.error_message))) or None,
        )


def _tell_event(event: Event) -> None:
    if event.kind == EventKind.SIGNAL_RECEIVED:
        log.info("signal.received", principal=event.principal, **decode_plain(event.payload))
    elif event.kind == EventKind.PARENT_STEP:
        step = decode_plain(event.payload)
        log.info(
            "parent.step",
            parent_id=event.parent_id,
            step=step["step"],
            act=step["kind"],
            order_id=step["order_id"],
            content=step["content"],
        )


def _tell_new(order: Order) -> None:
    request = order.request
    asked = {
        "order_id": order.order_id,
        "instrument_id": request.instrument_id,
        "side": request.side.value,
        "order_type": request.order_type.value,
        "size": plain(request.size),
        "price": None if request.price is None else plain(request.price),
        "strategy_id": request.strategy_id,
        "parent_id": request.parent_id,
    }
    if order.reasons:
        log.info("order.denied", **asked, reasons=[str(reason) for reason in order.reasons])
    elif request.external:
        log.info("order.adopted", **asked)
    else:
        log.info("order.approved", **asked)
