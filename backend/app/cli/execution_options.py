"""What `execute` may be told, each option once."""

from typing import Annotated

import typer

SizeIn = Annotated[
    str, typer.Option("--in", help="What SIZE counts: instrument, base, contracts, or quote: what it may cost.")
]
Price = Annotated[str | None, typer.Option("--price", help="Its limit price.")]
Duration = Annotated[str | None, typer.Option("--duration", help="How long it may take, such as 90, 30m or 1h30m.")]
Config = Annotated[
    list[str] | None, typer.Option("--config", help="KEY=VALUE of the strategy, such as num_slices=20; may repeat.")
]
TradeMode = Annotated[str, typer.Option("--trade-mode", help="cash, cross or isolated.")]
PositionSide = Annotated[str, typer.Option("--position-side", help="net, long or short.")]
ReduceOnly = Annotated[bool, typer.Option("--reduce-only", help="Only make a position smaller.")]
AccountOf = Annotated[str | None, typer.Option("--strategy", help="On whose account it goes.")]
StartAt = Annotated[str | None, typer.Option("--start-at", help="Not before then, such as 2026-01-31T14:00:00Z.")]
EndAt = Annotated[str | None, typer.Option("--end-at", help="Its end, instead of --duration.")]
LimitOffset = Annotated[
    str | None,
    typer.Option("--limit-offset", help="Instead of --price: so far beyond the mid at the start, such as 0.002."),
]
DecisionAt = Annotated[str | None, typer.Option("--decision-at", help="When you decided.")]
DecisionPrice = Annotated[str | None, typer.Option("--decision-price", help="At which price you decided.")]
Tag = Annotated[list[str] | None, typer.Option("--tag", help="A word to find it by; may repeat.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show what would be done and cost; do nothing.")]
Watch = Annotated[bool, typer.Option("--watch", help="Show how far it is until it is over.")]
