"""Databases of tests: an empty one is copied, for migrating one would be most of a test, and engines are kept."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from app.store import migrating
from app.store.database import Database


def fresh_database(path: Path) -> str:
    """The address of a SQLite database with its tables and nothing in them, in place of whatever was there."""
    for left in ("-wal", "-shm"):
        path.with_name(path.name + left).unlink(missing_ok=True)
    path.write_bytes(empty_database())
    path.chmod(0o600)
    return f"sqlite:///{path}"


@cache
def empty_database() -> bytes:
    """The file of an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        migrate(f"sqlite:///{path}")
        assert os.listdir(folder) == [path.name]
        return path.read_bytes()


def migrate(url: str) -> None:
    """Bring its tables up to date."""
    database = Database(url)
    migrating.upgrade(database)
    database.close()


@cache
def shared_database(url: str) -> Database:
    """One Database an address: its engines keep compiled statements over processes and seeds, close() ends the rest."""
    return Database(url)
