"""`performance`: the figures of a period, and the tear sheet that says where they come from."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.api.pages.tear_sheet import tear_sheet_page
from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, End, Instrument, Json, Start, Strategy, Url, whole
from app.cli.output import print_fields, print_json, print_table
from app.cli.pages import write_page
from trading_executor.client import calls

PERIOD_COLUMNS = ("name", "first_day", "last_day", "profit", "change")
DRAWDOWN_COLUMNS = ("change", "amount", "peak_at", "trough_at", "recovered_at", "duration_seconds")
STRATEGY_COLUMNS = (
    "strategy_id", "total_trades", "win_rate", "profit_factor", "net_profit", "unrealized_pnl", "total_fees",
)  # fmt: skip


def performance(
    instrument: Instrument = None,
    strategy: Strategy = None,
    start: Start = None,
    end: End = None,
    statistics: Annotated[bool, typer.Option("--statistics", help="Aggregates over trades instead.")] = False,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Also days, drawdowns, periods, rolling figures and strategies.")
    ] = False,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write the sheet to this file as a page.")] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="Of the sheet: day, week, month, quarter or year.")
    ] = None,
    rolling_days: Annotated[
        int | None, whole("--rolling-days", help="Of the sheet: how many days each rolling figure is of.")
    ] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show win rate, profit, Sharpe and Sortino ratio, drawdown; with --sheet or --html, where they come from."""
    asked: dict[str, Any] = {
        "instrument_id": instrument, "strategy_id": strategy, "start_date": start, "end_date": end
    }  # fmt: skip
    wants_sheet = sheet or html_file is not None
    if statistics and wants_sheet:
        raise CommandError("--statistics goes without --sheet and --html", BAD_INPUT)
    if not wants_sheet:
        if period is not None or rolling_days is not None:
            raise CommandError("--period and --rolling-days go with --sheet or --html", BAD_INPUT)
        found = connect(url, data_dir).ask((calls.statistics if statistics else calls.performance)(**asked))
        print_json(found) if as_json else print_fields(found)
        return
    answer = connect(url, data_dir).ask(calls.tear_sheet(**asked, period=period, rolling_days=rolling_days))
    if html_file is not None:
        write_page(html_file, tear_sheet_page(answer))
    print_json(answer) if as_json else _show(answer)


def _show(found: Any) -> None:
    print_fields(found["metrics"])
    parts = (
        ("periods", PERIOD_COLUMNS, "no day"),
        ("drawdowns", DRAWDOWN_COLUMNS, "no drawdown"),
        ("strategies", STRATEGY_COLUMNS, "one strategy alone"),
    )
    for member, columns, empty in parts:
        print()
        print_table(found[member], columns, empty=empty)
    for reason in found["missing"]:
        print(f"none of {reason}")
