"""Which public functions, methods and classes production code uses. A name of a module is followed through imports and
re-exports to where it is made, so that its namesakes elsewhere are no excuse; a method goes by its name alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.support.house_rules import Source

_KINDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_REGISTERING = {"get", "post", "put", "patch", "delete", "middleware", "exception_handler", "command"}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def unused_functions(sources: Iterable[Source]) -> list[str]:
    """Public functions, methods and classes that no production code names, by file."""
    modules = {_module(source): source for source in sources}
    uses = _uses(modules)
    return sorted(
        f"{source.path}: {owner}{name}"
        for module, source in modules.items()
        for owner, name in _definitions(source)
        if not (name in uses.attributes if owner else f"{module}.{name}" in uses.names)
    )


@dataclass
class _Uses:
    """names: full ones of what modules define. attributes: names taken of anything that is no module."""

    names: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


def _uses(modules: dict[str, Source]) -> _Uses:
    imported = {module: _imported(source) for module, source in modules.items()}
    defined = {f"{module}.{name}" for module, source in modules.items() for _, name in _definitions(source)}
    uses, held = _Uses(), set[str]()

    def origin(name: str) -> set[str]:
        """The full names that an imported one may stand for: where each is made, or the module that it is."""
        owner, _, last = name.rpartition(".")
        if name in defined or owner not in modules or last not in imported[owner]:
            return {name}
        return {found for each in imported[owner][last] - {name} for found in origin(each)} or {name}

    for module, source in modules.items():
        known = {name: {found for each in of for found in origin(each)} for name, of in imported[module].items()}
        owners = {id(node.value) for node in source.nodes if isinstance(node, ast.Attribute)}
        for node in source.nodes:
            if isinstance(node, ast.Attribute):
                name = node.value.id if isinstance(node.value, ast.Name) else ""
                of = known.get(name, set()) & modules.keys()
                uses.names |= {found for each in of for found in origin(f"{each}.{node.attr}")}
                if not of:
                    uses.attributes.add(node.attr)
        for name, nodes in _named(source).items():
            uses.names |= known.get(name, {f"{module}.{name}"}) - modules.keys()
            if any(id(node) not in owners for node in nodes):
                held |= known.get(name, set()) & modules.keys()
    # A module that is passed on as a value is asked by whoever gets it.
    uses.names |= {f"{module}.{name}" for module in held for name in uses.attributes}
    return uses


def _module(source: Source) -> str:
    return f"app.{source.path.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")


def _imported(source: Source) -> dict[str, set[str]]:
    """What each name of a file may be imported from; functions that import for themselves may mean different things."""
    found: dict[str, set[str]] = {}
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found.setdefault(alias.asname or alias.name, set()).add(f"{node.module}.{alias.name}")
    return found


def _named(source: Source) -> dict[str, list[ast.expr]]:
    """Where each name is loaded, quoted annotations included. What a definition says of itself is no use of it, nor is
    a file's list of what it offers."""
    own = {
        node.name: range(node.lineno, (node.end_lineno or 0) + 1)
        for node in source.tree.body
        if isinstance(node, _KINDS)
    }
    offered = {
        id(inner)
        for node in source.tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for inner in ast.walk(node)
    }
    found: dict[str, list[ast.expr]] = {}
    for node in source.nodes:
        name = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            name = node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            name = node.value
        if name and node.lineno not in own.get(name, ()) and id(node) not in offered:
            found.setdefault(name, []).append(node)
    return found


def _definitions(source: Source) -> Iterator[tuple[str, str]]:
    """(class and a dot, or nothing; name) of each."""
    for node in source.tree.body:
        if not isinstance(node, _KINDS) or _hidden(node):
            continue
        yield "", node.name
        if isinstance(node, ast.ClassDef) and not any("Protocol" in ast.unparse(base) for base in node.bases):
            for member in node.body:
                if isinstance(member, _KINDS) and not _hidden(member):
                    yield f"{node.name}.", member.name


def _hidden(node: Definition) -> bool:
    """Private, or handed to a framework by its decorator: a route, a command, a validator."""
    handed = [ast.unparse(each).partition("(")[0] for each in node.decorator_list]
    return node.name.startswith("_") or any(
        "validator" in text or text.rpartition(".")[2] in _REGISTERING for text in handed
    )
