"""docs/ARCHITECTURE.md draws what the import contracts hold, and names every room that there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import app

PACKAGE = Path(app.__file__).parent
ROOT = PACKAGE.parents[1]
PAGE = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
}


def there(room: str, container: str) -> bool:
    path = PACKAGE.parent.joinpath(*container.split("."), *room.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def held(contract: str) -> list[set[str]]:
    """The layers of a contract, from the top, without rooms that the tree does not have yet."""
    (container,) = CONTRACTS[contract]["containers"]
    layers = [set(re.findall(r"[\w.]+", layer)) for layer in CONTRACTS[contract]["layers"]]
    return [rooms for layer in layers if (rooms := {room for room in layer if there(room, container)})]


def drawn(number: int) -> list[set[str]]:
    picture = PAGE.partition("## Who may import whom")[2].split("```")[2 * number + 1]
    lines = [re.sub(r"\(.*\)", "", line) for line in picture.splitlines()]
    return [set(re.findall(r"[\w.]+", line)) for line in lines if line.strip()]


@pytest.mark.parametrize(("number", "contract"), [(0, "layers"), (1, "trading")])
def test_the_picture_of_who_may_import_whom_is_the_contract(number: int, contract: str) -> None:
    assert drawn(number) == held(contract)


@pytest.mark.parametrize("folder", [".", "services/trading", "simulator", "exchanges"])
def test_every_room_is_named(folder: str) -> None:
    rooms = PAGE.partition("## Rooms")[2].split("```")[1]
    inside = {path.name for path in (PACKAGE / folder).iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    if folder == ".":
        inside |= {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    assert {name for name in inside if not re.search(rf"\b{re.escape(name)}", rooms)} == set()
