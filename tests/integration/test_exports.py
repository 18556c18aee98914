"""`export` through its command: what the database holds is in both files, digit by digit, of one reading."""

from __future__ import annotations

import contextlib
import csv
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.store import queries, queries_base
from tests.integration.test_cli import run
from tests.support.late import Late

parquet = Late("pyarrow.parquet", missing="the extra parquet is not installed")

EQUITY = "100000.123456789012345678901234567"
"""Balances times prices, not rounded."""
AMOUNT = "123456789012345678901234.5"
BEYOND = "1" + "0" * 28


def book(house: Path, number: int, amount: str, equity: str) -> None:
    with contextlib.closing(sqlite3.connect(house / "trading-executor.db")) as database, database:
        database.execute(
            "INSERT INTO cash_movements (account, movement, currency, amount, kind, note, at_ns, equity) "
            "VALUES ('main', ?, 'IDR', ?, 'transfer', '', 1, ?)",
            (number, amount, equity),
        )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    run("migrate", "--data-dir", str(tmp_path))
    return tmp_path


def export(house: Path) -> Any:
    files = ("--csv", str(house / "b.csv"), "--parquet", str(house / "b.parquet"))
    return run("export", "bills", *files, "--json", "--data-dir", str(house))


def written(house: Path) -> tuple[list[int], list[int]]:
    with (house / "b.csv").open(newline="") as file:
        told = [int(row["movement"]) for row in csv.DictReader(file)]
    return told, parquet.read_table(house / "b.parquet").column("movement").to_pylist()


def test_a_bill_of_27_decimals_and_one_of_24_digits_are_told_exactly(house: Path) -> None:
    book(house, 1, AMOUNT, EQUITY)
    assert export(house).json["rows"] == 1
    with (house / "b.csv").open(newline="") as file:
        (told,) = csv.DictReader(file)
    (row,) = parquet.read_table(house / "b.parquet").to_pylist()
    assert (told["amount"], told["equity"]) == (AMOUNT, EQUITY)
    assert (row["amount"], row["equity"]) == (Decimal(AMOUNT), Decimal(EQUITY))


def test_an_instrument_of_which_there_is_nothing_is_refused_and_no_file_is_there(house: Path) -> None:
    file = house / "t.csv"
    said = run("export", "trades", "--csv", str(file), "--instrument", "BTC-USTD", "--data-dir", str(house))
    assert (said.status, file.exists()) == (2, False)
    assert "instrument=BTC-USTD: was never ordered, traded or held" in said.err


def test_a_bill_that_parquet_cannot_hold_is_refused_by_column_and_value(house: Path) -> None:
    book(house, 1, "1", "1")
    book(house, 2, BEYOND, "1")
    said = export(house)
    assert said.status == 2
    assert f"amount={BEYOND}: must have at most 28 digits before and 48 after the point; CSV takes any" in said.err
    assert list(house.glob("*b.*")) == []


def test_both_files_hold_the_same_rows_though_bills_come_meanwhile(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(house, 1, "1", "1")
    real, numbers = queries.iter_movements, count(2)

    def read(*arguments: Any) -> Iterator[Any]:
        yield from real(*arguments)
        book(house, next(numbers), "1", "1")

    monkeypatch.setattr(queries, "iter_movements", read)
    said = export(house)
    assert (said.json["rows"], *written(house)) == (1, [1], [1])


@pytest.mark.parametrize("rows", [3, 4, 5])
def test_more_than_is_held_at_once_is_written_whole_and_in_order(
    house: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(queries_base, "CHUNK", 2)
    for number in range(rows, 0, -1):
        book(house, number, "1", "1")
    assert (export(house).json["rows"], *written(house)) == (rows, wanted := list(range(1, rows + 1)), wanted)
