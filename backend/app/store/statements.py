"""The writer's SQL, compiled once from the tables: positional parameters, many rows at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, Protocol

from app.domain.events import Event
from app.models.trading import BalanceRow, Base, ExecutionEvent, FeePayment, Order, Position, StrategyHolding, Trade
from app.store import rows

EVENT_COLUMNS = (*Event._fields, "hash")

ROWS_MAX = 128
"""Rows of one SQLite statement; a longer list takes several."""


class Write(Protocol):
    """How rows of one table are written: execute(cursor, rows) returns how many rows it changed."""

    def execute(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> int: ...


class ManyRows:
    """Many rows in one SQLite statement.

    A statement lets go of the interpreter's lock while it runs and has to win it back from the event loop afterwards,
    so a statement a row, as executemany does it, waits for the loop once a row. There is a statement for every power
    of two; rows of NULLs, which it passes over, fill it up.
    """

    def __init__(self, head: str, columns: int, tail: str) -> None:
        self._head = head
        row = f"({', '.join('?' * columns)})"
        self._filler = (None,) * columns
        self._sql = {
            size: f"{head}(VALUES {', '.join([row] * size)}){tail}"
            for size in (1 << power for power in range(ROWS_MAX.bit_length()))
        }

    def __repr__(self) -> str:
        return f"ManyRows({self._head!r})"

    def execute(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> int:
        changed = 0
        for start in range(0, len(rows), ROWS_MAX):
            some = rows[start : start + ROWS_MAX]
            size = 1 << (len(some) - 1).bit_length()
            values = list(chain.from_iterable(some))
            values.extend(self._filler * (size - len(some)))
            cursor.execute(self._sql[size], values)
            changed += cursor.rowcount
        return changed


@dataclass(frozen=True, slots=True)
class Copy:
    """New rows by COPY, which on PostgreSQL costs half the time of any INSERT."""

    sql: str

    def execute(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> int:
        with cursor.copy(self.sql) as copy:
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


@dataclass(frozen=True, slots=True)
class EachRow:
    """A statement a row, in one round trip: psycopg's executemany is a pipeline."""

    sql: str

    def execute(self, cursor: Any, rows: Sequence[tuple[Any, ...]]) -> int:
        cursor.executemany(self.sql, rows)
        return cursor.rowcount


@dataclass(frozen=True, slots=True)
class Writes:
    insert_order: Write
    update_order: Write
    insert_trade: Write
    insert_fee: Write
    put_position: Write
    put_balance: Write
    put_strategy_size: Write
    insert_event: Write


def _mark(sqlite_dialect: bool) -> str:
    return "?" if sqlite_dialect else "%s"


def _insert(table: str, columns: Sequence[str], mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608


def _insert_many(table: str, columns: Sequence[str], tail: str = "") -> Write:
    head = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM "  # noqa: S608
    return ManyRows(head, len(columns), f" WHERE column1 IS NOT NULL{tail}")


def _conflict(columns: Sequence[str], key: Sequence[str]) -> str:
    changing = [column for column in columns if column not in key]
    sets = ", ".join(f"{column} = excluded.{column}" for column in changing)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"


def _load(table: str, columns: Sequence[str], sqlite_dialect: bool) -> Write:
    """New rows."""
    if sqlite_dialect:
        return _insert_many(table, columns)
    return Copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN")


def _put(table: str, columns: Sequence[str], key: Sequence[str], sqlite_dialect: bool) -> Write:
    """Rows that take the place of those with the same key."""
    if sqlite_dialect:
        return _insert_many(table, columns, _conflict(columns, key))
    return EachRow(_insert(table, columns, "%s") + _conflict(columns, key))


def _update(table: str, columns: Sequence[str], key: str, sqlite_dialect: bool) -> Write:
    """New values of rows that are there; a row is `columns`, then the key."""
    if sqlite_dialect:
        sets = ", ".join(f"{column} = new.column{number}" for number, column in enumerate(columns, start=1))
        tail = f" AS new WHERE {key} = new.column{len(columns) + 1}"
        return ManyRows(f"UPDATE {table} SET {sets} FROM ", len(columns) + 1, tail)  # noqa: S608
    sets = ", ".join(f"{column} = %s" for column in columns)
    return EachRow(f"UPDATE {table} SET {sets} WHERE {key} = %s")  # noqa: S608


@cache
def writes(sqlite_dialect: bool) -> Writes:
    """How the hot tables are written on SQLite (True) or PostgreSQL (False)."""
    (order_key,) = rows.ORDER_KEY
    return Writes(
        insert_order=_load(
            Order.__tablename__, (*rows.ORDER_KEY, *rows.ORDER_FIXED, *rows.ORDER_CHANGING), sqlite_dialect
        ),
        update_order=_update(Order.__tablename__, rows.ORDER_CHANGING, order_key, sqlite_dialect),
        insert_trade=_load(Trade.__tablename__, rows.TRADE_COLUMNS, sqlite_dialect),
        insert_fee=_load(FeePayment.__tablename__, rows.FEE_COLUMNS, sqlite_dialect),
        put_position=_put(
            Position.__tablename__, (*rows.POSITION_KEY, *rows.POSITION_CHANGING), rows.POSITION_KEY, sqlite_dialect
        ),
        put_balance=_put(
            BalanceRow.__tablename__,
            ("account", "currency", "total", "venue_total", "updated_ns"),
            ("account", "currency"),
            sqlite_dialect,
        ),
        put_strategy_size=_put(
            StrategyHolding.__tablename__,
            ("account", "strategy_id", "instrument_id", "position_side", "size"),
            ("account", "strategy_id", "instrument_id", "position_side"),
            sqlite_dialect,
        ),
        insert_event=_load(ExecutionEvent.__tablename__, EVENT_COLUMNS, sqlite_dialect),
    )


@cache
def plain_statement(table_name: str, columns: tuple[str, ...], replace: bool, sqlite_dialect: bool) -> str:
    """INSERT, or upsert by primary key, of a rarely written table. Raises KeyError for an unknown table or column."""
    table = Base.metadata.tables[table_name]
    for column in columns:
        table.columns[column]
    insert = _insert(table_name, columns, _mark(sqlite_dialect))
    return insert + _conflict(columns, [column.name for column in table.primary_key.columns]) if replace else insert


def parameters(values: dict[str, Any]) -> tuple[Any, ...]:
    """The positional parameters of a plain row, in the order of its columns."""
    return tuple(rows.storable(value) if isinstance(value, str) else value for value in values.values())
