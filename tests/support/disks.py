"""Disks that die: what a test gives a System as `disk=`."""

from __future__ import annotations

from app.domain.events import Event
from app.store.committer import ConnectionDisk, Disk
from app.store.database import Database
from app.store.durable import Durable
from app.store.statements import hot_tables
from app.store.transaction import Writes


async def unsynced(database: Database) -> Disk:
    """store.disks.this_process without waiting for the platter: processes die in tests, the machine never does."""
    return _unsynced(database)


def _unsynced(database: Database) -> ConnectionDisk:
    disk = ConnectionDisk(database)
    if database.is_sqlite:
        disk.connection.execute("PRAGMA synchronous=OFF").close()
    return disk


class Died(Exception):
    """The process is dead: nothing that it still does counts."""


class MortalDisk:
    """committer.Disk of one process; what is asked of it after the process's death reaches no database."""

    overlaps = False

    def __init__(self, database: Database) -> None:
        self.dead = False
        self._sqlite = database.is_sqlite
        self._disk = _unsynced(database)

    def commit(self, writes: Writes) -> Durable | None:
        if self.dead:
            raise Died
        self._disk.commit(writes)
        return None

    def close(self, last: Writes) -> None:
        self._disk.close([] if self.dead else last)

    def cut(self) -> None:
        """The connection goes with the process."""
        self._disk.connection.close()


def events_of(writes: Writes, sqlite_dialect: bool = True) -> list[Event]:
    """What a transaction writes to the journal."""
    statement = hot_tables(sqlite_dialect).insert_event
    return [Event(*row[:-1]) for wanted, rows in writes if wanted is statement for row in rows]
