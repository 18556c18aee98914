"""One order out of the journal: its events, folded by the same pure functions that made them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec

from app.domain import order_changes as changes
from app.domain.events import Event, EventKind
from app.domain.evolve import evolve
from app.domain.orders import Amendment, AmendOutcome, Fill, FillKey, Order, OrderReport, OrderRequest
from app.domain.refusals import Refusal, RefusalClass
from app.journal.codec import content_hash

EXTERNAL_ORDER_PREFIX = "ext-"
"""The order id of an adopted order is this and its venue order id."""


class UnfoldableEvent(ValueError):
    """An event that does not follow from those before it, or whose payload cannot be read."""


class _Risk(msgspec.Struct):
    verdict: str
    reasons: tuple[Refusal, ...] = ()
    exit: bool = False
    protects: bool = False


class _Intent(msgspec.Struct):
    """request: as it was written; a release that knows more fields would write it otherwise, and hash it otherwise."""

    request: msgspec.Raw
    hash: str
    risk: msgspec.Raw


class _Adoption(msgspec.Struct):
    request: msgspec.Raw


class _Answer(msgspec.Struct):
    """refusal: missing in events before it was kept. Earlier releases told a send that never left as a rejection: of
    our own last look by its reasons and without an outcome, else by the outcome."""

    outcome: str = ""
    venue_order_id: str = ""
    code: str = ""
    message: str = ""
    sent_ns: int | None = None
    reasons: tuple[Refusal, ...] = ()
    refusal: RefusalClass | None = None


class _Absence(msgspec.Struct):
    evidence: str


class _FilledBefore(msgspec.Struct):
    filled: Decimal


class _AmendIntent(msgspec.Struct):
    """number: which of the order's amendments it is; 0 in events of releases that did not remember them."""

    amendment: Amendment
    number: int = 0


class _AmendAnswer(msgspec.Struct):
    request_id: str
    kind: str


@dataclass(slots=True)
class FoldedOrder:
    """What the journal says of one order.

    intents: how many it has. verdict, decision: what risk said, in one word and as its row has it. hashed: the hash of
    the intent's content. booked, charged: when each fill and each fee was recorded. first_told: each fill as it was
    booked; what is told of it later (maker or taker) does not change its row.
    """

    order: Order | None = None
    intents: int = 0
    verdict: str = ""
    decision: str | None = None
    hashed: str = ""
    answered: bool = False
    booked: dict[FillKey, int] = field(default_factory=dict[FillKey, int])
    charged: dict[FillKey, int] = field(default_factory=dict[FillKey, int])
    first_told: dict[FillKey, Fill] = field(default_factory=dict[FillKey, Fill])
    events: int = 0


def fold_order(events: Iterable[Event]) -> FoldedOrder:
    """Fold one order's events, in order. Raises UnfoldableEvent naming the event."""
    folded = FoldedOrder()
    for event in events:
        fold_in(folded, event)
    return folded


def fold_in(folded: FoldedOrder, event: Event) -> bool:
    """The order's next event; False for one that changes no order. Raises UnfoldableEvent naming it."""
    folded.events += 1
    step = _STEPS.get(event.kind)
    if step is None:
        return False
    try:
        step(folded, event)
    except (msgspec.MsgspecError, ValueError, ArithmeticError) as error:
        raise UnfoldableEvent(f"event {event.seq} ({event.kind}) cannot be applied: {error}") from error
    return True


def _known(folded: FoldedOrder) -> Order:
    if folded.order is None:
        raise UnfoldableEvent("no intent or adoption stands before it")
    return folded.order


def _intent(folded: FoldedOrder, event: Event) -> None:
    read = _decode_intent(event.payload)
    folded.intents += 1
    risk = _decode_risk(read.risk)
    folded.verdict, folded.decision = risk.verdict, bytes(read.risk).decode()
    folded.hashed = read.hash
    if read.hash != _hash(read.request):
        raise UnfoldableEvent("its hash is not that of its request")
    folded.order = changes.new_order(_decode_request(read.request), exit=risk.exit, protects=risk.protects)
    if event.kind == EventKind.ORDER_DENIED:
        folded.order = changes.deny(folded.order, risk.reasons, event.at_ns)


def _hash(request: msgspec.Raw) -> str:
    return content_hash(bytes(request).decode())


def _adopted(folded: FoldedOrder, event: Event) -> None:
    written = _decode_adoption(event.payload).request
    request = _decode_request(written)
    folded.intents += 1
    folded.hashed = _hash(written)
    folded.order = replace(
        changes.new_order(request),
        sent=True,
        acknowledged=True,
        acknowledged_ns=event.at_ns,
        venue_order_id=request.order_id.removeprefix(EXTERNAL_ORDER_PREFIX),
    )


def _answered(folded: FoldedOrder, event: Event) -> None:
    order, read, now_ns = _known(folded), _decode_answer(event.payload), event.at_ns
    folded.answered = True
    match event.kind:
        case EventKind.ORDER_ACCEPTED:
            order = changes.mark_accepted(order, read.venue_order_id, read.sent_ns, now_ns)
        case EventKind.ORDER_UNKNOWN:
            order = changes.mark_unanswered(order, read.sent_ns, now_ns)
        case EventKind.ORDER_NOT_SENT:
            order = changes.mark_not_sent(order, read.code, read.message, now_ns, read.refusal, read.reasons)
        case _ if read.reasons:
            order = changes.deny(order, read.reasons, now_ns)
        case _ if read.outcome == "not_sent":
            order = changes.mark_rejected(order, read.code or "not_sent", read.message, None, now_ns, read.refusal)
        case _:
            order = changes.mark_rejected(order, read.code, read.message, read.sent_ns, now_ns, read.refusal)
    folded.order = order


def _never_accepted(folded: FoldedOrder, event: Event) -> None:
    folded.order = changes.mark_never_accepted(_known(folded), _decode_absence(event.payload).evidence, event.at_ns)


def _filled_before(folded: FoldedOrder, event: Event) -> None:
    folded.order = changes.mark_filled_before(_known(folded), _decode_filled_before(event.payload).filled, event.at_ns)


def _reported(folded: FoldedOrder, event: Event) -> None:
    report = _decode_report(event.payload)
    applied = changes.apply_report(_known(folded), report, event.at_ns, by_time=not report.read)
    # What is journalled was news to the process that heard it. A start reads a fill as its row has it, first told and
    # never changed, so a later word for it (of a liquidation, say) is news to each.
    folded.order = applied.order if applied.changed else evolve(applied.order, updated_ns=event.at_ns)
    for fill in applied.new_fills:
        folded.booked[fill.key] = event.at_ns
        folded.first_told[fill.key] = fill
        _charge(folded, fill, event.at_ns)
    for fill in applied.late_fees:
        _charge(folded, fill, event.at_ns)


def _charge(folded: FoldedOrder, fill: Fill, at_ns: int) -> None:
    if fill.fee is not None:
        folded.charged[fill.key] = at_ns


def _cancel_requested(folded: FoldedOrder, event: Event) -> None:
    folded.order = changes.request_cancel(_known(folded), event.at_ns)


def _amend_intent(folded: FoldedOrder, event: Event) -> None:
    read = _decode_amend(event.payload)
    order = _known(folded)
    folded.order = changes.request_amend(order, read.amendment, event.at_ns, remembered=bool(read.number))


def _amend_answered(folded: FoldedOrder, event: Event) -> None:
    read = _decode_amend_answer(event.payload)
    if read.kind in ("rejected", "not_sent"):
        order = _known(folded)
        folded.order = changes.settle_amend(order, read.request_id, AmendOutcome.FAILED, event.at_ns)


_decode_intent = msgspec.json.Decoder(_Intent).decode
_decode_request = msgspec.json.Decoder(OrderRequest).decode
_decode_risk = msgspec.json.Decoder(_Risk).decode
_decode_adoption = msgspec.json.Decoder(_Adoption).decode
_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_absence = msgspec.json.Decoder(_Absence).decode
_decode_filled_before = msgspec.json.Decoder(_FilledBefore).decode
_decode_report = msgspec.json.Decoder(OrderReport).decode
_decode_amend = msgspec.json.Decoder(_AmendIntent).decode
_decode_amend_answer = msgspec.json.Decoder(_AmendAnswer).decode

_STEPS: Mapping[str, Callable[[FoldedOrder, Event], Any]] = MappingProxyType(
    {
        EventKind.ORDER_INTENT.value: _intent,
        EventKind.ORDER_DENIED.value: _intent,
        EventKind.ORDER_ADOPTED.value: _adopted,
        EventKind.ORDER_ACCEPTED.value: _answered,
        EventKind.ORDER_REJECTED.value: _answered,
        EventKind.ORDER_NOT_SENT.value: _answered,
        EventKind.ORDER_UNKNOWN.value: _answered,
        EventKind.ORDER_NEVER_ACCEPTED.value: _never_accepted,
        EventKind.ORDER_FILLED_BEFORE.value: _filled_before,
        EventKind.ORDER_REPORT.value: _reported,
        EventKind.CANCEL_REQUESTED.value: _cancel_requested,
        EventKind.AMEND_INTENT.value: _amend_intent,
        EventKind.AMEND_ANSWERED.value: _amend_answered,
    }
)
"""Kinds that change an order; those that are not here (cancel answers, anomalies, parent steps) change none."""
