"""What `lab run` may be told, each option once."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import number, whole

BLOCK_MIN = 10

Folder = Annotated[Path, typer.Argument(help="Where the results are, a file for each run.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write it to this file as a page with plots.")]
Tapes = Annotated[
    list[Path] | None,
    typer.Option("--tape", help="A recording; repeatable. One without a depth snapshot goes on with that before it."),
]
Synthetic = Annotated[
    list[str] | None, typer.Option("--synthetic", help="An instrument of the synthetic market; repeatable.")
]
Strategies = Annotated[
    list[str] | None,
    typer.Option("--strategy", help="NAME or NAME:KEY=VALUE,KEY=VALUE; repeatable. Without: all that need no price."),
]
Seeds = Annotated[int, whole("--seeds", least=1, help="So many, each a synthetic market of its own.")]
FirstSeed = Annotated[int, whole("--first-seed", least=0, help="The first of them.")]
Block = Annotated[int, whole("--block", least=BLOCK_MIN, help="Seconds between two starts.")]
Notional = Annotated[float, number("--notional", least=1e-8, most=1e9, help="Of each order, in the quote currency.")]
Latencies = Annotated[
    list[float] | None,
    number("--latency-ms", least=0, most=500, help="Each way, at least; repeatable. Without: 20."),
]
QueueModels = Annotated[
    list[str] | None,
    typer.Option("--queue-model", help="Where an order stands in a recorded queue; repeatable. Without: risk_averse."),
]
Maker = Annotated[str | None, typer.Option("--maker", help="Fee of a maker as a fraction; a rebate is negative.")]
Taker = Annotated[str | None, typer.Option("--taker", help="Fee of a taker; both or none.")]
Skip = Annotated[float, number("--skip", least=0, most=1e8, help="Seconds of each tape to leave out.")]
Seconds = Annotated[
    float | None, number("--seconds", least=1, most=1e8, help="So much of each tape; without, to its end.")
]
Ray = Annotated[str | None, typer.Option("--ray", help="Over the Ray cluster at HOST:PORT, instead of processes here.")]
Processes = Annotated[int | None, whole("--processes", least=1, help="At a time.", show_default="one a core")]
