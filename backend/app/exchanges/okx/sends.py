"""Place, amend and cancel: the way is chosen before sending, and the answer is judged by one table.

The private WebSocket when it is up and the instrument has a code there, else REST; never both for one send. Nothing
here sends an order twice.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from app.domain.orders import OrderReport, Source, VenueState
from app.exchanges.okx import endpoints, outcomes, requests, wire
from app.exchanges.okx.catalogue import Catalogue
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.endpoints import Endpoint, Limit
from app.exchanges.okx.link import Subject
from app.exchanges.okx.outcomes import Operation, Policy
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.requests import Arguments
from app.exchanges.okx.rest import Reply, RestClient
from app.exchanges.okx.stream import KeptStream
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome, OutcomeKind

LIMIT_PAUSE_SECONDS = 0.2

Spawn = Callable[[Coroutine[Any, Any, Reply]], "asyncio.Task[Reply] | None"]
"""Runs something in a task of the adapter's, which outlives the caller; None while the adapter is not started."""

log = structlog.get_logger(__name__)

INVALID_REQUEST = "invalid_request"
RATE_LIMITED = "rate_limited"


@dataclass(frozen=True, slots=True)
class _Way:
    """How one operation is spelled on the two wires."""

    operation: Operation
    websocket: str
    endpoint: Endpoint
    limit: Limit


PLACE = _Way(Operation.PLACE, "order", endpoints.PLACE, endpoints.PLACE_LIMIT)
AMEND = _Way(Operation.AMEND, "amend-order", endpoints.AMEND, endpoints.AMEND_LIMIT)
CANCEL = _Way(Operation.CANCEL, "cancel-order", endpoints.CANCEL, endpoints.CANCEL_LIMIT)


class Sender:
    """The three sends of one account."""

    def __init__(
        self,
        config: OkxConfig,
        rest: RestClient,
        private: KeptStream,
        limits: RateLimits,
        catalogue: Catalogue,
        spawn: Spawn,
        on_late_reply: Callable[[Subject, Reply], None],
        on_clock_refused: Callable[[], None],
    ) -> None:
        self._config = config
        self._rest = rest
        self._private = private
        self._limits = limits
        self._catalogue = catalogue
        self._spawn = spawn
        self._on_late_reply = on_late_reply
        self._on_clock_refused = on_clock_refused

    async def submit(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        refusal = requests.id_refusal("client_order_id", request.client_order_id)
        if refusal:
            return Outcome(OutcomeKind.NOT_SENT, code=INVALID_REQUEST, message=refusal)
        arguments = requests.place(request, intent.instrument, self._config.order_tag)
        return await self._send(
            PLACE, request.instrument_id, arguments, request.client_order_id, "", requests.expiry_ms(request.expires_ns)
        )

    async def amend(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        amendment = intent.amendment
        if amendment is None:
            return Outcome(OutcomeKind.NOT_SENT, code=INVALID_REQUEST, message="amendment is missing")
        refusal = requests.id_refusal("request_id", amendment.request_id)
        if refusal:
            return Outcome(OutcomeKind.NOT_SENT, code=INVALID_REQUEST, message=refusal)
        arguments = requests.amend(request.client_order_id, intent.venue_order_id, amendment)
        expires_ms = requests.expiry_ms(amendment.expires_ns)
        return await self._send(
            AMEND, request.instrument_id, arguments, request.client_order_id, intent.venue_order_id, expires_ms
        )

    async def cancel(self, request: CancelRequest) -> Outcome:
        if not (request.client_order_id or request.venue_order_id):
            return Outcome(OutcomeKind.NOT_SENT, code=INVALID_REQUEST, message="a cancel needs one of the order's ids")
        arguments = requests.cancel(request.client_order_id, request.venue_order_id)
        return await self._send(
            CANCEL, request.instrument_id, arguments, request.client_order_id, request.venue_order_id, ""
        )

    async def _send(
        self,
        way: _Way,
        instrument_id: str,
        arguments: Arguments,
        client_order_id: str,
        venue_order_id: str,
        expires_ms: str,
    ) -> Outcome:
        counts = way is not CANCEL
        # Usually a token is there and this takes no await: the write follows in the same step of the event loop.
        if self._limits.try_take(way.limit, instrument_id, counts_for_account=counts) and not await self._limits.take(
            way.limit, instrument_id, within_seconds=self._config.wait_for_token_seconds, counts_for_account=counts
        ):
            message = f"no token of OKX's limit {way.limit.name} within {self._config.wait_for_token_seconds:g} s"
            return Outcome(OutcomeKind.NOT_SENT, code=RATE_LIMITED, message=message)
        link = self._private.link if self._config.send_over_websocket else None
        code = self._catalogue.code_of(instrument_id)
        subject = Subject(way.websocket, instrument_id, client_order_id)
        if link is not None and link.usable and code is not None:
            arguments["instIdCode"] = code
            timeout_seconds = self._config.request_timeout_seconds
            reply = await link.operate(subject, arguments, expires_ms, timeout_seconds)
        else:
            arguments["instId"] = instrument_id
            reply = await self._send_by_rest(way.endpoint, arguments, expires_ms, subject)
        outcome, policy = judge(reply, client_order_id, venue_order_id)
        if policy is Policy.BACK_OFF:
            self._limits.pause(way.limit, LIMIT_PAUSE_SECONDS)
        elif policy is Policy.STOP:
            log.error("okx refuses us", operation=way.operation.value, code=outcome.code, error=outcome.message)
        elif policy is Policy.RESYNC_CLOCK:
            self._on_clock_refused()
        return outcome

    async def _send_by_rest(self, endpoint: Endpoint, arguments: Arguments, expires_ms: str, subject: Subject) -> Reply:
        """In a task of the adapter's: cancelling the caller does not break off a request that is under way."""
        sending = self._rest.send(endpoint, arguments, expires_ms)
        task = self._spawn(sending)
        if task is None:
            return await sending
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                # The adapter was stopped, not the caller: the request may have gone out.
                return Reply(OutcomeKind.UNKNOWN, message="the adapter was stopped before the reply")
            task.add_done_callback(lambda done: done.cancelled() or self._on_late_reply(subject, done.result()))
            raise


def judge(reply: Reply, client_order_id: str, venue_order_id: str) -> tuple[Outcome, Policy]:
    """What a reply says of the order that was sent: its row's sCode if there is a row, else the code of the whole."""
    if reply.kind is not None:
        return Outcome(reply.kind, venue_order_id, reply.code, reply.message), Policy.ASK
    if not reply.rows:
        if reply.code in ("0", "1", "2"):
            unclear = Outcome(OutcomeKind.UNKNOWN, venue_order_id, reply.code, "the reply has no row for the order")
            return unclear, Policy.ASK
        verdict = outcomes.verdict(reply.code, reply.status)
        return Outcome(verdict.kind, venue_order_id, reply.code, reply.message), verdict.policy
    row = _own_row(reply.rows, client_order_id, venue_order_id)
    if row is None:
        unclear = Outcome(OutcomeKind.UNKNOWN, venue_order_id, reply.code, "the reply is about another order")
        return unclear, Policy.ASK
    code = reply.code if row.sCode in (None, "") else str(row.sCode)
    verdict = outcomes.of_code(code, row.subCode or "")
    if verdict.kind is OutcomeKind.ACCEPTED and not row.ordId:
        unclear = Outcome(OutcomeKind.UNKNOWN, venue_order_id, code, "accepted without an order id")
        return unclear, Policy.ASK
    message = row.sMsg or reply.message
    if row.subCode:
        message = f"{message} (subCode {row.subCode})"
    return Outcome(verdict.kind, row.ordId or venue_order_id, code, message), verdict.policy


def _own_row(rows: Sequence[wire.ActionRow], client_order_id: str, venue_order_id: str) -> wire.ActionRow | None:
    """The row that does not contradict what we know of the order; None when there is none, or more than one."""
    fitting = [
        row
        for row in rows
        if (not row.clOrdId or not client_order_id or row.clOrdId == client_order_id)
        and (not row.ordId or not venue_order_id or row.ordId == venue_order_id)
    ]
    return fitting[0] if len(fitting) == 1 else None


def late_report(subject: Subject, reply: Reply) -> OrderReport | None:
    """What a reply that came after its wait was given up says as evidence; None when it proves nothing.

    Only an acceptance is evidence of life. A late refusal is left to the reads that resolve UNKNOWN.
    """
    outcome, _ = judge(reply, subject.client_order_id, "")
    if subject.operation != PLACE.websocket or outcome.kind is not OutcomeKind.ACCEPTED:
        return None
    return OrderReport(
        subject.instrument_id,
        Source.REPLY,
        client_order_id=subject.client_order_id,
        venue_order_id=outcome.venue_order_id,
        state=VenueState.LIVE,
    )
