"""`backtest`: strategies of one's own over a recorded or synthetic market, in virtual time (docs/strategies.md)."""

import re
import sys
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import BAD_INPUT, FAILED, CommandError
from app.cli.options import Json, number, settings, whole
from app.cli.output import print_json, print_table
from app.cli.serving import logging_to, own_strategies

if TYPE_CHECKING:
    from app.backtest.results import BacktestResult
    from app.settings import Settings

YEAR_SECONDS = 366 * 86_400
COLUMNS = (
    "strategy_id", "trades", "net_profit", "unrealized_pnl", "fees", "shortfall", "win_rate", "held", "refused",
)  # fmt: skip
_BALANCE = re.compile(r"([A-Z0-9]{1,16})=([0-9]{1,15}(?:\.[0-9]{1,15})?)")


def backtest(
    strategy: Annotated[str, typer.Argument(help="FILE.py:Class, or the name of one in the settings.")],
    instrument: Annotated[
        list[str] | None, typer.Option("--instrument", help="What a file's class is shown and may trade; repeatable.")
    ] = None,
    tape: Annotated[
        list[Path] | None, typer.Option("--tape", help="A recording; may be repeated, in order. Without: --synthetic.")
    ] = None,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="A market drawn from --seed.")] = False,
    seed: Annotated[int, whole("--seed", least=0, help="The same seed, the same result to the byte.")] = 1,
    seconds: Annotated[
        float | None,
        number("--seconds", least=1, most=YEAR_SECONDS, help="How long; without, an hour, or all of the tape."),
    ] = None,
    balance: Annotated[
        list[str] | None,
        typer.Option("--balance", help="CURRENCY=AMOUNT to begin with; repeatable. Without: 100000 of each quote."),
    ] = None,
    latency_ms: Annotated[
        float, number("--latency-ms", least=0, most=60_000, help="Each way, of orders, answers and news.")
    ] = 20.0,
    log: Annotated[
        Path | None, typer.Option("--log", help="A file for the log, with what the strategy prints.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a strategy's file over a market that is over before you have blinked; what it would have done and made."""
    if synthetic and tape:
        raise CommandError("--synthetic and --tape go not together", BAD_INPUT)
    for path in tape or ():
        if not path.is_file():
            raise CommandError(f"tape={path}: there is no such file", BAD_INPUT)
    found = _chosen(settings(), strategy, instrument)

    from app.backtest.running import BacktestOptions, run
    from app.domain.refusals import InvalidValue

    options = BacktestOptions(
        seconds=seconds if seconds is not None or tape else 3_600,
        tape=tuple(path.resolve() for path in tape or ()),
        seed=seed,
        balances=_balances(balance),
        latency_ms=latency_ms,
    )
    with _logged(found, log):
        try:
            result = run(found, options)
        except InvalidValue as error:
            raise CommandError(str(error), BAD_INPUT) from None
    _show(result, as_json)
    if result.failed:
        names = "; ".join(f"{each.strategy_id}: {each.reason}" for each in result.failed)
        print(f"trading-executor: failed: {names}", file=sys.stderr)
        raise typer.Exit(FAILED)  # the result is printed, and stays the one object of --json


def _chosen(found: "Settings", strategy: str, instruments: list[str] | None) -> "Settings":
    if ".py:" in strategy:
        return found.model_copy(update={"strategies": own_strategies([strategy], instruments)})
    if strategy not in found.strategies:
        known = ", ".join(found.strategies) or "none"
        rule = f"is neither FILE.py:Class nor a strategy of the settings; they have {known}"
        raise CommandError(f"strategy={strategy}: {rule}", BAD_INPUT)
    if instruments:
        raise CommandError("--instrument goes with FILE.py:Class; the settings say those of a named one", BAD_INPUT)
    return found.model_copy(update={"strategies": {strategy: found.strategies[strategy]}})


def _balances(said: list[str] | None) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each in said or ():
        match = _BALANCE.fullmatch(each)
        if match is None or match[1] in found:
            raise CommandError(f"balance={each}: must be CURRENCY=AMOUNT, such as USDT=5000, once each", BAD_INPUT)
        found[match[1]] = Decimal(match[2])
    return found


def _logged(found: "Settings", path: Path | None) -> AbstractContextManager[None]:
    if path is not None:
        return logging_to(found, path)
    return logging_to(found.model_copy(update={"log_level": "ERROR"}))


def _show(result: "BacktestResult", as_json: bool) -> None:
    from app.api.encoding import json_ready

    told: dict[str, Any] = json_ready(result)
    if as_json:
        print_json(told)
        return
    market = ", ".join(told["tape"]) or f"synthetic market, seed {told['seed']}"
    print(f"{market}: {told['began_at']} to {told['ended_at']}")
    print_table([_row(each) for each in told["strategies"]], COLUMNS, empty="no strategies")
    known = [point["equity"] for point in told["equity"] if point["equity"] is not None]
    if known:
        print(f"equity {known[0]} to {known[-1]}")


def _row(found: dict[str, Any]) -> dict[str, Any]:
    view, figures = found["strategy"], found["performance"]
    return {
        "strategy_id": view["strategy_id"],
        "trades": figures["total_trades"],
        "net_profit": figures["net_profit"],
        "unrealized_pnl": figures["unrealized_pnl"],
        "fees": _amounts(found["fees"]),
        "shortfall": _amounts(found["shortfall"]),
        "win_rate": figures["win_rate"],
        "held": _amounts(view["held"]),
        "refused": view["signals_refused"],
    }


def _amounts(found: dict[str, str]) -> str:
    return " ".join(f"{amount} {name}" for name, amount in found.items())
