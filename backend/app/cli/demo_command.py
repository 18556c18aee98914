"""The command `demo`: its options. What it does is in demo.py."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import DataDir, number, settings, whole
from app.cli.serving import Port, run

SECONDS = 30.0


def demo(
    end: Annotated[bool, typer.Option("--exit", help="End by itself, with a summary; 0 when all agrees.")] = False,
    seconds: Annotated[
        float, number("--seconds", least=1, most=86_400, help="With --exit: how long to trade.")
    ] = SECONDS,
    replay: Annotated[
        bool, typer.Option("--replay", help="Run over recorded markets: the files given as arguments.")
    ] = False,
    files: Annotated[list[Path] | None, typer.Argument(help="With --replay: recordings, in order.")] = None,
    speed: Annotated[float, number("--speed", least=0.1, most=100, help="With --replay: times real time.")] = 1.0,
    seed: Annotated[int, whole("--seed", least=0, help="Of the synthetic market.")] = 1,
    port: Port = None,
    data_dir: DataDir = None,
) -> None:
    """Run everything on this machine: a simulated OKX exchange, the executor, its API, two sample strategies."""
    if replay != bool(files):
        rule = "needs the recordings as arguments" if replay else "is needed before the recordings"
        raise CommandError(f"--replay: {rule}", BAD_INPUT)
    for path in files or ():
        if not path.is_file():
            raise CommandError(f"replay={path}: there is no such file", BAD_INPUT)
    found = settings(data_dir=data_dir, port=port, exchange="okx", environment="simulated")

    from app.cli.demo import DemoOptions, run_demo

    options = DemoOptions(
        seconds=seconds if end else None,
        replay=tuple(path.resolve() for path in files or ()),
        speed=speed,
        seed=seed,
    )
    run(lambda stop: run_demo(found, options, stop))
