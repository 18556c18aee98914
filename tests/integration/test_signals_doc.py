"""docs/signals.md: its commands run, in their order, against a system with the settings that it prints."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import app
from tests.integration.test_cli import free_port, run, serving

TEXT = (Path(app.__file__).resolve().parents[2] / "docs" / "signals.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8000"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


def asked(line: str, url: str, folder: Path) -> dict[str, object]:
    words = shlex.split(line.replace(ADDRESS, url))
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ, timeout=60, cwd=folder)
    return json.loads(done.stdout)


def test_the_commands_do_what_they_say(tmp_path: Path) -> None:
    settings = tmp_path / "trading-executor.toml"
    printed = "".join(block for block in blocks("toml") if '"redis"' not in block)
    settings.write_text(
        printed.replace('path = "signals"', f'path = "{tmp_path / "signals"}"').replace("grid-bot", "desk")
    )
    first, hooks, files = blocks("sh")
    config, port = {"TRADING_EXECUTOR_CONFIG": str(settings)}, str(free_port())
    with serving(tmp_path, **config, TRADING_EXECUTOR_HOOKS_PORT=port) as url:
        taken = [asked(line, url, tmp_path) for line in first.splitlines()]
        assert [(bool(each.get("order")), bool(each.get("execution"))) for each in taken] == [
            (True, False),
            (True, True),
            (False, False),
        ]
        again = asked(first.splitlines()[0], url, tmp_path)
        assert again["order"]["order_id"] == taken[0]["order"]["order_id"]  # type: ignore[index]
        alerts = hooks_of(tmp_path, hooks, url)
        assert len({each["order"]["order_id"] for each in alerts}) == 1, alerts  # type: ignore[index]
        file_of(tmp_path, files)
        elsewhere = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}/api/v1/trading/orders"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert elsewhere.stdout == "404"


def file_of(folder: Path, commands: str) -> None:
    assert run("keys", "create", "desk", "--role", "trader", "--data-dir", str(folder)).status == 0
    subprocess.run(["bash", "-ec", commands], check=True, timeout=60, cwd=folder)
    note = folder / "signals" / "done" / "a.json.result.json"
    ends = time.monotonic() + 30
    while not note.exists():
        assert time.monotonic() < ends, list((folder / "signals").rglob("*"))
        time.sleep(0.05)
    assert json.loads(note.read_text())["order_status"] in ("live", "filled")


def hooks_of(folder: Path, commands: str, url: str) -> list[dict[str, object]]:
    """What the alerts came to; the tool fills in its message as the page has it."""
    (message,) = blocks("json")
    values = {"timenow": datetime.now(UTC).isoformat(), "strategy.order.action": "buy", "ticker": "BTCUSDT"}
    values |= {"strategy.order.contracts": "0.001", "strategy.order.comment": "long 1"}
    for name, value in values.items():
        message = message.replace("{{" + name + "}}", value)
    assert "{{" not in message
    found = list[dict[str, object]]()
    for line in commands.splitlines():
        if line.startswith("curl"):
            found.append(asked(line, url, folder))
            continue
        words = shlex.split(line.replace("alert.json", str(folder / "alert.json")))
        said = run(*words[1:], "--data-dir", str(folder))
        assert said.status == 0, said.err
        if shown := re.search(r"shown this once: (exk_\S+)", said.out):
            (folder / "alert.json").write_text(message.replace("SECRET", shown[1]))
        if words[2] == "try":
            assert "order: buy 0.001 at market" in said.out
            assert "refused" not in said.out
    assert run("hooks", "create", "nosuch", "--data-dir", str(folder)).status == 2
    assert run("hooks", "try", "tv", str(folder / "nosuch.json"), "--data-dir", str(folder)).status == 2
    return found
