"""The quickstart as a newcomer reads it: every command that the page prints is run as printed, in its order, in a
folder of its own, and what page and README promise of it is compared. Only ports, names and secrets are filled in."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import runpy
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path

import pytest

import app
from app.cli import program
from tests.integration.test_cli import Said, run
from tests.simulation.world import silent
from tests.support.demo_run import environment
from tests.support.postgres import embedded_server

ROOT = Path(app.__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "quickstart.md").read_text()
README = (ROOT / "README.md").read_text()
RECORDING = ROOT.parent / "shared" / "data" / "binance_capture" / "spot_btcusdt_20240808.gz"
COMMAND = ".venv/bin/trading-executor"
WAIT_SECONDS = 90

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(not (shutil.which("make") and shutil.which("curl")), reason="make or curl is not here"),
]


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def blocks(text: str) -> list[str]:
    """The fenced blocks, lines that end in a backslash joined."""
    return [block.replace("\\\n", "").strip() for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)]


def table(text: str) -> list[str]:
    """The commands in the left column of the table."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [command for row in rows for command in re.findall(r"`([^`]+)`", row)]


def shape(line: str) -> str:
    """A line of the demo without what differs from run to run."""
    text = re.sub(r"ord-\w+", "ord-ID", line)
    text = re.sub(r"trade_flow(?! and)|(?<!and )book_pressure", "STRATEGY", text)
    return re.sub(r"(?<!passed )-?\d[\d,]*(\.\d+)?", "N", text)


class House:
    """A copy of the checkout, by links, with a .venv that is ready; `run` takes a line as a terminal would."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self.folder = folder
        for name in ("Makefile", "pyproject.toml", "requirements", "backend", "examples"):
            (folder / name).symlink_to(ROOT / name)
        venv = folder / ".venv"
        venv.mkdir()
        for entry in Path(sys.prefix).iterdir():
            if not entry.name.startswith("."):
                (venv / entry.name).symlink_to(entry)
        for stamp in (".runtime", ".dev"):
            (venv / stamp).touch()
        self.port = free_port()
        self._environment = environment() | {"TRADING_EXECUTOR_PORT": str(self.port), "USER": "newcomer"} | changes

    def run(self, line: str, *, status: int = 0, said: str = "") -> str:
        """Its output. said: what the person types meanwhile."""
        line = line.replace("localhost:8000", f"localhost:{self.port}")
        if line.startswith("curl"):
            line = line.replace("curl", "curl --silent --show-error --fail-with-body", 1)
        ended = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self._environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        assert ended.returncode == status, f"{line}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
        assert "Traceback" not in ended.stderr
        return ended.stdout

    @contextmanager
    def started(self, line: str, ready: Callable[[list[str]], bool]) -> Iterator[list[str]]:
        """Its lines so far, once they are `ready`; ended by Ctrl-C, with status 0, and then they are all there."""
        process = subprocess.Popen(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        lines: list[str] = []
        enough, over = threading.Event(), threading.Event()

        def read() -> None:
            assert process.stdout is not None
            for text in process.stdout:
                lines.append(text.rstrip("\n"))
                if ready(lines):
                    enough.set()
            over.set()
            enough.set()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            assert enough.wait(WAIT_SECONDS), f"{line}: it did not come so far:\n" + "\n".join(lines)
            assert not over.is_set(), f"{line}: it ended:\n" + "\n".join(lines)
            yield lines
            os.killpg(process.pid, signal.SIGINT)
            # make ends by the signal that its command took for a wish.
            assert process.wait(WAIT_SECONDS) in ((-signal.SIGINT, 0) if "make" in line else (0,)), "\n".join(lines)
            reader.join(WAIT_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def trading(lines: list[str]) -> bool:
    return any("until Ctrl-C" in line for line in lines)


@pytest.mark.timeout(400)  # it waits for a market to do what the page prints, and runs every command of it
def test_make_run_then_talk_to_it_then_go_on(tmp_path: Path) -> None:
    house = House(tmp_path)
    command, printed = blocks(section("Run everything"))
    promised = {shape(line) for line in [*printed.splitlines(), *blocks(README)[1].splitlines()]}
    with house.started(command, lambda lines: promised <= {shape(line) for line in lines}) as lines:
        talk(house)
    summary = "\n".join(lines)
    for title in ("Positions", "Performance, since this database began", "Differences from the exchange", "Audit"):
        assert f"\n{title}" in summary
    again = table(section("Run everything"))[0]
    output = house.run(again)
    assert "creating the tables" not in output
    assert re.search(r"verdict +clean", output)
    assert (tmp_path / "data" / "trading-executor.db").exists()


def talk(house: House) -> None:
    """Over HTTP, then by command, in the page's order."""
    (requests,) = blocks(section("Talk to it"))
    answers = [json.loads(house.run(line)) for line in requests.splitlines()]
    for answer, member in zip(answers, ("order_id", "orders", "positions", "win_rate"), strict=True):
        assert member in answer
    assert answers[0]["status"] in ("pending", "sent", "live", "filled"), "it goes as far as it came meanwhile"

    looks, acts, works, levers, switch, evidence, proposed, keys, upkeep = command_rows()
    for word in (line.replace("ID", answers[0]["order_id"]) for line in looks):
        house.run(f"{COMMAND} {word}")
        assert in_place(house, f"{word} --json").json is not None
        assert "Usage" in help_of(word)
    place, stop = acts
    assert json.loads(house.run(f"{COMMAND} {stop} --json"))["status"] == "pending"
    execute, *steps = works
    parent = json.loads(house.run(f"{COMMAND} {execute} --json"))["parent_id"]
    for step in steps:
        house.run(f"{COMMAND} {step.replace('ID', parent)}")
    modify, cancel, cancel_all, flatten = levers
    order = json.loads(house.run(f"{COMMAND} {place} --json"))["order_id"]
    house.run(f"{COMMAND} {modify.replace('ORDER', order)}")
    house.run(f"{COMMAND} {cancel.replace('ORDER', order)}")
    for line in evidence:  # the exchange has decided it; the two agree
        house.run(f"{COMMAND} {line.replace('ORDER', order)}", status=2)
    house.run(f"{COMMAND} {cancel_all}")
    house.run(f"{COMMAND} {flatten}", status=1, said="n\n")
    for line in switch:
        house.run(f"{COMMAND} {line}")
    assert "nothing" in house.run(f"{COMMAND} {proposed[1]}")  # whose tools do what is in test_mcp.py
    for line in keys:
        house.run(f"{COMMAND} {line.replace('NAME', 'desk')}")
    for line in upkeep:
        # A fill may be between the two reads of a system that trades.
        status = [0, 1] if line == "reconcile" else [0]
        run_with_any(house, f"{COMMAND} {line.replace('FILE', 'copy.db')}", status)
    house.run(f"{COMMAND} place BTC-USDT buy market 99999", status=3)
    house.run(f"{COMMAND} place BTC-USDT buy market none", status=2)


def in_place(house: House, words: str) -> Said:
    """In this process: nothing that a process of its own would add is asked here. What it writes, it writes there."""
    with chdir(house.folder):
        return run(
            *shlex.split(words), "--url", f"http://127.0.0.1:{house.port}", "--data-dir", str(house.folder / "data")
        )


def help_of(words: str) -> str:
    """The same, of a command's help."""
    said = io.StringIO()
    with redirect_stdout(said):
        program.app(args=[*words.split(), "--help"], prog_name="trading-executor", standalone_mode=False)
    return said.getvalue()


def run_with_any(house: House, line: str, statuses: list[int]) -> None:
    for status in statuses:
        try:
            house.run(line, status=status)
        except AssertionError:
            if status == statuses[-1]:
                raise
        else:
            return


def command_rows() -> list[list[str]]:
    """What there is to look at, place, work over time, change, switch, give as evidence, propose, let in, keep up."""
    commands = table(section("Talk to it"))
    names = [command.split()[0] for command in commands]
    ends = [names.index(name) for name in ("place", "execute", "modify", "leverage", "resolve", "mcp", "keys", "audit")]
    rows = [commands[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)]
    firsts = [{command.split()[0] for command in row} for row in rows]
    assert firsts[1:6:4] == [{"place"}, {"resolve", "accept"}]
    assert (firsts[2], firsts[4]) == ({"execute", "execution"}, {"leverage", "kill", "resume"})
    return rows


def test_the_other_ways_to_run_it(tmp_path: Path) -> None:
    _, port, replay, seed, postgresql = table(section("Run everything"))
    house = House(tmp_path)
    with house.started(port.replace("8001", str(house.port)), trading) as lines:
        assert any(f"API on http://127.0.0.1:{house.port}" in line for line in lines)
    with house.started(seed, trading) as lines:
        assert any("seed 7" in line for line in lines)
    with embedded_server() as server:
        url = server.database_url("postgres")
        printed = re.search(r"DATABASE_URL=(\S+)", postgresql)
        assert printed is not None
        with house.started(postgresql.replace(printed[1], f"'{url}'"), trading) as lines:
            assert any("creating the tables in postgresql" in line for line in lines)
    if RECORDING.exists():
        (tmp_path / "data").rename(tmp_path / "before")
        with house.started(replay.replace("FILE...", str(RECORDING)), trading) as lines:
            assert "synthetic" not in lines[0]


def test_the_examples_as_the_page_names_them(tmp_path: Path) -> None:
    house = House(tmp_path)
    text = section("Write your own")
    first, others = re.findall(r"`(\.venv/bin/python -m examples\.\w+)` \(and ([^)]+)\)", text)[0]
    names = re.findall(r"`(\w+)`", others)
    assert {f"{name}.py" for name in names} | {first.rpartition(".")[2] + ".py"} == {
        path.name
        for path in (ROOT / "examples").glob("*.py")
        if path.name not in ("__init__.py", "world.py", "schedules.py")
    }
    assert house.run(first).strip()
    for name in names:  # in this process: a start takes longer than what they do
        said = io.StringIO()
        with silent(), redirect_stdout(said):
            runpy.run_module(f"examples.{name}", run_name="__main__")
        assert said.getvalue().strip(), name


def test_serve_at_an_exchange_of_one_s_own_choice_asks_for_the_key(tmp_path: Path) -> None:
    """The simulated exchange stands for OKX's demo trading."""
    port = free_port()
    venue = f"{COMMAND} simulator --demo --port {port} --api-key a-key --secret a-secret --passphrase a-phrase"
    house = House(tmp_path, OKX_REST_URL=f"http://127.0.0.1:{port}", OKX_WS_URL=f"ws://127.0.0.1:{port}/ws/v5")
    (block,) = blocks(section("An exchange of your own choice"))
    for value in ("a-key", "a-secret", "a-phrase"):
        block = block.replace("=...", f"={value}", 1)
    with (
        house.started(venue, bool),
        house.started(block, lambda lines: any(line.startswith("serving ") for line in lines)) as lines,
    ):
        key = (tmp_path / "data" / "api.key").read_text().strip()
        assert key not in "\n".join(lines), "shown on a terminal alone"
        assert json.loads(house.run(f"{COMMAND} status --json"))["ready"] is True
        statuses = []
        for headers in ({}, {"X-API-Key": key}):
            connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=WAIT_SECONDS)
            connection.request("GET", "/api/v1/status", headers=headers)
            statuses.append(connection.getresponse().status)
            connection.close()
        assert statuses == [401, 200]
    assert house.run(f"{COMMAND} simulator --help").startswith("usage: simulator")
