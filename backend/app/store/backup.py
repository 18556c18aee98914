"""A copy of a SQLite database while it is being written, one consistent moment, checked before it gets its name; and a
copy made the database again."""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from app.store.address import SQLITE, DatabaseAddress
from app.store.database import Database
from app.store.errors import StoreError
from app.store.folders import private_folder


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished copy. last_seq: the last journal event in it, per account."""

    path: Path
    size_bytes: int
    last_seq: dict[str, int]


def backup(database: Database, target: Path) -> Backup:
    """Copy the database to `target`, a new file that only its owner can read.

    Writers go on meanwhile. Raises StoreError when target exists, when it cannot be written, when the copy fails its
    integrity check (nothing then stands at target), or when the database is PostgreSQL, which has its own tool.
    """
    if not database.is_sqlite:
        raise StoreError(
            "backup copies SQLite files; for PostgreSQL run: pg_dump --format=custom --file=FILE DATABASE_URL"
        )
    return _copied("backup", Path(database.url.database or ""), target)


def restore(copy: Path, address: DatabaseAddress) -> Backup:
    """Make a copy the database that the address names, where there is none yet; the copy stays as it is.

    Raises StoreError when a database is there, when the copy is missing or damaged (nothing then stands there), or when
    the address is a PostgreSQL server, which has its own tool.
    """
    if address.backend != SQLITE:
        raise StoreError("restore copies SQLite files; for PostgreSQL run: pg_restore --dbname=DATABASE_URL FILE")
    return _copied("restore", copy, Path(address.database))


def _copied(what: str, source: Path, target: Path) -> Backup:
    if target.exists():
        raise StoreError(f"{what} target {target} exists already; it is not overwritten")
    if not source.is_file():
        raise StoreError(f"there is no database at {source}")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        private_folder(target.parent)
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        last_seq = _copy(source, unfinished)
        _publish(unfinished, target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{what} to {target} failed: {error}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return Backup(target, target.stat().st_size, last_seq)


def _copy(source: Path, unfinished: Path) -> dict[str, int]:
    reader = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    copy = sqlite3.connect(unfinished, isolation_level=None)
    try:
        # All pages in one step: in smaller ones every commit of the writer would start the copy anew.
        reader.backup(copy, pages=-1)
        # Without its write-ahead log the copy is a single file.
        copy.execute("PRAGMA journal_mode=DELETE").close()
        verdict = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
        if verdict != ["ok"]:
            raise StoreError(f"the copy of {source} is damaged: {'; '.join(verdict)}")
        return _last_seq(copy)
    finally:
        copy.close()
        reader.close()


def _last_seq(copy: sqlite3.Connection) -> dict[str, int]:
    tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "execution_events" not in tables:
        return {}
    return dict(copy.execute("SELECT account, max(seq) FROM execution_events GROUP BY account"))


def _publish(unfinished: Path, target: Path) -> None:
    """Onto the disk first, then under its name, which must still be free."""
    for path in (unfinished, unfinished.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    os.link(unfinished, target)
