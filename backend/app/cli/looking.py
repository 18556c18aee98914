"""More to look at on a running system: executions, the account, the journal."""

from functools import partial
from typing import Annotated

import typer

from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import (
    Cursor,
    DataDir,
    End,
    Execution,
    Instrument,
    Json,
    Limit,
    OfOrder,
    Start,
    Strategy,
    Url,
    whole,
)
from app.cli.output import print_fields, print_json, print_page, print_table
from app.cli.trading import ORDER_COLUMNS
from trading_executor.client import calls

EXECUTION_COLUMNS = (
    "parent_id", "created_at", "strategy", "instrument_id", "side", "size", "filled_size", "status", "reason",
)  # fmt: skip
TAX_LOT_COLUMNS = (
    "asset", "quantity", "acquired_at", "disposed_at", "cost", "proceeds", "fee", "gain", "origin", "disposal",
    "instrument_id",
)  # fmt: skip
PAGE = 500
EVENT_COLUMNS = ("seq", "at", "kind", "principal", "order_id", "parent_id", "payload")


def executions(
    parent_id: Annotated[str | None, typer.Argument(help="Show this one alone, with its orders.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
    tag: Annotated[str | None, typer.Option("--tag", help="Only those that bear this word.")] = None,
    limit: Limit = 100,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List executions (TWAP, iceberg, ...), newest first, or show one."""
    client = connect(url, data_dir)
    if parent_id is None:
        answer = client.ask(calls.executions(open_only=open_only, tag=tag, limit=limit))
        print_json(answer) if as_json else print_table(answer["executions"], EXECUTION_COLUMNS, empty="no executions")
        return
    parts = (calls.get_execution, calls.execution_figures, calls.execution_orders)
    found = {name: value for part in parts for name, value in client.ask(part(parent_id)).items()}
    if as_json:
        print_json(found)
        return
    print_fields({name: value for name, value in found.items() if name not in ("orders", "children", "schedule")})
    reasons = {
        child["order_id"]: f"{child['reason']}; {child['ended']}" if child["ended"] else child["reason"]
        for child in found["children"]
    }
    rows = [{**order, "why": reasons.get(order["order_id"])} for order in found["orders"]]
    print_table(rows, (*ORDER_COLUMNS, "why"), empty="no orders")


def tax_lots(
    asset: Annotated[str | None, typer.Option("--asset", help="Only this asset, such as BTC.")] = None,
    strategy: Strategy = None,
    start: Start = None,
    end: End = None,
    method: Annotated[str, typer.Option("--method", help="fifo, or average.")] = "fifo",
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List what went of each asset, matched first in, first out with what came, or at average cost: for tax. All of it,
    oldest first."""
    client = connect(url, data_dir)
    page_after = partial(
        calls.tax_lots,
        asset=asset,
        strategy_id=strategy,
        start_date=start,
        end_date=end,
        limit=PAGE,
        method=method,
    )
    answer = client.ask(page_after())
    lots, cursor = answer["tax_lots"], answer.pop("next_cursor")
    while cursor:
        page = client.ask(page_after(cursor=cursor))
        lots += page["tax_lots"]
        cursor = page["next_cursor"]
    if as_json:
        print_json(answer)
        return
    print_table(lots, TAX_LOT_COLUMNS, empty="no disposals")
    for name, gain in answer["gains"].items():
        print(f"{name}: gain {gain} {answer['currency']}")
    for name, quantity in answer["unknown"].items():
        print(f"{name}: what {quantity} of it cost or brought is not known, and in no gain")


def account(url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show balances and equity."""
    answer = connect(url, data_dir).ask(calls.account())
    print_json(answer) if as_json else print_fields(answer)


def events(
    after: Annotated[int | None, whole("--after", least=0, help="Only events with a higher number.")] = None,
    order_id: OfOrder = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only this kind, such as order.intent.")] = None,
    execution: Execution = None,
    instrument: Instrument = None,
    strategy: Strategy = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List the journal, oldest first; of an execution, instrument, strategy or time, newest first."""
    searched = any((execution, instrument, strategy, start, end, cursor))
    if searched and after is not None:
        raise CommandError("after: goes with --order and --kind alone; a search begins at the newest", BAD_INPUT)
    wanted = (
        calls.search_events(
            kind=kind,
            order_id=order_id,
            parent_id=execution,
            instrument_id=instrument,
            strategy_id=strategy,
            start_date=start,
            end_date=end,
            limit=limit,
            cursor=cursor,
        )
        if searched
        else calls.events(after_seq=after or 0, order_id=order_id, kind=kind, limit=limit)
    )
    print_page(connect(url, data_dir).ask(wanted), "events", EVENT_COLUMNS, as_json)
