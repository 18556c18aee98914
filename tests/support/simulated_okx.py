"""The OKX adapter's transport straight into the simulator's core: same bytes, no sockets, any clock.

SimulatedVenue drives one SimulatedExchange by the event loop's timers, so under a VirtualTimeLoop time costs nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.okx import OkxConfig
from app.exchanges.okx.transport import AnswerLost, Closed, Connection, NotSent, Response
from app.simulator import AccountConfig, Close, Config, SimulatedExchange

REST_URL = "http://simulated.invalid"
WS_URL = "ws://simulated.invalid/ws/v5"

MAIN = AccountConfig("main", "key-main", "secret-main", "pass-main")


def okx_config(account: AccountConfig = MAIN, **changes: Any) -> OkxConfig:
    """The adapter's configuration for an account of the venue."""
    return OkxConfig(account.api_key, account.secret, account.passphrase, REST_URL, WS_URL, **changes)


class SimulatedVenue:
    """A simulated exchange that lives on the running event loop; `exchange` is the core itself."""

    def __init__(
        self, clock: Clock, config: Config | None = None, saved: Mapping[str, Any] | None = None, **changes: Any
    ) -> None:
        """saved: what an earlier exchange left, as persistence.Store.load gives it."""
        self._clock = clock
        self.config = config or Config(accounts=(MAIN,), **{"flow_rate": 0.0, **changes})
        self.exchange = SimulatedExchange(self.config, clock.now_ns(), saved)
        self._connections: dict[int, MemoryConnection] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._pumping = False
        self.reachable = True
        """While false nothing connects and open connections hear nothing."""
        self.requests: list[tuple[str, str]] = []
        """Every REST request that arrived: (method, target)."""
        self.frames: list[str] = []
        """Every WebSocket text that arrived."""

    def set_faults(self, knobs: Mapping[str, Mapping[str, Any] | None], *, profile: str = "") -> None:
        """Set knobs, or replace all by a profile's ("none" clears), through the simulator's own control."""
        self.control({"knobs": knobs, **({"profile": profile} if profile else {})})

    def act(self, name: str, **given: Any) -> None:
        """The venue does something of its own, as POST acts of the simulator's control has it."""
        self.control({"act": name, **given}, "acts")

    def control(self, body: Mapping[str, Any], what: str = "faults") -> None:
        now_ns = self._clock.now_ns()
        answer = self.exchange.http("POST", f"/simulator/v1/{what}", {}, json.dumps(body).encode(), now_ns)
        assert answer.status == 200, answer.body
        self.pump()

    def ledger(self, account: str = "main") -> dict[str, Any]:
        """The venue's own truth of one account."""
        self.exchange.advance(self._clock.now_ns())
        return self.exchange.control.ledger()["accounts"][account]

    def transport(self) -> MemoryTransport:
        return MemoryTransport(self)

    def pump(self) -> None:
        """Live up to now and hand over what is due."""
        if self._pumping:
            return
        self._pumping = True
        try:
            now_ns = self._clock.now_ns()
            while True:
                self.exchange.advance(now_ns)
                frames = self.exchange.outbox()
                for stream_id, item in frames:
                    self._hand_over(stream_id, item)
                due = self.exchange.next_event_ns()
                if not frames and (due is None or due > now_ns):
                    break
        finally:
            self._pumping = False
        self._set_timer(due, now_ns)

    def _hand_over(self, stream_id: int, item: str | Close) -> None:
        connection = self._connections.get(stream_id)
        if connection is None:
            return
        connection.deliver(item)
        if isinstance(item, Close):
            del self._connections[stream_id]

    def _set_timer(self, due_ns: int | None, now_ns: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due_ns is not None and (self._connections or due_ns - now_ns < NS_PER_SECOND):
            # A hair later, because the loop's time is a binary fraction of seconds.
            delay = (due_ns - now_ns) / NS_PER_SECOND + 1e-6
            self._timer = asyncio.get_running_loop().call_later(delay, self.pump)

    async def handle(self, method: str, target: str, headers: Mapping[str, str], body: str) -> Response:
        if not self.reachable:
            raise NotSent("the simulated venue is not reachable")
        if delay_ns := self.exchange.entry_delay_ns():
            await self._clock.sleep(delay_ns / NS_PER_SECOND)
        self.requests.append((method, target))
        answer = self.exchange.http(method, target, headers, body.encode(), self._clock.now_ns())
        self.pump()
        if answer.delay_ns:
            await self._clock.sleep(answer.delay_ns / NS_PER_SECOND)
        if answer.drop:
            await asyncio.get_running_loop().create_future()
        if answer.cut:
            raise AnswerLost("the simulated venue cut the connection")
        return Response(answer.status, answer.body)

    def open(self, path: str) -> MemoryConnection:
        if not self.reachable:
            raise NotSent("the simulated venue is not reachable")
        stream_id = self.exchange.open_stream(path, self._clock.now_ns())
        connection = self._connections[stream_id] = MemoryConnection(self, stream_id)
        self.pump()
        return connection

    def receive(self, stream_id: int, text: str) -> None:
        self.frames.append(text)
        if self.reachable:
            self.exchange.receive(stream_id, text, self._clock.now_ns())
            self.pump()

    def forget(self, stream_id: int) -> None:
        self._connections.pop(stream_id, None)
        self.exchange.close_stream(stream_id)

    def cut_all(self, code: int = 1006) -> None:
        """Every open connection ends without warning."""
        for stream_id, connection in list(self._connections.items()):
            connection.deliver(Close(code, "cut by test"))
            self.forget(stream_id)


class MemoryConnection:
    """One WebSocket of the adapter's, whose other end is the core."""

    def __init__(self, venue: SimulatedVenue, stream_id: int) -> None:
        self._venue = venue
        self._stream_id = stream_id
        self._inbox: asyncio.Queue[str | Close] = asyncio.Queue()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def deliver(self, item: str | Close) -> None:
        if isinstance(item, Close):
            self._closed = True
        if self._venue.reachable:
            self._inbox.put_nowait(item)

    async def send(self, text: str) -> None:
        if self._closed:
            raise AnswerLost("the connection is closed")
        self._venue.receive(self._stream_id, text)

    async def receive(self) -> str:
        item = await self._inbox.get()
        if isinstance(item, Close):
            raise Closed(item.code, item.reason)
        return item

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._venue.forget(self._stream_id)
        self._inbox.put_nowait(Close(1000, "closed by the adapter"))


class MemoryTransport:
    """transport.Transport over a SimulatedVenue."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue

    async def request(
        self, method: str, url: str, headers: dict[str, str], body: str, timeout_seconds: float
    ) -> Response:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return await self._venue.handle(method, target, headers, body)

    async def connect(self, url: str, timeout_seconds: float) -> Connection:
        return self._venue.open(urlsplit(url).path)

    def open(self) -> None:
        return

    async def close(self) -> None:
        return


def quoted_balances(**amounts: str) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in amounts.items()}
