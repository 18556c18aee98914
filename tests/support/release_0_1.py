"""The data folder that the first form left (tests/data/release_0_1): its database on either engine, its exchange.

The tables are made by the migrations up to revision 0003, so the rows meet exactly the schema they were written to.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.simulator import Config
from app.simulator.persistence import FILE_NAME, Store
from app.store import migrating
from app.store.database import Database
from tests.support.simulated_okx import MAIN

FOLDER = Path(__file__).parents[1] / "data" / "release_0_1"
REVISION = "0003"
KILLED_NS = 1_767_225_905_500_000_000
ACCOUNT = dataclasses.replace(
    MAIN,
    position_mode="long_short_mode",
    balances={"USDT": Decimal(100_000), "BTC": Decimal(2), "ETH": Decimal(20), "EUR": Decimal(500)},
)


def rows() -> Mapping[str, list[dict[str, Any]]]:
    """Every row as it was written, by table."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(FOLDER / "rows.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            found[row.pop("table")].append(row)
    return found


def fill(database: Database) -> None:
    """Make the empty database what the first form left."""
    migrating.upgrade(database, REVISION)
    tables = sa.MetaData()
    tables.reflect(database.writer_engine)
    left = rows()
    with database.writer_engine.begin() as connection:
        for table in tables.sorted_tables:
            if table.name in left:
                connection.execute(table.insert(), [_typed(table, row) for row in left[table.name]])


def _typed(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """SQLite wrote truth as 0 and 1, and money as text."""
    typed = dict(row)
    for name, value in row.items():
        kind = table.c[name].type
        if isinstance(kind, sa.Boolean) and value is not None:
            typed[name] = bool(value)
        elif isinstance(kind, sa.Numeric) and value is not None:
            typed[name] = Decimal(str(value))
    return typed


def exchange_config(folder: Path, **changes: Any) -> Config:
    return Config(accounts=(ACCOUNT,), **{"flow_rate": 0.0, "data_dir": str(folder), **changes})


def exchange_left(folder: Path) -> Mapping[str, Any]:
    """What the simulated exchange's file holds, read as its own start reads it."""
    path = folder / FILE_NAME
    with sqlite3.connect(path) as connection:
        connection.executescript(gzip.decompress((FOLDER / "simulator.sql.gz").read_bytes()).decode())
    connection.close()
    store = Store(path)
    saved = store.load()
    store.close()
    assert saved is not None
    return saved
