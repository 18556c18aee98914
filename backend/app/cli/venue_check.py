"""The command `venue-check`: which exchange, how much is allowed, and the table. The cards are the adapter's."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import BAD_INPUT, FAILED, CommandError
from app.cli.options import DataDir, Json, settings, whole
from app.cli.output import print_json, print_table
from app.cli.serving import logging_to

if TYPE_CHECKING:
    from app.exchanges.okx.venue_check import CardResult
    from app.settings import Settings

COLUMNS = ("number", "title", "assumed", "observed", "verdict")


def venue_check(
    exchange: Annotated[str, typer.Option("--exchange", help="Only okx has cards.")] = "okx",
    demo: Annotated[bool, typer.Option("--demo", help="OKX's demo environment, whatever the settings say.")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Allow it with real money: minimum sizes and their fees.")
    ] = False,
    spot: Annotated[str, typer.Option("--spot", help="The spot instrument to try on.")] = "BTC-USDT",
    swap: Annotated[str, typer.Option("--swap", help="The swap to try on.")] = "BTC-USDT-SWAP",
    cards: Annotated[list[int] | None, whole("--card", help="Only this card; may be repeated.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Try on an account what is taken for granted of the exchange, card by card; 1 when something differs."""
    if exchange != "okx":
        raise CommandError(f"exchange={exchange}: has no cards; okx has", BAD_INPUT)
    if demo and live:
        raise CommandError("--demo and --live exclude each other", BAD_INPUT)
    from app.cli import local_exchange
    from app.clock import SystemClock

    clock = SystemClock()
    chosen = settings(data_dir=data_dir, exchange="okx", environment="demo" if demo else None)
    found = local_exchange.pointed_at(chosen, clock)
    if found.environment == "live" and not live:
        raise CommandError("environment=live: this trades; say --live if real money is meant, or --demo", BAD_INPUT)
    with logging_to(found):
        results = asyncio.run(_results(found, clock, spot, swap, cards or []))
    if as_json:
        print_json({"environment": found.environment, "cards": [asdict(each) for each in results]})
    else:
        print_table([asdict(each) for each in results], COLUMNS, empty="no such card")
    if any(each.verdict == "differs" for each in results):
        raise typer.Exit(FAILED)


async def _results(found: "Settings", clock: Any, spot: str, swap: str, cards: list[int]) -> "list[CardResult]":
    from app.chosen_exchange import make_exchange
    from app.exchanges.errors import ExchangeError
    from app.exchanges.okx import OkxExchange
    from app.exchanges.okx.venue_check import check
    from app.settings import SettingsError

    try:
        exchange = make_exchange(found, clock)
        assert isinstance(exchange, OkxExchange), "the settings say okx"
        return [each async for each in check(exchange.config, clock, spot=spot, swap=swap, numbers=cards)]
    except SettingsError as error:
        raise CommandError("; ".join(error.problems), BAD_INPUT) from None
    except ExchangeError as error:
        raise CommandError(f"exchange: {error}") from None
