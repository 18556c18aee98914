"""The life of an order as spans, of its events of the journal: decided, durable, sent, answered, filled, over. Pure.

An execution is one trace, its orders are spans in it; an order of nobody is a trace of its own. What a signal
asked for begins with it. Ids are drawn from the ids of order and execution: what is told again, or after a restart, is
the same span.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from app.clock import to_ns
from app.domain.events import Event, EventKind
from app.domain.money import plain
from app.domain.orders import Order, OrderReport
from app.domain.parents import ParentStatus
from app.journal.order_fold import FoldedOrder, fold_in

TRACE_ID_BYTES, SPAN_ID_BYTES = 16, 8

Value = str | bool | int


@dataclass(frozen=True, slots=True)
class Span:
    """above: the span that it is part of, none of a trace's first. failed: what went wrong, "" where nothing did. seq:
    the event that ended it, 0 of what no event ended."""

    trace_id: bytes
    span_id: bytes
    above: bytes
    name: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, Value] = field(default_factory=dict[str, Value])
    failed: str = ""
    seq: int = 0


class _Answer(msgspec.Struct):
    """kind: the outcome of a cancel or an amendment. request_id: of which amendment."""

    code: str = ""
    message: str = ""
    kind: str = ""
    request_id: str = ""


class _Amendment(msgspec.Struct):
    request_id: str


class _Asked(msgspec.Struct):
    """Of a cancel nothing is said."""

    amendment: _Amendment | None = None


class _Signal(msgspec.Struct):
    type: str = ""
    instrument_id: str = ""
    size: str | None = None
    price: str | None = None
    confidence: str | float | None = None
    strategy_id: str | None = None
    strategy: str | None = None
    decision_at: datetime | None = None
    decision_price: str | None = None


class _Params(msgspec.Struct):
    instrument_id: str = ""
    side: str = ""
    size: str = ""
    strategy_id: str | None = None
    signal_seq: int | None = None


class _State(msgspec.Struct):
    filled: str = ""


_read_answer = msgspec.json.Decoder(_Answer).decode
_read_asked = msgspec.json.Decoder(_Asked).decode
_read_report = msgspec.json.Decoder(OrderReport).decode
_read_signal = msgspec.json.Decoder(_Signal).decode
_read_params = msgspec.json.Decoder(_Params).decode
_read_state = msgspec.json.Decoder(_State).decode

_ANSWERS: Mapping[str, str] = {
    EventKind.ORDER_ACCEPTED: "accepted",
    EventKind.ORDER_REJECTED: "rejected",
    EventKind.ORDER_NOT_SENT: "not sent",
    EventKind.ORDER_UNKNOWN: "unknown",
}
_ASKED = frozenset({EventKind.CANCEL_REQUESTED.value, EventKind.AMEND_INTENT.value})
_CHANGED: Mapping[str, str] = {EventKind.CANCEL_ANSWERED: "cancel", EventKind.AMEND_ANSWERED: "amend"}
_EVIDENCE = frozenset(
    {EventKind.ORDER_ACCEPTED.value, EventKind.ORDER_REPORT.value, EventKind.ORDER_NEVER_ACCEPTED.value}
)


def trace_of(account: str, root: str) -> bytes:
    """root: the id of the execution, or of an order that belongs to none."""
    return _drawn(TRACE_ID_BYTES, "trace", account, root)


def span_of(account: str, *names: str) -> bytes:
    return _drawn(SPAN_ID_BYTES, "span", account, *names)


def _drawn(size: int, *names: str) -> bytes:
    return hashlib.sha256("\x1f".join(names).encode()).digest()[:size]


class _Part(NamedTuple):
    """A part of an order's life. seq: the event that ended it."""

    name: str
    start_ns: int
    end_ns: int
    seq: int
    attributes: dict[str, Value]
    failed: str = ""


def order_spans(events: Sequence[Event], durable_ns: int | None, signal: Event | None) -> list[Span]:
    """The order first, then its parts; nothing of events that begin no order. events: its own, all of them, in order.
    durable_ns: when its intent was on disk, where that is known. signal: what it came from, if anything.

    Raises UnfoldableEvent.
    """
    folded, parts = FoldedOrder(), list[_Part]()
    answered: Event | None = None
    unknown_ns: int | None = None
    asked: dict[str, int] = {}
    for event in events:
        booked, kind = len(folded.booked), event.kind
        fold_in(folded, event)
        if unknown_ns is not None and kind in _EVIDENCE:
            parts.append(_Part("resolve", unknown_ns, event.at_ns, event.seq, {"evidence": kind}))
            unknown_ns = None
        if kind in _ANSWERS:
            answered = event
            unknown_ns = event.at_ns if kind == EventKind.ORDER_UNKNOWN else None
        elif kind in _ASKED:
            amendment = _read_asked(event.payload).amendment
            asked[amendment.request_id if amendment else ""] = event.at_ns
        elif kind in _CHANGED:
            parts.append(_change(asked, event))
        elif kind == EventKind.ORDER_REPORT and len(folded.booked) > booked:
            parts.append(_fill(event))
    order = folded.order
    if order is None:
        return []
    begun_ns = events[0].at_ns if order.request.external else order.request.created_ns
    parts = [*_first_parts(order, begun_ns, durable_ns, answered), *parts]
    account, request = order.request.account, order.request
    trace_id, own_id = trace_of(account, request.parent_id or request.order_id), span_of(account, request.order_id)
    whole = Span(
        trace_id,
        own_id,
        span_of(account, request.parent_id) if request.parent_id else _above(account, request.order_id, signal),
        f"order {request.side} {request.instrument_id}",
        begun_ns,
        max(begun_ns, order.completed_ns or events[-1].at_ns, *(part.end_ns for part in parts)),
        _order_attributes(order, folded, signal),
        _failure(order),
        events[-1].seq,
    )
    spans = (
        Span(
            trace_id,
            span_of(account, request.order_id, part.name, str(part.seq)),
            own_id,
            part.name,
            part.start_ns,
            max(part.start_ns, part.end_ns),
            part.attributes,
            part.failed,
            part.seq,
        )
        for part in parts
    )
    return [whole, *spans]


def _first_parts(order: Order, begun_ns: int, durable_ns: int | None, answered: Event | None) -> Iterator[_Part]:
    """From the decision to the exchange's answer; each begins where the one before ended."""
    if answered is None:
        return
    seq, sent_ns = answered.seq, answered.at_ns if order.sent_ns is None else order.sent_ns
    if durable_ns is not None:
        decided_ns, begun_ns = begun_ns, min(max(durable_ns, begun_ns), sent_ns)
        yield _Part("risk and record", decided_ns, begun_ns, seq, {})
    yield _Part("to the wire", begun_ns, sent_ns, seq, {})
    said, outcome = _read_answer(answered.payload), _ANSWERS[answered.kind]
    failed = "" if outcome == "accepted" else f"{outcome}: {said.code} {said.message}".strip()
    yield _Part("answer", sent_ns, answered.at_ns, seq, {"outcome": outcome, "code": said.code}, failed)


def _fill(event: Event) -> _Part:
    """From the exchange's time of it until it is booked."""
    fill = _read_report(event.payload).fill
    assert fill is not None, "what was booked has one"
    attributes: dict[str, Value] = {"trade_id": fill.trade_id, "price": plain(fill.price), "size": plain(fill.size)}
    if fill.liquidity is not None:
        attributes["liquidity"] = fill.liquidity.value
    if fill.fee is not None:
        attributes |= {"fee": plain(fill.fee), "fee_currency": fill.fee_currency}
    return _Part("fill", min(fill.time_ns or event.at_ns, event.at_ns), event.at_ns, event.seq, attributes)


def _change(asked: dict[str, int], event: Event) -> _Part:
    name, said = _CHANGED[event.kind], _read_answer(event.payload)
    failed = "" if said.kind == "accepted" else f"{said.kind}: {said.code} {said.message}".strip()
    started_ns = asked.pop(said.request_id, event.at_ns)
    return _Part(name, started_ns, event.at_ns, event.seq, {"outcome": said.kind, "code": said.code}, failed)


def _order_attributes(order: Order, folded: FoldedOrder, signal: Event | None) -> dict[str, Value]:
    request = order.request
    found: dict[str, Value | None] = {
        "order_id": request.order_id,
        "client_order_id": request.client_order_id,
        "exchange_order_id": order.venue_order_id or None,
        "instrument_id": request.instrument_id,
        "side": request.side.value,
        "order_type": request.order_type.value,
        "size": plain(order.size),
        "size_unit": request.size_unit.value,
        "price": _plain(order.price),
        "status": order.status.value,
        "filled_size": plain(order.filled),
        "average_fill_price": _plain(order.average_price),
        "fills": len(order.fills),
        "risk": folded.verdict or None,
        "strategy_id": request.strategy_id,
        "execution_id": request.parent_id,
        "execution_step": request.parent_step,
        "external": request.external or None,
        "signal": _read_signal(signal.payload).type if signal is not None else None,
        "signal_seq": signal.seq if signal is not None else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _failure(order: Order) -> str:
    if order.reasons:
        return "; ".join(f"{each.check}: {each.field}={each.value}: {each.rule}" for each in order.reasons)
    return f"{order.error_code} {order.error_message}".strip()


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def signal_of(row: Mapping[str, Any]) -> int | None:
    """The event of the signal that asked for an execution, from its row. Raises MsgspecError."""
    return _read_params(row["params"]).signal_seq


def signal_span(signal: Event, whole: Span, root: str) -> Span:
    """What asked for an order or execution, `root`, as the first span of its trace: from the decision, by the word of
    whoever decided, to the end of what came of it. Raises MsgspecError."""
    said = _read_signal(signal.payload)
    found: dict[str, Value | None] = {
        "signal": said.type,
        "signal_seq": signal.seq,
        "instrument_id": said.instrument_id,
        "size": said.size,
        "price": said.price,
        "confidence": None if said.confidence is None else str(said.confidence),
        "decision_price": said.decision_price,
        "strategy_id": said.strategy_id,
        "execution_strategy": said.strategy,
    }
    begun_ns = min(signal.at_ns, whole.start_ns)
    return Span(
        whole.trace_id,
        _above(signal.account, root, signal),
        b"",
        f"signal {said.type} {said.instrument_id}",
        begun_ns if said.decision_at is None else min(begun_ns, to_ns(said.decision_at)),
        max(signal.at_ns, whole.end_ns),
        {name: value for name, value in found.items() if value is not None},
        seq=signal.seq,
    )


def _above(account: str, root: str, signal: Event | None) -> bytes:
    return b"" if signal is None else span_of(account, root, "signal")


def execution_span(account: str, row: Mapping[str, Any], signal: Event | None) -> Span:
    """The whole of an execution, from its row (parent_orders) when it is over. signal: what asked for it, if
    anything did."""
    parent_id, params, state = row["parent_id"], _read_params(row["params"]), _read_state(row["state"])
    attributes: dict[str, Value] = {
        "execution_id": parent_id,
        "execution_strategy": row["strategy"],
        "instrument_id": params.instrument_id,
        "side": params.side,
        "size": params.size,
        "filled_size": state.filled,
        "status": row["status"],
        "steps": row["next_step"],
    }
    if params.strategy_id:
        attributes["strategy_id"] = params.strategy_id
    if signal is not None:
        attributes["signal_seq"] = signal.seq
    if row["reason"]:
        attributes["reason"] = row["reason"]
    failed = row["status"] in (ParentStatus.FAILED, ParentStatus.REJECTED)
    return Span(
        trace_of(account, parent_id),
        span_of(account, parent_id),
        _above(account, parent_id, signal),
        f"execution {row['strategy']} {params.side} {params.instrument_id}",
        row["created_ns"],
        max(row["created_ns"], row["updated_ns"]),
        attributes,
        (row["reason"] or row["status"]) if failed else "",
    )
