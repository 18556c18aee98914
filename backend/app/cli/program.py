"""The command `trading-executor`: its commands, and the one place where their errors become a line and a status."""

import contextlib
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from app.cli import (
    alerts,
    approvals,
    assistant,
    backtesting,
    costs,
    creating,
    database,
    demo_command,
    doctor,
    executing,
    executions,
    exporting,
    flattening,
    hooks,
    keys,
    lab,
    leverage,
    looking,
    market,
    notify,
    performing,
    proposals,
    risk,
    serving,
    strategies,
    streaming,
    trading,
    venue_check,
    volume_curves,
)
from app.cli.errors import BAD_INPUT, FAILED, CommandError
from app.cli.output import outlive_readers, print_json
from app.observability import core_dumps

app = typer.Typer(
    name="trading-executor",
    help="Signals become durable, risk-checked orders at an exchange and come back as fills, positions and PnL.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from app.version import installed_version

        print(f"trading-executor {installed_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    """Signals become durable, risk-checked orders at an exchange and come back as fills, positions and PnL."""


RUNNING, READING, LEVERS, UPKEEP = "Run", "Look", "Act", "Database"

for name, command, panel in (
    ("serve", serving.serve, RUNNING),
    ("demo", demo_command.demo, RUNNING),
    ("new", creating.new, RUNNING),
    ("mcp", assistant.mcp, RUNNING),
    ("backtest", backtesting.backtest, RUNNING),
    ("status", database.status, READING),
    ("export", exporting.export, READING),
    ("orders", trading.orders, READING),
    ("positions", trading.positions, READING),
    ("trades", trading.trades, READING),
    ("performance", performing.performance, READING),
    ("tax-lots", looking.tax_lots, READING),
    ("executions", looking.executions, READING),
    ("tca", costs.tca, READING),
    ("estimate", costs.estimate, READING),
    ("strategies", executing.strategies, READING),
    ("volume-curve", volume_curves.volume_curve, READING),
    ("account", looking.account, READING),
    ("instruments", market.instruments, READING),
    ("instrument", market.instrument, READING),
    ("candles", market.candles, READING),
    ("book", market.book, READING),
    ("risk", risk.risk, READING),
    ("events", looking.events, READING),
    ("stream", streaming.stream, READING),
    ("place", trading.place, LEVERS),
    ("execute", executing.execute, LEVERS),
    ("modify", trading.modify, LEVERS),
    ("cancel", trading.cancel, LEVERS),
    ("cancel-all", trading.cancel_all, LEVERS),
    ("flatten", flattening.flatten, LEVERS),
    ("leverage", leverage.leverage, LEVERS),
    ("kill", trading.kill, LEVERS),
    ("resume", trading.resume, LEVERS),
    ("resolve", trading.resolve, LEVERS),
    ("accept", trading.accept, LEVERS),
    ("doctor", doctor.doctor, UPKEEP),
    ("migrate", database.migrate, UPKEEP),
    ("audit", database.audit, UPKEEP),
    ("backup", database.backup, UPKEEP),
    ("restore", database.restore, UPKEEP),
    ("drill", database.drill, UPKEEP),
    ("reconcile", database.reconcile, UPKEEP),
    ("venue-check", venue_check.venue_check, UPKEEP),
):
    # A size such as -1 is for the system to refuse, by its name; taken for an option it would not even be asked.
    context = {"ignore_unknown_options": command in (trading.place, costs.estimate)}
    app.command(name, rich_help_panel=panel, context_settings=context)(command)


app.add_typer(lab.app, name="lab", rich_help_panel=RUNNING)
app.add_typer(executions.app, name="execution", rich_help_panel=LEVERS)
app.add_typer(strategies.app, name="strategy", rich_help_panel=LEVERS)
app.add_typer(hooks.app, name="hooks", rich_help_panel=UPKEEP)
app.add_typer(keys.app, name="keys", rich_help_panel=UPKEEP)
app.add_typer(alerts.app, name="alerts", rich_help_panel=UPKEEP)
app.add_typer(approvals.app, name="approvals", rich_help_panel=UPKEEP)
app.add_typer(proposals.app, name="proposals", rich_help_panel=LEVERS)
app.add_typer(notify.app, name="notify", rich_help_panel=UPKEEP)


@app.command(
    "simulator",
    rich_help_panel=RUNNING,
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def simulator(context: typer.Context) -> None:
    """Run the simulated OKX exchange alone; `simulator --help` lists its options."""
    from app.simulator.__main__ import main as run

    raise typer.Exit(run(context.args))


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its status (errors.py). Errors are one line on standard error; for whoever asked
    for --json they stand on standard output too, as an object."""
    core_dumps.disable()
    serving.collect_rarely()  # before what a command needs is imported: a sixth of that time went into looking
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] not in (["demo"], ["stream"]):  # things to look at: they end when nobody does
        outlive_readers()
    try:
        status = app(args=given or ["--help"], prog_name="trading-executor", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except CommandError as error:
        status = _say(str(error), error.status, given, error.errors)
    except TyperException as error:
        status = _say(error.format_message(), BAD_INPUT, given)
    except typer.Abort:
        status = _say("interrupted", FAILED, given)
    except KeyboardInterrupt:
        status = 130
    except Exception as error:  # noqa: BLE001 - the command's outer edge: a bug is one line too, its traceback in the log
        from app.observability.redaction import redact

        status = _say(redact(f"unforeseen {type(error).__name__}: {error}"), FAILED, given)
    sys.exit(status or 0)


def _say(message: str, status: int, given: Sequence[str], errors: Sequence[Mapping[str, Any]] = ()) -> int:
    line = " ".join(message.split())
    if "--json" in given:
        with contextlib.suppress(CommandError):  # why the command failed says more than that nobody can hear it
            print_json({"error": {"message": line, "status": status, "errors": list(errors)}})
            sys.stdout.flush()
    print(f"trading-executor: {line}", file=sys.stderr)
    return status
