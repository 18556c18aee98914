"""The thin server around the exchange core: HTTP, HTTPS, ws and wss on one port. The only file here that reads
the clock. Changes are saved before the answers they caused leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import WSMsgType, web

from app.simulator.certificates import server_context
from app.simulator.config import Config
from app.simulator.doors.connections import PATHS, Close
from app.simulator.exchange import SimulatedExchange
from app.simulator.persistence import Store, open_store

QUEUE_FRAMES_MAX = 20_000
IDLE_WAIT_SECONDS = 1.0
DROPPED_SECONDS = 120.0
CONTROL = "/simulator/"


@dataclass(slots=True)
class _Socket:
    """A connected client: frames wait in a bounded queue; a client too slow for it is closed with 4005."""

    socket: web.WebSocketResponse
    queue: asyncio.Queue[str | Close] = field(default_factory=lambda: asyncio.Queue[str | Close](QUEUE_FRAMES_MAX))


class Server:
    """One exchange served on one address. Use `serve`."""

    def __init__(self, exchange: SimulatedExchange, store: Store | None) -> None:
        self.exchange = exchange
        self.port = 0
        self._store = store
        self._sockets: dict[int, _Socket] = {}
        self._wake = asyncio.Event()
        self._sleeps_until_ns = 0
        self.stopped = asyncio.Event()
        self._driver: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        app = web.Application(client_max_size=2 << 20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, ssl_context=tls, reuse_address=True)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        self._driver = asyncio.create_task(self._drive())  # house: tasks - its end sets `stopped`, close() awaits it
        self._driver.add_done_callback(lambda _: self.stopped.set())

    async def close(self) -> None:
        """Stop serving; state is saved. Raises what stopped the exchange's clock, if anything did."""
        self.stopped.set()
        try:
            if self._driver is not None:
                self._driver.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._driver
        finally:
            for client in list(self._sockets.values()):
                await client.socket.close(code=1001, message=b"server going away")
            if self._runner is not None:
                await self._runner.cleanup()
            if self._store is not None:
                self._store.save(self.exchange)
                self._store.close()

    # -- time ------------------------------------------------------------------------------------------------------

    async def _drive(self) -> None:
        """Let the exchange live through its own events as they fall due."""
        while not self.stopped.is_set():
            due = self.exchange.next_event_ns()
            self._sleeps_until_ns = time.time_ns() + round(IDLE_WAIT_SECONDS * 1e9) if due is None else due
            wait = IDLE_WAIT_SECONDS if due is None else max(0.0, min(IDLE_WAIT_SECONDS, (due - time.time_ns()) / 1e9))
            if wait:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
            else:
                await asyncio.sleep(0)
            self._wake.clear()
            self.exchange.advance(time.time_ns())
            self._pump(wake=False)

    def _pump(self, *, wake: bool = True) -> None:
        """Save what changed, then hand frames to their clients."""
        if self._store is not None and self.exchange.changes:
            self._store.save(self.exchange)
        for stream_id, item in self.exchange.outbox():
            client = self._sockets.get(stream_id)
            if client is None:
                continue
            if client.queue.full():
                self.exchange.close_stream(stream_id)
                self._sockets.pop(stream_id, None)
                client.queue.get_nowait()
                client.queue.put_nowait(Close(4005, "Buffer is full, cannot write data"))
                continue
            client.queue.put_nowait(item)
        due = self.exchange.next_event_ns() if wake else None
        if due is not None and due < self._sleeps_until_ns:
            self._wake.set()

    # -- requests --------------------------------------------------------------------------------------------------

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(CONTROL) and not _is_local(request):
            return web.json_response({"error": "control endpoints answer loopback only"}, status=403)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._stream(request)
        body = await request.read()
        entry = self.exchange.entry_delay_ns()
        if entry:
            await asyncio.sleep(entry / 1e9)
        response = self.exchange.http(request.method, request.raw_path, request.headers, body, time.time_ns())
        self._pump()
        if response.delay_ns:
            await asyncio.sleep(response.delay_ns / 1e9)
        if response.drop:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DROPPED_SECONDS):
                    await self.stopped.wait()
        if response.cut or response.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return web.Response(status=response.status, headers=response.headers, body=response.body)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if request.path.rstrip("/") not in {f"/ws/v5/{name}" for name in PATHS}:
            return web.json_response({"error": f"no stream at {request.path}"}, status=404)
        try:
            stream_id = self.exchange.open_stream(request.path, time.time_ns(), request.remote or "")
        except ConnectionRefusedError as refused:
            return web.Response(status=429, text=str(refused))
        socket = web.WebSocketResponse(max_msg_size=4 << 20)
        await socket.prepare(request)
        client = self._sockets[stream_id] = _Socket(socket)
        self._wake.set()
        writer = asyncio.create_task(self._write(client, request))  # house: tasks - ends below
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self.exchange.receive(stream_id, message.data, time.time_ns())
                    self._pump()
        finally:
            self._sockets.pop(stream_id, None)
            self.exchange.close_stream(stream_id)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
        return socket

    @staticmethod
    async def _write(client: _Socket, request: web.Request) -> None:
        while True:
            item = await client.queue.get()
            if not isinstance(item, Close):
                await client.socket.send_str(item)
            elif item.code == 1006:
                if request.transport is not None:
                    request.transport.abort()
                return
            else:
                await client.socket.close(code=item.code, message=item.reason.encode())
                return


def _is_local(request: web.Request) -> bool:
    """Loopback, and not a page in somebody's browser."""
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback and "Origin" not in request.headers
    except ValueError:
        return False


async def serve(
    config: Config,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: bool = False,
    certificate: Path | None = None,
    key: Path | None = None,
) -> Server:
    """Start an exchange on `host`:`port` (0: any free port; see Server.port) and return it running.

    With `tls` and no certificate a self-signed one is made (in the data directory when there is one).
    """
    context = None
    if tls or certificate is not None:
        context = server_context(certificate, key, Path(config.data_dir) if config.data_dir else None)
    store, saved = open_store(config)
    server = Server(SimulatedExchange(config, time.time_ns(), saved), store)
    if store is not None:
        store.save(server.exchange, everything=saved is None)
    await server.start(host, port, context)
    return server
