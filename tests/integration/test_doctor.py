"""`doctor` on installations that are well, and on each kind of ailment planted in one."""

from __future__ import annotations

import json
import os
import re
import socket
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog

from app.cli import examining, examining_parts, main
from app.clock import SystemClock
from app.store import migrating, schema
from app.store.database import Database
from tests.support.api_world import api_world
from tests.support.simulator_process import KEYS, simulator_process

Finding = dict[str, str]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private data folder, an exchange inside the process, a port that is free."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADING_EXECUTOR_DATA_DIR", str(folder))
    monkeypatch.setenv("TRADING_EXECUTOR_EXCHANGE", "memory")
    monkeypatch.setenv("TRADING_EXECUTOR_PORT", "0")
    return folder


@pytest.fixture
def looked(capsys: pytest.CaptureFixture[str]) -> Any:
    """What doctor finds, by its subject, and its status."""

    def look() -> tuple[dict[str, Finding], int]:
        with pytest.raises(SystemExit) as ended:
            main(["doctor", "--json"])
        found: list[Finding] = json.loads(capsys.readouterr().out)["findings"]
        return {each["what"]: each for each in found}, int(ended.value.code or 0)

    return look


def acts(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What happened, apart from how far the system itself has compared meanwhile."""
    return [event for event in events if event["kind"] != "account.watermark"]


def ailing(found: dict[str, Finding]) -> dict[str, str]:
    assert all(each["advice"] for each in found.values() if each["verdict"] != "fine")
    return {name: each["verdict"] for name, each in found.items() if each["verdict"] != "fine"}


def test_a_folder_without_anything_is_well_and_stays_empty(house: Path, looked: Any) -> None:
    found, status = looked()
    assert (ailing(found), status) == ({}, 0)
    assert list(house.iterdir()) == []
    names = [
        "settings",
        "versions",
        "tables of the settings",
        "open files",
        "data folder",
        "API key",
        "disk",
        "address",
        "database",
    ]
    assert list(found) == [*names, "exchange memory, simulated"]


def test_it_is_printed_for_people_with_what_to_do(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house.chmod(0o755)
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"look   data folder: {house} has mode 0755: others look into it\n       -> chmod 700 {house}\n" in said
    assert "fine   settings: memory, simulated, account main\n" in said


def test_files_that_others_can_read_or_change_are_named(
    house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRADING_EXECUTOR_CONFIG", raising=False)
    (house / "api.key").write_text("tek_0123456789012345678901234567890\n")
    (house / "api.key").chmod(0o640)
    settings = Path("trading-executor.toml")
    settings.write_text('log_level = "INFO"\n')
    settings.chmod(0o666)
    found, status = looked()
    assert (ailing(found), status) == ({"API key": "wrong", "trading-executor.toml": "wrong"}, 1)
    assert "must be 0600" in found["API key"]["seen"]
    assert "tek_" not in json.dumps(found)


def test_it_leaves_the_log_as_it_was(house: Path, looked: Any) -> None:
    """The process may go on, and what it then says is not to go to a log that nobody writes."""
    before = structlog.get_config()
    looked()
    assert structlog.get_config() == before


def test_a_setting_that_cannot_be_used_ends_it_there(house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_ENVIRONMENT", "paper")
    found, status = looked()
    assert (list(found), status) == (["settings"], 1)
    assert found["settings"]["seen"].startswith("TRADING_EXECUTOR_ENVIRONMENT: 'paper'")


def test_a_port_that_somebody_has(house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("TRADING_EXECUTOR_PORT", str(taken.getsockname()[1]))
        found, status = looked()
    assert (ailing(found), status) == ({"address": "wrong"}, 1)


def test_a_data_folder_that_is_a_file(house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (house / "file").write_text("")
    monkeypatch.setenv("TRADING_EXECUTOR_DATA_DIR", str(house / "file"))
    found, status = looked()
    assert status == 1
    assert found["data folder"]["verdict"] == "wrong"


def test_a_database_behind_its_revision_is_left_as_it_is(house: Path, looked: Any) -> None:
    path = house / "trading-executor.db"
    database = Database(f"sqlite:///{path}")
    first = schema.pending(database)[0]
    migrating.upgrade(database, first)
    database.close()
    found, status = looked()
    assert (ailing(found), status) == ({"database": "look"}, 0)
    again = Database(f"sqlite:///{path}")
    assert schema.current(again) == first
    again.close()


def test_a_file_that_is_no_database(house: Path, looked: Any) -> None:
    path = house / "trading-executor.db"
    path.write_bytes(b"no database at all" * 400)
    path.chmod(0o600)
    found, status = looked()
    assert (ailing(found), status) == ({"database": "wrong"}, 1)
    assert path.read_bytes() == b"no database at all" * 400


def test_a_server_that_only_says_that_it_wrote(
    house: Path, looked: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # type: ignore[arg-type]
    found, status = looked()
    assert (found["durability"]["verdict"], status) == ("wrong", 1)
    assert "synchronous_commit" in found["durability"]["advice"]


@pytest.mark.parametrize(
    ("table", "said", "seen"),
    [
        ("RISK", '{"max_order_sise": 1}', "max_order_sise"),
        ("OIDC", '{"issuer": "http://elsewhere"}', "oidc.audience"),
        ("HOOKS", '{"desk": {"colour": "red"}}', "hooks.desk.colour"),
        ("SIGNAL_SOURCES", '{"drop": {"kind": "fax"}}', "signal_sources.drop.kind"),
        ("CHANNELS", '{"desk": {"url_file": "not-there.url"}}', "channels.desk.url_file"),
        ("NOTICES", '{"all": {"channels": ["desk"]}}', "notices.all.channels"),
        ("ALERTS", '{"diskette": {}}', "alerts.diskette"),
        ("STRATEGIES", '{"mine": {"file": "mine.py:Mine"}}', "strategies.mine.instruments"),
        ("TRACES", '{"url": "collector"}', "traces.url"),
        *(
            (table, said.replace("PATH", path), seen)
            for path in ("~no-such-user/x", "x\\u0000", "~x\\u0000/x", "\\ud800")
            for table, said, seen in (
                ("TRACES", '{"url": "http://127.0.0.1:1/", "headers_file": "PATH"}', "traces.headers_file"),
                ("CHANNELS", '{"desk": {"url_file": "PATH"}}', "channels.desk.url_file"),
                (
                    "STRATEGIES",
                    '{"mine": {"file": "PATH.py:Mine", "instruments": ["BTC-USDT"]}}',
                    "strategies.mine.file",
                ),
                ("SIGNAL_SOURCES", '{"drop": {"kind": "directory", "path": "PATH"}}', "signal_sources.drop.path"),
            )
        ),
    ],
)
def test_a_table_that_a_start_would_refuse(
    house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch, table: str, said: str, seen: str
) -> None:
    monkeypatch.setenv(f"TRADING_EXECUTOR_{table}", said)
    found, status = looked()
    ((name, verdict),) = ailing(found).items()
    assert (verdict, status) == ("wrong", 1)
    assert seen in found[name]["seen"]


def test_a_library_that_is_too_old_or_missing(house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["aiohttp>=999.1", "no-such-library>=1", "msgspec>=0.1", "fancy>=1; extra == 'otel'"]
    monkeypatch.setattr(examining_parts, "requires", lambda _: needed)
    found, status = looked()
    assert (ailing(found), status) == ({"versions": "wrong"}, 1)
    seen = found["versions"]["seen"].partition("; ")[2]
    assert re.fullmatch(r"aiohttp [0-9.]+ is older than 999.1, no-such-library is missing", seen)


def test_an_address_that_others_would_read_along(house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_HOST", "0.0.0.0")
    found, status = looked()
    assert (ailing(found), status) == ({"address": "wrong"}, 1)
    assert "TLS" in found["address"]["seen"]


def test_a_log_file(house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_LOG_FILE", str(house / "own.log"))
    found, _ = looked()
    assert (found["log file"]["verdict"], (house / "own.log").exists()) == ("fine", False)
    monkeypatch.setenv("TRADING_EXECUTOR_LOG_FILE", str(house / "no" / "own.log"))
    found, status = looked()
    assert (ailing(found), status) == ({"log file": "wrong"}, 1)
    monkeypatch.setenv("TRADING_EXECUTOR_LOG_FILE", str(house))
    found, status = looked()
    assert (ailing(found), status) == ({"log file": "wrong"}, 1)
    assert "is no file" in found["log file"]["seen"]


def test_a_log_file_that_can_be_written_but_not_moved_aside(
    house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said in root's place too, to whom everything is allowed."""
    folder = house / "log"
    folder.mkdir()
    (folder / "own.log").touch()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and access(path, mode))
    monkeypatch.setenv("TRADING_EXECUTOR_LOG_FILE", str(folder / "own.log"))
    found, status = looked()
    assert (ailing(found), status) == ({"log file": "wrong"}, 1)
    assert f"in {folder} user" in found["log file"]["seen"]


async def test_beside_a_system_that_serves_it_sees_the_lease_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async with api_world(tmp_path) as world:
        settings = world.system.settings
        before = acts(world.events())
        found = {each.what: each async for each in examining.everything(settings, SystemClock())}
        assert acts(world.events()) == before
        assert found["lease"].verdict == "fine"
        assert found["lease"].seen.startswith(f"account {settings.account} is held by ")


def test_the_exchange_is_asked_and_told_apart(house: Path, looked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    what = "exchange okx, simulated"
    monkeypatch.setenv("TRADING_EXECUTOR_EXCHANGE", "okx")
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    found, status = looked()
    assert (ailing(found), status) == ({what: "wrong"}, 1)
    assert "OKX_API_KEY" in found[what]["seen"]
    with simulator_process(monkeypatch):
        found, status = looked()
        assert (ailing(found), status) == ({}, 0)
        assert "trade" in found[what]["seen"]
        assert "off the exchange's" in found["clock"]["seen"]
        monkeypatch.setenv("OKX_SECRET_KEY", "another-secret")
        found, status = looked()
        assert (ailing(found), status) == ({what: "wrong"}, 1)
        assert "key" in found[what]["advice"]
        assert "another-secret" not in json.dumps(found)
    found, status = looked()  # nobody listens any more
    assert (ailing(found), status) == ({what: "wrong"}, 1)
    assert "network" in found[what]["advice"]
