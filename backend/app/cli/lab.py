"""`lab`: execution strategies compared on recorded and synthetic markets (docs/execution.md)."""

import os
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import lab_options as told
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.lab_record import record
from app.cli.options import Json
from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from app.lab.runs import Run
    from app.lab.tables import ArmRow, Market

app = typer.Typer(
    help="Compare execution strategies on recorded and synthetic markets, in virtual time.", no_args_is_help=True
)
INTERRUPTED = 130
PARTS = ("strategy", "blocks", "unmeasured", "spread", "execution", "opportunity", "fees", "cleanup", "total")
REST = (
    "strategy", "completion", "maker_share", "participation", "schedule_error", "seconds", "less_market", "less_twap",
)  # fmt: skip
COMPARED = ("instrument_id", "blocks", "mean", "interval", "verdict")


app.command("record")(record)


@app.command()
def run(
    folder: told.Folder,
    tape: told.Tapes = None,
    synthetic: told.Synthetic = None,
    strategy: told.Strategies = None,
    seeds: told.Seeds = 1,
    first_seed: told.FirstSeed = 1,
    block: told.Block = 30,
    notional: told.Notional = 10_000.0,
    latency_ms: told.Latencies = None,
    queue_model: told.QueueModels = None,
    maker: told.Maker = None,
    taker: told.Taker = None,
    skip: told.Skip = 0.0,
    seconds: told.Seconds = None,
    processes: told.Processes = None,
    ray: told.Ray = None,
    html_file: told.Html = None,
    as_json: Json = False,
) -> None:
    """Work a buy and a sell from the same starts by every strategy, and tell what each cost. Each run is kept as it is
    done: stopped and asked for again, it goes on where it was."""
    from app.domain.money import plain
    from app.domain.refusals import InvalidValue
    from app.lab.runs import FITTING, Pace, World, arm_of, planned
    from app.lab.storing import held, left_to_do
    from app.lab.tables import check_one_release
    from app.lab.tapes import read_tapes

    if not tape and not synthetic:
        raise CommandError("give --tape FILE, --synthetic INSTRUMENT, or both", BAD_INPUT)
    if ray is not None and processes is not None:
        raise CommandError("--ray and --processes go not together", BAD_INPUT)
    try:
        arms = [arm_of(each, block) for each in dict.fromkeys(strategy or FITTING)]
        models, fees = (
            [_queue_model(each) for each in dict.fromkeys(queue_model or ["risk_averse"])],
            _fees(maker, taker),
        )
        worlds = [World(ms, *fees, model) for ms in dict.fromkeys(latency_ms or [20.0]) for model in models]
        slowest = max(world.latency_ms for world in worlds)
        paths = [path.resolve() for path in tape or ()]
        tapes = read_tapes(paths, block, skip=skip, seconds=seconds, latency_ms=slowest)
        markets = [(_listed(each), None) for each in dict.fromkeys(synthetic or ())]
        markets += [(each.instrument_id, each) for each in tapes]
        pace = Pace(block, plain(Decimal(str(notional))))
        runs = planned(markets, arms, worlds, pace, range(first_seed, first_seed + seeds))
        check_one_release(held(folder), runs)
        left = left_to_do(folder, runs)
        made = _made(left, processes or os.cpu_count() or 1, ray)
        folder.mkdir(parents=True, exist_ok=True)
        _done(folder, made, len(runs), len(left))
    except InvalidValue as error:
        raise CommandError(str(error), BAD_INPUT) from None
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: {error.strerror}") from None
    _tell(folder, html_file, as_json=as_json)


@app.command()
def show(folder: told.Folder, html_file: told.Html = None, as_json: Json = False) -> None:
    """What the strategies of a folder cost, and by how much each differs from the baselines."""
    _tell(folder, html_file, as_json=as_json)


@app.command()
def compare(
    folder: told.Folder,
    first: Annotated[str, typer.Argument(help="A strategy, as the table names it.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    as_json: Json = False,
) -> None:
    """Which of two is cheaper; stated only when an interval says so that holds however often one looks."""
    from app.api.encoding import json_ready
    from app.domain.refusals import InvalidValue
    from app.lab.comparing import compared
    from app.lab.storing import results

    try:
        found = compared(results(folder), first, second)
    except InvalidValue as error:
        raise CommandError(str(error), BAD_INPUT) from None
    if as_json:
        print_json({"first": first, "second": second, "markets": json_ready(found)})
        return
    print(f"{first} less {second}, bps of what was ordered; below zero the first is cheaper")
    rows = [
        {**json_ready(each), "mean": f"{each.mean:.4f}", "interval": _interval(each.interval), "verdict": each.said}
        for each in found
    ]
    print_table(rows, COMPARED, empty="")


def _made(runs: "Mapping[str, Run]", processes: int, ray: str | None) -> Iterator[tuple[str, bytes]]:
    """Results as they come."""
    from app.lab.spreading import here, over_processes

    if ray is not None:
        from app.lab.cluster import check_answers, over_ray

        check_answers(ray)
        return over_ray(runs, ray)
    count = min(processes, len(runs))
    return here(runs) if count <= 1 else over_processes(runs, count)


def _done(folder: Path, made: Iterator[tuple[str, bytes]], asked: int, left: int) -> None:
    """Each result is kept before the next is waited for."""
    from app.lab.spreading import WorkerLost, quiet
    from app.lab.storing import keep

    kept = asked - left
    try:
        with quiet(), _bar(asked, kept) as advance:
            for key, data in made:
                keep(folder, key, data)
                kept += 1
                advance()
    except KeyboardInterrupt:
        print(f"\nstopped: {kept} of {asked} runs are kept in {folder}; the same command goes on", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except WorkerLost as error:
        raise CommandError(f"{error}: {kept} of {asked} runs are kept; the same command goes on") from None


def _bar(asked: int, kept: int) -> Any:
    """A bar on a terminal; elsewhere nothing."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    @contextmanager
    def shown() -> Iterator[Any]:
        columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("runs", total=asked, completed=kept)
            yield lambda: progress.advance(task)

    return shown()


def _tell(folder: Path, html_file: Path | None, *, as_json: bool) -> None:
    from app.api.encoding import json_ready
    from app.domain.refusals import InvalidValue
    from app.lab.storing import results
    from app.lab.tables import tabled

    try:
        found = tabled(results(folder))
    except InvalidValue as error:
        raise CommandError(str(error), BAD_INPUT) from None
    if html_file is not None:
        from app.cli.lab_pages import lab_page
        from app.cli.pages import write_page

        write_page(html_file, lab_page(found))
    if as_json:
        print_json({"markets": json_ready(found)})
        return
    for place, market in enumerate(found):
        _show(market, first=place == 0)


def _show(market: "Market", *, first: bool) -> None:
    if not first:
        print()
    print(f"{market.instrument_id}, {market.source}")
    print(f"{market.world}; {market.notional} a side every {market.block_seconds} s; bps, positive is bad")
    print_table([parts_of(each) for each in market.arms], PARTS, empty="no strategy")
    print()
    print_table([rest_of(each) for each in market.arms], REST, empty="no strategy")
    for arm in market.arms:
        if arm.unmeasured:
            print(f"{arm.unmeasured} orders of {arm.name} are not measured: {arm.why}")
    if market.dark:
        print(f"nothing was begun in {market.dark} blocks in which the book did not change")


def parts_of(arm: "ArmRow") -> dict[str, object]:
    """What it cost, as a line."""
    bps = {part: _figure(value, 3) for part, value in arm.bps.items()}
    return {"strategy": arm.name, "blocks": arm.blocks, "unmeasured": arm.unmeasured, **bps}


def rest_of(arm: "ArmRow") -> dict[str, object]:
    """How it was worked, and its differences, as a line."""
    figures = {name.removeprefix("duration_"): _figure(value, 4) for name, value in arm.figures.items()}
    less = {
        f"less_{each.baseline}": f"{_figure(each.mean, 3) or ''} {each.why or _interval(each.interval)}".strip()
        for each in arm.against
    }
    return {"strategy": arm.name, **figures, **less}


def _figure(value: float | None, places: int) -> str | None:
    return None if value is None else f"{value:.{places}f}"


def _interval(found: Any) -> str:
    return "" if found is None else f"({found.low:.3f} to {found.high:.3f})"


def _queue_model(name: str) -> str:
    from app.domain.refusals import InvalidValue
    from app.simulator.market.queue_models import MODELS

    if name not in MODELS:
        raise InvalidValue("queue_model", name, f"is none; there are {', '.join(MODELS)}")
    return name


def _listed(instrument_id: str) -> str:
    from app.backtest.world import listed

    return listed(instrument_id).inst_id


def _fees(maker: str | None, taker: str | None) -> tuple[str | None, str | None]:
    from app.domain.refusals import InvalidValue

    if (maker is None) != (taker is None):
        raise InvalidValue("fees", maker or taker, "--maker and --taker go together")
    for name, said in (("maker", maker), ("taker", taker)):
        if said is not None and not _is_fee(said):
            raise InvalidValue(name, said, "must be a fraction from -0.01 to 0.01, such as 0.0008")
    return maker, taker


def _is_fee(said: str) -> bool:
    import re

    return re.fullmatch(r"-?0(\.[0-9]{1,8})?", said) is not None and abs(Decimal(said)) <= Decimal("0.01")
