"""Backups: a private, whole copy of one moment, taken while orders are being written."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from app.store import migrating, queries
from app.store.backup import backup
from app.store.database import Database
from app.store.errors import StoreError
from app.store.group import Group
from tests.support import store


def test_a_copy_of_one_moment_while_writing_goes_on(sqlite_url: str, tmp_path: Path):
    with store.opened(sqlite_url) as database:
        committer = store.committer(database)
        enough, stop = threading.Event(), threading.Event()

        def write() -> None:
            seq = 0
            while not stop.is_set() and seq < 5_000:
                seq += 2
                store.run_groups(committer, Group(events=[store.event(seq - 1), store.event(seq)]))
                if seq >= 20:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(30)
        copy = backup(database, tmp_path / "backups" / "copy.db")
        stop.set()
        writer.join(30)
        committer.close()
        assert stat.S_IMODE(copy.path.stat().st_mode) == 0o600
        assert [path.name for path in copy.path.parent.iterdir()] == ["copy.db"]
        last = copy.last_seq[store.ACCOUNT]
        assert last >= 20
        assert last % 2 == 0, "half a group was copied"
        with store.opened(f"sqlite:///{copy.path}", migrate=False) as restored:
            assert migrating.differences(restored) == []
            assert [row["seq"] for row in queries.events(restored, store.ACCOUNT, after_seq=last - 4)] == [
                last - 3,
                last - 2,
                last - 1,
                last,
            ]


def test_nothing_is_overwritten(sqlite_url: str, tmp_path: Path):
    target = tmp_path / "kept"
    target.write_text("kept")
    with store.opened(sqlite_url) as database, pytest.raises(StoreError, match="exists already"):
        backup(database, target)
    assert target.read_text() == "kept"


def test_a_damaged_database_gives_no_copy(tmp_path: Path):
    source = tmp_path / "executor.db"
    with store.opened(f"sqlite:///{source}") as database:
        committer = store.committer(database)
        store.run_groups(committer, Group(events=[store.event(seq, payload="x" * 900) for seq in range(1, 200)]))
        committer.close()
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = connection.execute("SELECT count(*) FROM pragma_page_count").fetchone()
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'execution_events'").fetchone()[0]
    connection.close()
    assert pages
    with source.open("r+b") as file:
        file.seek((root - 1) * 4096 + 8)
        file.write(b"\xff" * 40)
    database = Database(f"sqlite:///{source}")
    with pytest.raises(StoreError, match=r"damaged|malformed"):
        backup(database, tmp_path / "copy.db")
    database.close()
    assert not (tmp_path / "copy.db").exists()


def test_postgresql_has_its_own_tool(postgres_url: str, tmp_path: Path):
    database = Database(postgres_url)
    with pytest.raises(StoreError, match="pg_dump"):
        backup(database, tmp_path / "copy.db")
    database.close()
