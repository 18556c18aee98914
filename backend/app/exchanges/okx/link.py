"""One WebSocket connection's life: open, log in, subscribe with an acknowledgement for each channel, run, close.

A link never comes back; stream.py replaces it. Replies are matched by id with what was registered before the write;
what is unanswered when the link closes is lost, which for an order means UNKNOWN.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.errors import ExchangeRefused, ExchangeUnavailable, ProtocolError
from app.exchanges.okx import outcomes, wire
from app.exchanges.okx.rest import TRANSPORT_ERRORS, Reply
from app.exchanges.okx.transport import Closed, Connection
from app.exchanges.port import OutcomeKind

PONG_WITHIN_SECONDS = 5.0
PONG_WITHIN_NS = 5 * NS_PER_SECOND
PENDING_MAX = 10_000
UNANSWERED_MAX = 2
"""Order operations without any reply since, after which a connection counts as mute, whatever pings it answers."""

ARGUMENTS_MAX = 200
"""Channels in one subscribe request; OKX allows 64 KB of arguments."""

UPGRADE_NOTICE = "64008"
KEY_CHANGED = 4007
LOGIN_FAILED = 4001
LOGIN_REFUSALS = frozenset({"60005", "60007", "60009", "60024", "60032"})

Subscription = tuple[tuple[str, str], ...]
"""One channel's argument as sorted pairs of names and values, so that it can be a key."""


def subscription(channel: str, **parameters: str) -> Subscription:
    return tuple(sorted({"channel": channel, **parameters}.items()))


def key_of(argument: wire.Argument) -> Subscription:
    """The subscription that an acknowledgement or a push names; unset and null members do not count."""
    parts = {
        "channel": argument.channel,
        "instType": argument.instType,
        "instFamily": argument.instFamily,
        "instId": argument.instId,
    }
    return tuple(sorted((name, value) for name, value in parts.items() if value))


@dataclass(frozen=True, slots=True)
class Subject:
    """Which orders an operation was about."""

    operation: str
    instrument_id: str
    client_order_ids: tuple[str, ...]


class LinkOwner(Protocol):
    """Who hears what a link says; called on the event loop."""

    def on_push(self, link: "Link", message: wire.Message, raw: str) -> None: ...

    def on_unreadable(self, reason: str, raw: str) -> None: ...

    def on_late_reply(self, subject: "Subject", reply: Reply) -> None: ...

    def on_alive(self, link: "Link") -> None: ...

    def on_notice(self, link: "Link", message: wire.Message) -> None: ...

    def on_clock_refused(self) -> None: ...

    def on_mute(self, link: "Link", reason: str) -> None: ...

    def on_closed(self, link: "Link", reason: str, code: int) -> None: ...


@dataclass(slots=True)
class _Pending:
    future: asyncio.Future[Reply]
    subject: Subject


class Link:
    """One connection. `run` reads until it closes; the other methods are used meanwhile."""

    def __init__(
        self,
        name: str,
        connection: Connection,
        clock: Clock,
        owner: LinkOwner,
        *,
        timeout_seconds: float,
        ping_after_seconds: float,
    ) -> None:
        self.name = name
        self._ping_after_ns = round(ping_after_seconds * NS_PER_SECOND)
        self._connection = connection
        self._clock = clock
        self._owner = owner
        self._timeout_seconds = timeout_seconds
        self._pending: dict[str, _Pending] = {}
        self._subscribing: dict[str, tuple[asyncio.Future[None], set[Subscription]]] = {}
        self._acknowledged: set[Subscription] = set()
        self._login: asyncio.Future[None] | None = None
        self._last_id = 0
        self._replies = 0
        self._unanswered = 0
        self._last_received_ns = clock.monotonic_ns()
        self.closed = False
        self.close_reason = ""
        self.clock_refused = False
        """Whether the login was refused for its timestamp, which says nothing of the key."""

    @property
    def usable(self) -> bool:
        """Whether a frame can still be written; the reader may be about to learn of a lost connection."""
        return not self.closed and not self._connection.closed

    def acknowledged(self, one: Subscription) -> bool:
        return one in self._acknowledged

    # --- requests ---

    def _next_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)

    async def operate(
        self, subject: Subject, arguments: Sequence[object], expires_ms: str, timeout_seconds: float
    ) -> Reply:
        """Send one order operation, for one order or several, and wait for its reply.

        Does not raise but for cancellation of the caller. A reply that comes after the wait was given up goes to the
        owner's on_late_reply.
        """
        if not self.usable:
            return Reply(OutcomeKind.NOT_SENT, message=f"the {self.name} connection is closed")
        request_id = self._next_id()
        request: dict[str, object] = {"id": request_id, "op": subject.operation, "args": arguments}
        if expires_ms:
            request["expTime"] = expires_ms
        text = wire.write(request)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if len(self._pending) >= PENDING_MAX:
            del self._pending[next(iter(self._pending))]
        self._pending[request_id] = _Pending(future, subject)
        replies_before = self._replies
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._connection.send(text)
                return await future
        except (*TRANSPORT_ERRORS, Closed) as error:
            if not isinstance(error, TimeoutError):
                return Reply(OutcomeKind.UNKNOWN, message=f"{type(error).__name__}: {error}")
            if self._replies == replies_before:
                self._count_unanswered()
            return Reply(OutcomeKind.UNKNOWN, message=f"no reply within {timeout_seconds:g} s")

    def _count_unanswered(self) -> None:
        self._unanswered += 1
        if self._unanswered >= UNANSWERED_MAX and not self.closed:
            self._owner.on_mute(self, f"{self._unanswered} operations in a row were not answered")

    async def login(self, argument: dict[str, str]) -> None:
        """Raises AccessRefused, ExchangeUnavailable, TimeoutError."""
        self._login = asyncio.get_running_loop().create_future()
        await self._guarded(self._connection.send(wire.write({"op": "login", "args": [argument]})))
        async with asyncio.timeout(self._timeout_seconds):
            await self._login

    async def subscribe(self, subscriptions: Sequence[Subscription]) -> None:
        """Returns when every channel is acknowledged. Raises ExchangeRefused, ExchangeUnavailable, TimeoutError."""
        for start in range(0, len(subscriptions), ARGUMENTS_MAX):
            part = subscriptions[start : start + ARGUMENTS_MAX]
            missing = set(part) - self._acknowledged
            if not missing:
                continue
            request_id = self._next_id()
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._subscribing[request_id] = (future, missing)
            arguments = [dict(each) for each in part if each in missing]
            try:
                await self._guarded(
                    self._connection.send(wire.write({"id": request_id, "op": "subscribe", "args": arguments}))
                )
                async with asyncio.timeout(self._timeout_seconds):
                    await future
            finally:
                self._subscribing.pop(request_id, None)

    async def resubscribe(self, one: Subscription) -> None:
        """Unsubscribe and subscribe anew, so that the channel starts with a snapshot."""
        if self.closed:
            return
        self._acknowledged.discard(one)
        await self._guarded(self._connection.send(wire.write({"op": "unsubscribe", "args": [dict(one)]})))
        await self.subscribe([one])

    async def _guarded(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await sending
        except (*TRANSPORT_ERRORS, Closed) as error:
            raise ExchangeUnavailable(f"{self.name} connection: {type(error).__name__}: {error}") from error

    async def close(self, reason: str) -> None:
        self._end(reason, 0)
        async with asyncio.timeout(self._timeout_seconds):
            await self._connection.close()

    # --- reading ---

    async def run(self) -> None:
        """Read until the connection closes."""
        reason, code = "reader stopped", 0
        try:
            while not self.closed:
                text = await self._connection.receive()
                self._last_received_ns = self._clock.monotonic_ns()
                if text == "pong":
                    self._owner.on_alive(self)
                else:
                    self._handle(text)
        except Closed as error:
            reason, code = str(error), error.code
        except TRANSPORT_ERRORS as error:
            reason = f"{type(error).__name__}: {error}"
        finally:
            self._end(reason, code)

    async def heartbeat(self) -> None:
        """Text ping when idle; without a sign of life in answer the connection is a zombie and is closed."""
        asked_ns = 0
        while not self.closed:
            now_ns = self._clock.monotonic_ns()
            idle_ns = now_ns - self._last_received_ns
            if asked_ns and self._last_received_ns >= asked_ns:
                asked_ns = 0
            if asked_ns:
                wait_ns = asked_ns + PONG_WITHIN_NS - now_ns
                if wait_ns <= 0:
                    await self.close(f"no answer to a ping within {PONG_WITHIN_SECONDS:g} s")
                    return
                wait_ns = min(wait_ns, self._ping_after_ns)
            elif idle_ns >= self._ping_after_ns:
                asked_ns, wait_ns = now_ns, min(self._ping_after_ns, PONG_WITHIN_NS)
                if not await self._ping():
                    return
            else:
                wait_ns = self._ping_after_ns - idle_ns
            await self._clock.sleep(wait_ns / NS_PER_SECOND)

    async def _ping(self) -> bool:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._connection.send("ping")
        except (*TRANSPORT_ERRORS, Closed) as error:
            self._end(f"ping failed: {type(error).__name__}: {error}", 0)
            return False
        return True

    def _handle(self, text: str) -> None:
        try:
            message = wire.read_message(text)
        except ProtocolError as error:
            self._owner.on_unreadable(str(error), error.raw)
            return
        if message.event:
            self._handle_event(message, text)
        elif message.op and message.id is not None:
            self._handle_reply(message, text)
        elif message.arg is not None:
            self._owner.on_push(self, message, text)
        else:
            self._owner.on_unreadable("a message that is no push, event or reply", text)

    def _answered(self) -> None:
        self._replies += 1
        self._unanswered = 0

    def _handle_reply(self, message: wire.Message, text: str) -> None:
        self._answered()
        pending = self._pending.pop(message.id or "", None)
        if pending is None:
            self._owner.on_unreadable(f"reply to {message.op} with id {message.id!r}, which nobody waits for", text)
            return
        try:
            rows = wire.read_rows(message.data, wire.ActionRow)
        except ProtocolError as error:
            self._owner.on_unreadable(str(error), text)
            self._settle(pending, Reply(OutcomeKind.UNKNOWN, "", f"unreadable reply: {error}"))
            return
        self._settle(pending, Reply(None, _code(message), message.msg or "", rows))

    def _settle(self, pending: _Pending, reply: Reply) -> None:
        if not pending.future.done():
            pending.future.set_result(reply)
        else:
            self._owner.on_late_reply(pending.subject, reply)

    def _handle_event(self, message: wire.Message, text: str) -> None:
        if message.event == "subscribe" and message.arg is not None:
            self._acknowledge(key_of(message.arg))
        elif message.event == "login":
            self._settle_login(message)
        elif message.event == "error":
            self._handle_error(message, text)
        elif message.event == "notice" or message.event == "channel-conn-count-error":
            self._owner.on_notice(self, message)
        elif message.event not in ("unsubscribe", "channel-conn-count"):
            self._owner.on_unreadable(f"unknown event {message.event!r}", text)

    def _acknowledge(self, one: Subscription) -> None:
        self._acknowledged.add(one)
        for future, missing in self._subscribing.values():
            missing.discard(one)
            if not missing and not future.done():
                future.set_result(None)

    def _settle_login(self, message: wire.Message) -> None:
        if self._login is None or self._login.done():
            return
        if _code(message) == "0":
            self._login.set_result(None)
        else:
            self._refuse_login(self._login, message)

    def _refuse_login(self, login: asyncio.Future[None], message: wire.Message) -> None:
        code = _code(message)
        if outcomes.of_code(code).policy is outcomes.Policy.RESYNC_CLOCK:
            self.clock_refused = True
            self._owner.on_clock_refused()
        login.set_exception(_refusal(code, message.msg or ""))

    def _handle_error(self, message: wire.Message, text: str) -> None:
        code = _code(message)
        pending = self._pending.pop(message.id, None) if message.id else None
        if pending is not None:
            self._answered()
            self._settle(pending, Reply(None, code, message.msg or ""))
            return
        if self._login is not None and not self._login.done():
            self._refuse_login(self._login, message)
            return
        # Without an id the error belongs to the oldest request still waiting.
        waiting = message.id if message.id in self._subscribing else next(iter(self._subscribing), None)
        if waiting is not None and (not message.id or message.id == waiting):
            future = self._subscribing[waiting][0]
            if not future.done():
                future.set_exception(_refusal(code, message.msg or ""))
            return
        self._owner.on_unreadable(f"error event {code}: {message.msg}", text)

    def _end(self, reason: str, code: int) -> None:
        if self.closed:
            return
        self.closed = True
        self.close_reason = reason
        lost = Reply(OutcomeKind.UNKNOWN, message=f"the {self.name} connection closed before the reply: {reason}")
        pending, self._pending = self._pending, {}
        for each in pending.values():
            if not each.future.done():
                each.future.set_result(lost)
        error = ExchangeUnavailable(f"the {self.name} connection closed: {reason}")
        for future in [self._login, *(entry[0] for entry in self._subscribing.values())]:
            if future is not None and not future.done():
                future.set_exception(error)
        self._owner.on_closed(self, reason, code)


def _code(message: wire.Message) -> str:
    return "" if message.code is None else str(message.code)


def _refusal(code: str, message: str) -> ExchangeRefused | ExchangeUnavailable:
    verdict = outcomes.of_code(code)
    if code in LOGIN_REFUSALS or verdict.policy is outcomes.Policy.STOP:
        return outcomes.access_refused(code, message)
    if verdict.policy in outcomes.RETRY_READS or verdict.kind is OutcomeKind.UNKNOWN:
        return ExchangeUnavailable(f"code {code}: {message}")
    return ExchangeRefused(code, message)
