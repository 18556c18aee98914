"""What commands print: JSON for programs, aligned columns for people. Nothing from outside can steer the terminal."""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from app.api.pages.words import shown
from app.cli.errors import CommandError

Row = Mapping[str, Any]
GAP = "  "


class _Output(io.FileIO):
    """Standard output. What is written after its reader has left (`| head`) is dropped, and the command goes on; one
    that takes nothing (a full disk) is said once."""

    _lost = False

    def write(self, data: Any, /) -> int:
        if not self._lost:
            try:
                return super().write(data)
            except BrokenPipeError:
                self._lost = True
            except OSError as error:
                self._lost = True
                raise CommandError(f"standard output: {error.strerror}") from None
        return len(memoryview(data))


def outlive_readers() -> None:
    """What a command did and the status it ends with do not hang on how much of its output somebody reads, nor on
    letters that the terminal lacks."""
    own = sys.stdout
    if own is None:  # closed before we began
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the process's life
    elif own is sys.__stdout__:
        raw = io.BufferedWriter(_Output(own.fileno(), "w", closefd=False))
        sys.stdout = io.TextIOWrapper(raw, own.encoding, "backslashreplace", line_buffering=own.isatty())


def print_json(value: Any) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def print_table(rows: Sequence[Row], columns: Sequence[str], *, empty: str) -> None:
    """Columns by name, as wide as their widest value; a line of words when there are no rows."""
    if not rows:
        print(empty)
        return
    cells = [[shown(row.get(column)) for column in columns] for row in rows]
    titles = [column.removesuffix("_id").replace("_", " ") for column in columns]
    widths = [max(len(line[i]) for line in (titles, *cells)) for i in range(len(columns))]
    for line in (titles, *cells):
        print(GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_fields(value: Row) -> None:
    """One line a member; nested members are indented by their path."""
    flat = dict(_flat("", value))
    width = max((len(name) for name in flat), default=0)
    for name, item in flat.items():
        print(f"{name.ljust(width)}{GAP}{shown(item)}")


def _flat(path: str, value: Row) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            found += _flat(f"{path}{name}.", item)
        else:
            found.append((path + name, item))
    return found


def print_page(answer: Any, member: str, columns: tuple[str, ...], as_json: bool) -> None:
    """One page of a list, and how to go on."""
    if as_json:
        print_json(answer)
        return
    print_table(answer[member], columns, empty=f"no {member}")
    if answer.get("next_cursor"):
        print(f"more: --cursor {answer['next_cursor']}")
