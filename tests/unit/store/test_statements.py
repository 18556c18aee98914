"""Many rows at a time on SQLite are the same as one after another, whatever their number."""

from __future__ import annotations

import sqlite3

import pytest

from app.store.transaction import ROWS_MAX, ManyRows


@pytest.mark.parametrize("count", [1, 2, 3, ROWS_MAX - 1, ROWS_MAX, ROWS_MAX + 1, 3 * ROWS_MAX + 7])
def test_rows_inserted_replaced_and_updated(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (id TEXT PRIMARY KEY, a INTEGER, b TEXT)")
    rest = " WHERE column1 IS NOT NULL"
    insert = ManyRows("INSERT INTO t (id, a, b) SELECT * FROM ", 3, rest)
    put = ManyRows(
        "INSERT INTO t (id, a, b) SELECT * FROM ", 3, f"{rest} ON CONFLICT (id) DO UPDATE SET a = excluded.a"
    )
    update = ManyRows("UPDATE t SET b = new.column1 FROM ", 2, " AS new WHERE id = new.column2")
    keys = [f"k{number}" for number in range(count)]

    assert insert.execute(cursor, [(key, 1, "x") for key in keys]) == count
    assert put.execute(cursor, [(key, 2, "y") for key in [*keys, "new"]]) == count + 1
    assert update.execute(cursor, [("z", key) for key in [*keys, "absent"]]) == count

    rows = cursor.execute("SELECT id, a, b FROM t").fetchall()
    assert sorted(rows) == sorted([*((key, 2, "z") for key in keys), ("new", 2, "y")])
    assert insert.execute(cursor, []) == 0
