"""Tables that commands write as files: whole or not at all, with the types that their columns have."""

from __future__ import annotations

import builtins
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.cli import tables
from app.cli.errors import CommandError
from app.cli.tables import write_table
from app.domain.exported import Kind

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
    write_table(ROWS, COLUMNS, parquet_file=tmp_path / "t.parquet")
    assert parquet.read_table(tmp_path / "t.parquet").to_pylist() == [
        {
            "name": "twap", "n": 3, "share": 0.25, "money": Decimal("0.000000000123456789012345"), "made": True,
            "at": datetime(2026, 1, 31, 14, 30, 0, 123456, UTC),
        },
        {"name": "", "n": None, "share": -1.5, "money": Decimal(12345678901234), "made": False, "at": None},
    ]  # fmt: skip
    write_table([], COLUMNS, parquet_file=tmp_path / "none.parquet")
    assert parquet.read_schema(tmp_path / "none.parquet") == parquet.read_schema(tmp_path / "t.parquet")


def test_many_rows_are_written_group_by_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    monkeypatch.setattr(tables, "GROUP_ROWS", 2)
    rows = ({"n": number} for number in range(5))
    write_table(rows, {"n": Kind.WHOLE}, parquet_file=tmp_path / "t.parquet", csv_file=tmp_path / "t.csv")
    found = parquet.ParquetFile(tmp_path / "t.parquet")
    assert (found.num_row_groups, found.read().column("n").to_pylist()) == (3, [0, 1, 2, 3, 4])
    assert (tmp_path / "t.csv").read_text().split() == ["n", "0", "1", "2", "3", "4"]


def test_what_cannot_be_written_leaves_what_was_there_and_no_part_of_a_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    before = tmp_path / "t.parquet"
    before.write_text("before")
    csv_file = tmp_path / "t.csv"
    for wrong, said in (
        ({"money": f"{10**28}.5"}, f"money={10**28}.5: must have at most 28 digits before and 48 after the point"),
        ({"money": "1e-49"}, f"money=0.{'0' * 48}1: must have at most 28 digits before"),
        ({"n": 2**63}, f"n={2**63}: must fit into 64 bits"),
    ):
        with pytest.raises(CommandError, match=re.escape(f"parquet={before}: {said}")):
            write_table([*ROWS, wrong], COLUMNS, parquet_file=before, csv_file=csv_file)
    with pytest.raises(CommandError, match=r"csv=.*: Is a directory"):
        write_table(ROWS, COLUMNS, csv_file=tmp_path, parquet_file=before)
    with pytest.raises(CommandError, match=r"parquet=.*none.*: No such file"):
        write_table(ROWS, COLUMNS, csv_file=csv_file, parquet_file=tmp_path / "none" / "t.parquet")
    with pytest.raises(CommandError, match=r"parquet=.*: must be another file than csv"):
        write_table(ROWS, COLUMNS, csv_file=before, parquet_file=before)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("t.parquet", "before")]
    write_table(ROWS, {"n": Kind.WHOLE, "name": Kind.TEXT}, csv_file=csv_file)
    assert csv_file.read_text() == "n,name\n3,twap\n,\n"


@pytest.mark.parametrize("full", ["parquet", "csv"])
def test_a_disk_that_is_full_is_told_by_its_file_and_neither_is_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    """The system refuses when the last bytes of the one are written, and the other is whole by then."""
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    real = Path.open

    def opened(place: Path, *arguments: Any, **named: Any) -> Any:
        return real(Path("/dev/full") if f".{full}." in place.name else place, *arguments, **named)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(CommandError, match=rf"{full}=.*t\.{full}: No space left on device"):
        write_table(ROWS, COLUMNS, csv_file=tmp_path / "t.csv", parquet_file=tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []


def test_every_number_that_the_store_takes_is_kept_exactly(tmp_path: Path) -> None:
    """The largest price or size, the smallest times the smallest, and a sum of products with 27 decimals."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    most, least = f"{'9' * 24}.{'9' * 24}", f"0.{'0' * 47}1"
    money = [most, f"-{most}", least, "100000.123456789012345678901234567", "123456789012345"]
    rows = [{"money": value} for value in money]
    write_table(rows, {"money": Kind.MONEY}, parquet_file=tmp_path / "t.parquet")
    found = parquet.read_table(tmp_path / "t.parquet").column("money").to_pylist()
    assert found == [Decimal(value) for value in money]


def test_without_its_library_parquet_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "pyarrow":
            raise ModuleNotFoundError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CommandError, match=r"pip install 'trading-executor\[parquet\]'"):
        write_table(ROWS, COLUMNS, parquet_file=tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []
