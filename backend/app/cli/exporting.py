"""`export`: trades, orders, positions, bills and disposals for tax as files, straight out of the database."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.database import made_database
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, End, Instrument, Json, Start, Strategy, settings
from app.cli.output import print_json
from app.cli.tables import write_table
from app.domain.exported import COLUMNS, TAKES, Exported

SUBJECTS = ", ".join(Exported)
SAID = {
    "start_date": "--start and --end do",
    "end_date": "--start and --end do",
    "instrument_id": "--instrument does",
    "strategy_id": "--strategy does",
    "method": "--method does",
}


def export(
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"{SUBJECTS} (every disposal, for tax).")],
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write them to this file.")] = None,
    parquet_file: Annotated[Path | None, typer.Option("--parquet", help="The same, with types.")] = None,
    start: Start = None,
    end: End = None,
    instrument: Instrument = None,
    strategy: Strategy = None,
    method: Annotated[str | None, typer.Option("--method", help="Of tax: fifo (unless said) or average.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write trades, orders, positions, bills or disposals for tax to a file, oldest first, out of the database; the
    system may run or not."""
    from app.api.encoding import json_ready
    from app.domain.performance import LotMethod
    from app.domain.refusals import InvalidValue
    from app.services.trading.reports.exports import ExportFilter, exported
    from app.services.trading.schemas import member_of
    from app.store import queries

    if csv_file is None and parquet_file is None:
        raise CommandError("give --csv FILE, --parquet FILE or both", BAD_INPUT)
    written = 0

    def counted(rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        nonlocal written
        for row in rows:
            written += 1
            yield json_ready(row)

    try:
        subject = member_of(Exported, "what", what)
        given = {
            "start_date": _instant("start", start),
            "end_date": _instant("end", end),
            "instrument_id": instrument,
            "strategy_id": strategy,
            "method": None if method is None else member_of(LotMethod, "method", method),
        }
        _check(subject, given)
        found = settings(data_dir=data_dir)
        with made_database(found) as database:
            rows = exported(database, found.account, subject, ExportFilter(**given))
            first = list(islice(rows, 1))
            if instrument is not None and not first and not queries.names(database, found.account, instrument):
                raise InvalidValue("instrument", instrument, "was never ordered, traded or held")
            write_table(counted(chain(first, rows)), COLUMNS[subject], csv_file=csv_file, parquet_file=parquet_file)
    except InvalidValue as error:
        raise CommandError(str(error), BAD_INPUT) from None
    files = [str(path) for path in (csv_file, parquet_file) if path is not None]
    if as_json:
        print_json({"what": subject.value, "rows": written, "files": files})
    else:
        print(f"{written} {subject.value} in {' and '.join(files)}")


def _check(subject: Exported, given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if value is not None and name not in TAKES[subject]:
            raise CommandError(f"{SAID[name]} not go with {subject.value}", BAD_INPUT)


def _instant(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        said = f"{name}={text}: must be an ISO 8601 instant with its zone, such as 2026-01-31T00:00:00Z"
        raise CommandError(said, BAD_INPUT) from None
