"""What waits for a second person: listed, confirmed or refused, with the environment's key, else by the socket."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.client import Running, connect
from app.cli.options import DataDir, Json, Url, settings
from app.cli.output import print_json, print_table
from trading_executor.client import calls

COLUMNS = ("approval_id", "state", "act", "subject", "wanted", "asked_by", "expires_at", "decided_by", "reason")

Which = Annotated[str, typer.Argument(help="Its id, as `approvals list` shows it.")]

app = typer.Typer(help="Confirm or refuse what another person asked for.")


@app.command("list")
def list_approvals(url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List what was asked for, newest first."""
    _show(_asking(url, data_dir).ask(calls.approvals())["approvals"], as_json)


@app.command()
def confirm(approval_id: Which, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Let it happen, at once."""
    _show([_asking(url, data_dir).ask(calls.confirm_approval(approval_id))], as_json)


@app.command()
def refuse(
    approval_id: Which,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Let it not happen; who asked may take it back so."""
    _show([_asking(url, data_dir).ask(calls.refuse_approval(approval_id, reason=reason))], as_json)


def _asking(url: str | None, data_dir: Path | None) -> Running:
    """With the key that the environment gives, as its principal: the control socket would be the owner's word."""
    return connect(url, data_dir, control=settings(data_dir=data_dir).api_key is None)


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json({"approvals": rows})
        return
    print_table(rows, COLUMNS, empty="nothing waits for a second person")
