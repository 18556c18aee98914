"""`flatten`: says what it would sell, asks, does it, waits for the pieces and says what is left.

Status 0: all of it is closed. 4: nothing was held. 5: something is left (errors.py); each is named with the reason.
"""

import asyncio
import sys
from decimal import Decimal
from typing import Annotated, Any

import typer

from app.cli.client import Running, connect
from app.cli.errors import BAD_INPUT, LEFT, NOTHING_HELD, CommandError
from app.cli.options import DataDir, Instrument, Json, Key, Url
from app.cli.output import print_json, print_table
from app.cli.trading import ORDER_COLUMNS
from app.clock import SystemClock
from app.domain.orders import TERMINAL_STATUSES
from trading_executor.client import calls

POLL_SECONDS = 0.5
ORDER_POLLS_MAX = 20
EXECUTION_POLLS_MAX = 800
"""Longer than an exit's time with its hard end."""
CLOSING_COLUMNS = ("instrument_id", "position_side", "trade_mode", "side", "size", "value", "value_currency")
LEFT_COLUMNS = ("instrument_id", "position_side", "trade_mode", "size", "value", "value_currency", "reason")
EXECUTION_COLUMNS = ("parent_id", "instrument_id", "side", "size", "filled_size", "status", "reason")
PARENT_OVER = frozenset(
    {"completed", "completed_with_dust", "partial_expired", "canceled", "rejected", "failed", "suspended", "paused"}
)

All = Annotated[
    bool, typer.Option("--all", help="Sell coins too that were there before us, sent in, or bought by a hand.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def flatten(
    instrument: Instrument = None,
    sell_all: All = False,
    yes: Yes = False,
    idempotency_key: Key = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Cancel every open order, then close every position at market, and wait for its end.

    Says what it will sell and asks first, unless --yes. Status 4: nothing was held; 5: something is left.
    """
    client = connect(url, data_dir, control=True)
    if not yes:
        _ask(client, instrument, sell_all, as_json)
    answer = client.ask(calls.flatten(instrument, everything=sell_all, idempotency_key=idempotency_key))
    executions = [_execution_over(client, execution) for execution in answer["executions"]]
    orders = [_order_over(client, order) for order in answer["orders"]]
    done = {"orders": orders, "executions": executions, "left_out": answer["left_out"]}
    left = _left(done)
    print_json({**done, "left": left}) if as_json else _show(done)
    if left:
        _say(f"something is left: {'; '.join(left)}")
        raise typer.Exit(LEFT)
    if not orders and not executions:
        _say("nothing was held that could be closed")
        raise typer.Exit(NOTHING_HELD)


def _ask(client: Running, instrument: str | None, sell_all: bool, as_json: bool) -> None:
    """Raises CommandError when nobody agrees."""
    if as_json:
        raise CommandError("yes: is required with --json, for nobody can be asked", BAD_INPUT)
    plan = client.ask(calls.flatten_plan(instrument, everything=sell_all))
    print("Every open order is cancelled; then these are closed at market:")
    print_table(plan["closing"], CLOSING_COLUMNS, empty="nothing")
    if plan["left_out"]:
        print("These are left:")
        print_table(plan["left_out"], LEFT_COLUMNS, empty="nothing")
    try:
        agreed = typer.confirm("Go on?")
    except (OSError, typer.Abort):
        raise CommandError("yes: is not given, and nobody answers; nothing was done", BAD_INPUT) from None
    if not agreed:
        raise CommandError("not agreed; nothing was done")


def _execution_over(client: Running, execution: Any) -> Any:
    for _ in range(EXECUTION_POLLS_MAX):
        if execution["status"] in PARENT_OVER:
            break
        _pause()
        execution = client.ask(calls.get_execution(execution["parent_id"]))
    return execution


def _order_over(client: Running, order: Any) -> Any:
    for _ in range(ORDER_POLLS_MAX):
        if order["status"] in TERMINAL_STATUSES:
            break
        _pause()
        order = client.ask(calls.get_order(order["order_id"]))
    return order


def _pause() -> None:
    asyncio.run(SystemClock().sleep(POLL_SECONDS))


def _left(done: Any) -> list[str]:
    """What was to be closed, or was left out, and is still held; dust and what others closed meanwhile are not."""
    found: list[str] = []
    for execution in done["executions"]:
        rest = Decimal(execution["size"]) - Decimal(execution["filled_size"])
        if rest and not execution["status"].startswith("completed"):
            why = execution["reason"] or execution["waiting_for"] or execution["status"]
            found.append(f"{rest} {execution['instrument_id']} ({why})")
    for order in done["orders"]:
        rest = Decimal(order["size"]) - Decimal(order["filled_size"])
        if rest and order["parent_id"] is None:
            found.append(f"{rest} {order['instrument_id']} ({_why(order)})")
    found += [
        f"{left['size']} {left['instrument_id']} ({left['reason']})" for left in done["left_out"] if not left["dust"]
    ]
    return found


def _why(order: Any) -> str:
    reasons = "; ".join(
        f"{reason['check']}: {reason['field']}={reason['value']}: {reason['rule']}" for reason in order["reasons"]
    )
    return f"{order['status']}: {reasons or order['error_message'] or 'the book did not take it'}"


def _show(done: Any) -> None:
    print_table(done["orders"], ORDER_COLUMNS, empty="no orders")
    if done["executions"]:
        print_table(done["executions"], EXECUTION_COLUMNS, empty="")
    if done["left_out"]:
        print("left out:")
        print_table(done["left_out"], LEFT_COLUMNS, empty="")


def _say(text: str) -> None:
    line = "".join(char if char.isprintable() else "?" for char in text)
    print(f"trading-executor: {line}", file=sys.stderr)
