"""Tables that commands write as files: whole or not at all, with the types that their columns have."""

from __future__ import annotations

import builtins
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.cli import tables
from app.cli.errors import CommandError
from app.cli.tables import Kind, write_csv, write_parquet

COLUMNS = {
    "name": Kind.TEXT, "n": Kind.WHOLE, "share": Kind.NUMBER, "money": Kind.MONEY, "made": Kind.TRUTH,
    "at": Kind.INSTANT,
}  # fmt: skip
ROWS = [
    {
        "name": "twap", "n": 3, "share": 0.25, "money": "0.000000000123456789012345", "made": True,
        "at": "2026-01-31T14:30:00.123456Z", "beside": 1,
    },
    {"name": "", "n": None, "share": "-1.5", "money": "12345678901234", "made": False},
]  # fmt: skip


def test_money_keeps_every_digit_and_nothing_is_null(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    write_parquet(tmp_path / "t.parquet", ROWS, COLUMNS)
    assert parquet.read_table(tmp_path / "t.parquet").to_pylist() == [
        {
            "name": "twap", "n": 3, "share": 0.25, "money": Decimal("0.000000000123456789012345"), "made": True,
            "at": datetime(2026, 1, 31, 14, 30, 0, 123456, UTC),
        },
        {"name": "", "n": None, "share": -1.5, "money": Decimal(12345678901234), "made": False, "at": None},
    ]  # fmt: skip
    write_parquet(tmp_path / "none.parquet", [], COLUMNS)
    assert parquet.read_schema(tmp_path / "none.parquet") == parquet.read_schema(tmp_path / "t.parquet")


def test_many_rows_are_written_group_by_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    monkeypatch.setattr(tables, "GROUP_ROWS", 2)
    write_parquet(tmp_path / "t.parquet", ({"n": number} for number in range(5)), {"n": Kind.WHOLE})
    found = parquet.ParquetFile(tmp_path / "t.parquet")
    assert (found.num_row_groups, found.read().column("n").to_pylist()) == (3, [0, 1, 2, 3, 4])


def test_what_cannot_be_written_leaves_what_was_there_and_no_part_of_a_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    before = tmp_path / "t.parquet"
    before.write_text("before")
    with pytest.raises(CommandError, match=r"parquet=.*t\.parquet: money has a value that it cannot hold"):
        write_parquet(before, [{"money": "123456789012345"}], COLUMNS)
    with pytest.raises(CommandError, match=r"csv=.*: Is a directory"):
        write_csv(tmp_path, ROWS, ["name"])
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("t.parquet", "before")]
    write_csv(tmp_path / "t.csv", ROWS, ["n", "name"])
    assert (tmp_path / "t.csv").read_text() == "n,name\n3,twap\n,\n"


def test_without_its_library_parquet_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "pyarrow":
            raise ModuleNotFoundError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CommandError, match=r"pip install 'trading-executor\[parquet\]'"):
        write_parquet(tmp_path / "t.parquet", ROWS, COLUMNS)
    assert list(tmp_path.iterdir()) == []
