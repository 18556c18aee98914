"""`serve` while its exchange does not answer: it waits, serves reads and health, and ends when it is told to."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.support.demo_run import command, environment

KEY = "a-key-for-this-test-of-32-letters"
GIVEN = 60.0
"""Seconds within which a busy machine comes to something."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def get(port: int, path: str) -> tuple[int, Any]:
    """Asked until the process listens."""
    until = time.monotonic() + GIVEN
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVEN)
        try:
            connection.request("GET", path, headers={"X-API-Key": KEY})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        finally:
            connection.close()


def test_a_start_during_an_outage_serves_reads_and_health_and_ends_on_a_signal(tmp_path: Path) -> None:
    port, nowhere = free_port(), free_port()
    settings = {
        "TRADING_EXECUTOR_EXCHANGE": "okx",
        "TRADING_EXECUTOR_ENVIRONMENT": "simulated",
        "TRADING_EXECUTOR_API_KEY": KEY,
        "OKX_API_KEY": "key",
        "OKX_SECRET_KEY": "secret",
        "OKX_PASSPHRASE": "passphrase",
        "OKX_REST_URL": f"http://127.0.0.1:{nowhere}",
        "OKX_WS_URL": f"ws://127.0.0.1:{nowhere}/ws/v5",
    }
    process = subprocess.Popen(
        command("serve", "--port", str(port), "--data-dir", str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment() | settings,
    )
    try:
        assert get(port, "/health/live") == (200, {"alive": True})
        until = time.monotonic() + GIVEN
        status, readiness = get(port, "/health/ready")
        while "trying again" not in readiness["reasons"][0] and time.monotonic() < until:
            time.sleep(0.2)
            status, readiness = get(port, "/health/ready")
        assert status == 503
        assert readiness["reasons"][0].startswith("phase=starting: asking the exchange who we are: ")
        assert "trying again in" in readiness["reasons"][0]
        assert get(port, "/api/v1/trading/positions") == (200, {"positions": []})
        assert get(port, "/api/v1/status")[1]["phase"] == "starting"
        assert process.poll() is None, "it gave up"
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=GIVEN)
    assert process.returncode == 0, err
    assert "serving" not in out, "it never was ready"
