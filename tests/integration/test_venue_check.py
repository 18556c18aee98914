"""The command venue-check as a user types it, on a simulated exchange in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.cli import main
from tests.support.demo_run import environment


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address; the settings lead to it."""
    keys = {"OKX_API_KEY": "check-key", "OKX_SECRET_KEY": "check-secret", "OKX_PASSPHRASE": "check-pass"}
    command = [sys.executable, "-m", "app.simulator", "--port", "0", "--end-with-stdin"]
    command += ["--api-key", keys["OKX_API_KEY"], "--secret", keys["OKX_SECRET_KEY"]]
    command += ["--passphrase", keys["OKX_PASSPHRASE"]]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment()) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        found = re.search(rb"https?://(\S+)", process.stdout.readline())
        assert found is not None
        address = found[1].decode()
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("OKX_REST_URL", f"http://{address}")
        monkeypatch.setenv("OKX_WS_URL", f"ws://{address}/ws/v5")
        yield address
        process.stdin.close()
        process.wait(10)


def status_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["venue-check", *arguments])
    return int(ended.value.code or 0)


def test_some_cards_as_json_and_as_a_table(simulator: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("--json", "--card", "2", "--card", "8") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["environment"] == "simulated"
    assert [(card["number"], card["verdict"]) for card in said["cards"]] == [(2, "as assumed"), (8, "as assumed")]
    assert status_of("--card", "2") == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["number", "title", "assumed", "observed", "verdict"]
    assert row.startswith("2       account and key")


@pytest.mark.parametrize(
    ("arguments", "environment_name", "said"),
    [
        ((), "live", "say --live if real money is meant"),
        (("--demo", "--live"), "simulated", "--demo and --live exclude each other"),
        (("--exchange", "memory"), "simulated", "exchange=memory: has no cards"),
    ],
)
def test_what_is_refused_before_anything_is_connected(
    arguments: tuple[str, ...],
    environment_name: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_ENVIRONMENT", environment_name)
    assert status_of(*arguments) == 2
    assert said in capsys.readouterr().err
