"""`volume-curve`: what an instrument trades by hour of the week, for people and as VWAP takes it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import typer

from app.cli.client import connect
from app.cli.options import DataDir, Json, Url, whole
from app.cli.output import print_json, shown
from trading_executor.client import calls

BAR = 40


def volume_curve(
    instrument: Annotated[str, typer.Argument(help="Such as BTC-USDT.")],
    days: Annotated[int, whole("--days", least=1, help="Learn from the whole UTC days among the last so many.")] = 28,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Learn when an instrument trades, from its hourly volumes; the last line is an option of `execute vwap`."""
    answer = connect(url, data_dir).ask(calls.volume_curve(instrument, days=days))
    if as_json:
        print_json(answer)
        return
    curve = [Decimal(each) for each in answer["volume_curve"]]
    days_from_to = f"{answer['first_day'][:10]} to {answer['last_day'][:10]}"
    print(f"{shown(answer['instrument_id'])}: {answer['days']} whole days, {shown(days_from_to)}")
    print("by hour of the day (UTC), over what the average hour trades:")
    print("\n".join(bars(curve)))
    print(f"--config volume_curve={','.join(f'{each:f}' for each in curve)}")


def bars(curve: Sequence[Decimal]) -> list[str]:
    """A line for each of 24 hours, over all days of the week."""
    hours = [sum(of_days, Decimal(0)) / len(of_days) for of_days in (curve[hour::24] for hour in range(24))]
    most = max(hours)
    return [f"{hour:02d} h {x:6.2f} {'#' * max(int(BAR * x / most), 1)}" for hour, x in enumerate(hours)]
