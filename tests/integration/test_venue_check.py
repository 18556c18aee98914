"""The command venue-check as a user types it, on a simulated exchange in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.cli import main
from tests.support.simulator_process import simulator_process


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with simulator_process(monkeypatch) as address:
        yield address


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
