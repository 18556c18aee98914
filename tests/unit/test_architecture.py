"""docs/ARCHITECTURE.md draws what the import contracts hold, and names every room that there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import grimp
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


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Modules that import one another, by whatever way round: what is left when all that imports nothing left is gone,
    and all that nothing left imports."""
    left = {module: set(of) for module, of in imports.items()}
    while True:
        asked = {each for of in left.values() for each in of}
        ends = {module for module, of in left.items() if not of or module not in asked}
        if not ends:
            return [set(left)] if left else []
        left = {module: of - ends for module, of in left.items() if module not in ends}


def test_no_modules_import_one_another() -> None:
    """Imports for type checkers alone count too: a circle that only they see is one."""
    graph = grimp.build_graph("app", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 500
    assert circles(imports) == []


def test_a_circle_is_found() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b", "e"}, "e": set()}
    assert circles(imports) == [{"b", "c", "d"}]
    assert circles({"a": {"b"}, "b": set()}) == []
