"""The markets of a running system: what can be traded and on which terms, candles, books."""

from typing import Annotated

import typer

from app.cli.client import connect
from app.cli.options import DataDir, End, Json, Start, Url, whole
from app.cli.output import print_fields, print_json, print_table
from trading_executor.client import calls

INSTRUMENT_COLUMNS = (
    "instrument_id", "kind", "base", "quote", "settle", "tick", "lot", "min_size", "contract_value", "live", "maker",
    "taker",
)  # fmt: skip
CANDLE_COLUMNS = ("opened_at", "open", "high", "low", "close", "volume", "complete")
BOOK_COLUMNS = ("side", "price", "size")
LEVERAGE_COLUMNS = ("trade_mode", "position_side", "leverage", "age_seconds")

Instrument = Annotated[str, typer.Argument(help="Such as BTC-USDT.")]


def instruments(
    pattern: Annotated[str | None, typer.Argument(help="Only those whose id contains this.")] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List what can be traded: steps of price and size, smallest order, contract value, fees so far as read."""
    answer = connect(url, data_dir).ask(calls.instruments(pattern))
    if as_json:
        print_json(answer)
        return
    rows = [{**each, **_fees(each)} for each in answer["instruments"]]
    print_table(rows, INSTRUMENT_COLUMNS, empty="no instruments")


def instrument(instrument: Instrument, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show one instrument, with the fees and the leverage in force."""
    answer = connect(url, data_dir).ask(calls.instrument(instrument))
    if as_json:
        print_json(answer)
        return
    fees, leverages = _fees(answer), answer["leverages"]
    print_fields({name: value for name, value in answer.items() if name not in ("fees", "leverages")} | fees)
    if leverages:
        print_table(leverages, LEVERAGE_COLUMNS, empty="no leverage")


def candles(
    instrument: Instrument,
    bar: Annotated[str, typer.Option("--bar", help="1m, 5m, 15m, 30m, 1h, 4h or 1d.")] = "1m",
    start: Start = None,
    end: End = None,
    limit: Annotated[int, whole("--limit", least=1, help="The most of them.")] = 100,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List candles, oldest first; without --start the last ones."""
    asked = calls.candles(instrument, bar=bar, start_date=start, end_date=end, limit=limit)
    answer = connect(url, data_dir).ask(asked)
    print_json(answer) if as_json else print_table(answer["candles"], CANDLE_COLUMNS, empty="no candles")


def book(
    instrument: Instrument,
    depth: Annotated[int, whole("--depth", least=1, help="Levels of each side.")] = 10,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show the order book, asks above bids."""
    answer = connect(url, data_dir).ask(calls.book(instrument, depth=depth))
    if as_json:
        print_json(answer)
        return
    asks = [{"side": "ask", "price": price, "size": size} for price, size in reversed(answer["asks"])]
    bids = [{"side": "bid", "price": price, "size": size} for price, size in answer["bids"]]
    print_table([*asks, *bids], BOOK_COLUMNS, empty="no book")
    print_fields({name: answer[name] for name in ("mid", "spread", "followed", "unusable", "age_seconds")})


def _fees(instrument: dict[str, dict[str, str] | None]) -> dict[str, str | None]:
    fees = instrument["fees"] or {}
    return {"maker": fees.get("maker"), "taker": fees.get("taker")}
