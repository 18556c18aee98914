"""The demo's child process: it listens, it ends when it is told to, and it ends when its parent is gone."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.cli import local_exchange
from app.cli.errors import CommandError
from app.clock import SystemClock
from app.store.database import Database
from tests.support.demo_run import environment

PARENT = """
import asyncio, sys, time
from pathlib import Path
from app.cli import local_exchange
from app.clock import SystemClock
from app.store.database import Database

async def main():
    folder = Path(sys.argv[1])
    local_exchange.credentials(folder, SystemClock())
    exchange = await local_exchange.start(folder, seed=1, replay=(), speed=1.0)
    print(exchange._process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_it_starts_listens_and_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_exchange, "STOP_SECONDS", 60)  # a busy machine may take its time over it
    credentials = local_exchange.credentials(tmp_path, SystemClock())
    assert local_exchange.credentials(tmp_path, SystemClock()) == credentials
    path = tmp_path / "simulator" / "credentials.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    exchange = await local_exchange.start(tmp_path, seed=1, replay=(), speed=1.0)
    try:
        assert local_exchange.address(tmp_path) == exchange.address
        host, port = exchange.address.split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
        command = Path(f"/proc/{exchange._process.pid}/cmdline").read_bytes()  # noqa: ASYNC240
        assert credentials.secret.encode() not in command
    finally:
        await exchange.stop()
    assert exchange._process.returncode == 0, "it had to be killed"
    assert local_exchange.address(tmp_path) is None


def test_it_ends_with_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment()
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.wait()
    for _ in range(1_200):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.kill(child, 9)
    raise AssertionError("the exchange outlived its parent")


async def test_why_it_does_not_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"credentials\.key: No such file"):
        await local_exchange.start(tmp_path, seed=1, replay=(), speed=1.0)


def test_every_folder_that_is_made_on_the_way_is_its_owner_s(tmp_path: Path) -> None:
    local_exchange.credentials(tmp_path / "desk" / "data", SystemClock())
    Database(f"sqlite:///{tmp_path}/far/away/ledger.db").close()
    made = ("desk", "desk/data", "desk/data/simulator", "far", "far/away")
    assert {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in made} == dict.fromkeys(made, 0o700)


def test_a_damaged_credentials_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "simulator").mkdir()
    (tmp_path / "simulator" / "credentials.key").write_text(json.dumps({"account": "x"}))
    with pytest.raises(CommandError, match="is no credentials file"):
        local_exchange.credentials(tmp_path, SystemClock())
