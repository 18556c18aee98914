"""The hot tables' statements on both databases: every value as it was given, every row counted, every refusal named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from app.models.trading import BalanceRow, Trade
from app.models.trading import Order as OrderRow
from app.models.types import Money
from app.store import rows
from app.store.database import Database
from app.store.statements import HotTables, hot_tables
from app.store.transaction import ROWS_MAX
from tests.support import store

D = Decimal
COUNTS = [1, 2, 3, ROWS_MAX - 1, ROWS_MAX + 1]
NUMBERS = ["1E-8", "0.10", "-0.000", "9007199254740993.1", "1" * 24 + "." + "1" * 24, "1000", "1E+3"]
WORDS = ["007", "1e5", "0.10", "\\N", "\\.", "a\tb\nc\\", "'", " ", "", "None", "NULL", "é\U0001f600"]


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with store.opened(tables_url) as database:
        yield database


@pytest.fixture
def cursor(database: Database) -> Iterator[Any]:
    """Of the writer's connection, outside of any transaction on SQLite, in one on PostgreSQL."""
    connection = database.writer_connection()
    yield connection.cursor()
    connection.close()


@pytest.fixture
def to(database: Database) -> HotTables:
    return hot_tables(database.is_sqlite)


def trade(number: int) -> dict[str, Any]:
    word, size = WORDS[number % len(WORDS)], D(NUMBERS[number % len(NUMBERS)])
    return {
        **dict.fromkeys(rows.TRADE.columns, word),
        "trade_id": f"{number:04}",
        "price": -size,
        "size": size,
        "pnl": size if number % 2 else None,
        "liquidity": None if number % 2 else "1",
        "strategy_id": word if number % 2 else None,
        "traded_ns": 2**63 - 1 - number,
        "recorded_ns": -(2**63) + number,
    }


def order(number: int) -> dict[str, Any]:
    """Something of its type in every column, and NULL in every other row where a column may be NULL."""
    word, size = WORDS[number % len(WORDS)], D(NUMBERS[number % len(NUMBERS)])

    def value(column: sa.Column[Any]) -> Any:
        if column.nullable and not number % 2:
            return None
        if isinstance(column.type, Money):
            return size
        if isinstance(column.type, sa.Boolean):
            return bool(number % 2) is (column.name in ("reduce_only", "is_open"))
        if isinstance(column.type, sa.BigInteger):
            return (2**62 if column.nullable else 2**53 + 1) + number
        return number if isinstance(column.type, sa.Integer) else word

    made = {name: value(rows.ORDER.table.c[name]) for name in rows.ORDER.columns}
    return made | {"order_id": f"{number:04}", "client_order_id": f"{number}.0"}


def values(given: Sequence[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names or row) for row in given]


def held(cursor: Any, table: type[Any], like: Sequence[dict[str, Any]], key: str) -> list[str]:
    """The rows as they are stored, by their key, as text that tells 1 from True and 0.1 from 0.10."""
    money = {column.name for column in table.__table__.columns if type(column.type).__name__ == "Money"}
    yes_or_no = {column.name for column in table.__table__.columns if isinstance(column.type, sa.Boolean)}
    cursor.execute(f"SELECT {', '.join(like[0])} FROM {table.__tablename__} ORDER BY {key}")

    def read(name: str, value: Any) -> Any:
        if value is None:
            return None
        return D(value) if name in money else bool(value) if name in yes_or_no else value

    return [repr({name: read(name, value) for name, value in zip(like[0], row, strict=True)}) for row in cursor]


def as_stored(cursor: Any, given: Sequence[dict[str, Any]]) -> list[str]:
    """PostgreSQL's numbers have no exponent and no negative zero; all their digits stay."""
    if isinstance(cursor, sqlite3.Cursor):
        return [repr(row) for row in given]

    def number(value: Any) -> Any:
        return D(format(value if value else abs(value), "f")) if isinstance(value, Decimal) else value

    return [repr({name: number(value) for name, value in row.items()}) for row in given]


@pytest.mark.parametrize("count", COUNTS)
def test_new_rows_are_what_was_given(cursor: Any, to: HotTables, count: int) -> None:
    trades, orders = [trade(n) for n in range(count)], [order(n) for n in range(count)]
    assert to.insert_trade.execute(cursor, values(trades, *rows.TRADE.columns)) == count
    assert to.insert_order.execute(cursor, values(orders)) == count
    assert held(cursor, Trade, trades, "trade_id") == as_stored(cursor, trades)
    assert held(cursor, OrderRow, orders, "order_id") == as_stored(cursor, orders)


@pytest.mark.parametrize("count", COUNTS)
def test_updated_rows_are_what_was_given(cursor: Any, to: HotTables, count: int) -> None:
    before, others = [order(n) for n in range(count)], [order(n) for n in range(1, count + 1)]
    after = [
        {name: other[name] if name in rows.ORDER.changing else was[name] for name in was}
        for was, other in zip(before, others, strict=True)
    ]
    to.insert_order.execute(cursor, values([*before, order(9000)]))
    changes = values(after, *rows.ORDER.changing, *rows.ORDER.key)
    assert to.update_order.execute(cursor, changes) == count
    # What is the same as before counts too; what is not there does not.
    assert to.update_order.execute(cursor, [*changes, (*changes[0][:-1], "nowhere")]) == count
    assert held(cursor, OrderRow, after, "order_id") == as_stored(cursor, [*after, order(9000)])


@pytest.mark.parametrize("count", COUNTS)
def test_rows_put_in_the_place_of_others_are_counted(cursor: Any, to: HotTables, count: int) -> None:
    def balances(first: int, total: str) -> list[dict[str, Any]]:
        names = [f"{number:04}" for number in range(first, first + count)]
        return [
            {"account": "a", "currency": name, "total": D(total), "venue_total": None, "updated_ns": 1}
            for name in names
        ]

    first, second = balances(0, "0.10"), balances(1, "1E-8")
    assert to.put_balance.execute(cursor, values(first)) == count
    assert to.put_balance.execute(cursor, values(second)) == count
    assert held(cursor, BalanceRow, first, "currency") == as_stored(cursor, [first[0], *second])


@pytest.mark.parametrize("others", [0, 2, ROWS_MAX])
@pytest.mark.parametrize("bad", [{}, {"price": None, "trade_id": "new"}], ids=["the same key", "no price"])
def test_a_row_that_a_constraint_refuses_is_an_integrity_error(
    cursor: Any, to: HotTables, others: int, bad: dict[str, Any]
) -> None:
    to.insert_trade.execute(cursor, values([trade(0)], *rows.TRADE.columns))
    refused = [*(trade(number) for number in range(1, others + 1)), trade(0) | bad]
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        to.insert_trade.execute(cursor, values(refused, *rows.TRADE.columns))
