"""The simulated exchange on the running event loop, and the OKX adapter's transport into it: same bytes, no sockets.

Under a VirtualTimeLoop time costs nothing. Order entry, answers and pushes take as long as the exchange's legs say.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.okx.transport import AnswerLost, Closed, Connection, Response
from app.simulator import Close, Config, SimulatedExchange

REST_URL = "http://simulated.invalid"
WS_URL = "ws://simulated.invalid/ws/v5"


class LocalVenue:
    """`exchange` is the core itself, which lives by the loop's timers. saved: what an earlier one left."""

    def __init__(self, clock: Clock, config: Config, saved: Mapping[str, Any] | None = None) -> None:
        self.config = config
        self.exchange = SimulatedExchange(config, clock.now_ns(), saved)
        self._clock = clock
        self._connections: dict[int, LocalConnection] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._pumping = False

    def transport(self) -> "LocalTransport":
        return LocalTransport(self)

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

    async def handle(self, method: str, target: str, headers: Mapping[str, str], body: str) -> Response:
        """One request, as it would come by HTTP. Raises AnswerLost."""
        if delay_ns := self.exchange.entry_delay_ns():
            await self._clock.sleep(delay_ns / NS_PER_SECOND)
        answer = self.exchange.http(method, target, headers, body.encode(), self._clock.now_ns())
        self.pump()
        if answer.delay_ns:
            await self._clock.sleep(answer.delay_ns / NS_PER_SECOND)
        if answer.drop:
            await asyncio.get_running_loop().create_future()
        if answer.cut:
            raise AnswerLost("the simulated exchange cut the connection")
        return Response(answer.status, answer.body)

    def open(self, path: str) -> "LocalConnection":
        stream_id = self.exchange.open_stream(path, self._clock.now_ns())
        connection = self._connections[stream_id] = LocalConnection(self, stream_id)
        self.pump()
        return connection

    def receive(self, stream_id: int, text: str) -> None:
        """What a connection sends."""
        self.exchange.receive(stream_id, text, self._clock.now_ns())
        self.pump()

    def forget(self, stream_id: int) -> None:
        self._connections.pop(stream_id, None)
        self.exchange.close_stream(stream_id)

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


class LocalConnection:
    """One WebSocket of the adapter's, whose other end is the core."""

    def __init__(self, venue: LocalVenue, stream_id: int) -> None:
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


class LocalTransport:
    """transport.Transport over a LocalVenue."""

    def __init__(self, venue: LocalVenue) -> None:
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
