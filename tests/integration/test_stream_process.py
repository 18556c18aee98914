"""Open streams beside a server that stops, as `uvicorn app.main:app --factory` starts it: a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import websockets
from websockets.sync.client import ClientConnection, connect

from app.store import queries
from app.store.database import Database
from tests.integration.test_serve_outage import GIVEN, KEY, free_port, get
from tests.support.demo_run import ACCOUNT, environment
from tests.support.stream import EVENTS, socket_of

HEADERS = {"X-API-Key": KEY}


@contextmanager
def uvicorn_process(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process, and its base URL."""
    port = free_port()
    settings = {
        "TRADING_EXECUTOR_EXCHANGE": "memory",
        "TRADING_EXECUTOR_API_KEY": KEY,
        "TRADING_EXECUTOR_DATA_DIR": str(data),
    }
    command = [sys.executable, "-m", "uvicorn", "app.main:app", "--factory", "--port", str(port)]
    output = (data / "output").open("wb")
    with output, subprocess.Popen(command, stdout=output, stderr=output, env=environment() | settings) as process:
        late = threading.Timer(2 * GIVEN, process.kill)  # a stream that does not end would be read for ever
        late.start()
        try:
            get(port, "/health/live")
            yield process, f"http://127.0.0.1:{port}"
        finally:
            late.cancel()
            process.kill()


def close_code(socket: ClientConnection) -> int | None:
    """Of a stream that is read to its end."""
    try:
        while True:
            socket.recv(GIVEN)
    except websockets.ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_to_stop_ends_open_streams_and_resumes_after_them(
    tmp_path: Path, number: signal.Signals
) -> None:
    with uvicorn_process(tmp_path) as (process, base), httpx2.Client(base_url=base, timeout=GIVEN) as client:
        with (
            client.stream("GET", f"{EVENTS}?after=0", headers=HEADERS) as answer,
            connect(socket_of(base, "?after=0"), additional_headers=HEADERS, proxy=None) as socket,
        ):
            lines = answer.iter_lines()
            assert "hello" in next(lines)
            assert json.loads(socket.recv(GIVEN))["type"] == "hello"
            process.send_signal(number)
            heard = [line.removeprefix("id: ") for line in lines if line.startswith("id: ")]
            assert close_code(socket) == 1012
        assert process.wait(GIVEN) in (0, -number), (tmp_path / "output").read_text()
    last = int(heard[-1])
    with (
        uvicorn_process(tmp_path) as (_, base),
        connect(socket_of(base, f"?after={last}"), additional_headers=HEADERS, proxy=None) as socket,
    ):
        assert json.loads(socket.recv(GIVEN))["after"] == last
        resumed = json.loads(socket.recv(GIVEN))
        while resumed["type"] != "event":
            resumed = json.loads(socket.recv(GIVEN))
    later = queries.journal_ends(Database(f"sqlite:///{tmp_path / 'trading-executor.db'}"), ACCOUNT)
    assert last < resumed["seq"] <= later[1]
