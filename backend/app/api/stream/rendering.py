"""An event of the journal as the message that clients get: a function of the journal alone, so that a resume, a restart
and a server that only reads give the same message again.

What an event says of an order is the order as of that event, folded by the functions that made it. A Renderer takes
the events in order and remembers the orders it has folded; one that it does not know it recalls from the journal.
"""

from collections import OrderedDict
from itertools import islice
from typing import Any

import msgspec

from app.api.encoding import json_ready, plain_text
from app.api.stream.messages import ALERTS, EVENT_CHANNELS, Alert, ExecutionChange, ExecutionStep, Movement
from app.clock import utc
from app.domain.events import Event, EventKind
from app.domain.orders import FillKey
from app.journal.journal import event_from_row
from app.journal.order_fold import FoldedOrder, UnfoldableEvent, fold_in
from app.journal.told_rows import told_row
from app.models.parents import ParentOrder as ParentRow
from app.models.parents import ParentStep
from app.services.trading.order_manager import response
from app.services.trading.schemas import TradeResponse
from app.services.trading.trade_recorder import trade_response
from app.store import queries
from app.store.database import Database
from app.store.rows import TRADE, parent_from_row

ORDERS_MAX = 2_048
"""Folded orders that a renderer remembers; one that was forgotten is folded again."""
_BEGINS = frozenset({EventKind.ORDER_INTENT.value, EventKind.ORDER_DENIED.value, EventKind.ORDER_ADOPTED.value})

_encode = msgspec.json.Encoder().encode
_parent_row = told_row(ParentRow, "updated_ns")
_step_row = told_row(ParentStep)
_movement = msgspec.json.Decoder(Movement).decode


class Told:
    """One event's message. text(): its JSON for a set of channels, None when none of them shows anything of it."""

    __slots__ = ("_event", "_members", "_texts", "seq")

    def __init__(self, event: Event, members: dict[str, Any]) -> None:
        self.seq = event.seq
        self._event = event
        self._members = members
        self._texts: dict[frozenset[str], bytes | None] = {}

    def text(self, channels: frozenset[str]) -> bytes | None:
        if not self._members:
            return None
        if channels not in self._texts:
            self._texts[channels] = self._text(channels)
        return self._texts[channels]

    def _text(self, channels: frozenset[str]) -> bytes | None:
        shown = {name: value for name, value in self._members.items() if EVENT_CHANNELS[name] in channels}
        if not shown:
            return None
        event = self._event
        head = {"type": "event", "seq": event.seq, "at": utc(event.at_ns), "kind": event.kind}
        return _encode(json_ready({**head, "principal": event.principal, **shown}))


class Renderer:
    """Events of one account, in order, into messages. May be used by one thread at a time."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account
        self._orders: OrderedDict[str, FoldedOrder] = OrderedDict()

    def lacks(self, event: Event) -> bool:
        """Whether render() has to read the database."""
        of_order = event.order_id is not None and event.kind.startswith("order.")
        return of_order and event.order_id not in self._orders and event.kind not in _BEGINS

    def render(self, event: Event) -> Told:
        """Its message. What cannot be read of it (a journal that was changed) is told as an alert of its own."""
        try:
            return Told(event, self._members(event))
        except (UnfoldableEvent, msgspec.MsgspecError, ValueError) as error:
            alert = Alert(kind="unreadable", detail={"error": str(error), "payload": event.payload[:1_000]})
            return Told(event, {"alert": alert})

    def _members(self, event: Event) -> dict[str, Any]:
        if event.order_id is not None and event.kind.startswith("order."):
            return self._of_order(event.order_id, event)
        match event.kind:
            case EventKind.PARENT_CHANGED:
                return {"execution": _execution(event)}
            case EventKind.PARENT_STEP:
                return {"step": _step(event)}
            case EventKind.CASH_MOVED:
                return {"movement": _movement(event.payload)}
            case kind if kind in ALERTS:
                return {"alert": Alert(kind=kind, detail=plain_text(msgspec.json.decode(event.payload)))}
            case _:
                return {}

    def _of_order(self, order_id: str, event: Event) -> dict[str, Any]:
        folded = self._order(order_id, event)
        booked, charged = len(folded.booked), len(folded.charged)
        if not fold_in(folded, event) or folded.order is None:
            return {}
        told: dict[FillKey, None] = dict.fromkeys(_newest(folded.booked, booked))
        told |= dict.fromkeys(_newest(folded.charged, charged))
        order = {"order": response(folded.order)}
        return order | {"fills": [_fill(folded, key) for key in told]} if told else order

    def _order(self, order_id: str, event: Event) -> FoldedOrder:
        """The order before the event."""
        folded = self._orders.get(order_id)
        if folded is None:
            folded = FoldedOrder() if event.kind in _BEGINS else self._recalled(order_id, event.seq)
            self._orders[order_id] = folded
            if len(self._orders) > ORDERS_MAX:
                self._orders.popitem(last=False)
        self._orders.move_to_end(order_id)
        return folded

    def _recalled(self, order_id: str, before_seq: int) -> FoldedOrder:
        folded, last = FoldedOrder(), 0
        while rows := queries.events(self._database, self._account, after_seq=last, order_id=order_id):
            for row in rows:
                if row["seq"] >= before_seq:
                    return folded
                fold_in(folded, event_from_row(row))
                last = row["seq"]
        return folded


def _newest(keys: dict[FillKey, int], before: int) -> list[FillKey]:
    """Those that were added since there were `before`."""
    return list(islice(reversed(keys), len(keys) - before))[::-1]


def _fill(folded: FoldedOrder, key: FillKey) -> TradeResponse:
    """The fill as it was booked, with its fee as far as it is known."""
    assert folded.order is not None
    row = TRADE.named(folded.order, folded.first_told[key], folded.booked[key])
    known = folded.order.fills[key]
    fee = {"fee_amount": known.fee, "fee_currency": None if known.fee is None else known.fee_currency}
    return trade_response(row | fee)


def _execution(event: Event) -> ExecutionChange:
    parent = parent_from_row(_parent_row(event.payload) | {"updated_ns": event.at_ns})
    return ExecutionChange(
        parent_id=parent.parent_id,
        strategy=parent.strategy,
        strategy_id=parent.strategy_id,
        instrument_id=parent.instrument_id,
        side=parent.side,
        size=parent.size,
        limit_price=parent.limit_price,
        filled_size=parent.filled,
        status=parent.status,
        reason=parent.reason,
    )


def _step(event: Event) -> ExecutionStep:
    row = _step_row(event.payload)
    reason = msgspec.json.decode(row["content"]).get("reason")
    return ExecutionStep(
        parent_id=row["parent_id"], step=row["step"], act=row["kind"], order_id=row["order_id"], reason=reason
    )
