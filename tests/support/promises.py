"""Which promises of the code are kept: what is declared in one place is used in another. Each check is a function from
sources to findings; what is excused stands in the test, with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from tests.support.house_rules import Source


def _last_name(node: ast.expr) -> str:
    """The last word of what an attribute is taken of: settings of `self.settings`."""
    match node:
        case ast.Attribute():
            return node.attr
        case ast.Name():
            return node.id
    return ""


def _attributes(source: Source) -> Iterator[ast.Attribute]:
    return (node for node in source.nodes if isinstance(node, ast.Attribute))


# --- settings ----------------------------------------------------------------------------------------------------


def unread_settings(fields: Iterable[str], sources: Iterable[Source]) -> list[str]:
    """Settings that nothing reads. A check of a setting is no reading of it: it only refuses."""
    read: set[str] = set()
    for source in sources:
        of = {"settings", "timing", "found", "chosen", "limits"}
        nodes: Iterable[ast.AST] = source.nodes
        if source.path.startswith("settings/"):
            nodes, of = ast.walk(_without_checks(source.tree)), {"self"}
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _last_name(node.value) in of:
                read.add(node.attr)
    return sorted(set(fields) - read)


def _without_checks(tree: ast.Module) -> ast.Module:
    """The module without the methods that only check: validators, and what begins with _check."""

    class Drop(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
            validates = any("validator" in ast.unparse(each) for each in node.decorator_list)
            return None if validates or node.name.startswith("_check") else node

    return Drop().visit(ast.parse(ast.unparse(tree)))


# --- metrics -----------------------------------------------------------------------------------------------------


def unfed_metrics(metrics: Source, sources: Iterable[Source]) -> list[str]:
    """Measurements that nothing feeds, and those whose label is always the same."""
    (declared,) = (n for n in metrics.tree.body if isinstance(n, ast.ClassDef) and n.name == "Metrics")
    methods = [n for n in declared.body if isinstance(n, ast.FunctionDef)]
    public = {n.name for n in methods if not n.name.startswith("_")}
    calls = [
        node
        for source in sources
        if source.path != metrics.path
        for node in source.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _last_name(node.func.value) in {"metrics", "_metrics"}
    ]
    called = {_last_name(call.func) for call in calls} | _handed_on(sources)
    found = [f"{name}: never called" for name in sorted(public - called)]
    made = {
        node.attr for node in ast.walk(methods[0]) if isinstance(node, ast.Attribute) and node.attr.startswith("_")
    } - {"_counter", "_gauge", "_histogram"}
    used = {node.attr for method in methods[1:] for node in ast.walk(method) if isinstance(node, ast.Attribute)}
    found += [f"{name}: made, never fed" for name in sorted(made - used)]
    for call in calls:
        name, constant = _last_name(call.func), [isinstance(arg, ast.Constant) for arg in call.args]
        if name != "watch" and constant and all(constant):
            found.append(f"{name}: its label is always {ast.unparse(call.args[0])}")
    return found


def _handed_on(sources: Iterable[Source]) -> set[str]:
    """Methods of metrics that are given to whoever calls them: metrics.loop_lagged as an argument."""
    return {
        node.attr
        for source in sources
        for node in _attributes(source)
        if _last_name(node.value) in {"metrics", "_metrics"}
    }


# --- events ------------------------------------------------------------------------------------------------------

_READERS = ("queries.", "frozenset")


def unemitted_events(kinds: Iterable[str], sources: Iterable[Source]) -> list[str]:
    """Kinds of event that nothing writes: no file that writes events, and none that hands a kind to one. To compare
    with a kind, to read by it, or to have a word for it is not to write it."""
    written: set[str] = set()
    for source in sources:
        if not source.path.startswith(("services/", "notifications/")):
            continue
        asked, handed = set[int](), set[int]()
        for node in source.nodes:
            reads = isinstance(node, ast.Call) and ast.unparse(node.func).startswith(_READERS)
            if reads or isinstance(node, ast.Compare | ast.MatchValue):
                asked |= {id(inner) for inner in ast.walk(node)}
            elif isinstance(node, ast.Call):
                handed |= {id(inner) for each in (*node.args, *node.keywords) for inner in ast.walk(each)}
        writes = any(isinstance(node, ast.Call) and _last_name(node.func) == "event" for node in source.nodes)
        passed_on = {node.id for node in source.nodes if isinstance(node, ast.Name) and id(node) in handed - asked}
        for node in source.tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in passed_on:
                handed |= {id(inner) for inner in ast.walk(node.value)}
        written |= {
            node.attr
            for node in _attributes(source)
            if _last_name(node.value) == "EventKind" and id(node) not in asked and (writes or id(node) in handed)
        }
    return sorted(set(kinds) - written)


# --- columns -----------------------------------------------------------------------------------------------------


def unwritten_columns(columns: Mapping[str, tuple[str, Collection[str]]], sources: Iterable[Source]) -> list[str]:
    """Columns (by the class of their table, with its name) that are given by name and that nobody names. Where a row is
    written out (turn.row), its own members count; where it is made elsewhere, any of that file and what it imports.
    Tables without such rows go by the names in store/ and domain/."""
    sources = list(sources)
    modules = {f"app.{each.path.removesuffix('.py').replace('/', '.')}": each for each in sources}
    named: dict[str, set[str]] = {}
    for source in sources:
        for table, row in _rows_written(source):
            named.setdefault(table, set()).update(_own_members(row) or _near_members(source, modules))
    plain = {name for each in sources if each.path.startswith(("store/", "domain/")) for name in _members(each)}
    return sorted(
        f"{table}.{name}"
        for table, (called, names) in columns.items()
        for name in names
        if name not in named.get(called, plain)
    )


def _rows_written(source: Source) -> Iterator[tuple[str, ast.expr]]:
    """(table, row) of each turn.row("table", row)."""
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr="row" | "change_row"), args=[ast.Constant(value=table), row, *_]):
                yield str(table), row


def _own_members(row: ast.expr) -> set[str]:
    """Of a row that is written out; none where a part of it comes from elsewhere."""
    keys = row.keys if isinstance(row, ast.Dict) else [None]
    return set() if None in keys else {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def _near_members(source: Source, modules: Mapping[str, Source]) -> set[str]:
    near = {name for name in _imports(source) if name.startswith(("app.domain.", "app.services."))}
    return {name for each in (source, *(modules[name] for name in near & modules.keys())) for name in _members(each)}


def _imports(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _members(source: Source) -> Iterator[str]:
    """Names of members: of what is written between braces, of a call, of a class."""
    for node in source.nodes:
        match node:
            case ast.Dict():
                yield from (str(key.value) for key in node.keys if isinstance(key, ast.Constant))
            case ast.Call():
                yield from (word.arg for word in node.keywords if word.arg)
            case ast.AnnAssign(target=ast.Name()):
                yield node.target.id


def unread_columns(columns: Mapping[str, Mapping[str, str]], sources: Iterable[Source]) -> list[str]:
    """Columns (by the class of their table, with where their value comes from) that no program reads: neither by name
    of a row, nor in a query, nor by a row type's loader."""
    sources = list(sources)
    asked, of_class = set[str](), set[str]()
    for source in sources:
        if source.path.startswith(("models/", "store/migrations/")):
            continue
        for node in source.nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                if isinstance(node.slice, ast.Constant):
                    asked.add(str(node.slice.value))
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                of_class.add(f"{_last_name(node.value)}.{node.attr}")
    loaded = _loaded(sources)
    return sorted(
        f"{table}.{name}"
        for table, names in columns.items()
        for name, value in names.items()
        if name not in asked and f"{table}.{name}" not in of_class and (table, value.rpartition(".")[0]) not in loaded
    )


def _loaded(sources: Iterable[Source]) -> set[tuple[str, str]]:
    """(class of a table, source) of every loader: X = RowType(Table, ...), then X.loader(Kind, "source")."""
    tables, loaded = dict[str, str](), set[tuple[str, str]]()
    calls = [(node, source) for source in sources for node in source.nodes if isinstance(node, ast.Assign)]
    for node, _ in calls:
        if isinstance(node.value, ast.Call) and _last_name(node.value.func) == "RowType":
            tables[ast.unparse(node.targets[0])] = ast.unparse(node.value.args[0]).removesuffix("Row")
    for node, _ in calls:
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "loader":
            of, value = tables.get(ast.unparse(call.func.value)), call.args[1]
            if of is not None and isinstance(value, ast.Constant):
                loaded.add((of, str(value.value)))
    return loaded


# --- citations ---------------------------------------------------------------------------------------------------

_CITED = re.compile(r"\b(INVARIANTS|FAULTS) ((?:[ ,;]|\band\b|\bfact\b|[A-Z]?\d+(?:\.\d+)?\b|\b[A-Z]\b)+)")
_NUMBER = re.compile(r"\b(?:fact )?[A-Z]?\d+(?:\.\d+)?\b")
_TEST = re.compile(r"^ *(?:async )?def test_([A-Z]\d+)_", re.MULTILINE)
_CODE = re.compile(r"(?:findings\.(?:add|compare)|Finding)\(\s*f?\"([A-Z]\d+)\"")
_ENTRY = re.compile(r"^\| (?:\*\*)?((?:fact )?[A-Z]?\d+(?:\.\d+)?)(?:\*\*)? \|", re.MULTILINE)
_OTHER_PAGE = re.compile(r"\((?!INVARIANTS|FAULTS)([A-Z]{4,} \d[\d.]*)[,; \d.]*\)")
_DECISION = re.compile(r"\bdecisions?[ /](\d{4})\b")
_FILE = re.compile(r"(?<![\w/.{*-])((?:[\w-]+/)*[\w-]+\.(?:py|md))\b")
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def numbered(page: str) -> set[str]:
    """The numbers that a page of docs/ explains, one a row of its tables."""
    return set(_ENTRY.findall(page))


def unresolved_citations(
    text: str, invariants: Collection[str], faults: Collection[str], decisions: Collection[str]
) -> list[str]:
    """What a file cites and is not there. Cited are invariants and faults by their number in comments and messages
    (`INVARIANTS S3, S6`; `FAULTS A1, fact 3`), by names of tests and by an audit's findings, and decisions by theirs.
    No other page has numbers to cite."""
    joined = re.sub(r"\n *(?:#|\*)? *", " ", text)
    known = {"INVARIANTS": set(invariants), "FAULTS": set(faults)}
    found: list[str] = []
    for match in _CITED.finditer(joined):
        found += [f"{match[1]} {n}" for n in _NUMBER.findall(match[2]) if n not in known[match[1]]]
    both = known["INVARIANTS"] | known["FAULTS"]
    found += [f"test_{number}" for number in _TEST.findall(text) if number not in both]
    found += [f"finding {number}" for number in _CODE.findall(joined) if number not in known["INVARIANTS"]]
    found += [f"decision {number}" for number in _DECISION.findall(joined) if number not in decisions]
    return found + _OTHER_PAGE.findall(joined)


def missing_files(text: str, files: Collection[str]) -> list[str]:
    """Files that a text names (`venue/sending.py`) and that no path of the repository ends with."""
    return sorted({name for name in _FILE.findall(text) if not any(f"/{path}".endswith(f"/{name}") for path in files)})


def broken_links(page: Path) -> list[str]:
    """Links of a page to files that are not there, and to headings that they do not have."""
    found: list[str] = []
    for name, heading in _LINK.findall(page.read_text("utf-8")):
        target = page.parent / name if name else page
        if not target.exists():
            found.append(name)
        elif heading and target.suffix == ".md" and heading not in _headings(target):
            found.append(f"{name}#{heading}")
    return found


def _headings(page: Path) -> set[str]:
    """As they are linked to."""
    titles = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}
