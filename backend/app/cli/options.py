"""Options that several commands share, and the settings that they lead to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import BAD_INPUT, CommandError

if TYPE_CHECKING:
    from app.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Address of the running system.", show_default="that of the system with this data folder"
    ),
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where databases and keys are.", show_default="data")]
Instrument = Annotated[str | None, typer.Option("--instrument", help="Only this instrument.")]
Strategy = Annotated[str | None, typer.Option("--strategy", help="Only what this strategy did.")]
Side = Annotated[str | None, typer.Option("--side", help="buy or sell.")]
Start = Annotated[str | None, typer.Option("--start", help="From this instant on, such as 2026-01-31T00:00:00Z.")]
End = Annotated[str | None, typer.Option("--end", help="Before this instant.")]
Limit = Annotated[int, typer.Option("--limit", help="The most entries, 1 to 500.")]
Cursor = Annotated[str | None, typer.Option("--cursor", help="Go on from an earlier page.")]
By = Annotated[str | None, typer.Option("--by", help="Who says so.", show_default="the login name")]
Why = Annotated[str, typer.Option("--why", help="The reason; it stands in the journal.")]
Key = Annotated[str | None, typer.Option("--idempotency-key", help="The same key has an effect once.")]


def settings(**given: Any) -> "Settings":
    """The settings with these options over them; None means not given. Raises CommandError."""
    from app.settings import SettingsError, load_settings

    try:
        return load_settings(**given)
    except SettingsError as error:
        raise CommandError("; ".join(error.problems), BAD_INPUT) from None
