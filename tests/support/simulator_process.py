"""A simulated exchange in a process of its own, which the settings of this process lead to."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.demo_run import environment

KEYS = {"OKX_API_KEY": "check-key", "OKX_SECRET_KEY": "check-secret", "OKX_PASSPHRASE": "check-pass"}


@contextmanager
def simulator_process(patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address, host:port."""
    command = [sys.executable, "-m", "app.simulator", "--port", "0", "--end-with-stdin"]
    command += ["--api-key", KEYS["OKX_API_KEY"], "--secret", KEYS["OKX_SECRET_KEY"]]
    command += ["--passphrase", KEYS["OKX_PASSPHRASE"]]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment()) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        found = re.search(rb"https?://(\S+)", process.stdout.readline())
        assert found is not None
        address = found[1].decode()
        for name, value in KEYS.items():
            patch.setenv(name, value)
        patch.setenv("OKX_REST_URL", f"http://{address}")
        patch.setenv("OKX_WS_URL", f"ws://{address}/ws/v5")
        yield address
        process.stdin.close()
        process.wait(10)
