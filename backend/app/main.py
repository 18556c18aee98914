"""The ASGI application around a running system, and the server that carries it.

uvicorn app.main:app --factory starts one from the settings; the command line embeds it in its own event loop.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from app.api.application import ApiOptions, Lifespan, build
from app.api.auth import KEY_FILE, MADE_SIMULATED, ApiKey, KeyFileError, ensure_key, read_key
from app.api.connections import Socket, door
from app.api.handshakes import Listener
from app.api.read_only import StoredRuntime
from app.api.running import RunningSystem
from app.api.sign_on import SignOn
from app.api.transport import Certificate, certificate
from app.clock import Clock, SystemClock
from app.domain.instruments import Instrument
from app.observability import core_dumps
from app.observability.redaction import register_secret
from app.services.trading.tasks import TaskGroup
from app.settings import Settings, is_loopback, load_settings
from app.settings.values import host_name
from app.store.database import Database
from app.system import System
from app.version import installed_version

HEADER_BYTES_MAX = 16 * 1024
KEEP_ALIVE_SECONDS = 30
STOP_SECONDS = 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
RENEWED_TICKS = 600
"""Of a tenth of a second each."""
WS_BYTES_MAX = 4 * 1024
"""Of a message that a client sends: the first one is all that there is."""


def check(settings: Settings) -> None:
    """What the API could not be served with is refused before anything starts. Raises TransportError, InvalidValue."""
    transport(settings)
    if settings.hooks_port is not None:
        transport(settings.model_copy(update={"host": settings.hooks_host}))
    SignOn.of(settings.oidc)


def transport(settings: Settings) -> Certificate | None:
    """What the API is served with; None for plain HTTP. Raises TransportError where the network would read along."""
    files = (settings.tls_certificate, settings.tls_key, settings.tls_client_ca)
    host, local = settings.host, is_loopback(settings.host)
    return certificate(host, files, settings.trusted_proxies, SystemClock(), loopback=local)


def api_key(settings: Settings, clock: Clock) -> ApiKey | None:
    """The installation's own key: the one set, else that of the data directory (where one is required, made there at
    the first start: `created`). None without one. Raises KeyFileError, also for one that was made on a simulated
    exchange where this is none."""
    simulated, path = not settings.is_real_exchange, settings.data_dir / KEY_FILE
    if settings.api_key is not None:
        key = ApiKey(settings.api_key.get_secret_value(), settings.data_dir, created=False)
    elif settings.api_key_required:
        key = ensure_key(settings.data_dir, clock, simulated=simulated)
    elif path.exists():
        key = ApiKey(read_key(path), path, created=False)
    else:
        return None
    register_secret(key.value)
    if key.value.startswith(MADE_SIMULATED) and not simulated:
        raise KeyFileError(f"{key.path}: the API key was made on a simulated exchange: remove it for a new one")
    return key


def create_app(system: System, *, key: ApiKey | None = None, lifespan: Lifespan | None = None) -> FastAPI:
    """The API of a system, which the caller starts and stops. key: as api_key() gave it; read when not given."""
    found = key or api_key(system.settings, system.clock)
    return build(RunningSystem(system), _options(system.settings, found, read_only=False), lifespan=lifespan)


def create_control_app(system: System) -> FastAPI:
    """The same system for its control socket: reads, and what ends risk, without a key."""
    return build(RunningSystem(system), ApiOptions((), docs=False, control=True, version=installed_version()))


def create_hooks_app(system: System) -> FastAPI:
    """The same system for a port of its own that takes alerts and nothing else."""
    hosts = (*system.settings.allowed_hosts, host_name(system.settings.hooks_host))
    options = ApiOptions(
        hosts,
        docs=False,
        hooks_only=True,
        version=installed_version(),
        proxies=system.settings.trusted_proxies,
        plain=system.settings.tls_certificate is None,
    )
    return build(RunningSystem(system), options)


def create_read_only_app(settings: Settings, instruments: Mapping[str, Instrument] | None = None) -> FastAPI:
    """An API over the database alone: every read, no change. Raises StoreError when the database is unreachable."""
    clock = SystemClock()
    database = Database(settings.database_url.get_secret_value())
    database.check()
    runtime = StoredRuntime(database, settings.account, clock, instruments, settings.environment)
    return build(runtime, _options(settings, api_key(settings, clock), read_only=True))


def app() -> FastAPI:
    """What `uvicorn app.main:app --factory` serves: a system from the settings, started and stopped with the server."""
    core_dumps.disable()
    system = System(load_settings())
    check(system.settings)

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        # A start that has to wait is waited for no longer: reads and health are served beside it.
        tasks = TaskGroup(on_failure=lambda _name, _error: None)
        starting, waits = tasks.spawn(system.start(), "start"), tasks.spawn(system.patience.waits.wait(), "waits")
        await asyncio.wait((starting, waits), return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
        try:
            with _told_of_signals(application.state.streams.close):
                yield
        finally:
            await tasks.stop()
            await system.stop()

    return create_app(system, lifespan=lifespan)


@contextmanager
def _told_of_signals(stopping: Callable[[], None]) -> Iterator[None]:
    """Call it as soon as the server is told to stop. uvicorn itself waits for what is under way before it tells the
    application, and a stream is never over by itself."""
    loop, before = asyncio.get_running_loop(), dict[signal.Signals, Any]()

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping)
        before[signal.Signals(number)](number, frame)

    if threading.current_thread() is threading.main_thread():
        before |= {number: found for number in STOP_SIGNALS if callable(found := signal.getsignal(number))}
        for number in before:
            signal.signal(number, told)
    try:
        yield
    finally:
        for number, found in before.items():
            if signal.getsignal(number) is told:
                signal.signal(number, found)


class Server(uvicorn.Server):
    """Its streams last for ever, so they are ended before it waits for what is under way. certificate: looked at once
    a minute, for a new one."""

    def __init__(self, config: uvicorn.Config, certificate: Certificate | None) -> None:
        super().__init__(config)
        self._certificate = certificate

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        own = self._certificate
        if own is None:
            await super().startup(sockets)
            return
        await super().startup([])
        make: Any = self._protocol
        listeners: list[Any] = [Listener(each, make, own) for each in sockets or [self.config.bind_socket()]]
        self.servers = listeners

    def _protocol(self) -> asyncio.Protocol:
        given = {"config": self.config, "server_state": self.server_state, "app_state": self.lifespan.state}
        made: Any = self.config.http_protocol_class
        return made(**given)

    async def on_tick(self, counter: int) -> bool:
        if self._certificate is not None and counter % RENEWED_TICKS == RENEWED_TICKS - 1:
            await asyncio.to_thread(self._certificate.renew)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        application: Any = self.config.app
        application.state.streams.close()
        await super().shutdown(sockets)


def server(application: FastAPI, settings: Settings) -> uvicorn.Server:
    """A server for the settings' address. `await server.serve()`; set should_exit to end it. Port 0: any free one."""
    return Server(
        uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            http=door(),  # over h11, which bounds a request's head in size; httptools takes any amount
            h11_max_incomplete_event_size=HEADER_BYTES_MAX,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            ws=Socket,
            ws_max_size=WS_BYTES_MAX,
            ws_per_message_deflate=False,  # it would be done for every client anew
        ),
        transport(settings),
    )


def _options(settings: Settings, key: ApiKey | None, *, read_only: bool) -> ApiOptions:
    return ApiOptions(
        allowed_hosts=settings.allowed_hosts,
        api_key=None if key is None else key.value,
        key_needed=settings.api_key_required or settings.api_key is not None,
        docs=not settings.is_real_exchange if settings.api_docs is None else settings.api_docs,
        read_only=read_only,
        version=installed_version(),
        proxies=settings.trusted_proxies,
        plain=settings.tls_certificate is None,
        sign_on=SignOn.of(settings.oidc),
    )
