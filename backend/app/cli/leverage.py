"""The leverage of a contract on a running system: shown as the exchange has it, and set."""

from typing import Annotated

import typer

from app.cli.client import connect
from app.cli.options import DataDir, Json, Url
from app.cli.output import print_json, print_table
from trading_executor.client import calls

COLUMNS = ("instrument_id", "trade_mode", "position_side", "leverage")


def leverage(
    instrument: Annotated[str, typer.Argument(help="A contract, such as BTC-USDT-SWAP.")],
    value: Annotated[str | None, typer.Argument(help="Set it to this; without, it is shown.")] = None,
    trade_mode: Annotated[str, typer.Option("--trade-mode", help="cross or isolated.")] = "cross",
    position_side: Annotated[
        str | None, typer.Option("--position-side", help="long or short, of isolated margin on a long/short account.")
    ] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show or set the leverage of a contract."""
    client = connect(url, data_dir)
    if value is None:
        answer = client.ask(calls.leverage(instrument, trade_mode))
    else:
        answer = client.ask(calls.set_leverage(instrument, value, trade_mode=trade_mode, position_side=position_side))
    if as_json:
        print_json(answer)
    else:
        print_table(answer["leverages"], COLUMNS, empty="no leverage")
