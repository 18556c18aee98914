"""The writer's SQL, compiled once from the tables: positional parameters, ready for executemany."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.models.trading import BalanceRow, Base, ExecutionEvent, FeePayment, Order, Position, StrategyHolding, Trade
from app.store import rows

EVENT_COLUMNS = (
    "account",
    "seq",
    "at_ns",
    "kind",
    "principal",
    "order_id",
    "trade_id",
    "position",
    "parent_id",
    "cause_seq",
    "payload",
    "hash",
)


@dataclass(frozen=True, slots=True)
class Statements:
    insert_order: str
    update_order: str
    insert_trade: str
    insert_fee: str
    put_position: str
    put_balance: str
    put_strategy_size: str
    insert_event: str


def _mark(sqlite_dialect: bool) -> str:
    return "?" if sqlite_dialect else "%s"


def _insert(table: str, columns: Sequence[str], mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608


def _load(table: str, columns: Sequence[str], sqlite_dialect: bool) -> str:
    """Many new rows: INSERT for SQLite's executemany, COPY for PostgreSQL."""
    if sqlite_dialect:
        return _insert(table, columns, _mark(sqlite_dialect))
    return f"COPY {table} ({', '.join(columns)}) FROM STDIN"


def _update(table: str, columns: Sequence[str], key: Sequence[str], mark: str) -> str:
    sets = ", ".join(f"{column} = {mark}" for column in columns)
    where = " AND ".join(f"{column} = {mark}" for column in key)
    return f"UPDATE {table} SET {sets} WHERE {where}"  # noqa: S608


def _upsert(table: str, columns: Sequence[str], key: Sequence[str], mark: str) -> str:
    changing = [column for column in columns if column not in key]
    sets = ", ".join(f"{column} = excluded.{column}" for column in changing)
    return f"{_insert(table, columns, mark)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"


@cache
def statements(sqlite_dialect: bool) -> Statements:
    """The hot tables' statements for SQLite (True) or PostgreSQL (False)."""
    mark = _mark(sqlite_dialect)
    return Statements(
        insert_order=_load(
            Order.__tablename__, (*rows.ORDER_KEY, *rows.ORDER_FIXED, *rows.ORDER_CHANGING), sqlite_dialect
        ),
        update_order=_update(Order.__tablename__, rows.ORDER_CHANGING, rows.ORDER_KEY, mark),
        insert_trade=_load(Trade.__tablename__, rows.TRADE_COLUMNS, sqlite_dialect),
        insert_fee=_load(FeePayment.__tablename__, rows.FEE_COLUMNS, sqlite_dialect),
        put_position=_upsert(
            Position.__tablename__, (*rows.POSITION_KEY, *rows.POSITION_CHANGING), rows.POSITION_KEY, mark
        ),
        put_balance=_upsert(
            BalanceRow.__tablename__,
            ("account", "currency", "total", "venue_total", "updated_ns"),
            ("account", "currency"),
            mark,
        ),
        put_strategy_size=_upsert(
            StrategyHolding.__tablename__,
            ("account", "strategy_id", "instrument_id", "position_side", "size"),
            ("account", "strategy_id", "instrument_id", "position_side"),
            mark,
        ),
        insert_event=_load(ExecutionEvent.__tablename__, EVENT_COLUMNS, sqlite_dialect),
    )


@cache
def plain_statement(table_name: str, columns: tuple[str, ...], replace: bool, sqlite_dialect: bool) -> str:
    """INSERT, or upsert by primary key, of a rarely written table. Raises KeyError for an unknown table or column."""
    table = Base.metadata.tables[table_name]
    for column in columns:
        table.columns[column]
    if not replace:
        return _insert(table_name, columns, _mark(sqlite_dialect))
    key = [column.name for column in table.primary_key.columns]
    return _upsert(table_name, columns, key, _mark(sqlite_dialect))


def parameters(values: dict[str, Any]) -> tuple[Any, ...]:
    """The positional parameters of a plain row, in the order of its columns."""
    return tuple(rows.storable(value) if isinstance(value, str) else value for value in values.values())
