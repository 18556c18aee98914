"""Watches what the ledger commits, and sends the trace of an order or execution to a collector once it is over.

Trading pays a look at each committed group. The rest is read from the database, at a bounded pace, when the life has
been over for a moment. What is over waits in a bounded queue, also while it cannot be read; when that is full, the
oldest is dropped and counted. A collector that does not answer is asked again; nobody waits for it. Traces are for
looking: what waits when the process ends is not sent (the journal has it all).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import structlog

from app.clock import NS_PER_SECOND, Clock, heed_the_end
from app.domain.events import Event, EventKind
from app.journal.journal import Journal, event_from_row
from app.journal.order_fold import UnfoldableEvent
from app.services.tracing.declared import Traces, declared
from app.services.tracing.otlp import NotTaken, encoded, sent
from app.services.tracing.spans import Span, execution_span, order_spans, signal_of, signal_span, trace_of
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.store.group import Group

WAITING_MAX, KEPT_MAX = 10_000, 10_000
BATCH_MAX = 64
PAUSE_SECONDS = 1.0
"""Between two batches: a life takes a millisecond of the process, so some 60 a second are told at most."""
SETTLE_SECONDS = 2.0
"""What comes just after the end, a fee or the answer to a cancel, is part of the life."""
RETRY_FIRST_SECONDS, RETRY_MAX_SECONDS = 1.0, 60.0
TELL_AFTER_FAILURES = 3
BROKEN_SECONDS = 5.0
SHARE_OF = 2**64

log = structlog.get_logger("traces")


class Turn(Protocol):
    """What is written together (account.turn.Turn)."""

    def event(self, kind: EventKind, payload: Any) -> int: ...

    def commit(self) -> Awaitable[None]: ...


@dataclass(slots=True)
class Life:
    """An order that is over, or an execution: then `row` is its last one."""

    order_id: str
    over_ns: int
    row: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Tracer:
    """Of one account. traces None: nothing is wanted, nothing is watched."""

    def __init__(
        self,
        traces: Traces | None,
        database: Database,
        account: str,
        environment: str,
        turn: Callable[[], Turn],
        clock: Clock,
    ) -> None:
        self._traces, self._database, self._turn, self._clock = traces, database, turn, clock
        self._account, self._environment = account, environment
        self._waiting: OrderedDict[str, Life] = OrderedDict()
        self._durable: OrderedDict[str, int] = OrderedDict()
        self._told: OrderedDict[str, int] = OrderedDict()
        self.sent = self.dropped = self.failures = 0
        self.last_error = ""
        self._failing_said = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def status(self) -> dict[str, Any] | None:
        """In lives, orders and executions: how many wait, were sent, were dropped; None where no traces are wanted."""
        if self._traces is None:
            return None
        return {
            "waiting": self.waiting,
            "sent": self.sent,
            "dropped": self.dropped,
            "failures": self.failures,
            "last_error": self.last_error or None,
        }

    def on_commit(self, group: Group) -> None:
        if self._traces is None:
            return
        now_ns = self._clock.now_ns()
        for order_id, new in group.new_orders.items():
            if new.order.status.terminal:
                self._over(order_id, new.order.request.parent_id or order_id, Life(order_id, now_ns))
            else:
                _keep(self._durable, order_id, now_ns)
        for order_id, order in group.orders.items():
            if order.status.terminal:
                self._over(order_id, order.request.parent_id or order_id, Life(order_id, now_ns))
        for row in group.plain:
            if row.table == "parent_orders" and not row.values["is_open"]:
                parent_id: str = row.values["parent_id"]
                self._over(parent_id, parent_id, Life("", now_ns, row.values))

    async def run(self) -> None:
        """For ever, whatever happens: a trace is no reason to stop, nor is a failing store."""
        if self._traces is None:
            return
        while True:
            try:
                await self._tell(self._traces)
                await self._clock.sleep(PAUSE_SECONDS)
            except StoreError as error:
                log.warning("traces.store", reason=str(error))
                heed_the_end()
                await self._clock.sleep(BROKEN_SECONDS)
            except Exception:
                log.exception("traces.broken")
                heed_the_end()
                await self._clock.sleep(BROKEN_SECONDS)

    def _over(self, life_id: str, root: str, life: Life) -> None:
        assert self._traces is not None
        if self._traces.share < 1:
            drawn = int.from_bytes(trace_of(self._account, root)[:8], "big")
            if drawn >= self._traces.share * SHARE_OF:
                return
        if life_id in self._waiting:
            life.over_ns = self._waiting[life_id].over_ns
        self._waiting[life_id] = life
        if len(self._waiting) > WAITING_MAX:
            self._waiting.popitem(last=False)
            self.dropped += 1

    async def _tell(self, traces: Traces) -> None:
        """Those that have been over for long enough, as many as one request may have. Raises StoreError; what was to be
        told waits on then."""
        if self._failing_said and not self.failures:
            await self._record(EventKind.TRACES_RESUMED, {"collector": traces.host})
            self._failing_said = False
        due_ns = self._clock.now_ns() - round(SETTLE_SECONDS * NS_PER_SECOND)
        batch: list[tuple[str, Life, int | None]] = []
        while self._waiting and len(batch) < BATCH_MAX and next(iter(self._waiting.values())).over_ns <= due_ns:
            life_id, life = self._waiting.popitem(last=False)
            batch.append((life_id, life, self._durable.pop(life.order_id, None)))
        if not batch:
            return
        try:
            spans, told = await asyncio.to_thread(self._spans, batch)
            taken = not spans or await self._delivered(traces, spans)
        except StoreError:
            self._put_back(batch)
            raise
        except BaseException:
            self.dropped += len(batch)
            raise
        if taken:
            self.sent += len(batch)
        else:
            self.dropped += len(batch)
        for order_id, seq in told.items():
            _keep(self._told, order_id, seq)

    def _put_back(self, batch: Sequence[tuple[str, Life, int | None]]) -> None:
        """In front; what came of one meanwhile is the newer of the two."""
        for life_id, life, durable_ns in reversed(batch):
            self._waiting.setdefault(life_id, life).over_ns = life.over_ns
            self._waiting.move_to_end(life_id, last=False)
            if durable_ns is not None:
                _keep(self._durable, life.order_id, durable_ns)
        while len(self._waiting) > WAITING_MAX:
            self._waiting.popitem(last=False)
            self.dropped += 1

    def _spans(self, batch: Sequence[tuple[str, Life, int | None]]) -> tuple[list[Span], dict[str, int]]:
        """Of all these, of an order that was told before only what came since; and up to which event each order is told
        by them. Raises StoreError."""
        found: list[Span] = []
        upto: dict[str, int] = {}
        for life_id, life, durable_ns in batch:
            try:
                if life.row:
                    found += self._execution(life.row)
                    continue
                spans = self._order(life.order_id, durable_ns)
            except (UnfoldableEvent, msgspec.MsgspecError) as error:
                log.warning("traces.unreadable", life_id=life_id, reason=str(error))
                continue
            told = self._told.get(life.order_id)
            found += spans if told is None else [span for span in spans[1:] if span.seq > told]
            if spans:
                upto[life.order_id] = spans[0].seq
        return found, upto

    def _execution(self, row: Mapping[str, Any]) -> list[Span]:
        """It, and the signal that asked for it. Raises MsgspecError and StoreError."""
        signal = self._signal(signal_of(row))
        whole = execution_span(self._account, row, signal)
        return [whole] if signal is None else [whole, signal_span(signal, whole, row["parent_id"])]

    def _order(self, order_id: str, durable_ns: int | None) -> list[Span]:
        """The order first. Raises UnfoldableEvent, MsgspecError and StoreError."""
        events = [event_from_row(row) for row in queries.events(self._database, self._account, order_id=order_id)]
        signal = self._signal(events[0].cause_seq if events else None)
        spans = order_spans(events, durable_ns, signal)
        if signal is not None and spans and not spans[0].attributes.get("execution_id"):
            spans.append(signal_span(signal, spans[0], order_id))
        return spans

    def _signal(self, seq: int | None) -> Event | None:
        """The event with this number, if it is a signal's."""
        if seq is None:
            return None
        rows = queries.events(self._database, self._account, after_seq=seq - 1, limit=1)
        return next((event_from_row(row) for row in rows if row["kind"] == EventKind.SIGNAL_RECEIVED), None)

    async def _delivered(self, traces: Traces, spans: Sequence[Span]) -> bool:
        """Ask until the collector answers; False when it will not have these."""
        body = await asyncio.to_thread(encoded, spans, self._account, self._environment)
        while True:
            try:
                refused = await sent(traces, body)
            except NotTaken as error:
                await self._failed(traces, error)
                pause = RETRY_FIRST_SECONDS * 2 ** min(self.failures - 1, 16)
                await self._clock.sleep(min(pause, RETRY_MAX_SECONDS))
                if not error.again:
                    return False
                continue
            if refused:
                log.warning("traces.refused", spans=refused)
            self.failures, self.last_error = 0, ""
            return True

    async def _failed(self, traces: Traces, error: NotTaken) -> None:
        self.failures += 1
        self.last_error = str(error)
        log.warning("traces.failed", collector=traces.host, reason=str(error))
        if self.failures >= TELL_AFTER_FAILURES and not self._failing_said:
            try:
                await self._record(EventKind.TRACES_FAILED, {"collector": traces.host, "reason": str(error)})
            except StoreError as unsaid:  # it is said at the next failure
                log.warning("traces.store", reason=str(unsaid))
            else:
                self._failing_said = True

    async def _record(self, kind: EventKind, payload: Mapping[str, Any]) -> None:
        turn = self._turn()
        turn.event(kind, payload)
        await turn.commit()


def make_tracer(
    said: Mapping[str, Any],
    hide: Callable[[str], None],
    writes: tuple[Journal, Database, Callable[[], Turn]],
    clock: Clock,
    environment: str,
) -> Tracer:
    """said, hide: as `declared` takes them. writes: what it reads from and writes to. Raises InvalidValue."""
    journal, database, turn = writes
    return Tracer(declared(said, hide), database, journal.account, environment, turn, clock)


def _keep(kept: OrderedDict[str, int], name: str, value: int) -> None:
    """The newest KEPT_MAX of them."""
    kept[name] = value
    if len(kept) > KEPT_MAX:
        kept.popitem(last=False)
