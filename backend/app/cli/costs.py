"""What orders cost: `tca ID`, of a parent order or of an order without one; `tca --by GROUP`, of many; `estimate`,
beforehand."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from app.api.pages.costs import groups_page, order_page
from app.api.pages.words import shown
from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, Instrument, Json, Url
from app.cli.output import print_fields, print_json, print_table
from app.cli.pages import write_page
from app.cli.tables import write_table
from app.domain.exported import Kind
from trading_executor.client import calls

LEFT_OUT = ("shortfall", "after_fills", "after_end", "time_to_fill", "orders", "fills", "missing")
PART_COLUMNS = ("part", "bps", "money")
AFTER_COLUMNS = ("horizon_ms", "liquidity", "n", "markout_bps", "net_bps", "realised_spread_bps", "impact_bps")
END_COLUMNS = ("horizon_ms", "mid", "reversion_bps", "permanent_bps", "source")
CHILD_COLUMNS = (
    "order_id", "order_type", "status", "size", "filled_size", "average_price", "bid", "ask", "touch_slippage_bps",
    "acknowledged_ms", "first_fill_ms",
)  # fmt: skip


GROUP_COLUMNS = (
    "group", "currency", "figure", "n", "days", "mean", "p5", "p25", "median", "p75", "p95", "interval",
)  # fmt: skip
FILE_COLUMNS = {
    "group": Kind.TEXT, "currency": Kind.TEXT, "orders": Kind.WHOLE, "unmeasured": Kind.WHOLE, "notional": Kind.MONEY,
    "cost": Kind.MONEY, "figure": Kind.TEXT, "weight": Kind.TEXT, "n": Kind.WHOLE, "days": Kind.WHOLE,
    "mean": Kind.NUMBER, "p5": Kind.NUMBER, "p25": Kind.NUMBER, "median": Kind.NUMBER, "p75": Kind.NUMBER,
    "p95": Kind.NUMBER, "low": Kind.NUMBER, "high": Kind.NUMBER, "why": Kind.TEXT,
}  # fmt: skip


def tca(
    subject: Annotated[str | None, typer.Argument(metavar="[ID]", help="A parent order's id, or an order's.")] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Of many: by day, strategy, label, instrument, side, size, exchange or arm."),
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="With --by: that ended from this instant on.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="With --by: that ended before this instant.")] = None,
    instrument: Instrument = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="With --by: write the figures to this file.")] = None,
    parquet_file: Annotated[
        Path | None, typer.Option("--parquet", help="With --by: the same as Parquet, with types.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write it to this file as a page with plots.")
    ] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show what an execution, or an order, cost against the market that it met; with --by, what many cost. Positive
    costs are bad."""
    of_many = {
        "since": since, "until": until, "instrument": instrument, "csv": csv_file, "parquet": parquet_file
    }  # fmt: skip
    if (subject is None) == (by is None):
        raise CommandError("give an ID, or --by with what to group by", BAD_INPUT)
    if by is not None:
        call = calls.cost_report(by, start_date=since, end_date=until, instrument_id=instrument)
        many = connect(url, data_dir).ask(call)
        _page(html_file, many, groups_page)
        rows = [row for group in many["groups"] for row in _rows(group)]
        write_table(rows, FILE_COLUMNS, csv_file=csv_file, parquet_file=parquet_file)
        print_json(many) if as_json else _show_groups(many, rows)
        return
    if named := [name for name, value in of_many.items() if value is not None]:
        raise CommandError(f"--{named[0]} goes with --by", BAD_INPUT)
    assert subject is not None
    found = connect(url, data_dir).ask(calls.order_cost(subject))
    _page(html_file, found, order_page)
    print_json(found) if as_json else _show(found)


def estimate(
    instrument_id: Annotated[str, typer.Argument(metavar="INSTRUMENT")],
    side: Annotated[str, typer.Argument(metavar="SIDE", help="buy or sell.")],
    size: Annotated[str, typer.Argument(metavar="SIZE", help="In the instrument's unit.")],
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show what an order would cost against the mid: by the book, all at once, and by the square-root law."""
    found = connect(url, data_dir).ask(calls.cost_estimate(instrument_id, side, size))
    if as_json:
        print_json(found)
        return
    print_fields({name: value for name, value in found.items() if name != "missing"})
    for reason in found["missing"]:
        print(f"not known: {reason}")


def _page(path: Path | None, found: Mapping[str, Any], make: Callable[[Mapping[str, Any]], str]) -> None:
    if path is not None:
        write_page(path, make(found))


def _show(found: Mapping[str, Any]) -> None:
    print_fields({name: value for name, value in found.items() if name not in LEFT_OUT})
    print()
    print_table(_parts(found["shortfall"]), PART_COLUMNS, empty="no shortfall")
    for rows, columns in ((found["after_fills"], AFTER_COLUMNS), (found["after_end"], END_COLUMNS)):
        if rows:
            print()
            print_table(rows, columns, empty="")
    print()
    print_table(found["orders"], CHILD_COLUMNS, empty="no orders")
    for reason in found["missing"]:
        print(f"not known: {reason}")


def _show_groups(found: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
    told = "what ended in this period cannot be told" if found["unlisted"] else "no order ended in this period"
    print_table(rows, GROUP_COLUMNS, empty=told)
    for group in found["groups"]:
        if group["unmeasured"]:
            name = shown(group["group"])
            print(f"not known: what {group['unmeasured']} of {group['orders']} orders of {name} cost in all")
        for each in group["calibration"]:
            if each["slope"] is not None:
                line = f"{each['intercept']:.3f} + {each['slope']:.3f} * {each['estimate']} estimate"
                print(f"{shown(group['group'])}: came {line}, of {each['n']}")
    for each in found["comparisons"]:
        said = f"{each['cheaper']} is cheaper" if each["cheaper"] is not None else each["why"]
        print(f"{each['wheel']}: {each['first']} less {each['second']}: {shown(each['difference_bps'])} bps; {said}")
    for each in found["unlisted"]:
        print(f"not known: what {each['orders']} orders of {each['instrument_id']} cost, which is not listed any more")


def _rows(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A line for each figure of a group."""
    whole = {name: value for name, value in group.items() if name not in ("figures", "calibration")}
    rows: list[dict[str, Any]] = []
    for each in group["figures"]:
        of = each["of"]
        low, high = (None, None) if of["interval"] is None else (of["interval"]["low"], of["interval"]["high"])
        said = of["why"] if low is None else f"{low:.4f} to {high:.4f}"
        rows.append({**whole, **each, **of, "low": low, "high": high, "interval": said})
    return rows


def _parts(shortfall: Any) -> list[dict[str, Any]]:
    """The components and their sum, a line each."""
    if shortfall is None:
        return []
    bps, money = shortfall["bps"], shortfall["money"]
    return [{"part": name, "bps": bps[name], "money": money[name]} for name in bps]
