"""Call to acknowledgement of one order at a time on the simulated exchange over loopback: ours beside other clients.

Ours is the whole system: risk-checked and durable before the wire, the clock stopping when the ack frame is in hand.
The others make the bare call and stop when it returns. Each runs alone in a process of its own, on the event loop that
`trading-executor serve` uses, with an account of its own; they take turns, a burst of orders at a time.
"""

import asyncio
import base64
import contextlib
import hmac
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import ccxt.async_support as ccxt_async
import ccxt.pro as ccxt_pro
import lives
import structlog
import wire
from okx import Trade as okx_trade

from app.clock import SystemClock
from app.exchanges.okx import OkxConfig, OkxExchange
from app.exchanges.okx.aiohttp_transport import AiohttpTransport
from app.exchanges.okx.transport import Connection
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams
from app.settings import load_settings
from app.system import System

INSTRUMENT, SYMBOL = "BTC-USDT", "BTC/USDT"
SIZE, PRICE = "0.001", "49500"
"""An immediate-or-cancel buy below a book that stands still: acknowledged, nothing traded, nothing left to clean up."""

CLIENTS = ("ours", "python_okx", "ccxt_async", "ccxt_pro", "commit_and_frame")
"""commit_and_frame is no client but a floor: a bare durable commit of one row, then the bare frame over a WebSocket."""

TO_WIRE = "ours.to_wire"
"""The part of ours before the frame leaves: checks, journal, commit."""

BURST = 20
"""Orders of one turn, one after another."""

ROUND_SECONDS = 1.0
"""From one turn of a client to its next, so that nobody meets OKX's limit of 60 orders in 2 s, which our adapter keeps
by itself."""

CHILD_TIMEOUT_SECONDS = 60
ANSWER_SECONDS = 5
Place = Callable[[], Awaitable[float]]
"""Places one order; microseconds from call to acknowledgement."""

Times = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Address:
    rest: str
    ws: str


def keys(client: str) -> tuple[str, str, str]:
    """API key, secret and passphrase of a client's account."""
    return f"{client}-key", f"{client}-secret", f"{client}-pass"


@contextlib.contextmanager
def simulator() -> Any:
    """The simulated exchange in a process of its own."""
    command = [sys.executable, "-m", "app.simulator", "--port", "0", "--flow-rate", "0", "--no-rate-limits",
               "--end-with-stdin"]  # fmt: skip
    for client in CLIENTS:
        command += ["--account", ":".join((client, *keys(client)))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"(http://\S+)\s+(ws://\S+)", process.stdout.readline())
            assert found is not None, "the simulator did not start"
            yield Address(found[1], found[2])
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


class TimedConnection:
    """A connection that notes when an acknowledgement of an order is in hand."""

    sent_ns = acked_ns = 0

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def closed(self) -> bool:
        return self._connection.closed

    async def send(self, text: str) -> None:
        if '"op":"order"' in text:
            TimedConnection.sent_ns = time.perf_counter_ns()
        await self._connection.send(text)

    async def receive(self) -> str:
        text = await self._connection.receive()
        if '"op":"order"' in text:
            TimedConnection.acked_ns = time.perf_counter_ns()
        return text

    async def close(self) -> None:
        await self._connection.close()


class TimedTransport(AiohttpTransport):
    async def connect(self, url: str, timeout_seconds: float) -> Connection:
        return TimedConnection(await super().connect(url, timeout_seconds))


@contextlib.asynccontextmanager
async def ours(address: Address, to_wire: list[float]) -> AsyncIterator[Place]:
    """The system over OKX's private WebSocket, with its SQLite database."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    clock = SystemClock()
    exchange = OkxExchange(OkxConfig(*keys("ours"), address.rest, address.ws), clock, TimedTransport())
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            data_dir=Path(folder), database_url=f"sqlite:///{Path(folder) / 'bench.db'}",
            risk={"max_daily_notional": None, "max_position_value_pct": 1, "max_order_value": 10_000},
        )  # fmt: skip
        system = System(settings, clock=clock, exchange=exchange, progress=lambda _: None)
        await system.start()
        params = OrderParams(
            instrument_id=INSTRUMENT, side=OrderSide.BUY, order_type=OrderType.IOC, size=Decimal(SIZE),
            price=Decimal(PRICE),
        )  # fmt: skip

        async def place() -> float:
            began = time.perf_counter_ns()
            order = await system.executor.place_order(params)
            taken = (TimedConnection.acked_ns - began) / 1000
            assert not order.reasons, order.reasons
            assert taken > 0, order
            to_wire.append((TimedConnection.sent_ns - began) / 1000)
            await system.executor.wait_for(order.order_id, 10)
            await system.ledger.writer.drain()
            return taken

        try:
            yield place
        finally:
            await system.stop()


@contextlib.asynccontextmanager
async def python_okx(address: Address) -> AsyncIterator[Place]:
    """Its REST client, which blocks: its WebSocket client has no call that returns with the answer."""
    api_key, secret, passphrase = keys("python_okx")
    trade: Any = okx_trade.TradeAPI(api_key, secret, passphrase, flag="1", domain=address.rest)

    async def place() -> float:
        began = time.perf_counter_ns()
        answer = trade.place_order(instId=INSTRUMENT, tdMode="cash", side="buy", ordType="ioc", px=PRICE, sz=SIZE)
        taken = (time.perf_counter_ns() - began) / 1000
        assert answer["code"] == "0", answer
        return taken

    yield place


def connected(module: Any, client: str, address: Address) -> Any:
    api_key, secret, passphrase = keys(client)
    exchange = module.okx({"apiKey": api_key, "secret": secret, "password": passphrase, "enableRateLimit": False})
    exchange.urls["api"]["rest"], exchange.urls["api"]["ws"] = address.rest, address.ws
    return exchange


@contextlib.asynccontextmanager
async def by_ccxt(module: Any, client: str, method: str, address: Address) -> AsyncIterator[Place]:
    exchange = connected(module, client, address)

    async def place() -> float:
        began = time.perf_counter_ns()
        order = await getattr(exchange, method)(
            SYMBOL, "limit", "buy", float(SIZE), float(PRICE), {"timeInForce": "IOC"}
        )
        taken = (time.perf_counter_ns() - began) / 1000
        assert order["id"], order
        return taken

    try:
        await exchange.load_markets()
        yield place
    finally:
        await exchange.close()


@contextlib.asynccontextmanager
async def commit_and_frame(address: Address) -> AsyncIterator[Place]:
    """What a durable order costs at least: SQLite's commit, and the round trip without a client around it."""
    api_key, secret, passphrase = keys("commit_and_frame")
    stamp = str(int(time.time()))
    digest = hmac.digest(secret.encode(), f"{stamp}GET/users/self/verify".encode(), "sha256")
    login = {"apiKey": api_key, "passphrase": passphrase, "timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(wire.bare(Path(folder) / "bare.db")) as connection:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{address.ws}/private") as socket:
            answer = await session.get(f"{address.rest}/api/v5/public/instruments?instType=SPOT&instId={INSTRUMENT}")
            code = (await answer.json())["data"][0]["instIdCode"]
            await socket.send_str(json.dumps({"op": "login", "args": [login]}))
            assert '"code":"0"' in await socket.receive_str()
            numbers = itertools.count()
            order = {"instIdCode": code, "tdMode": "cash", "side": "buy", "ordType": "ioc", "px": PRICE, "sz": SIZE}

            async def place() -> float:
                number = next(numbers)
                began = time.perf_counter_ns()
                text = json.dumps({"id": str(number), "op": "order", "args": [order]})
                wire.commit(connection, number)
                await socket.send_str(text)
                answer = await socket.receive_str()
                taken = (time.perf_counter_ns() - began) / 1000
                assert '"sCode":"0"' in answer, answer
                return taken

            yield place


@contextlib.asynccontextmanager
async def placing(client: str, address: Address, to_wire: list[float]) -> AsyncIterator[Place]:
    """The client, connected and ready."""
    made = {
        "ours": lambda: ours(address, to_wire),
        "python_okx": lambda: python_okx(address),
        "ccxt_async": lambda: by_ccxt(ccxt_async, "ccxt_async", "create_order", address),
        "ccxt_pro": lambda: by_ccxt(ccxt_pro, "ccxt_pro", "create_order_ws", address),
        "commit_and_frame": lambda: commit_and_frame(address),
    }[client]
    async with made() as place:
        yield place


async def serve_turns(client: str, address: Address) -> None:
    """The child's side: a line on stdin is a turn; its times go to stdout, one JSON object a turn."""
    to_wire: list[float] = []
    async with placing(client, address, to_wire) as place:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            to_wire.clear()
            times = [taken for _ in range(int(line)) if (taken := await answered(client, place)) is not None]
            print(json.dumps({"times": times, "to_wire": to_wire}), flush=True)


async def answered(client: str, place: Place) -> float | None:
    """What an order took; None, told, when no answer came: ccxt.pro's request ids are a millisecond and four random
    digits, and of two orders with the same id the second is never sent."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await place()
    except TimeoutError:
        print(f"{client}: no answer within {ANSWER_SECONDS} s, left out", file=sys.stderr)
        return None


@contextlib.contextmanager
def child(client: str, address: Address) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, __file__, client, address.rest, address.ws]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n", f"{client} did not start"
            yield process
        finally:
            process.stdin.close()
            process.wait(CHILD_TIMEOUT_SECONDS)


def turn(process: subprocess.Popen[str], orders: int) -> dict[str, list[float]]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{orders}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def measure(orders: int, warm_up: int) -> Times:
    """Microseconds of each order, by client."""
    times: Times = {client: [] for client in (*CLIENTS, TO_WIRE)}
    with simulator() as address, contextlib.ExitStack() as stack:
        children = {client: stack.enter_context(child(client, address)) for client in CLIENTS}
        for number in range(-(-(warm_up + orders) // BURST)):
            began = time.monotonic()
            for position in range(len(CLIENTS)):
                client = CLIENTS[(number + position) % len(CLIENTS)]
                taken = turn(children[client], BURST)
                times[client] += taken["times"]
                if client == "ours":
                    times[TO_WIRE] += taken["to_wire"]
            time.sleep(max(0.0, ROUND_SECONDS - (time.monotonic() - began)))
    return {client: taken[warm_up:] for client, taken in times.items()}


def run(orders: int = 1_000, warm_up: int = 100) -> dict[str, float]:
    """Flat keys: place_latency.<client>.p50_us and .p99_us."""
    figures: dict[str, float] = {}
    for client, times in measure(orders, warm_up).items():
        quantiles = statistics.quantiles(times, n=100)
        figures[f"place_latency.{client}.p50_us"] = quantiles[49]
        figures[f"place_latency.{client}.p99_us"] = quantiles[98]
    return figures


if __name__ == "__main__":
    if len(sys.argv) > 1:
        lives.run(serve_turns(sys.argv[1], Address(*sys.argv[2:4])))
    else:
        for key, value in run(orders=300, warm_up=60).items():
            print(f"{key:32} {value:10,.0f}")
