"""Options that several commands share, and the settings that they lead to."""

import getpass
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.errors import BAD_INPUT, CommandError

if TYPE_CHECKING:
    from app.settings import Settings

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)


def whole(name: str, *, least: int | None = None, help: str, show_default: bool | str = True) -> Any:
    """An option with a whole number in plain digits: int() takes `1_000`, blanks and other digits of Unicode too."""

    def parse(value: str | int) -> int:
        if isinstance(value, str) and not _WHOLE.fullmatch(value):
            raise typer.BadParameter(f"{value!r} is not a valid integer, in plain digits.")
        if least is not None and int(value) < least:
            raise typer.BadParameter(f"{value} is below {least}.")
        return int(value)

    return typer.Option(name, parser=parse, metavar="INTEGER", help=help, show_default=show_default)


def number(name: str, *, least: float, most: float, help: str) -> Any:
    """An option with a number from least to most, in plain digits."""

    def parse(value: str | float) -> float:
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise typer.BadParameter(f"{value!r} is not a valid number, in plain digits.")
        if not least <= float(value) <= most:
            raise typer.BadParameter(f"{value} is not from {least:g} to {most:g}.")
        return float(value)

    return typer.Option(name, parser=parse, metavar="NUMBER", help=help)


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
Execution = Annotated[str | None, typer.Option("--execution", help="Only what this execution did.")]
OfOrder = Annotated[str | None, typer.Option("--order", help="Only this order's.")]
Side = Annotated[str | None, typer.Option("--side", help="buy or sell.")]
Start = Annotated[str | None, typer.Option("--start", help="From this instant on, such as 2026-01-31T00:00:00Z.")]
End = Annotated[str | None, typer.Option("--end", help="Before this instant.")]
Limit = Annotated[int, whole("--limit", help="The most entries, 1 to 500.")]
Cursor = Annotated[str | None, typer.Option("--cursor", help="Go on from an earlier page.")]
By = Annotated[str | None, typer.Option("--by", help="Who says so.", show_default="the login name")]
Why = Annotated[str, typer.Option("--why", help="The reason; it stands in the journal.")]
Key = Annotated[str | None, typer.Option("--idempotency-key", help="The same key has an effect once.")]


def who_says(by: str | None) -> str:
    """The name given, else the login name; in a container without one, the user's number."""
    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def settings(**given: Any) -> "Settings":
    """The settings with these options over them; None means not given. Raises CommandError."""
    from app.settings import SettingsError, load_settings

    try:
        return load_settings(**given)
    except SettingsError as error:
        raise CommandError("; ".join(error.problems), BAD_INPUT) from None
