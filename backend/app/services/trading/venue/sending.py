"""The wire side of an order: hand a committed intent over once, and record one of the answers.

Runs in tasks of its own: whoever asked may go away, the outcome is recorded all the same (FAULTS A3). Cancels never
wait for risk, readiness or the disk (INVARIANTS S12).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.events import EventKind
from app.domain.order_changes import (
    ALIVE_AFTER_REFUSAL,
    mark_accepted,
    mark_not_sent,
    mark_rejected,
    mark_unanswered,
    request_cancel,
    settle_amend,
)
from app.domain.order_parts import live_ids, may_become_more, venue_ids
from app.domain.orders import AmendOutcome, Order, Source
from app.domain.refusals import Refusal
from app.exchanges.errors import ExchangeError
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome, OutcomeKind
from app.services.trading.account import refusal_classes
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM, VENUE, Turn
from app.services.trading.errors import OrderNotFound
from app.services.trading.venue.resolver import Resolver
from app.store.durable import Durable
from app.store.errors import StoreError
from app.store.writer import StoreFailed

log = structlog.get_logger("orders")


class Wire(Protocol):
    """The sends of the exchange port."""

    async def submit(self, intent: CommittedIntent) -> Outcome: ...

    async def amend(self, intent: CommittedIntent) -> Outcome: ...

    async def cancel(self, request: CancelRequest) -> Outcome: ...

    def server_time_ns(self) -> int: ...


class Gate(Protocol):
    """Why nothing may be sent now, empty when all is well: streams, lease, clock, disk."""

    def closed(self) -> Sequence[Refusal]: ...


class Sender:
    """Sends for one account. load brings an order back that left memory before its answer came."""

    def __init__(
        self,
        ledger: Ledger,
        wire: Wire,
        resolver: Resolver,
        gate: Gate,
        clock: Clock,
        load: Callable[[str], Awaitable[Order]] | None = None,
    ) -> None:
        self._ledger = ledger
        self._wire = wire
        self._resolver = resolver
        self._gate = gate
        self._clock = clock
        self._load = load
        self._owed: dict[str, str] = {}
        """Cancels that went out and that the database did not take: order id, and on whose word."""

    async def submit(self, intent: CommittedIntent) -> Durable:
        """Send a place intent and record its outcome; the return ends when that is durable. Raises StoreFailed."""
        request = intent.request
        order = self._ledger.orders[request.order_id]
        refusals = self._last_look(request.created_ns, request.expires_ns, passes=order.exit or order.protects)
        if order.cancel_requested:
            refusals.append(Refusal("canceled", "order_id", request.order_id, "it was cancelled before it was sent"))
        if refusals:
            return await self._answered(request.order_id, _held_back(refusals), None, refusals)
        sent_ns = self._clock.now_ns()
        self._ledger.note_sent(request.order_id)
        outcome = await _answer(self._wire.submit(intent), request.order_id)
        return await self._answered(request.order_id, outcome, sent_ns)

    async def amend(self, intent: CommittedIntent) -> Outcome:
        """Send an amend intent and record its answer; what it did is told by the order's own reports."""
        assert intent.amendment is not None
        order_id, request_id = intent.request.order_id, intent.amendment.request_id
        order = self._ledger.orders.get(order_id)
        passes = order is not None and order.stands_by
        refusals = self._last_look(intent.amendment.requested_ns, intent.amendment.expires_ns, passes=passes)
        if refusals:
            outcome = _held_back(refusals)
        else:
            outcome = await _answer(self._wire.amend(intent), order_id)
        await self._bring_back(order_id)
        turn = self._ledger.turn(VENUE)
        if outcome.kind in (OutcomeKind.REJECTED, OutcomeKind.NOT_SENT):
            turn.put(settle_amend(turn.order(order_id), request_id, AmendOutcome.FAILED, turn.now_ns))
        payload = {"request_id": request_id, "kind": outcome.kind, "code": outcome.code, "message": outcome.message}
        turn.event(EventKind.AMEND_ANSWERED, payload, order_id=order_id)
        await turn.commit()
        return outcome

    async def cancel(self, order: Order, principal: str) -> Outcome:
        """Ask the venue to cancel, at once; journalled when the disk allows."""
        self._note(order, principal)
        first, *others = (_answer(self._wire.cancel(each), order.order_id) for each in cancel_requests(order))
        outcomes = await asyncio.gather(first, *others) if others else [await first]
        outcome = next((each for each in outcomes if each.kind is not OutcomeKind.ACCEPTED), outcomes[0])
        await self._journal_cancel(order.order_id, outcome)
        if outcome.kind is not OutcomeKind.ACCEPTED:
            await self._ask(order.order_id)
        return outcome

    async def note_owed(self) -> None:
        """Have those cancels journalled: from then on an order that lives on is cancelled again, as any (resolver.py).
        Raises StoreFailed; then they are owed still."""
        owed = dict(self._owed)
        if not owed:
            return
        turn = self._ledger.turn(SYSTEM)
        for order_id, principal in owed.items():
            order = self._ledger.orders.get(order_id)
            if order is not None and order.cancelable and not order.cancel_requested:
                _stage_cancel(turn, order, principal)
        await turn.commit()
        for order_id in owed:
            self._owed.pop(order_id, None)

    def _last_look(self, decided_ns: int, expires_ns: int | None, *, passes: bool = False) -> list[Refusal]:
        """What may have changed between the decision and the wire. passes: the kill switch does not hold it."""
        refusals = list(self._gate.closed())
        switch = self._ledger.kill_switch
        if switch.engaged and not passes:
            refusals.append(Refusal("kill_switch", "kill_switch", "engaged", switch.reason))
        elif decided_ns < self._ledger.switched_ns and not passes:
            # Engaged and released meanwhile: what was decided before is not what anybody wants now.
            refusals.append(Refusal("kill_switch", "kill_switch", "used", "it was used since this was decided"))
        if expires_ns is not None and self._wire.server_time_ns() >= expires_ns:
            refusals.append(Refusal("expired", "expires_ns", str(expires_ns), "the intent expired before it was sent"))
        return refusals

    async def _bring_back(self, order_id: str) -> None:
        """While a send is answered its order may be filled, settle, and leave memory."""
        if order_id not in self._ledger.orders and self._load is not None:
            await self._load(order_id)

    async def _answered(
        self, order_id: str, outcome: Outcome, sent_ns: int | None, reasons: Sequence[Refusal] = ()
    ) -> Durable:
        """Record what a send came to. reasons: why it was held back, when that was our own doing."""
        await self._bring_back(order_id)
        turn = self._ledger.turn(VENUE)
        order, now_ns = turn.order(order_id), turn.now_ns
        refused = outcome.kind in (OutcomeKind.REJECTED, OutcomeKind.NOT_SENT)
        contradicted = refused and order.acknowledged
        match outcome.kind:
            case _ if contradicted:
                # The venue has shown it: that is evidence, and the reply, which may belong to another request, is none.
                kind, order = EventKind.ORDER_UNKNOWN, mark_unanswered(order, sent_ns, now_ns)
            case OutcomeKind.ACCEPTED:
                kind, order = EventKind.ORDER_ACCEPTED, mark_accepted(order, outcome.venue_order_id, sent_ns, now_ns)
            case OutcomeKind.REJECTED:
                kind = EventKind.ORDER_REJECTED
                order = mark_rejected(order, outcome.code, outcome.message, sent_ns, now_ns, outcome.refusal)
            case OutcomeKind.NOT_SENT:
                kind, sent_ns = EventKind.ORDER_NOT_SENT, None
                order = mark_not_sent(order, outcome.code, outcome.message, now_ns, outcome.refusal, reasons)
            case OutcomeKind.UNKNOWN:
                kind, order = EventKind.ORDER_UNKNOWN, mark_unanswered(order, sent_ns, now_ns)
                log.warning("order.unknown", order_id=order_id, code=outcome.code, reason=outcome.message)
        turn.put(order)
        payload = {
            "outcome": outcome.kind,
            "venue_order_id": outcome.venue_order_id,
            "code": outcome.code,
            "message": outcome.message,
            "sent_ns": sent_ns,
        }
        if outcome.refusal is not None:
            payload["refusal"] = outcome.refusal
        if reasons:
            payload["reasons"] = reasons
        seq = turn.event(kind, payload, order_id=order_id, parent_id=order.request.parent_id)
        if contradicted:
            turn.anomaly(ALIVE_AFTER_REFUSAL, {"report_seq": seq, "source": Source.REPLY}, order_id=order_id)
            if not turn.killed.engaged:
                turn.set_kill_switch(True, f"{ALIVE_AFTER_REFUSAL} on order {order_id}")
        durable = turn.commit()
        if contradicted:
            await durable
            await self._ask(order_id)
        return durable

    def _note(self, order: Order, principal: str) -> None:
        if order.order_id not in self._ledger.orders:
            log.warning("cancel.not_journalled", order_id=order.order_id, reason="it is settled by now")
            return
        try:
            turn = self._ledger.turn(principal)
            _stage_cancel(turn, order, principal)
            turn.commit().then(partial(self._owe, order.order_id, principal))
        except StoreFailed as error:
            self._owe(order.order_id, principal, error)

    def _owe(self, order_id: str, principal: str, error: Exception | None) -> None:
        if error is not None:
            self._owed[order_id] = principal
            log.error("cancel.not_journalled", order_id=order_id, reason=str(error))

    async def _journal_cancel(self, order_id: str, outcome: Outcome) -> None:
        payload = {"kind": outcome.kind, "code": outcome.code, "message": outcome.message}
        try:
            # A commit that failed meanwhile may have taken the order with it: an event of no order is none.
            await self._bring_back(order_id)
            turn = self._ledger.turn(VENUE)
            turn.event(EventKind.CANCEL_ANSWERED, payload, order_id=order_id)
            turn.commit()
        except (StoreError, OrderNotFound) as error:
            log.error("cancel.not_journalled", order_id=order_id, reason=str(error))

    async def _ask(self, order_id: str) -> None:
        """A refused cancel is a question (OKX 51400: filled, canceled or unknown), an unanswered one too."""
        order = self._ledger.orders.get(order_id)
        if order is None or order.settled:
            return
        try:
            await self._resolver.resolve(order)
        except (ExchangeError, StoreError) as error:
            log.info("cancel.undecided", order_id=order_id, reason=str(error))


def cancel_requests(order: Order) -> list[CancelRequest]:
    """What the venue is asked to end: the order, or each that one which waited there has become, under the venue's ids
    for they have no other; and the one that waited too while it may become more."""
    request, instrument_id = order.request, order.request.instrument_id
    if order.waits or request.condition is None or not venue_ids(order):
        client_order_id = "" if request.external else request.client_order_id
        waits = order.condition if order.waits else None
        return [CancelRequest(instrument_id, client_order_id, order.venue_order_id, waits)]
    asked = [CancelRequest(instrument_id, "", name) for name in live_ids(order) or venue_ids(order)]
    if may_become_more(order):
        asked.append(CancelRequest(instrument_id, request.client_order_id, "", order.condition))
    return asked


def _stage_cancel(turn: Turn, order: Order, principal: str) -> None:
    turn.put(request_cancel(turn.order(order.order_id), turn.now_ns))
    of = {"order_id": order.order_id, "parent_id": order.request.parent_id}
    turn.event(EventKind.CANCEL_REQUESTED, {}, **of, principal=principal)


def _held_back(refusals: Sequence[Refusal]) -> Outcome:
    """What our own last look let not go."""
    return Outcome(
        OutcomeKind.NOT_SENT,
        code=refusals[0].check,
        message="; ".join(map(str, refusals)),
        refusal=refusal_classes.of_reasons(refusals),
    )


async def _answer(sending: Awaitable[Outcome], order_id: str) -> Outcome:
    """The answer of one send. Adapters do not raise; one that does has told nothing of what became of the send."""
    try:
        return await sending
    except Exception as error:
        log.error("send.broken", order_id=order_id, exc_info=error)
        return Outcome(OutcomeKind.UNKNOWN, code=type(error).__name__, message=str(error))


def tell_failure(answered: Durable, send: asyncio.Task[None]) -> None:
    """Who waits hears of a send that failed as it failed, and of one that was cancelled, even before it began."""
    error = None if send.cancelled() else send.exception()
    if send.cancelled():
        answered.settle(StoreFailed("the send was cut off, and what became of the order is not recorded"))
    elif isinstance(error, Exception):
        answered.settle(error)


def expiry(server_time_ns: int, lease_left_ns: int, expiry_seconds: float, skew_seconds: float) -> int:
    """expTime in the exchange's time: min(now + 5 s, lease expiry - 1 s) (INVARIANTS S8)."""
    return server_time_ns + min(int(expiry_seconds * NS_PER_SECOND), lease_left_ns - int(skew_seconds * NS_PER_SECOND))
