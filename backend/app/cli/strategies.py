"""Strategies of one's own in a running system: listed, shown, stopped, started, loaded anew (docs/strategies.md)."""

from typing import Annotated, Any

import typer

from app.cli.client import connect
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_fields, print_json, print_table
from trading_executor.client import calls
from trading_executor.client.wire import Call

COLUMNS = (
    "strategy_id", "standing", "instruments", "held", "at_risk", "budget", "signals_taken", "signals_refused", "reason",
)  # fmt: skip
FIGURES = (
    "total_trades", "net_profit", "realised_pnl", "unrealized_pnl", "total_fees", "win_rate", "max_drawdown",
    "valuation_currency",
)  # fmt: skip

Name = Annotated[str, typer.Argument(help="Its name in the settings; of --strategy its class, in lower case.")]

app = typer.Typer(help="List, show, stop, start and reload strategies of your own.")


@app.command("list")
def list_strategies(url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """List those of the settings, and how each stands."""
    answer = connect(url, data_dir).ask(calls.own_strategies())
    if as_json:
        print_json(answer)
        return
    print_table([_shown(row) for row in answer["strategies"]], COLUMNS, empty="no strategies in the settings")


@app.command()
def show(name: Name, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show one: how it stands, its book, budget, limits, profit and loss, and what went wrong."""
    answer = connect(url, data_dir).ask(calls.own_strategy(name))
    if as_json:
        print_json(answer)
        return
    figures = answer["performance"]
    print_fields(_shown(answer["strategy"]) | {name: figures[name] for name in FIGURES} | {"state": answer["state"]})


@app.command()
def start(name: Name, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Start one that stopped or failed."""
    _do(calls.start_strategy(name), url, data_dir, as_json)


@app.command()
def reload(name: Name, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Load its file anew, while everything else goes on; what it keeps and holds goes on too."""
    _do(calls.reload_strategy(name), url, data_dir, as_json)


@app.command()
def stop(
    name: Name,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Stop one, until it is started; its orders and what it holds stay as they are."""
    _do(calls.stop_strategy(name, reason=reason), url, data_dir, as_json)


def _do(call: Call[Any], url: Any, data_dir: Any, as_json: bool) -> None:
    answer = connect(url, data_dir).ask(call)
    print_json(answer) if as_json else print_fields(_shown(answer))


def _shown(view: dict[str, Any]) -> dict[str, Any]:
    held = " ".join(f"{size} {instrument_id}" for instrument_id, size in view["held"].items())
    return {**view, "instruments": " ".join(view["instruments"]), "held": held}
