"""The writer's SQL, compiled once from the tables: positional parameters, many rows at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.domain.events import Event
from app.models.columns import RowType, storable
from app.models.trading import Base, ExecutionEvent
from app.store import rows
from app.store.transaction import Copy, EachRow, ManyRows, Statement

EVENT_COLUMNS = (*Event._fields, "hash")


@dataclass(frozen=True, slots=True)
class HotTables:
    """How the rows that every order writes are written."""

    insert_order: Statement
    update_order: Statement
    insert_trade: Statement
    insert_fee: Statement
    put_position: Statement
    put_balance: Statement
    put_strategy_size: Statement
    put_book: Statement
    insert_entry: Statement
    put_tca_window: Statement
    put_tca_fill: Statement
    insert_event: Statement


def _mark(sqlite_dialect: bool) -> str:
    return "?" if sqlite_dialect else "%s"


def _insert(table: str, columns: Sequence[str], mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608


def _insert_many(table: str, columns: Sequence[str], tail: str = "") -> Statement:
    head = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM "  # noqa: S608
    return ManyRows(head, len(columns), f" WHERE column1 IS NOT NULL{tail}")


def _conflict(columns: Sequence[str], key: Sequence[str]) -> str:
    changing = [column for column in columns if column not in key]
    sets = ", ".join(f"{column} = excluded.{column}" for column in changing)
    return f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"


def _load(rows_of: RowType, sqlite_dialect: bool) -> Statement:
    """New rows."""
    return _load_columns(rows_of.name, rows_of.columns, sqlite_dialect)


def _load_columns(table: str, columns: Sequence[str], sqlite_dialect: bool) -> Statement:
    if sqlite_dialect:
        return _insert_many(table, columns)
    return Copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN")


def _put(rows_of: RowType, sqlite_dialect: bool) -> Statement:
    """Rows that take the place of those with the same key."""
    table, columns, key = rows_of.name, rows_of.columns, rows_of.key
    if sqlite_dialect:
        return _insert_many(table, columns, _conflict(columns, key))
    return EachRow(_insert(table, columns, "%s") + _conflict(columns, key))


def _update(rows_of: RowType, sqlite_dialect: bool) -> Statement:
    """New values of rows that are there; a row is what changes, then the key."""
    table, columns, (key,) = rows_of.name, rows_of.changing, rows_of.key
    if sqlite_dialect:
        sets = ", ".join(f"{column} = new.column{number}" for number, column in enumerate(columns, start=1))
        tail = f" AS new WHERE {key} = new.column{len(columns) + 1}"
        return ManyRows(f"UPDATE {table} SET {sets} FROM ", len(columns) + 1, tail)  # noqa: S608
    sets = ", ".join(f"{column} = %s" for column in columns)
    return EachRow(f"UPDATE {table} SET {sets} WHERE {key} = %s")  # noqa: S608


@cache
def hot_tables(sqlite_dialect: bool) -> HotTables:
    """How the hot tables are written on SQLite (True) or PostgreSQL (False)."""
    return HotTables(
        insert_order=_load(rows.ORDER, sqlite_dialect),
        update_order=_update(rows.ORDER, sqlite_dialect),
        insert_trade=_load(rows.TRADE, sqlite_dialect),
        insert_fee=_load(rows.FEE, sqlite_dialect),
        put_position=_put(rows.POSITION, sqlite_dialect),
        put_balance=_put(rows.BALANCE, sqlite_dialect),
        put_strategy_size=_put(rows.STRATEGY_SIZE, sqlite_dialect),
        put_book=_put(rows.BOOK, sqlite_dialect),
        insert_entry=_load(rows.ENTRY, sqlite_dialect),
        put_tca_window=_put(rows.TCA_WINDOW, sqlite_dialect),
        put_tca_fill=_put(rows.TCA_FILL, sqlite_dialect),
        insert_event=_load_columns(ExecutionEvent.__tablename__, EVENT_COLUMNS, sqlite_dialect),
    )


@cache
def plain_statement(table_name: str, columns: tuple[str, ...], replace: bool, sqlite_dialect: bool) -> str:
    """INSERT, or upsert by primary key, of a rarely written table. Raises KeyError for an unknown table or column."""
    table = Base.metadata.tables[table_name]
    for column in columns:
        table.columns[column]
    insert = _insert(table_name, columns, _mark(sqlite_dialect))
    return insert + _conflict(columns, [column.name for column in table.primary_key.columns]) if replace else insert


@cache
def amendment(table_name: str, columns: tuple[str, ...], sqlite_dialect: bool) -> str:
    """UPDATE of one row by its primary key, whose columns come last. Raises ValueError where they do not, KeyError for
    an unknown table or column."""
    table, mark = Base.metadata.tables[table_name], _mark(sqlite_dialect)
    key = [column.name for column in table.primary_key.columns]
    if [*columns[-len(key) :]] != key:
        raise ValueError(f"{table_name}: the key {key} comes last, not {columns}")
    sets = ", ".join(f"{table.columns[column].name} = {mark}" for column in columns[: -len(key)])
    wanted = " AND ".join(f"{column} = {mark}" for column in key)
    return f"UPDATE {table_name} SET {sets} WHERE {wanted}"  # noqa: S608


@cache
def removal(table_name: str, columns: tuple[str, ...], sqlite_dialect: bool) -> str:
    """DELETE of the row with these values. Raises KeyError for an unknown table or column."""
    table, mark = Base.metadata.tables[table_name], _mark(sqlite_dialect)
    wanted = " AND ".join(f"{table.columns[column].name} = {mark}" for column in columns)
    return f"DELETE FROM {table_name} WHERE {wanted}"  # noqa: S608


def parameters(values: dict[str, Any]) -> tuple[Any, ...]:
    """The positional parameters of a plain row, in the order of its columns."""
    return tuple(storable(value) if isinstance(value, str) else value for value in values.values())
