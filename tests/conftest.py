"""What every test may rely on: seeds that are printed and replayed, databases, planted secrets that must not leak.

TEST_SEED=n replays a session's random choices; TEST_DATABASE_URL adds a PostgreSQL server beside the embedded one.
"""

from __future__ import annotations

import gc
import hashlib
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import hypothesis.core
import pytest
import structlog

from tests.support import canary, compiled_sql, databases
from tests.support.postgres import PostgresServer, embedded_server, external_server

hypothesis.settings.register_profile(
    "default",
    deadline=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("thorough", parent=hypothesis.settings.get_profile("default"), max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# The workers of a parallel run inherit the first process's seed and secrets.
SESSION_SEED = int(os.environ.setdefault("TEST_SEED", str(secrets.randbelow(2**32))))
PLANTED = canary.plant()
IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30
"""A run takes less than one, for what a test leaves is removed once it passed."""
_leaks: list[str] = []


def _plant_environment() -> None:
    """No test sees the developer's own settings; the exchange's credentials are planted ones."""
    for name in list(os.environ):
        if name.startswith(("OKX_", "TRADING_EXECUTOR_")):
            del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
    os.environ["TRADING_EXECUTOR_CONFIG"] = os.devnull  # not the file that may lie in the working directory
    os.environ["OKX_API_KEY"] = PLANTED.okx_api_key
    os.environ["OKX_SECRET_KEY"] = PLANTED.okx_secret_key
    os.environ["OKX_PASSPHRASE"] = PLANTED.okx_passphrase
    # Compiled once, for every worker and every process that a test starts: compiling is a third of such a start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _files_in_memory() -> None:
    """Where the machine has room for them there: the disk's own speed is not what is tested, and a commit waits for it
    a hundred times as long. A TMPDIR of the developer's stands."""
    if "TMPDIR" in os.environ or not os.access(IN_MEMORY, os.W_OK):
        return
    found = os.statvfs(IN_MEMORY)
    if not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > ROOM_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)


def _plain_tracebacks() -> None:
    """As production writes them, for rich's own take longer than most tests do."""
    for processor in structlog.get_config()["processors"]:
        if isinstance(processor, structlog.dev.ConsoleRenderer):
            processor.exception_formatter = structlog.dev.plain_traceback


_plant_environment()
_files_in_memory()
_plain_tracebacks()
compiled_sql.share()


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    if hypothesis.core.global_force_seed is None:
        hypothesis.core.global_force_seed = SESSION_SEED


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting leaves (500,000 objects) stays to the end, its garbage (a fifth) too, so the garbage collections
    of the tests pass it by: looking for that garbage once takes each worker longer than what it holds is worth."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(100_000, 20, 100)  # as in a server (app.cli.serving)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a tenth of the time is waiting for other processes and for real seconds."""
    return (os.cpu_count() or 1) + 1


def pytest_report_header() -> str:
    return f"TEST_SEED={SESSION_SEED}"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """This test's own seed: a function of TEST_SEED and the test's name, so that one test alone replays."""
    digest = hashlib.sha256(f"{SESSION_SEED}:{request.node.nodeid}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big")
    print(f"seed {drawn} (TEST_SEED={SESSION_SEED})")
    return drawn


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """pytest's own, searched for planted secrets before it is removed."""
    yield tmp_path
    leaks = canary.search_files(PLANTED, tmp_path)
    assert not leaks, f"planted secrets in files: {leaks}"


# --- databases ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database's URL in the test's own directory; the file does not exist yet."""
    return f"sqlite:///{tmp_path / 'executor.db'}"


def _postgres_kinds() -> list[str]:
    return ["embedded", "external"] if os.environ.get("TEST_DATABASE_URL") else ["embedded"]


@pytest.fixture(scope="session")
def embedded_postgres() -> Iterator[PostgresServer]:
    """The session's own PostgreSQL server, started when the first test asks for it."""
    with embedded_server(password=PLANTED.database_password) as server:
        yield server


@pytest.fixture(scope="session")
def external_postgres() -> Iterator[PostgresServer]:
    """The server that TEST_DATABASE_URL names."""
    with external_server(os.environ["TEST_DATABASE_URL"]) as server:
        yield server


@pytest.fixture(params=_postgres_kinds())
def postgres_server(request: pytest.FixtureRequest) -> PostgresServer:
    return request.getfixturevalue(f"{request.param}_postgres")


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, empty PostgreSQL database's URL."""
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture(params=["sqlite", *_postgres_kinds()])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs the test on an empty SQLite file and on an empty PostgreSQL database (of each server there is)."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    # Asked for by name, not by postgres_server: a fixture with parameters cannot be asked for while a test runs.
    with request.getfixturevalue(f"{request.param}_postgres").fresh_database() as url:
        yield url


@pytest.fixture(params=["sqlite", *_postgres_kinds()])
def tables_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As database_url, with the tables in it."""
    if request.param == "sqlite":
        yield databases.fresh_database(tmp_path / "executor.db")
        return
    server: PostgresServer = request.getfixturevalue(f"{request.param}_postgres")
    server.template("tables", databases.migrate)
    with server.fresh_database(template="tables") as url:
        yield url


# --- planted secrets ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def planted() -> canary.PlantedSecrets:
    """The session's planted secrets. A test that wants a key, passphrase or password takes it from here."""
    return PLANTED


@pytest.fixture(scope="session")
def searched(planted: canary.PlantedSecrets) -> Callable[[str], str]:
    """Give it what a subprocess printed or an API answered: it fails on a planted secret and gives the text back."""

    def search(text: str) -> str:
        leaks = canary.search_text(planted, text)
        assert not leaks, f"planted secrets in output: {leaks}"
        return text

    return search


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Search what each test printed and logged. (In a parallel run the reports arrive in the first process.)"""
    for title, text in report.sections:
        _leaks.extend(f"{report.nodeid}: {title}: {name}" for name in canary.search_text(PLANTED, text))


@pytest.fixture(scope="session", autouse=True)
def _no_secret_in_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the end, search every file that is still there: what several tests shared, and failed ones left."""
    yield
    leaks = canary.search_files(PLANTED, tmp_path_factory.getbasetemp())
    assert not leaks, f"planted secrets in files: {leaks}"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _leaks and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _leaks:
        terminalreporter.section("planted secrets in captured output", red=True)
        for leak in sorted(set(_leaks)):
            terminalreporter.line(leak)
