"""Keeps one of OKX's WebSockets alive: connects, logs in, subscribes, reconnects with backoff, follows notices.

UP is told only when the login and every required channel are acknowledged, DOWN in the very step in which the
connection is lost or found mute. Before a service upgrade the new connection is up before the old one is let go.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.errors import AccessRefused, ExchangeError, ExchangeRefused, ExchangeUnavailable
from app.exchanges.okx import wire
from app.exchanges.okx.link import KEY_CHANGED, LOGIN_FAILED, UPGRADE_NOTICE, Link, Subject, Subscription
from app.exchanges.okx.rest import TRANSPORT_ERRORS, Reply
from app.exchanges.okx.tasks import begin
from app.exchanges.okx.transport import Closed, Forbidden, Guard, Transport

BACKOFF_BASE_SECONDS = 0.5
BACKOFF_MAX_SECONDS = 30.0
BACKOFF_SHARE = 0.1
"""Of the time that the stream has been down: an outage is over for us soon after it is over for the venue."""

OVERLAP_SECONDS = 4.0
"""How long the old connection lives on beside the new one: longer than any reply takes."""

STABLE_SECONDS = 5.0
"""A connection that logged in, subscribed and lasted so long ends an outage; a shorter one is a part of it."""

RENEWAL_PAUSE_SECONDS = 1.0
LOGIN_FAILURES_MAX = 5

log = structlog.get_logger(__name__)


class StreamOwner(Protocol):
    def on_push(self, link: Link, message: wire.Message, raw: str) -> None: ...

    def on_unreadable(self, reason: str, raw: str) -> None: ...

    def on_late_reply(self, subject: Subject, reply: Reply) -> None: ...

    def on_alive(self, stream: "KeptStream") -> None: ...

    def on_clock_refused(self) -> None: ...

    def on_channel_refused(self, one: Subscription, reason: str) -> None:
        """A channel that was followed; it is not any more."""
        ...

    def is_sound(self, one: Subscription) -> bool:
        """Whether what the channel brought can be relied on."""
        ...

    def on_up(self, stream: "KeptStream", reason: str) -> None: ...

    def on_down(self, stream: "KeptStream", reason: str) -> None: ...


class KeptStream:
    """One of public, private, business. `run` keeps it up until its task is cancelled or access is refused."""

    def __init__(
        self,
        name: str,
        url: str,
        clock: Clock,
        transport: Transport,
        guard: Guard,
        owner: StreamOwner,
        *,
        login: Callable[[], dict[str, str]] | None,
        required: tuple[Subscription, ...],
        optional: tuple[Subscription, ...] = (),
        timeout_seconds: float,
        ping_after_seconds: float,
    ) -> None:
        self.name = name
        self._url = url
        self._clock = clock
        self._transport = transport
        self._guard = guard
        self._owner = owner
        self._login = login
        self._required = required
        self._followed: dict[Subscription, None] = {}
        self._optional = optional
        self._timeout_seconds = timeout_seconds
        self._ping_after_seconds = ping_after_seconds
        self._group: asyncio.TaskGroup | None = None
        self._wake = asyncio.Event()
        self._renewing: set[tuple[Subscription, Link]] = set()
        self._upgrade_due = False
        self._slow_down = False
        self._login_failures = 0
        self.link: Link | None = None
        self.refused: AccessRefused | None = None
        self.settled = asyncio.Event()
        """Set when the stream is up for the first time, or refused for good."""
        self.last_error = ""

    @property
    def up(self) -> bool:
        return self.link is not None and not self.link.closed

    def start_over(self) -> None:
        """Before run() after an earlier one ended: what that one left behind does not count."""
        self.link = None
        self.refused = None
        self.last_error = ""
        self._login_failures = 0
        self._upgrade_due = self._slow_down = False
        self._renewing.clear()
        self.settled.clear()

    async def run(self) -> None:
        down_since_ns = self._clock.monotonic_ns()
        async with asyncio.TaskGroup() as group:
            self._group = group
            while self.refused is None:
                try:
                    link = await self._open(group)
                except AccessRefused as error:
                    self._refuse(error)
                    break
                except (ExchangeError, Forbidden, Closed, *TRANSPORT_ERRORS) as error:
                    self.last_error = f"{type(error).__name__}: {error}"
                    log.warning("okx stream not connected", stream=self.name, error=self.last_error)
                else:
                    up_ns = self._clock.monotonic_ns()
                    self._adopt(link, "connected")
                    await self._while_up(group)
                    if self._clock.monotonic_ns() - up_ns >= STABLE_SECONDS * NS_PER_SECOND:
                        down_since_ns = self._clock.monotonic_ns()
                if self.refused is None:
                    await self._back_off(down_since_ns)

    async def _back_off(self, down_since_ns: int) -> None:
        """Wait before the next connection: longer the longer the stream has been down without a stable one."""
        down_seconds = (self._clock.monotonic_ns() - down_since_ns) / NS_PER_SECOND
        seconds = min(max(BACKOFF_BASE_SECONDS, down_seconds * BACKOFF_SHARE), BACKOFF_MAX_SECONDS)
        if self._slow_down:
            seconds, self._slow_down = BACKOFF_MAX_SECONDS, False
        await self._clock.sleep(seconds * (0.5 + self._clock.random.random() / 2))

    async def _open(self, group: asyncio.TaskGroup) -> Link:
        """A link that is logged in and subscribed, its reader running."""
        self._guard.check_connect(self._url)
        async with asyncio.timeout(self._timeout_seconds):
            connection = await self._transport.connect(self._url, self._timeout_seconds)
        link = Link(
            self.name,
            connection,
            self._clock,
            self,
            timeout_seconds=self._timeout_seconds,
            ping_after_seconds=self._ping_after_seconds,
        )
        group.create_task(self._read(link), name=f"okx-{self.name}-reader")
        group.create_task(link.heartbeat(), name=f"okx-{self.name}-heartbeat")
        try:
            if self._login is not None:
                await link.login(self._login())
            await link.subscribe(self._required)
            for one in self._optional:
                await self._subscribe_optional(link, one)
            # Last, and until nothing is left: more may be followed while we wait for acknowledgements.
            while missing := [one for one in self._followed if not link.acknowledged(one)]:
                await self._subscribe_followed(link, missing)
            if link.closed:
                raise ExchangeUnavailable(f"the {self.name} connection closed: {link.close_reason}")
        except BaseException:
            begin(group, partial(self._let_go, link, "not opened"))
            raise
        self._login_failures = 0
        return link

    async def _subscribe_followed(self, link: Link, missing: list[Subscription]) -> None:
        """What was added later; a channel that the venue has ended (a delisting) must not keep the others down."""
        try:
            await link.subscribe(missing)
        except ExchangeRefused:
            for one in missing:
                try:
                    await link.subscribe([one])
                except ExchangeRefused as error:
                    self._followed.pop(one, None)
                    self._owner.on_channel_refused(one, str(error))

    async def _subscribe_optional(self, link: Link, one: Subscription) -> None:
        try:
            await link.subscribe([one])
        except ExchangeRefused as error:
            log.info("okx channel not offered", stream=self.name, channel=dict(one), code=error.code)

    async def _read(self, link: Link) -> None:
        try:
            await link.run()
        except Exception as error:
            # The edge of the reader's task: whatever broke, this connection is over and the next one resyncs.
            log.exception("okx reader failed", stream=self.name)
            self._owner.on_unreadable(f"reader failed: {type(error).__name__}: {error}", "")
        finally:
            await self._let_go(link, "reader ended")

    async def _let_go(self, link: Link, reason: str) -> None:
        try:
            await link.close(reason)
        except (*TRANSPORT_ERRORS, Closed) as error:
            log.debug("okx connection did not close cleanly", stream=self.name, error=str(error))

    def _adopt(self, link: Link, reason: str) -> None:
        self.link = link
        self._upgrade_due = False
        self.settled.set()
        log.info("okx stream up", stream=self.name, reason=reason)
        self._owner.on_up(self, reason)

    def _refuse(self, error: AccessRefused) -> None:
        self.refused = error
        self.last_error = str(error)
        self.settled.set()
        log.error("okx stream refused, not reconnecting", stream=self.name, error=str(error))
        self._owner.on_down(self, f"refused: {error}")

    async def _while_up(self, group: asyncio.TaskGroup) -> None:
        """Until the link is lost; on an upgrade notice its successor takes over while it still runs."""
        due_ns = 0
        while self.up:
            if not self._upgrade_due:
                self._wake.clear()
                await self._wake.wait()
                due_ns = self._clock.monotonic_ns()
                continue
            try:
                successor = await self._open(group)
            except (ExchangeError, Forbidden, Closed, *TRANSPORT_ERRORS) as error:
                self.last_error = f"{type(error).__name__}: {error}"
                await self._back_off(due_ns)
                continue
            old = self.link
            self._adopt(successor, "moved before a service upgrade")
            if old is not None and not old.closed:
                begin(group, partial(self._retire, old))

    async def _retire(self, link: Link) -> None:
        await self._clock.sleep(OVERLAP_SECONDS)
        await self._let_go(link, "replaced")

    # --- subscriptions ---

    async def add(self, subscriptions: tuple[Subscription, ...]) -> None:
        """Subscribe, now and after every reconnect. Raises ExchangeRefused when the venue does not know a channel."""
        new = tuple(one for one in subscriptions if one not in self._followed)
        self._followed.update(dict.fromkeys(new))
        link = self.link
        if link is None or link.closed or not new:
            return
        try:
            await link.subscribe(new)
        except ExchangeRefused:
            for one in new:
                self._followed.pop(one, None)
            raise
        except (ExchangeUnavailable, TimeoutError) as error:
            # Still wanted: a link that cannot subscribe is replaced by one that can.
            self._replace(f"subscription not acknowledged: {error}")

    def renew(self, one: Subscription, link: Link) -> None:
        """Have a channel start anew with a snapshot; while that is under way, asking again changes nothing."""
        if one not in self._followed or (one, link) in self._renewing:
            return
        if not link.closed and (renewal := begin(self._group, partial(self._renew, one, link))) is not None:
            self._renewing.add((one, link))
            renewal.add_done_callback(lambda _: self._renewing.discard((one, link)))

    async def _renew(self, one: Subscription, link: Link) -> None:
        """Resubscribe once; again only when after a growing pause there is still nothing good to read."""
        pause_seconds = RENEWAL_PAUSE_SECONDS
        try:
            while not link.closed:
                await link.resubscribe(one)
                await self._clock.sleep(pause_seconds)
                if self._owner.is_sound(one):
                    return
                pause_seconds = min(2 * pause_seconds, BACKOFF_MAX_SECONDS)
        except (ExchangeError, TimeoutError) as error:
            await self._let_go(link, f"resubscription failed: {error}")

    def _replace(self, reason: str) -> None:
        """Drop the present link; the run loop opens another."""
        link = self.link
        if link is not None and not link.closed:
            begin(self._group, partial(self._let_go, link, reason))

    # --- LinkOwner ---

    def on_push(self, link: Link, message: wire.Message, raw: str) -> None:
        self._owner.on_push(link, message, raw)

    def on_unreadable(self, reason: str, raw: str) -> None:
        self._owner.on_unreadable(reason, raw)

    def on_late_reply(self, subject: Subject, reply: Reply) -> None:
        self._owner.on_late_reply(subject, reply)

    def on_alive(self, link: Link) -> None:
        if link is self.link:
            self._owner.on_alive(self)

    def on_clock_refused(self) -> None:
        self._owner.on_clock_refused()

    def on_mute(self, link: Link, reason: str) -> None:
        if not link.closed:
            begin(self._group, partial(self._let_go, link, reason))

    def on_notice(self, link: Link, message: wire.Message) -> None:
        if message.event == "channel-conn-count-error":
            self._slow_down = True
            reason = f"too many connections subscribe channel {message.channel}; this subscription was dropped"
            begin(self._group, partial(self._let_go, link, reason))
        elif str(message.code) == UPGRADE_NOTICE:
            if link is self.link:
                self._upgrade_due = True
                self._wake.set()
        else:
            self._owner.on_unreadable(f"notice {message.code}: {message.msg}", "")

    def on_closed(self, link: Link, reason: str, code: int) -> None:
        if code == LOGIN_FAILED and not link.clock_refused:
            self._login_failures += 1
        if code == KEY_CHANGED or self._login_failures >= LOGIN_FAILURES_MAX:
            self._refuse(AccessRefused(str(code), reason))
        elif link is self.link:
            log.warning("okx stream down", stream=self.name, reason=reason)
            self._owner.on_down(self, reason)
        if link is self.link:
            self._wake.set()
