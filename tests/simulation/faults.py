"""Between one process and the venue, and between it and its disk: where a simulated world breaks things.

A Link is the exchange port as one process sees it, a Disk where its transactions go. Both are cut when the process
dies: what was on its way to the venue still arrives, what comes back is heard by nobody.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from app.clock import NS_PER_SECOND
from app.domain.events import Event
from app.domain.instruments import Instrument
from app.domain.market import BookUpdate, PublicTrade
from app.domain.orders import OrderReport
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.port import (
    Balance,
    Bill,
    CancelRequest,
    CommittedIntent,
    Listener,
    Outcome,
    OutcomeKind,
    Stream,
    StreamState,
    Unreadable,
    VenuePosition,
)
from app.journal.codec import encode
from app.store.database import Database
from app.store.durable import Durable
from app.store.transaction import Writes
from tests.support.disks import Died, MortalDisk, events_of

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")

TIMEOUT_SECONDS = 3.0

SEND_FAULTS = (
    "not_sent",
    "refused",
    "lost_request",
    "lost_reply",
    "slow_request",
    "ambiguous_taken",
    "ambiguous_not_taken",
    "adapter_raises",
    "crash_before_wire",
    "crash_on_wire",
    "crash_after_answer",
)
PUSH_FAULTS = ("push_lost", "push_twice", "push_late")
READ_FAULTS = ("read_fails", "read_slow")
DISK_FAULTS = ("disk_error", "commit_unconfirmed", "crash_before_commit", "crash_after_commit")
WORLD_FAULTS = (
    "stream_break",
    "crash",
    "stall",
    "orders_seen_late",
    "fills_seen_late",
    "foreign_order",
    "foreign_id_again",
    "venue_cancel",
    "stop",
    "disk_slow",
    "clock_step",
)
CLOCK_STEPS = (3, -3, 12, -12, 3600, -3600, 86_400, -86_400)
"""Seconds by which somebody sets the machine's clock."""
FAULTS = SEND_FAULTS + PUSH_FAULTS + READ_FAULTS + DISK_FAULTS + WORLD_FAULTS


async def never() -> Any:
    await asyncio.Event().wait()


class Ear:
    """The listener that the venue tells, for as long as the process lives; order reports may be lost or come late."""

    def __init__(self, link: Link, listener: Listener) -> None:
        self._link, self._to = link, listener
        self._connection = 0

    def on_order(self, report: OrderReport) -> None:
        world = self._link.world
        if self._link.dead:
            return
        fault = world.strike(PUSH_FAULTS)
        if fault == "push_lost":
            return
        if fault == "push_late":
            self._later(world.draw.uniform(0.01, 4.0), report)
            return
        self._to.on_order(report)
        if fault == "push_twice":
            self._later(world.draw.uniform(0, 2.0), report)

    def _later(self, seconds: float, report: OrderReport) -> None:
        connection = self._connection

        def deliver() -> None:
            if not self._link.dead and connection == self._connection:
                self._to.on_order(report)

        self._link.world.loop.call_later(seconds, deliver)

    def on_stream(self, stream: Stream, state: StreamState, reason: str) -> None:
        if state is StreamState.DOWN:
            self._connection += 1
        self._pass("on_stream", stream, state, reason)

    def on_balances(self, balances: Sequence[Balance]) -> None:
        self._pass("on_balances", balances)

    def on_positions(self, positions: Sequence[VenuePosition]) -> None:
        self._pass("on_positions", positions)

    def on_book(self, update: BookUpdate) -> None:
        self._pass("on_book", update)

    def on_trade(self, trade: PublicTrade) -> None:
        self._pass("on_trade", trade)

    def on_instrument(self, instrument: Instrument) -> None:
        self._pass("on_instrument", instrument)

    def on_heartbeat(self, stream: Stream) -> None:
        self._pass("on_heartbeat", stream)

    def on_gap(self, reason: str, raw: str) -> None:
        self._pass("on_gap", reason, raw)

    def on_unreadable(self, row: Unreadable) -> None:
        self._pass("on_unreadable", row)

    def on_not_followed(self, instrument_id: str, reason: str) -> None:
        self._pass("on_not_followed", instrument_id, reason)

    def _pass(self, what: str, *said: Any) -> None:
        if not self._link.dead:
            getattr(self._to, what)(*said)


class Link:
    """exchanges.port.Exchange over the world's MemoryExchange, with latency and faults."""

    name = "memory"

    def __init__(self, world: World) -> None:
        self.world = world
        self.dead = False

    async def start(self, listener: Listener) -> None:
        await self._pause(0.02)
        await self.world.exchange.start(Ear(self, listener))

    async def stop(self) -> None:
        if not self.dead:
            await self.world.exchange.stop()

    async def follow(self, instrument_id: str) -> None:
        await self._pause(0.02)
        await self.world.exchange.follow(instrument_id)

    # --- sends ---

    async def submit(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        self.world.wire.place(request)
        return await self._send(lambda: self.world.exchange.venue.place(request))

    async def amend(self, intent: CommittedIntent) -> Outcome:
        intent.take()
        self.world.wire.amend(intent)
        return await self._send(lambda: self.world.exchange.venue.amend(intent))

    async def cancel(self, request: CancelRequest) -> Outcome:
        self.world.wire.cancel(request)
        return await self._send(lambda: self.world.exchange.venue.cancel(request))

    async def _send(self, act: Callable[[], Outcome]) -> Outcome:
        world = self.world
        if self.dead:
            await never()
        fault = world.strike(SEND_FAULTS)
        there, back = world.way(0.002, 0.1), world.way(0.002, 0.1)
        match fault:
            case "crash_before_wire":
                world.crash()
                await never()
            case "not_sent":
                await self._pause(there)
                return Outcome(OutcomeKind.NOT_SENT, code="connect", message="connection refused")
            case "refused":
                await self._pause(there + back)
                return Outcome(OutcomeKind.REJECTED, code="51000", message="parameter error")
            case "ambiguous_not_taken":
                await self._pause(there + back)
                return Outcome(OutcomeKind.UNKNOWN, code="50004", message="endpoint request timeout")
            case "lost_request":
                await self._pause(TIMEOUT_SECONDS)
                return Outcome(OutcomeKind.UNKNOWN, code="timeout")
            case "slow_request":
                world.act_later(world.draw.uniform(TIMEOUT_SECONDS, 8.0), act)
                await self._pause(TIMEOUT_SECONDS)
                return Outcome(OutcomeKind.UNKNOWN, code="timeout")
            case _:
                pass
        # It arrives whatever becomes of this process.
        arrived = world.act_later(there, act)
        if fault == "crash_on_wire":
            world.crash()
            await never()
        outcome = await asyncio.shield(arrived)
        await self._pause(TIMEOUT_SECONDS if fault == "lost_reply" else back)
        if fault == "crash_after_answer":
            world.crash()
            await never()
        if fault == "adapter_raises":
            raise RuntimeError("a bug in the adapter")
        if fault == "lost_reply":
            return Outcome(OutcomeKind.UNKNOWN, code="timeout")
        if fault == "ambiguous_taken":
            return Outcome(OutcomeKind.UNKNOWN, code="50004", message="endpoint request timeout")
        return outcome

    # --- reads ---

    async def instruments(self) -> Sequence[Instrument]:
        return await self._read(lambda: list(self.world.exchange.venue.instruments.values()))

    async def balances(self) -> Sequence[Balance]:
        ledger, now_ns = self.world.exchange.venue.ledger, self.world.clock.now_ns()
        return await self._read(lambda: [ledger.balance(currency, now_ns) for currency in ledger.total])

    async def positions(self) -> Sequence[VenuePosition]:
        ledger, now_ns = self.world.exchange.venue.ledger, self.world.clock.now_ns()
        return await self._read(
            lambda: [ledger.position(i, now_ns) for i, held in ledger.holdings.items() if held.size]
        )

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None:
        found = await self._ask("order", instrument_id, client_order_id=client_order_id, venue_order_id=venue_order_id)
        return found if found is not None and self.world.shows(found.venue_order_id) else None

    async def open_orders(self) -> Sequence[OrderReport]:
        return [r for r in await self._ask("open_orders") if self.world.shows(r.venue_order_id)]

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]:
        return [r for r in await self._ask("order_history", since_ns) if self.world.shows(r.venue_order_id)]

    async def fills(self, since_ns: int, *, instrument_id: str = "", venue_order_id: str = "") -> Sequence[OrderReport]:
        found = await self._ask("fills", since_ns, instrument_id=instrument_id, venue_order_id=venue_order_id)
        return [report for report in found if self.world.shows_fill(report)]

    async def bills(self, since_ns: int) -> Sequence[Bill]:
        return await self._ask("bills", since_ns)

    def __getattr__(self, name: str) -> Any:
        if name in ("account_config", "ticker", "book", "fee_rates", "leverage"):
            return lambda *given: self._ask(name, *given)
        raise AttributeError(name)

    def server_time_ns(self) -> int:
        return self.world.clock.now_ns()

    async def _ask(self, name: str, *given: Any, **named: Any) -> Any:
        """The answer is what was true when the venue was asked, however late it is heard."""
        if self.dead:
            await never()
        answer = await getattr(self.world.exchange, name)(*given, **named)
        return await self._read(lambda: answer)

    async def _read(self, look: Callable[[], T]) -> T:
        fault = self.world.strike(READ_FAULTS)
        seen = look()
        await self._pause(self.world.draw.uniform(0.5, 2.0) if fault == "read_slow" else self.world.way(0.02, 0.02))
        if fault == "read_fails":
            raise ExchangeUnavailable("a read failed")
        return seen

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.dead:
            await never()


class Disk(MortalDisk):
    """Commits take time, as in the writer's process; meanwhile the loop goes on and the next group fills."""

    overlaps = True

    def __init__(self, world: World, database: Database) -> None:
        super().__init__(database)
        self._world = world

    def commit(self, writes: Writes) -> Durable:
        slow = self._world.strike(("disk_slow",))
        seconds = self._world.draw.uniform(0.2, 1.5) if slow else self._world.draw.uniform(0, 0.01)
        durable = Durable()

        def end() -> None:
            try:
                self._commit(writes)
            except Exception as error:
                durable.settle(error)
            else:
                durable.settle()

        self._world.loop.call_later(seconds, end)
        return durable

    def _commit(self, writes: Writes) -> None:
        if self.dead:
            raise Died
        world = self._world
        fault = world.strike(DISK_FAULTS)
        if fault == "disk_error":
            raise OSError(errno.EIO, "Input/output error")
        if fault == "crash_before_commit":
            world.crash()
            raise Died
        super().commit(writes)
        world.wire.durable(events_of(writes))
        if fault == "commit_unconfirmed":
            raise ConnectionError("the connection was lost during COMMIT")
        if fault == "crash_after_commit":
            world.crash()
            raise Died


class Wire:
    """What reached the transport, against what was durable before: S1, S2, S11, S12 of INVARIANTS, at every send."""

    def __init__(self) -> None:
        self.places: dict[str, Any] = {}
        self.amends: set[str] = set()
        self.cancels: list[CancelRequest] = []
        self.broken: list[str] = []
        self._intents: dict[str, str] = {}
        self._amend_intents: set[str] = set()
        self._killed = False

    def durable(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.kind == "order.intent":
                self._intents[event.order_id or ""] = event.payload
            if event.kind == "kill_switch.on":
                self._killed = True
            elif event.kind == "kill_switch.off":
                self._killed = False
            elif event.kind in ("order.intent", "order.amend_intent") and self._killed:
                self.broken.append(f"S11: {event.kind} {event.order_id} was committed while the kill switch was on")
            if event.kind == "order.amend_intent":
                self._amend_intents.add(event.payload)

    def place(self, request: Any) -> None:
        client_order_id = request.client_order_id
        if client_order_id in self.places:
            self.broken.append(f"S2: {client_order_id} was sent twice")
        if f'"request":{encode(request)}' not in self._intents.get(request.order_id, ""):
            self.broken.append(f"S1: {client_order_id} was sent without a durable intent of the same content")
        if self._killed:
            self.broken.append(f"S11: {client_order_id} was sent with the kill switch durably on")
        self.places[client_order_id] = request

    def amend(self, intent: CommittedIntent) -> None:
        assert intent.amendment is not None
        request_id = intent.amendment.request_id
        if request_id in self.amends:
            self.broken.append(f"S2: amend {request_id} was sent twice")
        if not any(f'"{request_id}"' in payload for payload in self._amend_intents):
            self.broken.append(f"S1: amend {request_id} was sent without a durable intent")
        if self._killed:
            self.broken.append(f"S11: amend {request_id} was sent with the kill switch durably on")
        self.amends.add(request_id)

    def cancel(self, request: CancelRequest) -> None:
        self.cancels.append(request)


FILL_LAG_SECONDS = 9
ORDER_LAG_SECONDS = 4
SECOND = NS_PER_SECOND
