"""Tables as files for other programs: CSV, and Parquet with the types that its columns have.

A file is written whole beside its name and then put there, so that no half of one is ever read.
"""

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from app.cli.errors import BAD_INPUT, CommandError

Row = Mapping[str, Any]
MONEY_DIGITS, MONEY_PLACES = 38, 24
"""What readers of Parquet take at most, and to how many decimals money is told."""

GROUP_ROWS = 20_000


class Kind(StrEnum):
    """What a column of a Parquet file holds: text as it is, a whole number, a float, an exact decimal, a truth, an
    instant in UTC."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    TRUTH = "truth"
    INSTANT = "instant"


READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.WHOLE: int,
    Kind.NUMBER: float,
    Kind.MONEY: Decimal,
    Kind.TRUTH: bool,
    Kind.INSTANT: datetime.fromisoformat,
}


def write_csv(path: Path, rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Columns by name, row by row. Raises CommandError."""

    def write(place: Path) -> None:
        with place.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list[str](columns), extrasaction="ignore")
            table.writeheader()
            table.writerows(rows)

    _put("csv", path, write)


def write_parquet(path: Path, rows: Iterable[Row], columns: Mapping[str, Kind]) -> None:
    """Columns by name, each of its kind whatever the rows hold, so that files of several days go together; GROUP_ROWS
    are in memory at a time. Raises CommandError, also where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise CommandError("parquet needs its extra: pip install 'trading-executor[parquet]'", BAD_INPUT) from None
    types = {
        Kind.TEXT: pyarrow.string(),
        Kind.WHOLE: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.MONEY: pyarrow.decimal128(MONEY_DIGITS, MONEY_PLACES),
        Kind.TRUTH: pyarrow.bool_(),
        Kind.INSTANT: pyarrow.timestamp("us", tz="UTC"),
    }
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])

    def group(some: Sequence[Row]) -> Any:
        arrays: list[Any] = []
        for name, kind in columns.items():
            values = [None if row.get(name) is None else READ[kind](row[name]) for row in some]
            try:
                arrays.append(pyarrow.array(values, types[kind]))
            except pyarrow.ArrowInvalid as error:
                said = f"parquet={path}: {name} has a value that it cannot hold: {error}"
                raise CommandError(said, BAD_INPUT) from None
        return pyarrow.Table.from_arrays(arrays, schema=schema)

    def write(place: Path) -> None:
        left = iter(rows)
        with place.open("wb") as file, parquet.ParquetWriter(file, schema) as writer:
            while some := list(islice(left, GROUP_ROWS)):
                writer.write_table(group(some))

    _put("parquet", path, write)


def _put(option: str, path: Path, write: Callable[[Path], None]) -> None:
    """The file, whole or not at all. What is no plain file (a pipe, a terminal) is written to as it is."""
    try:
        if path.exists() and not path.is_file():
            write(path)
            return
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            write(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(f"{option}={path}: {error.strerror}", BAD_INPUT) from None
