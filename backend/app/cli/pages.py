"""Reports as files: a page each."""

from pathlib import Path

from app.cli.errors import BAD_INPUT, CommandError


def write_page(path: Path, text: str) -> None:
    """Raises CommandError."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise CommandError(f"html={path}: {error.strerror}", BAD_INPUT) from None
