"""The OKX adapter over real sockets, plain and TLS, against the simulator's server in the same process."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from decimal import Decimal

import pytest

from app.clock import SystemClock
from app.domain.orders import OrderReport, OrderSide, OrderType, VenueState
from app.exchanges.okx import OkxConfig, OkxExchange
from app.exchanges.okx.aiohttp_transport import AiohttpTransport
from app.exchanges.port import CancelRequest, OutcomeKind
from app.simulator import AccountConfig, Config
from app.simulator.server import serve
from tests.contract.support.venues import SPOT, SWAP, Recorder, order

ACCOUNT = AccountConfig("main", "socket-key", "socket-secret", "socket-pass")


class Waiter(Recorder):
    """A Recorder that can be waited on."""

    def __init__(self) -> None:
        super().__init__()
        self._news = asyncio.Event()

    def on_order(self, report: OrderReport) -> None:
        super().on_order(report)
        self._news.set()

    async def until(self, arrived: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not arrived():
                self._news.clear()
                await self._news.wait()

    def states(self, client_order_id: str) -> list[VenueState | None]:
        return [report.state for report in self.of(client_order_id)]


def _trusting_anyone() -> ssl.SSLContext:
    """The server's certificate is self-signed; only a test does this."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_life_over_sockets(tls: bool) -> None:
    server = await serve(Config(accounts=(ACCOUNT,), flow_rate=0.0), host="127.0.0.1", port=0, tls=tls)
    secure = "s" if tls else ""
    config = OkxConfig(
        ACCOUNT.api_key,
        ACCOUNT.secret,
        ACCOUNT.passphrase,
        f"http{secure}://127.0.0.1:{server.port}",
        f"ws{secure}://127.0.0.1:{server.port}/ws/v5",
    )
    clock, heard = SystemClock(), Waiter()
    exchange = OkxExchange(config, clock, AiohttpTransport(_trusting_anyone()) if tls else None)
    try:
        await exchange.start(heard)
        await exchange.follow(SPOT)
        instruments = {each.instrument_id: each for each in await exchange.instruments()}

        async def place(name: str, kind: OrderType, price: str | None, instrument_id: str = SPOT) -> OutcomeKind:
            size = "0.01" if instrument_id == SPOT else "1"
            intent = order(instruments[instrument_id], name, OrderSide.BUY, kind, size, price, clock)
            return (await exchange.submit(intent)).kind

        assert await place("m1", OrderType.MARKET, None) is OutcomeKind.ACCEPTED
        await heard.until(lambda: VenueState.FILLED in heard.states("m1"))
        assert await place("s1", OrderType.MARKET, None, SWAP) is OutcomeKind.ACCEPTED
        assert await place("l1", OrderType.LIMIT, "49000") is OutcomeKind.ACCEPTED
        assert [report.client_order_id for report in await exchange.open_orders()] == ["l1"]
        canceled = await exchange.cancel(CancelRequest(SPOT, "l1"))
        assert canceled.kind is OutcomeKind.ACCEPTED
        await heard.until(lambda: VenueState.CANCELED in heard.states("l1"))
        assert len(await exchange.fills(0)) == 2
        assert [position.size for position in await exchange.positions()] == [Decimal(1)]
        assert abs(exchange.clock_offset_seconds()) < 1
        assert heard.books
    finally:
        await exchange.stop()
        await server.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent() -> None:
    server = await serve(Config(accounts=(ACCOUNT,), flow_rate=0.0), host="127.0.0.1", port=0, tls=True)
    config = OkxConfig(
        ACCOUNT.api_key,
        ACCOUNT.secret,
        ACCOUNT.passphrase,
        f"https://127.0.0.1:{server.port}",
        f"wss://127.0.0.1:{server.port}/ws/v5",
    )
    exchange = OkxExchange(config, SystemClock())
    try:
        outcome = await exchange.cancel(CancelRequest(SPOT, "c1"))
        assert outcome.kind is OutcomeKind.NOT_SENT
    finally:
        await exchange.stop()
        await server.close()


class Proxy:
    """An HTTP proxy that only knows CONNECT; it counts what goes through it and wants a password."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self.asked_with: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n")[0].split(" ")
        assert method == "CONNECT"
        self.targets.append(target)
        self.asked_with |= {line for line in head.split("\r\n") if line.lower().startswith("proxy-authorization")}
        host, _, port = target.partition(":")
        upstream_reader, upstream_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pipe(reader, upstream_writer), _pipe(upstream_reader, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # either end is gone
    finally:
        writer.close()


async def test_everything_goes_through_a_proxy_that_is_set() -> None:
    server = await serve(Config(accounts=(ACCOUNT,), flow_rate=0.0), host="127.0.0.1", port=0, tls=True)
    proxy = Proxy()
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    config = OkxConfig(
        ACCOUNT.api_key,
        ACCOUNT.secret,
        ACCOUNT.passphrase,
        f"https://127.0.0.1:{server.port}",
        f"wss://127.0.0.1:{server.port}/ws/v5",
        proxy=f"http://me:let-me-in@127.0.0.1:{port}",
    )
    exchange = OkxExchange(config, SystemClock(), AiohttpTransport(_trusting_anyone(), config.proxy))
    try:
        await exchange.start(Waiter())
        assert await exchange.balances()
        assert set(proxy.targets) == {f"127.0.0.1:{server.port}"}
        assert len(proxy.targets) >= 3, "requests and both streams"
        assert proxy.asked_with == {"Proxy-Authorization: Basic bWU6bGV0LW1lLWlu"}
        assert "let-me-in" not in repr(config)
    finally:
        await exchange.stop()
        await server.close()
        listening.close()
