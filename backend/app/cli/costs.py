"""What an order cost: `tca ID`, of a parent order or of an order without one."""

from typing import Annotated, Any

import typer

from app.cli.client import connect
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_fields, print_json, print_table
from trading_executor.client import calls

LEFT_OUT = ("shortfall", "after_fills", "after_end", "time_to_fill", "orders", "fills", "missing")
PART_COLUMNS = ("part", "bps", "money")
AFTER_COLUMNS = ("horizon_ms", "liquidity", "n", "markout_bps", "net_bps", "realised_spread_bps", "impact_bps")
END_COLUMNS = ("horizon_ms", "mid", "reversion_bps", "permanent_bps", "source")
CHILD_COLUMNS = (
    "order_id", "order_type", "status", "size", "filled_size", "average_price", "bid", "ask", "touch_slippage_bps",
    "acknowledged_ms", "first_fill_ms",
)  # fmt: skip


def tca(
    subject: Annotated[str, typer.Argument(metavar="ID", help="A parent order's id, or an order's.")],
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show what an execution, or an order, cost against the market that it met. Positive costs are bad."""
    found = connect(url, data_dir).ask(calls.order_cost(subject))
    if as_json:
        print_json(found)
        return
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


def _parts(shortfall: Any) -> list[dict[str, Any]]:
    """The components and their sum, a line each."""
    if shortfall is None:
        return []
    bps, money = shortfall["bps"], shortfall["money"]
    return [{"part": name, "bps": bps[name], "money": money[name]} for name in bps]
