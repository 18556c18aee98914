"""docs/strategies.md as a newcomer walks it: a template, a backtest, the simulator, a book and a profit of its own."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import app
from tests.integration.test_cli import run
from tests.support.demo_run import command, environment

ROOT = Path(app.__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "strategies.md").read_text("utf-8")
RECORDING = ROOT.parent / "shared" / "data" / "binance_capture" / "spot_btcusdt_20240808.gz"


def walk() -> list[list[str]]:
    """The commands of the first block that makes a folder."""
    (block,) = re.findall(r"## From nothing\n.*?```\n(.*?)```", PAGE, re.DOTALL)
    return [shlex.split(line) for line in block.splitlines()]


def said(*arguments: str) -> str:
    done = run(*arguments)
    assert done.status == 0, done.err
    return done.out


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[None]:
    """Until the block ends; then by Ctrl-C."""
    settings = {"TRADING_EXECUTOR_CONFIG": str(folder / "trading-executor.toml")}
    process = subprocess.Popen(
        command(*arguments, "--port", "0"),
        cwd=folder,
        env=environment() | settings,
        stdout=subprocess.PIPE,
        stderr=(log := folder / "log").open("w"),
        text=True,
    )
    try:
        assert process.stdout is not None
        assert any(line.startswith("serving ") for line in process.stdout), log.read_text()
        yield
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, log.read_text()


def changed(path: Path, *words: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in words:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


def test_a_strategy_from_the_template_is_backtested_and_runs_on_the_simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, enter, test, backtest, serve, show, again = walk()
    monkeypatch.chdir(tmp_path)
    assert "made dip" in said(*make[1:])
    folder = tmp_path / enter[1]
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TRADING_EXECUTOR_CONFIG", str(folder / "trading-executor.toml"))
    assert test[0] == "python"
    subprocess.run([sys.executable, *test[1:]], cwd=folder, env=environment(), check=True, capture_output=True)
    assert re.search(r"^dip +[1-9]", said(*backtest[1:]), re.MULTILINE)
    quick = ("candle_seconds = 5", "candle_seconds = 1"), ('"3"', '"1"'), ('"9"', '"2"')
    changed(folder / "dip.py", *quick)
    with serving(folder, *serve[1:]):
        ends = time.monotonic() + 60
        while (found := json.loads(said(*show[1:], "--json")))["performance"]["total_volume"] == "0":
            assert time.monotonic() < ends, found
            time.sleep(0.2)
        assert found["strategy"]["standing"] == "running"
        assert found["performance"]["strategy_id"] == "dip"
        changed(folder / "dip.py", ("KEPT = 200", "KEPT = 100"))
        said(*again[1:])
        told = said(*show[1:])
        assert "net_profit" in told
        assert found["strategy"]["sha256"] not in told


@pytest.mark.skipif(not RECORDING.exists(), reason="the recorded session is not here")
def test_the_template_trades_on_the_recorded_session(tmp_path: Path) -> None:
    said("new", "dip", "--in", str(tmp_path))
    options = ("--instrument", "BTC-USDT", "--tape", str(RECORDING), "--seconds", "75", "--json")
    found = json.loads(said("backtest", f"{tmp_path / 'dip' / 'dip.py'}:Dip", *options))
    assert found["began_at"].startswith("2024-08-08T23:54")
    assert found["trades"]
    assert {trade["instrument_id"] for trade in found["trades"]} == {"BTC-USDT"}


def test_a_name_that_cannot_be_one_and_a_folder_that_is_there_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("Dip", "2dip", "class", "dip-2", "../dip"):
        refused = run("new", name)
        assert refused.status == 2
        assert f"name={name}: must be 1 to 32 of a-z" in refused.err
    (tmp_path / "dip").mkdir()
    assert "File exists" in run("new", "dip").err
    assert not list((tmp_path / "dip").iterdir())


def test_what_is_made_may_be_run_whatever_the_umask(tmp_path: Path) -> None:
    script = f"import os; os.umask(0); from app.cli import main; main(['new', 'loose', '--in', {str(tmp_path)!r}])"
    subprocess.run([sys.executable, "-c", script], env=environment(), check=True, capture_output=True, timeout=60)
    made = [tmp_path / "loose", *(tmp_path / "loose").iterdir()]
    assert {path.stat().st_mode & 0o022 for path in made} == {0}


def test_the_strategy_of_the_page_is_one(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "dip.py"
    path.write_text(code)
    path.chmod(0o600)
    out = said("backtest", f"{path}:Dip", "--instrument", "BTC-USDT", "--seconds", "60", "--json")
    assert json.loads(out)["strategies"][0]["strategy"]["standing"] == "running"
