"""What a writer does with its connection: one transaction a group, by statements that are plain data.

Nothing here knows the tables. It imports no SQLAlchemy, so that a process which only writes starts in a blink, and both
such a process and the event loop of a simulation run the same code.
"""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

import msgspec

from app.store.errors import LeaseLost, StoreError

ROWS_MAX = 128
"""Rows of one SQLite statement; a longer list takes several."""

sqlite3.register_adapter(Decimal, str)

Row: TypeAlias = Sequence[Any]


class ManyRows(msgspec.Struct, frozen=True, tag="many"):
    """Many rows in one SQLite statement: head, the rows as VALUES, tail.

    A statement a row, as executemany does it, costs more than the row. There is a statement for every power of two;
    rows of NULLs, which it passes over, fill it up.
    """

    head: str
    columns: int
    tail: str

    def execute(self, cursor: Any, rows: Sequence[Row]) -> int:
        """How many rows were changed."""
        changed = 0
        for start in range(0, len(rows), ROWS_MAX):
            some = rows[start : start + ROWS_MAX]
            size = 1 << (len(some) - 1).bit_length()
            values = list(chain.from_iterable(some))
            values.extend((None,) * (self.columns * (size - len(some))))
            cursor.execute(_sql_of(self.head, self.columns, self.tail, size), values)
            changed += cursor.rowcount
        return changed


@lru_cache(256)
def _sql_of(head: str, columns: int, tail: str, size: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"{head}(VALUES {', '.join([row] * size)}){tail}"


class Copy(msgspec.Struct, frozen=True, tag="copy"):
    """New rows by COPY, which on PostgreSQL costs half the time of any INSERT."""

    sql: str

    def execute(self, cursor: Any, rows: Sequence[Row]) -> int:
        with cursor.copy(self.sql) as copy:
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


class EachRow(msgspec.Struct, frozen=True, tag="each"):
    """A statement a row, in one round trip: psycopg's executemany is a pipeline."""

    sql: str

    def execute(self, cursor: Any, rows: Sequence[Row]) -> int:
        cursor.executemany(self.sql, rows)
        return cursor.rowcount


class Fence(msgspec.Struct, frozen=True, tag="fence"):
    """An update of the lease's row, which must be there: what stands behind it is written by the owner alone."""

    sql: str
    lost: str

    def execute(self, cursor: Any, rows: Sequence[Row]) -> int:
        """Raises LeaseLost."""
        for row in rows:
            cursor.execute(self.sql, row)
            if cursor.rowcount != 1:
                raise LeaseLost(self.lost)
        return len(rows)


Statement: TypeAlias = ManyRows | Copy | EachRow | Fence

Writes: TypeAlias = Sequence[tuple[Statement, Sequence[Row]]]
"""What one transaction writes, in order; no list of rows is empty."""


class Address(msgspec.Struct, frozen=True):
    """How a connection of the writer is made. options: keyword arguments of the driver, the password among them."""

    sqlite: bool
    options: dict[str, Any]

    def __repr__(self) -> str:
        return f"Address(sqlite={self.sqlite})"

    def connect(self) -> Any:
        """SQLite in autocommit with explicit BEGIN IMMEDIATE. Raises what the driver raises, StoreError."""
        if not self.sqlite:
            import psycopg

            return psycopg.connect(**self.options)
        connection = sqlite3.connect(**self.options)
        prepare_sqlite(connection)
        return connection


def prepare_sqlite(connection: sqlite3.Connection) -> None:
    """Every connection that writes: durable at COMMIT, or refused. Raises StoreError."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-16384",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    if connection.execute("PRAGMA synchronous").fetchone()[0] != 2:
        raise StoreError("SQLite refuses synchronous=FULL; an acknowledged order would not survive a power loss")


def commit(connection: Any, sqlite: bool, writes: Writes) -> None:
    """Write everything in one transaction. Raises StoreError or what the driver raises; then what is in the database is
    not known before it is asked."""
    cursor = connection.cursor()
    try:
        if sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for statement, rows in writes:
            changed = statement.execute(cursor, rows)
            if changed != len(rows):
                raise StoreError(f"{len(rows)} rows were to be written, but {changed} are there: {statement}")
        if sqlite:
            cursor.execute("COMMIT")
        else:
            connection.commit()
    except BaseException as error:
        try:
            connection.rollback()
        except Exception as second:  # noqa: BLE001  the connection is given up with the first error
            error.add_note(f"rollback failed: {second}")
        raise
    finally:
        cursor.close()
