"""A transport with canned answers: what the simulator cannot be made to say, byte by byte.

By default it logs in, acknowledges every subscription, answers pings, and knows one instrument; a test replaces what
it is about.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.clock import Clock, SimulatedClock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import OrderRequest, OrderSide, OrderType, TradeMode
from app.exchanges.okx import OkxConfig, OkxExchange
from app.exchanges.okx.transport import Closed, Connection, Response
from app.exchanges.port import CommittedIntent
from tests.contract.support.venues import Recorder
from tests.support.systems import in_virtual_time

CONFIG = OkxConfig("fake-key", "fake-secret", "fake-pass", "https://okx.invalid", "wss://okx.invalid/ws/v5")

INSTRUMENT_ROW = {
    "instType": "SPOT",
    "instId": "BTC-USDT",
    "instIdCode": 10459,
    "baseCcy": "BTC",
    "quoteCcy": "USDT",
    "tickSz": "0.1",
    "lotSz": "0.00000001",
    "minSz": "0.00001",
    "state": "live",
}
BTC_USDT = Instrument(
    "BTC-USDT", InstrumentKind.SPOT, "BTC", "USDT", "USDT", Decimal("0.1"), Decimal("0.00000001"), Decimal("0.00001")
)

Handler = Callable[[str, dict[str, str], str], "Response | Exception | Awaitable[Response]"]


def ok(*rows: dict[str, Any]) -> Response:
    return answer("0", "", *rows)


def answer(code: str, message: str, *rows: dict[str, Any], status: int = 200) -> Response:
    return Response(status, json.dumps({"code": code, "msg": message, "data": list(rows)}).encode())


class FakeConnection:
    """One WebSocket; `sent` holds what the adapter wrote, as objects (or "ping")."""

    def __init__(self, venue: FakeVenue, name: str) -> None:
        self.venue = venue
        self.name = name
        self.sent: list[Any] = []
        self._inbox: asyncio.Queue[str | Closed] = asyncio.Queue()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    async def send(self, text: str) -> None:
        if self._closed:
            raise ConnectionResetError("Cannot write to closing transport")
        self.sent.append(text if text == "ping" else json.loads(text))
        self.venue.on_frame(self, self.sent[-1])

    async def receive(self) -> str:
        item = await self._inbox.get()
        if isinstance(item, Closed):
            raise item
        return item

    async def close(self) -> None:
        self.break_off(1000, "closed by the adapter")

    def say(self, message: Any) -> None:
        self._inbox.put_nowait(message if isinstance(message, str) else json.dumps(message))

    def break_off(self, code: int = 1006, reason: str = "") -> None:
        if not self._closed:
            self._closed = True
            self._inbox.put_nowait(Closed(code, reason))

    def requests(self, operation: str) -> list[Any]:
        return [each for each in self.sent if isinstance(each, dict) and each.get("op") == operation]


class FakeVenue:
    """A Transport. `rest` answers by path; `operations` by WebSocket operation; both can be replaced."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.connections: list[FakeConnection] = []
        self.requests: list[tuple[str, str, dict[str, str], str]] = []
        self.rest: dict[str, Handler] = {
            "public/time": lambda query, headers, body: ok({"ts": str(self.clock.now_ns() // 1_000_000)}),
            "public/instruments": lambda query, headers, body: ok(
                *([INSTRUMENT_ROW] if parse_qs(query).get("instType") == ["SPOT"] else [])
            ),
            "account/config": lambda query, headers, body: ok(
                {"uid": "7", "acctLv": "2", "posMode": "net_mode", "perm": "read_only,trade"}
            ),
        }
        self.operations: dict[str, Callable[[FakeConnection, Any], None]] = {}
        self.on_connect: Callable[[FakeConnection], None] = lambda connection: None
        self.on_subscribe: Callable[[FakeConnection, Any], bool] = lambda connection, frame: False
        self.on_login: Callable[[FakeConnection], Any] = lambda connection: {"event": "login", "code": "0", "msg": ""}
        self.pongs = True
        self.refuse_connections: Exception | None = None

    # --- Transport ---

    async def request(
        self, method: str, url: str, headers: dict[str, str], body: str, timeout_seconds: float
    ) -> Response:
        parts = urlsplit(url)
        self.requests.append((method, parts.path + (f"?{parts.query}" if parts.query else ""), headers, body))
        handler = self.rest.get(parts.path.removeprefix("/api/v5/"))
        if handler is None:
            return answer("404", "Not Found", status=404)
        found = handler(parts.query, headers, body)
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Response) else await found

    async def connect(self, url: str, timeout_seconds: float) -> Connection:
        if self.refuse_connections is not None:
            raise self.refuse_connections
        connection = FakeConnection(self, url.rsplit("/", 1)[1])
        self.connections.append(connection)
        self.on_connect(connection)
        return connection

    def open(self) -> None:
        return

    async def close(self) -> None:
        return

    # --- behaviour ---

    def on_frame(self, connection: FakeConnection, frame: Any) -> None:
        if frame == "ping":
            if self.pongs:
                connection.say("pong")
        elif frame["op"] == "login":
            connection.say(self.on_login(connection))
        elif frame["op"] == "subscribe":
            if not self.on_subscribe(connection, frame):
                for argument in frame["args"]:
                    connection.say({"event": "subscribe", "arg": argument, "connId": "c"})
        elif frame["op"] in self.operations:
            self.operations[frame["op"]](connection, frame)

    def last(self, name: str) -> FakeConnection:
        return [each for each in self.connections if each.name == name][-1]

    def posts(self, path: str) -> list[Any]:
        return [json.loads(body) for method, target, _, body in self.requests if (method, target) == ("POST", path)]


def order_reply(frame: Any, *, code: str = "0", s_code: str = "0", **row: Any) -> dict[str, Any]:
    """The reply to a WebSocket order operation."""
    argument = frame["args"][0]
    data = {"ordId": "900", "clOrdId": argument.get("clOrdId", ""), "sCode": s_code, "sMsg": "", "ts": "1", **row}
    return {"id": frame["id"], "op": frame["op"], "code": code, "msg": "", "data": [data]}


def intent(
    clock: Clock,
    client_order_id: str = "c1",
    order_type: OrderType = OrderType.LIMIT,
    *,
    expires_ns: int | None = None,
    side: OrderSide = OrderSide.BUY,
) -> CommittedIntent:
    """One order of 0.01 BTC-USDT at 50,000."""
    request = OrderRequest(
        client_order_id,
        "main",
        client_order_id,
        "BTC-USDT",
        side,
        order_type,
        Decimal("0.01"),
        BTC_USDT.size_unit,
        Decimal(50_000) if order_type.has_price else None,
        TradeMode.CASH,
        clock.now_ns(),
        expires_ns=expires_ns,
    )
    return CommittedIntent(request, BTC_USDT)


class Stage:
    """A started adapter on a fake venue."""

    def __init__(self, config: OkxConfig = CONFIG) -> None:
        self.clock = SimulatedClock()
        self.venue = FakeVenue(self.clock)
        self.heard = Recorder()
        self.exchange = OkxExchange(config, self.clock, self.venue)

    def intent(
        self,
        client_order_id: str = "c1",
        order_type: OrderType = OrderType.LIMIT,
        *,
        expires_ns: int | None = None,
        side: OrderSide = OrderSide.BUY,
    ) -> CommittedIntent:
        return intent(self.clock, client_order_id, order_type, expires_ns=expires_ns, side=side)

    async def settle(self, seconds: float = 0.01) -> None:
        await self.clock.sleep(seconds)


def play(scenario: Callable[[Stage], Awaitable[None]], *, config: OkxConfig = CONFIG, start: bool = True) -> None:
    """Run a scenario in virtual time; the adapter is started unless told otherwise, and stopped at the end."""

    async def run() -> None:
        stage = Stage(config)
        if start:
            await stage.exchange.start(stage.heard)
        try:
            await scenario(stage)
        finally:
            await stage.exchange.stop()

    in_virtual_time(run())
