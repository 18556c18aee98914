"""`risk`: the limits in force on a running system, and what is used of each."""

from app.cli.client import connect
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_fields, print_json, print_table
from trading_executor.client import calls

COLUMNS = ("name", "of", "limit", "used", "left", "unit", "why")
POSITION_COLUMNS = ("position", "worth", "of_equity")


def risk(url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show the risk limits in force, what is used of each, and what each position comes to at worst."""
    answer = connect(url, data_dir).ask(calls.risk_limits())
    if as_json:
        print_json(answer)
        return
    print_table(answer["limits"], COLUMNS, empty="no limits")
    print_table(answer["positions"], POSITION_COLUMNS, empty="no positions")
    parts = ("limits", "positions", "key")
    of_key = {f"key_{name}": value for name, value in answer["key"].items() if value is not None}
    print_fields({name: value for name, value in answer.items() if name not in parts} | of_key)
