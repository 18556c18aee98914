"""Hooks of a running system: their secrets made, rotated, revoked; listed; and tried with an alert that does nothing.

How a hook reads its alerts stands in the settings (docs/signals.md); its secret is a key that opens nothing else.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import keys
from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_json, print_table
from app.domain.access_keys import HOOK
from trading_executor.client import calls

COLUMNS = ("name", "path", "form", "one_by", "window_seconds", "alerts_per_minute", "states")
SCOPES = ["orders:place", "exit"]

Name = Annotated[str, typer.Argument(help="The hook's name in the settings; the journal calls it hook:NAME.")]

app = typer.Typer(help="Make, list, try, rotate and revoke the hooks that alerts come in by.")


@app.command()
def create(
    name: Name,
    scope: Annotated[
        keys.Many,
        typer.Option("--scope", help="orders:place, executions, exit; may be repeated.", show_default=str(SCOPES)),
    ] = None,
    instrument: keys.Instruments = None,
    strategy: keys.Strategies = None,
    max_order_notional: keys.OrderNotional = None,
    max_daily_notional: keys.DailyNotional = None,
    address: keys.Addresses = None,
    expires_in: keys.ExpiresIn = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a hook's secret and show it, this once."""
    client = connect(url, data_dir, control=True)
    declared = [hook["name"] for hook in client.ask(calls.hooks())["hooks"]]
    if name not in declared:
        rule = f"is no hook of the system's settings; they have {', '.join(declared) or 'none'} (docs/signals.md)"
        raise CommandError(f"name={name}: {rule}", BAD_INPUT)
    keys.create(
        HOOK + name,
        scope=scope or SCOPES,
        instrument=instrument,
        strategy=strategy,
        max_order_notional=max_order_notional,
        max_daily_notional=max_daily_notional,
        address=address,
        expires_in=expires_in,
        url=url,
        data_dir=data_dir,
        as_json=as_json,
    )


@app.command("list")
def list_hooks(url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List the hooks of the settings, and how their secrets stand."""
    answer = connect(url, data_dir, control=True).ask(calls.hooks())
    if as_json:
        print_json(answer)
        return
    rows = [{**row, "states": " ".join(row["states"]) or "no secret"} for row in answer["hooks"]]
    print_table(rows, COLUMNS, empty="no hooks in the settings")


@app.command("try")
def try_hook(
    name: Name,
    alert: Annotated[Path, typer.Argument(help="A file with an alert as the tool sends it; - reads standard input.")],
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show what an alert would do; nothing is done."""
    try:
        said = sys.stdin.read() if str(alert) == "-" else alert.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"alert={alert}: {error}", BAD_INPUT) from None
    answer = connect(url, data_dir, control=True).ask(calls.try_hook(name, said))
    if as_json:
        print_json(answer)
        return
    signal: dict[str, Any] = answer["signal"]
    print(f"{signal['type']} {signal['size'] or 'all'} {signal['instrument_id']}, once as {answer['key']}")
    for order in signal["orders"]:
        price = "at market" if order["price"] is None else f"at {order['price']}"
        print(f"order: {order['side']} {order['size']} {price}")
    if signal["execution"] is not None:
        print(f"execution: {signal['execution']['strategy']}")
    for why in signal["refused"]:
        print(f"refused: {why['field']}={why['value']}: {why['rule']}")


@app.command()
def rotate(
    name: Name,
    overlap: keys.Overlap = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Give a hook a new secret and show it, this once."""
    keys.rotate(HOOK + name, overlap=overlap, url=url, data_dir=data_dir, as_json=as_json)


@app.command()
def revoke(name: Name, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """End a hook's secrets, at once and for ever."""
    keys.revoke(HOOK + name, url=url, data_dir=data_dir, as_json=as_json)
