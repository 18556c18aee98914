"""docs/notifications.md, "See it work": its commands, typed as they stand, bring the mail about a planted fault."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import app
from tests.integration.test_cli import free_port
from tests.support.demo_run import environment

TEXT = (Path(app.__file__).resolve().parents[2] / "docs" / "notifications.md").read_text("utf-8")
BEGUN, PLANTED = re.findall(r"```sh\n(.*?)```", TEXT.partition("## See it work\n")[2].partition("\n## ")[0], re.DOTALL)
SECONDS = 60


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page asks by curl")
def test_a_fault_that_was_planted_is_mailed(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    begun = BEGUN.replace("127.0.0.1:8025", f"127.0.0.1:{free_port()}")
    assert begun != BEGUN
    given = environment() | {"TRADING_EXECUTOR_PORT": "0"}
    given.pop("TRADING_EXECUTOR_CONFIG", None)
    log = tmp_path / "log"
    with log.open("w") as said:
        process = subprocess.Popen(
            ["bash", "-c", f"set -e; {begun}\nwait"],
            cwd=tmp_path,
            env=given,
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _until(lambda: "\nserving " in log.read_text(), log)
        assert re.search(r"desk +yes", log.read_text()), "notify test"
        plant, rest = PLANTED.split("sleep 5; ")
        subprocess.run(["bash", "-c", plant], cwd=tmp_path, env=given, check=True, capture_output=True, timeout=SECONDS)
        _until(lambda: "nobody here placed" in (tmp_path / "mail.txt").read_text(), log)
        told = rest.rpartition("kill ")[0]
        _until(lambda: "stranger" in _said(told, tmp_path, given), log)
        assert re.search(r"buy 1 BTC-USDT limit at=?\n? 1000", _said(told, tmp_path, given))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _said(commands: str, folder: Path, given: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", commands], cwd=folder, env=given, check=True, capture_output=True, text=True, timeout=SECONDS
    )
    return done.stdout


def _until(there: Callable[[], bool], log: Path) -> None:
    ends = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < ends, log.read_text()
        time.sleep(0.2)
