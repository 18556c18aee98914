"""`execute`: starts an execution strategy, and with --watch shows how far it is until it is over. `strategies`: which
there are, and what each may be told."""

import asyncio
import re
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import typer

from app.cli import execution_options as options
from app.cli.client import Running, connect
from app.cli.errors import BAD_INPUT, LEFT, CommandError
from app.cli.executions import setting, show
from app.cli.options import DataDir, Json, Key, Url
from app.cli.output import print_fields, print_json, print_table
from app.clock import SystemClock
from trading_executor.client import calls

POLL_SECONDS = 0.5
BAR = 30
WELL = frozenset({"completed", "completed_with_dust"})
ENDS = WELL | {"partial_expired", "canceled", "rejected", "failed", "suspended", "paused"}
"""Over, or laid aside until somebody resumes it."""
PLANNED_COLUMNS = ("at", "size", "price", "reason")
PARAMETER_COLUMNS = ("parameter", "default", "unit", "allowed", "meaning")
STRATEGY_COLUMNS = ("strategy", "what it is")
_DURATION = re.compile(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?", re.ASCII)


def execute(
    strategy: Annotated[str, typer.Argument(help="Such as twap; `strategies` lists them.")],
    instrument: Annotated[str, typer.Argument(help="Such as BTC-USDT.")],
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    size: Annotated[
        str, typer.Argument(help="In base currency for spot, in contracts for swaps, unless --in says so.")
    ],
    size_in: options.SizeIn = "instrument",
    price: options.Price = None,
    duration: options.Duration = None,
    config: options.Config = None,
    trade_mode: options.TradeMode = "cash",
    position_side: options.PositionSide = "net",
    reduce_only: options.ReduceOnly = False,
    account_of: options.AccountOf = None,
    start_at: options.StartAt = None,
    end_at: options.EndAt = None,
    limit_offset: options.LimitOffset = None,
    decision_at: options.DecisionAt = None,
    decision_price: options.DecisionPrice = None,
    tag: options.Tag = None,
    preview: options.Preview = False,
    watch: options.Watch = False,
    idempotency_key: Key = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Work a large order over time. With --watch, status 5: something is left of it."""
    wanted = calls.start_execution(
        strategy,
        instrument,
        side,
        size,
        config=_given(strategy, instrument, config, duration),
        size_in=size_in,
        price=price,
        trade_mode=trade_mode,
        position_side=position_side,
        reduce_only=reduce_only,
        strategy_id=account_of,
        start_at=start_at,
        end_at=end_at,
        limit_offset_pct=limit_offset,
        decision_at=decision_at,
        decision_price=decision_price,
        tags=tag or (),
        idempotency_key=idempotency_key,
    )
    client = connect(url, data_dir)
    if preview:
        _show_preview(client.ask(calls.preview_of(wanted)), as_json)
        return
    execution = client.ask(wanted)
    if watch:
        execution = _watched(client, execution, quiet=as_json)
    show(execution, as_json)
    if watch and execution["status"] in ENDS - WELL:
        left = Decimal(execution["size"]) - Decimal(execution["filled_size"])
        raise CommandError(f"{left} is left: {execution['status']}: {execution['reason']}", LEFT)


def _given(strategy: str, instrument: str, config: list[str] | None, duration: str | None) -> dict[str, Any]:
    given = dict(setting(text, instrument) for text in config or [])
    if duration is not None:
        given[_time_key(strategy)] = _seconds(duration)
    return given


def _show_preview(answer: Any, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    print_fields({name: value for name, value in answer.items() if name != "children"})
    print_table(answer["children"], PLANNED_COLUMNS, empty="no orders are planned: it goes by the market")


def strategies(
    name: Annotated[str | None, typer.Argument(help="What this one may be told.")] = None, as_json: Json = False
) -> None:
    """List the execution strategies, or the parameters of one."""
    from app.services.trading.execution_strategies import STRATEGIES
    from app.services.trading.execution_strategies.parameters import parameters, shown, summary

    wanted = STRATEGIES if name is None else {name: STRATEGIES[_known(name)]}
    if as_json:
        listed = [
            {"name": each, "summary": summary(strategy), "parameters": list(parameters(strategy))}
            for each, strategy in wanted.items()
        ]
        print_json(msgspec.to_builtins(listed))
    elif name is None:
        rows = [{"strategy": each, "what it is": summary(strategy)} for each, strategy in wanted.items()]
        print_table(rows, STRATEGY_COLUMNS, empty="none")
    else:
        found = [
            {
                "parameter": each.name,
                "default": shown(each.default),
                "unit": each.unit,
                "allowed": each.allowed,
                "meaning": each.help,
            }
            for each in parameters(wanted[name])
        ]
        print_table(found, PARAMETER_COLUMNS, empty="none")


def _known(name: str) -> str:
    from app.services.trading.execution_strategies import STRATEGIES

    if name not in STRATEGIES:
        raise CommandError(f"strategy={name}: must be one of {', '.join(STRATEGIES)}", BAD_INPUT)
    return name


def _time_key(strategy: str) -> str:
    """What a strategy calls the time that it may take."""
    from app.services.trading.execution_strategies import STRATEGIES
    from app.services.trading.execution_strategies.terms import time_key
    from app.services.trading.execution_strategies.wheel import WHEEL

    if strategy == WHEEL:
        raise CommandError("--duration goes not with a wheel: each of its arms has its own", BAD_INPUT)
    return time_key(STRATEGIES[_known(strategy)].Config)


def _seconds(text: str) -> int:
    if text.isascii() and text.isdecimal():
        return int(text)
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise CommandError(f"duration={text}: must be seconds, or such as 30m or 1h30m", BAD_INPUT)
    return sum(int(part) * seconds for part, seconds in zip(found.groups("0"), (86_400, 3_600, 60, 1), strict=True))


def _watched(client: Running, execution: Any, *, quiet: bool) -> Any:
    """Until it is over, laid aside, or left by who watches: Ctrl-C asks what becomes of it."""
    parent_id = execution["parent_id"]
    line = _Line(quiet=quiet)
    while execution["status"] not in ENDS:
        try:
            line.show(progress(execution))
            asyncio.run(SystemClock().sleep(POLL_SECONDS))
            execution = client.ask(calls.get_execution(parent_id))
        except KeyboardInterrupt:
            line.end()
            choice = _choice()
            if choice == "leave":
                print("trading-executor: it goes on", file=sys.stderr)
                return client.ask(calls.get_execution(parent_id))
            execution = _told(client, parent_id, choice)
    line.show(progress(execution))
    line.end()
    return execution


_DONE = {"pause": calls.pause_execution, "cancel": calls.cancel_execution}
"""What else may become of it than that it is left."""


def _told(client: Running, parent_id: str, choice: str) -> Any:
    """Raises CommandError; not for one that was over before the person had answered."""
    try:
        return client.ask(_DONE[choice](parent_id, reason="interrupted at the command line"))
    except CommandError:
        execution = client.ask(calls.get_execution(parent_id))
        if execution["status"] not in ENDS:
            raise
        return execution


def _choice() -> str:
    """What a person wants; where none can be asked, and for another Ctrl-C, that it goes on."""
    while sys.stdin.isatty():
        try:
            asked = "It goes on by itself. leave, pause or cancel it?"
            said = typer.prompt(asked, default="leave", err=True).strip().lower()
        except typer.Abort:
            print(file=sys.stderr)
            break
        if found := [each for each in ("leave", *_DONE) if said and each.startswith(said)]:
            return found[0]
    return "leave"


def progress(execution: Mapping[str, Any]) -> str:
    """One line: a bar, how much of how much, and what it waits for."""
    size, filled = Decimal(execution["size"]), Decimal(execution["filled_size"])
    full = int(BAR * filled / size) if size else BAR
    part = f"{filled / size * 100:.1f} %" if size else "-"
    said = execution["waiting_for"] or execution["reason"] or ""
    return f"[{'#' * full}{'-' * (BAR - full)}] {part} {filled} of {size} {execution['status']} {said}".rstrip()


class _Line:
    """On a terminal one line that is written over; elsewhere a line each time that something is new."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._over = sys.stdout.isatty()
        self._last = ""

    def show(self, text: str) -> None:
        clean = "".join(char if char.isprintable() else "?" for char in text)
        if self._quiet or clean == self._last:
            return
        self._last = clean
        print(f"\r\x1b[K{clean}" if self._over else clean, end="" if self._over else "\n", flush=True)

    def end(self) -> None:
        if self._over and self._last:
            print()
