"""Place, amend and cancel: the way is chosen before sending, and the answer is judged by one table.

The private WebSocket when it is up and the instrument has a code there, else REST; never both for one send. Nothing
here sends an order twice.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from app.clock import Clock
from app.domain.orders import OrderReport, Source, VenueState
from app.exchanges.okx import codec, outcomes, requests, wire
from app.exchanges.okx.batches import Batches
from app.exchanges.okx.catalogue import Catalogue
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.endpoints import Endpoint
from app.exchanges.okx.link import Subject
from app.exchanges.okx.outcomes import INVALID_REQUEST, Policy, not_sent
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.rest import Reply, RestClient
from app.exchanges.okx.stream import KeptStream
from app.exchanges.okx.tasks import Spawn
from app.exchanges.okx.trade_modes import TradeModes
from app.exchanges.okx.ways import AMEND, CANCEL, PLACE, Entry, Way
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome, OutcomeKind

LIMIT_PAUSE_SECONDS = 0.2

log = structlog.get_logger(__name__)


class Sender:
    """The three sends of one account."""

    def __init__(
        self,
        config: OkxConfig,
        clock: Clock,
        rest: RestClient,
        private: KeptStream,
        limits: RateLimits,
        catalogue: Catalogue,
        modes: TradeModes,
        spawn: Spawn,
        on_late_reply: Callable[[Subject, Reply], None],
        on_clock_refused: Callable[[], None],
    ) -> None:
        self._config = config
        self._rest = rest
        self._private = private
        self._limits = limits
        self._catalogue = catalogue
        self._modes = modes
        self._spawn = spawn
        self._on_late_reply = on_late_reply
        self._on_clock_refused = on_clock_refused
        self._batches = Batches(clock, limits, spawn, self._write, self._late_entry, config.wait_for_token_seconds)

    async def submit(self, intent: CommittedIntent, attached: Sequence[dict[str, str]] = ()) -> Outcome:
        """attached: elements of attachAlgoOrds, take-profit and stop-loss that come with the order."""
        request = intent.take()
        refusal = requests.id_refusal("client_order_id", request.client_order_id)
        if refusal:
            return not_sent(INVALID_REQUEST, refusal)
        config, mode = self._config, self._modes.of(intent.instrument, request.trade_mode)
        arguments = requests.place(request, intent.instrument, mode, config.stp_mode, config.order_tag)
        if attached:
            arguments["attachAlgoOrds"] = list(attached)
        expires_ms = requests.expiry_ms(request.expires_ns)
        return await self._send(PLACE, request.instrument_id, Entry(arguments, request.client_order_id, "", expires_ms))

    async def amend(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        amendment = intent.amendment
        if amendment is None:
            return not_sent(INVALID_REQUEST, "amendment is missing")
        refusal = requests.id_refusal("request_id", amendment.request_id)
        if refusal:
            return not_sent(INVALID_REQUEST, refusal)
        arguments = requests.amend(request.client_order_id, intent.venue_order_id, amendment)
        expires_ms = requests.expiry_ms(amendment.expires_ns)
        entry = Entry(arguments, request.client_order_id, intent.venue_order_id, expires_ms)
        return await self._send(AMEND, request.instrument_id, entry)

    async def cancel(self, request: CancelRequest) -> Outcome:
        if not (request.client_order_id or request.venue_order_id):
            return not_sent(INVALID_REQUEST, "a cancel needs one of the order's ids")
        arguments = requests.cancel(request.client_order_id, request.venue_order_id)
        entry = Entry(arguments, request.client_order_id, request.venue_order_id, "")
        return await self._send(CANCEL, request.instrument_id, entry)

    async def _send(self, way: Way, instrument_id: str, entry: Entry) -> Outcome:
        # Usually a token is there and this takes no await: the write follows in the same step of the event loop.
        if self._batches.waiting(way, instrument_id) or self._limits.try_take(
            way.limit, instrument_id, counts_for_account=way.counts_for_account
        ):
            reply = await self._batches.send(way, instrument_id, entry)
        else:
            reply = await self._write(way, instrument_id, [entry])
        outcome, policy = judge(reply, entry.client_order_id, entry.venue_order_id)
        if policy is Policy.BACK_OFF:
            self._limits.pause(way.limit if reply.orders == 1 else way.batch_limit, LIMIT_PAUSE_SECONDS)
        elif policy is Policy.STOP:
            log.error("okx refuses us", operation=way.operation.value, code=outcome.code, error=outcome.message)
        elif policy is Policy.RESYNC_CLOCK:
            self._on_clock_refused()
        return outcome

    async def _write(self, way: Way, instrument_id: str, entries: list[Entry]) -> Reply:
        """One request for one order or several, by whichever way is open now."""
        together = len(entries) > 1
        link = self._private.link if self._config.send_over_websocket else None
        code = self._catalogue.code_of(instrument_id)
        operation = way.websocket_batch if together else way.websocket
        subject = Subject(operation, instrument_id, tuple([entry.client_order_id for entry in entries]))
        # A batch has one expiry: the earliest of its orders'.
        expires_ms = min((entry.expires_ms for entry in entries if entry.expires_ms), key=int, default="")
        arguments = [entry.arguments for entry in entries]
        if link is not None and link.usable and code is not None:
            for each in arguments:
                each["instIdCode"] = code
            reply = await link.operate(subject, arguments, expires_ms, self._config.request_timeout_seconds)
        else:
            for each in arguments:
                each["instId"] = instrument_id
            endpoint = way.endpoint_batch if together else way.endpoint
            reply = await self._send_by_rest(endpoint, arguments if together else arguments[0], expires_ms, subject)
        return replace(reply, orders=len(entries)) if together else reply

    async def _send_by_rest(self, endpoint: Endpoint, body: object, expires_ms: str, subject: Subject) -> Reply:
        """In a task of the adapter's: cancelling the caller does not break off a request that is under way."""
        send = partial(self._rest.send, endpoint, body, expires_ms)
        task = self._spawn(send)
        if task is None:
            return await send()
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                # The adapter was stopped, not the caller: the request may have gone out.
                return Reply(OutcomeKind.UNKNOWN, message="the adapter was stopped before the reply")
            task.add_done_callback(lambda done: done.cancelled() or self._on_late_reply(subject, done.result()))
            raise

    def _late_entry(self, way: Way, instrument_id: str, entry: Entry, reply: Reply) -> None:
        self._on_late_reply(Subject(way.websocket, instrument_id, (entry.client_order_id,)), reply)


def judge(reply: Reply, client_order_id: str, venue_order_id: str) -> tuple[Outcome, Policy]:
    """What a reply says of the order that was sent: its row's sCode if there is a row, else the code of the whole."""
    if reply.kind is not None:
        ours = outcomes.OURS.get(reply.code) if reply.kind is OutcomeKind.NOT_SENT else None
        refusal = ours.refusal if ours is not None else reply.refusal
        return Outcome(reply.kind, venue_order_id, reply.code, reply.message, refusal), Policy.ASK
    if not reply.rows:
        if reply.code in ("0", "1", "2"):
            unclear = Outcome(OutcomeKind.UNKNOWN, venue_order_id, reply.code, "the reply has no row for the order")
            return unclear, Policy.ASK
        verdict = outcomes.verdict(reply.code, reply.status)
        return Outcome(verdict.kind, venue_order_id, reply.code, reply.message, verdict.refusal), verdict.policy
    row = _own_row(reply, client_order_id, venue_order_id)
    if row is None:
        unclear = Outcome(OutcomeKind.UNKNOWN, venue_order_id, reply.code, "the reply is about another order")
        return unclear, Policy.ASK
    code = reply.code if row.sCode in (None, "") else str(row.sCode)
    verdict = outcomes.of_code(code, row.subCode or "")
    if verdict.kind is OutcomeKind.ACCEPTED and not row.ordId:
        unclear = Outcome(OutcomeKind.UNKNOWN, venue_order_id, code, "accepted without an order id")
        return unclear, Policy.ASK
    if row.ordId and not codec.is_own_id(row.ordId):
        return Outcome(OutcomeKind.UNKNOWN, venue_order_id, code, f"unreadable order id {row.ordId[:40]!r}"), Policy.ASK
    message = row.sMsg or reply.message
    if row.subCode:
        message = f"{message} (subCode {row.subCode})"
    return Outcome(verdict.kind, row.ordId or venue_order_id, code, message, verdict.refusal), verdict.policy


def _own_row(reply: Reply, client_order_id: str, venue_order_id: str) -> wire.ActionRow | None:
    """The order's row; None when there is none or more than one.

    In the reply about one order it must not contradict what we know of it; in one about several it must name it.
    """

    def fits(ours: str, theirs: str | None) -> bool:
        return not ours or not theirs or ours == theirs

    def names(row: wire.ActionRow) -> bool:
        return bool(client_order_id and row.clOrdId == client_order_id) or bool(
            venue_order_id and row.ordId == venue_order_id
        )

    found = [
        row
        for row in reply.rows
        if fits(client_order_id, row.clOrdId) and fits(venue_order_id, row.ordId) and (reply.orders == 1 or names(row))
    ]
    return found[0] if len(found) == 1 else None


def late_reports(subject: Subject, reply: Reply) -> Sequence[OrderReport]:
    """What a reply that came after its wait was given up says as evidence.

    Only an acceptance is evidence of life. A late refusal is left to the reads that resolve UNKNOWN.
    """
    if subject.operation not in (PLACE.websocket, PLACE.websocket_batch):
        return []
    reply = replace(reply, orders=max(reply.orders, len(subject.client_order_ids)))
    reports: list[OrderReport] = []
    for client_order_id in subject.client_order_ids:
        outcome, _ = judge(reply, client_order_id, "")
        if outcome.kind is OutcomeKind.ACCEPTED:
            report = OrderReport(
                subject.instrument_id,
                Source.REPLY,
                client_order_id=client_order_id,
                venue_order_id=outcome.venue_order_id,
                state=VenueState.LIVE,
            )
            reports.append(report)
    return reports
