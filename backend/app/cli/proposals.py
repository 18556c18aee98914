"""What was proposed and waits for a person: listed, confirmed or refused, with a key that may place it."""

from typing import Annotated, Any

import typer

from app.cli.client import connect
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_fields, print_json, print_table
from trading_executor.client import calls

COLUMNS = (
    "proposal_id", "state", "act", "instrument_id", "request", "asked_by", "expires_at", "decided_by", "became",
    "reason",
)  # fmt: skip

Which = Annotated[str, typer.Argument(help="Its id, as `proposals list` shows it.")]

app = typer.Typer(help="Confirm or refuse the orders and executions that a program proposed.")


@app.command("list")
def proposals(url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List what was proposed, newest first."""
    _show(connect(url, data_dir).ask(calls.proposals())["proposals"], as_json)


@app.command("show")
def proposal(proposal_id: Which, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show one, however old it is, and what it has become."""
    found = connect(url, data_dir).ask(calls.proposal(proposal_id))
    print_json(found) if as_json else print_fields(found)


@app.command()
def confirm(proposal_id: Which, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Let it happen, at once."""
    done = connect(url, data_dir).ask(calls.confirm_proposal(proposal_id))
    if as_json:
        print_json(done)
        return
    print_fields(done["order"] or done["execution"])


@app.command()
def refuse(
    proposal_id: Which,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Let it not happen; who proposed it may take it back so."""
    _show([connect(url, data_dir).ask(calls.refuse_proposal(proposal_id, reason=reason))], as_json)


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    print_json({"proposals": rows}) if as_json else print_table(rows, COLUMNS, empty="nothing was proposed")
