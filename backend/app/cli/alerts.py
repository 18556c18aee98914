"""What is out of bounds in a running system, and the word that somebody has taken it up (docs/alerts.md)."""

from typing import Annotated, Any

import typer

from app.cli.client import connect
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_json, print_table
from trading_executor.client import calls

COLUMNS = ("alert_id", "state", "severity", "rule", "subject", "what", "fired_at", "acknowledged_by", "resolved_at")

app = typer.Typer(help="List what is out of bounds, or say that you have taken it up.")


@app.command("list")
def list_alerts(
    open_only: Annotated[bool, typer.Option("--open", help="Only those not over.")] = False,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List alerts, newest first."""
    _show(connect(url, data_dir).ask(calls.alerts(open_only=open_only))["alerts"], as_json)


@app.command()
def ack(
    alert_id: Annotated[str, typer.Argument(help="Its id, as `alerts list` shows it.")],
    note: Annotated[str | None, typer.Option("--note", help="What is done about it.")] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Say that you have taken it up; it goes on until it is over."""
    _show([connect(url, data_dir).ask(calls.acknowledge_alert(alert_id, note=note))], as_json)


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json({"alerts": rows})
        return
    print_table(rows, COLUMNS, empty="no alerts")
