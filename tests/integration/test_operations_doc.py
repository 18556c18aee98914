"""docs/operations.md: its commands run, and the systemd unit is one that systemd takes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import app
from app.cli import main
from app.store.database import Database
from tests.integration.test_cli import Said, run, serving
from tests.support import release_0_1 as release

ROOT = Path(app.__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text("utf-8")
UNIT = ROOT / "deploy" / "trading-executor.service"
EXPOSURE_MOST = 2.0
"""Of systemd's ten; a service without any hardening has 9.6."""


def commands(heading: str) -> list[str]:
    (block,) = re.findall(r"```sh\n(.*?)```", TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0], re.DOTALL)
    return block.splitlines()


def test_the_backup_s_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    house = tmp_path / "data"
    house.mkdir(mode=0o700)
    log = tmp_path / "own.log"
    with serving(house, TRADING_EXECUTOR_LOG_FILE=str(log), TRADING_EXECUTOR_LOG_FORMAT="json"):
        for line in commands("Backups"):
            words = shlex.split(line)[1:]
            said = run(*words, *(() if "--data-dir" in words else ("--data-dir", str(house))))
            assert said.status == 0, said.err
            if words == ["drill"]:
                assert said.out.rstrip().endswith("clean")
        drilled = run("drill", "--data-dir", str(house), "--json").json
        assert (drilled["clean"], drilled["events"] > 0) == (True, True)
        refused = run("restore", "backups/monday.db", "--data-dir", str(house))
        assert (refused.status, "exists already; it is not overwritten" in refused.err) == (1, True)
    assert not list(house.glob("drill-*")), "the drill left its folder"
    for name in ("nothing.db", "bad.db"):
        (tmp_path / "bad.db").write_bytes(b"no database at all" * 400)
        assert run("restore", name, "--data-dir", "third").status == 1
    assert not (tmp_path / "third" / "trading-executor.db").exists()
    restored = run("status", "--offline", "--data-dir", "again", "--json").json
    assert restored["account"] == "main"

    assert log.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"timestamp", "level", "logger", "event"} <= set.intersection(*(set(line) for line in lines))
    assert (house / "serve.log").read_text() == "", "and nothing on standard error"


def test_the_commands_of_an_upgrade_on_a_database_of_the_first_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    house = tmp_path / "data"
    house.mkdir(mode=0o700)
    database = Database(f"sqlite:///{house / 'trading-executor.db'}")
    release.fill(database)
    database.close()
    (house / "trading-executor.db").chmod(0o600)
    monkeypatch.setenv("TRADING_EXECUTOR_EXCHANGE", "memory")
    monkeypatch.setenv("TRADING_EXECUTOR_PORT", "0")
    told: dict[str, Said] = {}
    upgrade = commands("Upgrades")
    for line in upgrade[: upgrade.index("systemctl start trading-executor")]:
        name, *words = shlex.split(line)
        if words == ["migrate", "--check"]:
            with pytest.raises(SystemExit) as pending:
                main([*words, "--data-dir", str(house)])
            assert pending.value.code == 1
        elif name == "trading-executor":
            told[" ".join(words)] = run(*words, "--data-dir", str(house))
    assert {words: said.err for words, said in told.items() if said.status} == {}
    assert "look " not in told["doctor"].out
    with sqlite3.connect(tmp_path / "backups" / "before.db") as before:
        (number,) = before.execute("SELECT count(*) FROM execution_events").fetchone()
    assert number == len(release.rows()["execution_events"])


def test_a_log_file_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_LOG_FILE", str(tmp_path / "no" / "such" / "own.log"))
    monkeypatch.setenv("TRADING_EXECUTOR_EXCHANGE", "memory")
    said = run("serve", "--port", "0", "--data-dir", str(tmp_path))
    assert (said.status, f"log file {tmp_path}/no/such/own.log: No such file" in said.err) == (2, True)


def test_a_drill_tells_a_damaged_journal(tmp_path: Path) -> None:
    with serving(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "trading-executor.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE execution_events SET payload = '{}' WHERE seq = 1")
    said = run("drill", "--data-dir", str(tmp_path))
    assert (said.status, "NOT CLEAN" in said.out, "audit names them" in said.err) == (1, True, True)


def test_a_drill_stands_beside_the_database_wherever_that_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house, elsewhere = tmp_path / "data", tmp_path / "disk"
    house.mkdir()
    url = f"sqlite:///{elsewhere}/ledger.db"
    with serving(house, DATABASE_URL=url):
        pass
    house.chmod(0o500)  # a drill writes beside the database alone
    monkeypatch.setenv("DATABASE_URL", url)
    before = sorted(elsewhere.iterdir())
    said = run("drill", "--data-dir", str(house))
    assert (said.status, said.out.rstrip().endswith("clean")) == (0, True), said.err
    assert sorted(path for path in elsewhere.iterdir() if "ledger.db-" not in path.name) == [before[0]]


def test_postgresql_s_own_tools_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    said = run("restore", str(tmp_path / "copy.db"))
    assert (said.status, "pg_restore" in said.err) == (1, True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_the_unit_is_verified_and_hardened(tmp_path: Path) -> None:
    """With this machine's command in it: systemd refuses one that is not there."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text()
    assert "/opt/trading-executor/.venv" in text
    unit.write_text(text.replace("/opt/trading-executor/.venv", sys.prefix))
    ask = ["systemd-analyze", "verify", str(unit)]
    verified = subprocess.run(ask, check=False, capture_output=True, text=True, timeout=60)
    assert (verified.returncode, verified.stderr + verified.stdout) == (0, "")
    ask = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    security = subprocess.run(ask, check=False, capture_output=True, text=True, timeout=60)
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", security.stdout)
    assert exposure is not None, security.stderr
    assert float(exposure[1]) < EXPOSURE_MOST
    said = re.search(r"systemd (\d+) gives the unit an exposure of\s+([0-9.]+)", TEXT)
    assert said is not None
    version = subprocess.run(["systemd-analyze", "--version"], check=True, capture_output=True, text=True, timeout=60)
    if version.stdout.split()[1] == said[1]:
        assert exposure[1] == said[2]


def test_the_unit_is_installed_by_the_commands_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that put files into place, under a root of the test's, for this user; what is asked for is typed."""
    from app.settings import load_settings

    there = {"/etc/": f"{tmp_path}/etc/", "/opt/trading-executor": str(ROOT), " -g trading-executor": ""}
    installs = [line for line in commands("systemd") if line.startswith("install ")]
    (tmp_path / "etc" / "systemd" / "system").mkdir(parents=True)
    for line in installs:
        for name, here in there.items():
            line = line.replace(name, here)
        subprocess.run(["bash", "-c", line], check=True, input="a-key-of-a-test\n", text=True, timeout=30)
    house = tmp_path / "etc" / "trading-executor"
    modes = {path.name: f"{path.stat().st_mode & 0o777:o}" for path in (house, *house.iterdir())}
    assert modes == {"trading-executor": "750", "okx_api_key": "600", "trading-executor.toml": "640"}
    assert (tmp_path / "etc" / "systemd" / "system" / UNIT.name).read_text() == UNIT.read_text()
    unit = UNIT.read_text()
    credentials = dict(re.findall(r"^LoadCredential=(\w+):(\S+)$", unit, re.MULTILINE))
    assert credentials == {name: f"/etc/trading-executor/{name}" for name in credentials}
    for name, value in re.findall(r"^Environment=(\w+)=(\S+)$", unit, re.MULTILINE):
        value = value.replace("%d/", f"{house}/") if "%d" in value else value.replace("/etc/", f"{tmp_path}/etc/")
        if not name.endswith("_FILE") or Path(value).exists():
            monkeypatch.setenv(name, value)
    found = load_settings()
    assert found.environment == "demo"
    assert found.okx_api_key is not None
    assert found.okx_api_key.get_secret_value() == "a-key-of-a-test"
    makes = {line.split()[0] for line in commands("systemd")} - {"install"}
    assert makes == {"useradd", "git", "make", "systemd-analyze", "systemctl", "journalctl"}


def test_the_unit_names_settings_that_there_are() -> None:
    from app.settings import Settings, environment_name
    from app.settings.names import SECRETS

    known = {environment_name(name) for name in Settings.model_fields} | {"TRADING_EXECUTOR_CONFIG"}
    known |= {f"{environment_name(name)}_FILE" for name in SECRETS}
    named = set(re.findall(r"^Environment=(\w+)=", UNIT.read_text(), re.MULTILINE))
    assert named
    assert named <= known
