"""Tables as files for other programs: CSV, and Parquet with the types that its columns have.

A file is written whole beside its name and then put there, so that no half of one is ever read; both kinds of a table
are of one reading of its rows, and are put there once both are whole.
"""

import csv
import os
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from app.cli.errors import BAD_INPUT, CommandError
from app.domain.exported import Kind, no_formula

Row = Mapping[str, Any]
Take = Callable[[Sequence[Row]], None]
MONEY_DIGITS, MONEY_PLACES = 76, 48
"""The most that Parquet's exact decimals have in pyarrow, and how many of them are after the point: what a size times a
price may have (app.domain.money takes 24 of each)."""

GROUP_ROWS = 20_000


READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.WHOLE: int,
    Kind.NUMBER: float,
    Kind.MONEY: Decimal,
    Kind.TRUTH: bool,
    Kind.INSTANT: datetime.fromisoformat,
}

LIMITS: Mapping[Kind, str] = {
    Kind.MONEY: f"must have at most {MONEY_DIGITS - MONEY_PLACES} digits before and {MONEY_PLACES} after the point; "
    "CSV takes any",
    Kind.WHOLE: "must fit into 64 bits; CSV takes any",
}


def write_table(
    rows: Iterable[Row], columns: Mapping[str, Kind], *, csv_file: Path | None = None, parquet_file: Path | None = None
) -> None:
    """Columns by name, GROUP_ROWS in memory at a time; in Parquet each of its kind whatever the rows hold, so that
    files of several days go together. Raises CommandError, also where pyarrow is not installed."""
    if csv_file is not None and parquet_file is not None and csv_file.resolve() == parquet_file.resolve():
        raise CommandError(f"parquet={parquet_file}: must be another file than csv", BAD_INPUT)
    kinds = (("parquet", parquet_file, _parquet), ("csv", csv_file, _csv))
    wanted = [(option, path, opened) for option, path, opened in kinds if path is not None]
    with ExitStack() as put, ExitStack() as files:
        takes: list[tuple[str, Path, Take]] = []
        for option, path, opened in wanted:
            files.enter_context(_named(option, path))
            place = put.enter_context(_put(option, path))
            takes.append((option, path, files.enter_context(opened(path, place, columns))))
        left = iter(rows)
        while some := list(islice(left, GROUP_ROWS)):
            for option, path, take in takes:
                with _named(option, path):
                    take(some)


@contextmanager
def _csv(_path: Path, place: Path, columns: Mapping[str, Kind]) -> Generator[Take]:
    with place.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list[str](columns))
        table.writeheader()
        yield lambda some: table.writerows(no_formula(row, columns) for row in some)


@contextmanager
def _parquet(path: Path, place: Path, columns: Mapping[str, Kind]) -> Generator[Take]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise CommandError("parquet needs its extra: pip install 'trading-executor[parquet]'", BAD_INPUT) from None
    types = {
        Kind.TEXT: pyarrow.string(),
        Kind.WHOLE: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.MONEY: pyarrow.decimal256(MONEY_DIGITS, MONEY_PLACES),
        Kind.TRUTH: pyarrow.bool_(),
        Kind.INSTANT: pyarrow.timestamp("us", tz="UTC"),
    }
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])

    def array(name: str, kind: Kind, values: Sequence[Any]) -> Any:
        try:
            return pyarrow.array(values, types[kind])
        except (pyarrow.ArrowInvalid, OverflowError) as error:
            if len(values) > 1:
                for value in values:
                    array(name, kind, [value])
            value = format(values[0], "f") if kind is Kind.MONEY else values[0]
            raise CommandError(f"parquet={path}: {name}={value}: {LIMITS.get(kind, error)}", BAD_INPUT) from None

    def take(some: Sequence[Row]) -> None:
        read = {
            name: [None if row.get(name) is None else READ[kind](row[name]) for row in some]
            for name, kind in columns.items()
        }
        arrays = [array(name, kind, read[name]) for name, kind in columns.items()]
        writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))

    with place.open("wb") as file, parquet.ParquetWriter(file, schema) as writer:
        yield take


@contextmanager
def _put(option: str, path: Path) -> Generator[Path]:
    """Where to write: the file is there whole or not at all. What is no plain file (a pipe, a terminal) is written to
    as it is."""
    if path.exists() and not path.is_file():
        yield path
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with _named(option, path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _named(option: str, path: Path) -> Generator[None]:
    """What the system refuses is told by the option and its file."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"{option}={path}: {error.strerror}", BAD_INPUT) from None
