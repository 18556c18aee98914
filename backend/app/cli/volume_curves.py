"""`volume-curve`: what an instrument trades by hour of the week, for people and as VWAP takes it."""

import csv
import json
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from app.api.pages.words import shown
from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, Json, Url, whole
from app.cli.output import print_json
from app.domain.volume_curves import HOUR_NS, HourVolume
from trading_executor.client import calls

BAR = 40
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COLUMNS = ("start", "volume")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START_RULE = "must be a time such as 2026-01-31T14:00:00Z, or whole milliseconds since 1970"


def volume_curve(
    instrument: Annotated[str, typer.Argument(help="Such as BTC-USDT.")],
    days: Annotated[int, whole("--days", least=1, help="Learn from the whole UTC days among the last so many.")] = 28,
    candles: Annotated[
        Path | None,
        typer.Option("--candles", help="Learn from this CSV file of start,volume by the hour or finer; asks nobody."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it to this file, for --config volume_curve=@FILE.")
    ] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Learn when an instrument trades, from its hourly volumes; the last line is an option of `execute vwap`."""
    if candles is None:
        answer = connect(url, data_dir).ask(calls.volume_curve(instrument, days=days))
    else:
        answer = _learned(instrument, candles, days)
    if out is not None:
        _write(out, answer)
    if as_json:
        print_json(answer)
        return
    curve = [Decimal(each) for each in answer["volume_curve"]]
    days_from_to = f"{answer['first_day'][:10]} to {answer['last_day'][:10]}"
    print(f"{shown(answer['instrument_id'])}: {answer['days']} whole days, {shown(days_from_to)}")
    print(", ".join(f"{each} {days}" for each, days in zip(WEEK, answer["samples"], strict=True)))
    print(f"the average hour trades {answer['average_hour']} (curve_unit)")
    print("by hour of the day (UTC), over what the average hour trades:")
    print("\n".join(bars(curve)))
    said = ",".join(f"{each:f}" for each in curve) if out is None else shlex.quote(f"@{out}")
    print(f"--config volume_curve={said}")


def bars(curve: Sequence[Decimal]) -> list[str]:
    """A line for each of 24 hours, over all days of the week."""
    hours = [sum(of_days, Decimal(0)) / len(of_days) for of_days in (curve[hour::24] for hour in range(24))]
    most = max(hours)
    return [f"{hour:02d} h {x:6.2f} {'#' * max(int(BAR * x / most), 1)}" for hour, x in enumerate(hours)]


def _learned(instrument: str, candles: Path, days: int) -> dict[str, Any]:
    """As the executor would answer, from a file. Raises CommandError."""
    from app.api.encoding import json_ready
    from app.services.trading.venue.volume_curves import DAYS_MAX, curve_of

    if days > DAYS_MAX:
        raise CommandError(f"days={days}: must be 1 to {DAYS_MAX}", BAD_INPUT)
    hours: dict[int, Decimal] = {}
    try:
        with candles.open(encoding="utf-8", newline="") as file:
            for each in _rows(candles, file):
                hours[each.start_ns] = hours.get(each.start_ns, Decimal(0)) + each.size
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"candles={candles}: {error}", BAD_INPUT) from None
    found = curve_of(instrument, (HourVolume(start_ns, size) for start_ns, size in hours.items()), days)
    if found is None:
        raise CommandError(f"candles={candles}: holds no whole UTC day with trades: {len(hours)} hours", BAD_INPUT)
    answer: dict[str, Any] = json_ready(found)
    return answer


def _rows(path: Path, file: Any) -> Iterator[HourVolume]:
    """Each row as a part of its hour. Raises CommandError."""
    rows, seen = csv.DictReader(file), set[int]()
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise CommandError(f"candles={path}: its first line must name the columns {','.join(missing)}", BAD_INPUT)
    for row in rows:
        where = f"candles={path}, line {rows.line_num}"
        start_ns, size = _nanoseconds(row["start"] or ""), _size(row["volume"] or "")
        if start_ns is None:
            raise CommandError(f"{where}: start={row['start']}: {START_RULE}", BAD_INPUT)
        if size is None:
            raise CommandError(f"{where}: volume={row['volume']}: must be a number, 0 or more", BAD_INPUT)
        if start_ns in seen:
            raise CommandError(f"{where}: start={row['start']}: stands there twice", BAD_INPUT)
        seen.add(start_ns)
        yield HourVolume(start_ns // HOUR_NS * HOUR_NS, size)


def _nanoseconds(text: str) -> int | None:
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return int(text) * 1_000_000
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else (at - EPOCH) // timedelta(seconds=1) * 1_000_000_000


def _size(text: str) -> Decimal | None:
    try:
        size = Decimal(text)
    except InvalidOperation:
        return None
    return size if size.is_finite() and size >= 0 else None


def _write(path: Path, answer: Any) -> None:
    try:
        path.write_text(json.dumps(answer, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise CommandError(f"out={path}: {error.strerror}", BAD_INPUT) from None
