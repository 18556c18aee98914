"""`new`: a folder to begin a strategy of one's own in: the strategy, its settings, a test, and what to do with them."""

import keyword
import os
import re
from importlib import resources
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from app.cli.errors import BAD_INPUT, CommandError

FILES = {
    "{name}.py": "strategy.py.txt",
    "trading-executor.toml": "settings.toml.txt",
    "test_{name}.py": "test.py.txt",
    "README.md": "README.md.txt",
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def new(
    name: Annotated[str, typer.Argument(help="Of the strategy, its file and the folder: a-z, 0-9 and '_'.")],
    folder: Annotated[Path | None, typer.Option("--in", help="Where the folder is made.", show_default=".")] = None,
) -> None:
    """Make a folder with a strategy to begin with, its settings, a test and a page."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise CommandError(f"name={name}: must be 1 to 32 of a-z, 0-9 and '_', a letter first", BAD_INPUT)
    made = (folder or Path()) / name
    names = {"name": name, "Class": "".join(part.capitalize() for part in name.split("_") if part)}
    templates = resources.files("app.cli") / "template"
    try:
        made.mkdir()
        made.chmod(0o755)  # what others may write is not run, whatever the umask
        for target, template in FILES.items():
            text = Template((templates / template).read_text("utf-8")).substitute(names)
            handle = os.open(made / target.format(name=name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                os.fchmod(handle, 0o644)
                file.write(text)
    except OSError as error:
        raise CommandError(f"{error.filename or made}: {error.strerror}") from None
    print(f"made {made}; go on with {made / 'README.md'}")
