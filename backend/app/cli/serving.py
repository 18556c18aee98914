"""`serve`: the system with its API in one event loop, until a signal; or a read-only API over the database alone."""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.client import ADDRESS_FILE
from app.cli.errors import BAD_INPUT, FAILED, CommandError
from app.cli.options import DataDir, settings, whole

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from app.api.auth import ApiKey
    from app.settings import Settings
    from app.system import System

Port = Annotated[int | None, whole("--port", help="Port of the API; 0 takes a free one.", show_default="8000")]
Host = Annotated[str | None, typer.Option("--host", help="Address of the API.", show_default="127.0.0.1")]


def serve(
    read_only: Annotated[bool, typer.Option("--read-only", help="Only read the database; place nothing.")] = False,
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    simulator: Annotated[
        bool, typer.Option("--simulator", help="On a simulated exchange of its own, with a synthetic market.")
    ] = False,
    strategy: Annotated[
        list[str] | None, typer.Option("--strategy", help="A strategy of your own, FILE.py:Class; may be repeated.")
    ] = None,
    instrument: Annotated[
        list[str] | None, typer.Option("--instrument", help="What it is shown and may trade; may be repeated.")
    ] = None,
) -> None:
    """Run the executor and its API until Ctrl-C."""
    found = settings(data_dir=data_dir, host=host, port=port)
    found = found.model_copy(update={"strategies": {**found.strategies, **own_strategies(strategy, instrument)}})
    if simulator and (read_only or found.environment != "simulated"):
        fault = "--read-only" if read_only else f"environment={found.environment}"
        raise CommandError(f"--simulator: goes not with {fault}", BAD_INPUT)
    serving = _serve_reads if read_only else _serve_simulated if simulator else _serve
    run(lambda stop: serving(found, stop))


def own_strategies(files: list[str] | None, instruments: list[str] | None) -> dict[str, dict[str, Any]]:
    """As the settings would say it; each is named by its class, in lower case. Raises CommandError."""
    if bool(files) is not bool(instruments):
        raise CommandError("--strategy and --instrument go together", BAD_INPUT)
    names = [each.rpartition(":")[2].lower() for each in files or ()]
    if len(set(names)) != len(names):
        raise CommandError(
            f"--strategy: two are called {max(names, key=names.count)}; name them in the settings", BAD_INPUT
        )
    return {
        name: {"file": file, "instruments": list(instruments or ())}
        for name, file in zip(names, files or (), strict=True)
    }


NO_NETWORK = {"host": "127.0.0.1", "port": 1, "tls_certificate": None, "tls_key": None, "tls_client_ca": None}
"""How the control socket is served: uvicorn names the port that it was given, and there is none."""
COLLECT_AFTER = 100_000
"""Objects made, less those gone, until the collector looks at the youngest."""


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> None:
    """Run main(stop) in an event loop and exit with its status; SIGINT and SIGTERM set `stop`, a second one cancels.

    Errors that users can do something about become CommandErrors.
    """
    from uvicorn.loops.auto import auto_loop_factory

    from app.api.auth import KeyFileError
    from app.api.transport import TransportError
    from app.domain.refusals import InvalidValue
    from app.exchanges.errors import ExchangeError
    from app.settings import SettingsError
    from app.store.errors import StoreError

    spare_the_collector()
    try:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            status = runner.run(_until_signal(main))
    except (SettingsError, InvalidValue) as error:
        raise CommandError(str(error), BAD_INPUT) from None
    except (StoreError, ExchangeError, KeyFileError, TransportError) as error:
        raise CommandError(str(error), FAILED) from None
    except asyncio.CancelledError:
        status = 130
    raise typer.Exit(status)


def spare_the_collector() -> None:
    """Let the cyclic collector look rarely, and not at all at the modules: orders live in reference counts.

    A full pass over what is imported would stop the loop for tens of milliseconds, again and again.
    """
    gc.collect()
    gc.freeze()
    collect_rarely()


def collect_rarely() -> None:
    gc.set_threshold(COLLECT_AFTER, 20, 100)


async def _until_signal(main: Callable[[asyncio.Event], Coroutine[Any, Any, int]]) -> int:
    stop, loop, task = asyncio.Event(), asyncio.get_running_loop(), asyncio.current_task()

    def asked() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    return await main(stop)


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do the work to its end, or cancel it when `stop` is set; whether it ended."""
    from app.services.trading.tasks import TaskGroup

    tasks = TaskGroup(on_failure=lambda _name, _error: None)
    working, stopping = tasks.spawn(work, "start"), tasks.spawn(stop.wait(), "stop")
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        await tasks.stop()


def listening_socket(found: "Settings", name: str = "port") -> socket.socket:
    """The address of the settings, taken before anything else starts. Raises CommandError when it cannot be had,
    TransportError where others would read along, InvalidValue for a single sign-on that is none."""
    from app.main import check

    check(found)
    family = socket.AF_INET6 if ":" in found.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((found.host.strip("[]"), found.port))
        taken.listen(256)
    except OSError as error:
        taken.close()
        another = "give another with --port" if name == "port" else "set another"
        raise CommandError(
            f"{name}={found.port}: {found.host} cannot be listened on ({error.strerror}); {another}"
        ) from None
    taken.setblocking(False)
    return taken


def address_of(taken: socket.socket, found: "Settings | None" = None) -> str:
    """found: the settings it is served with, by TLS where they have a certificate."""
    host, port = taken.getsockname()[:2]
    scheme = "http" if found is None or found.tls_certificate is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@contextlib.contextmanager
def where_served(data_dir: Path, address: str) -> Generator[None]:
    """While it lasts, commands with this data folder and no --url ask here."""
    path = data_dir / ADDRESS_FILE
    path.write_text(_reachable(address) + "\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _reachable(address: str) -> str:
    """An address that listens on every interface, as this machine reaches it."""
    return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


@contextlib.contextmanager
def controlled(system: "System", found: "Settings") -> Generator["ApiServer"]:
    """The system's control socket. Raises CommandError when it cannot be made."""
    from app.api import control_socket
    from app.main import create_control_app

    try:
        with control_socket.listening(found.data_dir) as listener:
            yield ApiServer(create_control_app(system), found.model_copy(update=NO_NETWORK), listener)
    except OSError as error:
        raise CommandError(f"{found.data_dir / control_socket.SOCKET_FILE}: {error.strerror or error}") from None


@contextlib.contextmanager
def hooks_served(system: "System", found: "Settings") -> Generator["ApiServer | None"]:
    """The port that takes alerts and nothing else, where the settings name one. Raises CommandError."""
    from app.main import create_hooks_app

    if found.hooks_port is None:
        yield None
        return
    there = found.model_copy(update={"host": found.hooks_host, "port": found.hooks_port})
    with listening_socket(there, "hooks_port") as taken:
        print(f"hooks alone on {address_of(taken, there)}", flush=True)
        yield ApiServer(create_hooks_app(system), there, taken)


class ApiServer:
    """An application on a socket, in a task of its own."""

    def __init__(self, application: "FastAPI", found: "Settings", taken: socket.socket) -> None:
        from app.main import server
        from app.services.trading.tasks import TaskGroup

        self._server: uvicorn.Server = server(application, found)
        # Signals are ours: the API ends before the system does.
        self._server.capture_signals = _no_signals  # house: whole - uvicorn takes no other in its constructor
        self._tasks = TaskGroup()
        self._task = self._tasks.spawn(self._server.serve(sockets=[taken]), "api")

    async def ended(self) -> None:
        """Wait until it ends, which it does by itself only when it fails."""
        await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Answer what is being asked, then end."""
        self._server.should_exit = True
        await asyncio.wait((self._task,))


@contextlib.contextmanager
def _no_signals() -> Generator[None]:
    yield


@contextlib.contextmanager
def logging_to(found: "Settings", path: Path | None = None) -> Generator[None]:
    """The process's log, to standard error or a private file, with every secret of the settings known to it.

    An error that nobody foresaw leaves its traceback there; what it comes to on the terminal is the command's matter.
    Raises CommandError for a file that cannot be written.
    """
    from app.clock import SystemClock
    from app.observability.logging import configure_logging
    from app.observability.private_log import PrivateLog
    from app.observability.redaction import register_secret

    for secret in found.secret_values():
        register_secret(secret)
    import structlog

    before = structlog.get_config()
    try:
        stream = None if path is None else PrivateLog(path)
    except OSError as error:
        raise CommandError(f"log file {path}: {error.strerror or error}", BAD_INPUT) from None
    pump = configure_logging(
        log_format=found.log_format, level=found.log_level, now_ns=SystemClock().now_ns, stream=stream
    )
    try:
        yield
    except Exception as error:
        if type(error).__module__.startswith("app."):
            raise
        structlog.get_logger("command").exception("unforeseen")
        raise
    finally:
        pump.close()
        structlog.configure(**before)  # what is said after the end is not to go to a log that nobody writes
        if stream is not None:
            stream.close()


def show_key(key: "ApiKey | None") -> None:
    """A key that was made just now is shown this once, to a person: what captures our output keeps it for long."""
    if key is None or not key.created:
        return
    shown = f"shown this once and kept in {key.path}: {key.value}" if sys.stdout.isatty() else f"kept in {key.path}"
    print(f"API key, {shown}", flush=True)


class Starting:
    """A system on its way up, until `stop` is set; at the end it is stopped. What the start raised is raised here."""

    def __init__(self, system: "System", stop: asyncio.Event) -> None:
        from app.services.trading.tasks import TaskGroup

        self._system, self._stop = system, stop
        self._tasks = TaskGroup(on_failure=lambda _name, _error: None)

    async def __aenter__(self) -> "Starting":
        self._up = self._tasks.spawn(unless_stopped(self._stop, self._system.start()), "start")
        self._loaded = self._tasks.spawn(self._system.loaded.wait(), "loaded")
        self._waits = self._tasks.spawn(self._system.patience.waits.wait(), "waits")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.stop()
        await self._system.stop()

    async def loaded(self) -> bool:
        """Wait until what the database holds can be read; False when it was stopped before."""
        await asyncio.wait((self._up, self._loaded), return_when=asyncio.FIRST_COMPLETED)
        return self._up.result() if self._up.done() else True

    async def soon(self) -> bool:
        """Whether the start comes to its end without having to wait for anything."""
        await asyncio.wait((self._up, self._waits), return_when=asyncio.FIRST_COMPLETED)
        return self._up.done()

    async def done(self) -> bool:
        """Wait until orders may be placed; False when it was stopped before."""
        await asyncio.wait((self._up,))
        return self._up.result()


async def _serve(found: "Settings", stop: asyncio.Event) -> int:
    from app.api.auth import KeyFileError
    from app.cli import catalogue, local_exchange
    from app.clock import SystemClock
    from app.main import api_key, create_app
    from app.system import System

    found = local_exchange.pointed_at(found, SystemClock())
    with listening_socket(found) as taken, logging_to(found, found.log_file):
        system = System(found)
        try:
            key = api_key(found, system.clock)
        except KeyFileError as error:
            raise CommandError(str(error)) from None
        show_key(key)
        # What a process that waits for its exchange shows of contracts, it knows from the last time.
        system.ledger.instruments.update(catalogue.load(found.data_dir))
        async with Starting(system, stop) as starting:
            if not await starting.loaded():
                return 0
            api = ApiServer(create_app(system, key=key), found, taken)
            with (
                where_served(found.data_dir, address_of(taken, found)),
                controlled(system, found) as control,
                hooks_served(system, found) as hooks,
            ):
                try:
                    if not await starting.soon():
                        print(
                            f"starting; {address_of(taken, found)} serves reads and health; Ctrl-C ends",
                            file=sys.stderr,
                        )
                    if await starting.done():
                        catalogue.save(found.data_dir, system.ledger.instruments)
                        print(f"serving {address_of(taken, found)}; Ctrl-C ends", flush=True)
                        await unless_stopped(stop, api.ended())
                finally:
                    for each in filter(None, (hooks, api, control)):
                        await each.stop()
    return 0


async def _serve_simulated(found: "Settings", stop: asyncio.Event) -> int:
    from app.cli import local_exchange
    from app.clock import SystemClock

    credentials = local_exchange.credentials(found.data_dir, SystemClock())
    exchange = await local_exchange.start(found.data_dir, seed=1, replay=(), speed=1)
    try:
        return await _serve(found.model_copy(update=local_exchange.settings_of(credentials, exchange.address)), stop)
    finally:
        await exchange.stop()


async def _serve_reads(found: "Settings", stop: asyncio.Event) -> int:
    from app.cli import catalogue
    from app.main import create_read_only_app

    with listening_socket(found) as taken, logging_to(found, found.log_file):
        api = ApiServer(create_read_only_app(found, catalogue.load(found.data_dir)), found, taken)
        print(f"serving reads on {address_of(taken, found)}; Ctrl-C ends", flush=True)
        await unless_stopped(stop, api.ended())
        await api.stop()
    return 0
