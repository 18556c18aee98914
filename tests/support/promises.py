"""Which promises of the code are kept: what is declared in one place is used in another. Each check is a function from
sources to findings; what is excused stands in the test, with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from tests.support.house_rules import Source

ROUTES = {"get", "post", "put", "patch", "delete"}


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
        of = {"settings", "timing", "found", "chosen"}
        tree: ast.AST = source.tree
        if source.path.startswith("settings/"):
            tree, of = _without_checks(source.tree), {"self"}
        for node in ast.walk(tree):
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


def unemitted_events(kinds: Iterable[str], sources: Iterable[Source]) -> list[str]:
    """Kinds of event that no service writes. To compare with one, or to read by it, is not to write it."""
    written: set[str] = set()
    for source in sources:
        if not source.path.startswith(("services/", "notifications/")):
            continue
        asked = {
            id(inner)
            for node in source.nodes
            if isinstance(node, ast.Compare | ast.MatchValue)
            for inner in ast.walk(node)
        }
        written |= {
            node.attr for node in _attributes(source) if _last_name(node.value) == "EventKind" and id(node) not in asked
        }
    return sorted(set(kinds) - written)


# --- columns -----------------------------------------------------------------------------------------------------


def unwritten_columns(columns: Mapping[str, Collection[str]], sources: Iterable[Source]) -> list[str]:
    """Columns (by the class of their table) that are given by name and that nobody names: no member of a row."""
    named: set[str] = set()
    for source in sources:
        if not source.path.startswith(("api/", "services/", "store/", "journal/", "domain/")):
            continue
        for node in source.nodes:
            if isinstance(node, ast.Dict):
                named |= {
                    key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
            elif isinstance(node, ast.Call):
                named |= {word.arg for word in node.keywords if word.arg}
    return sorted(f"{table}.{name}" for table, names in columns.items() for name in names if name not in named)


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


# --- functions ---------------------------------------------------------------------------------------------------


def unused_functions(sources: Iterable[Source]) -> list[str]:
    """Public functions, methods and classes that no production code names, by file."""
    sources = list(sources)
    defined: dict[str, list[str]] = {}
    named: dict[str, int] = {}
    for source in sources:
        for name, where in _definitions(source):
            defined.setdefault(name, []).append(where)
        for name in _names(source):
            named[name] = named.get(name, 0) + 1
    return sorted(where for name, places in defined.items() if not named.get(name) for where in places)


def _definitions(source: Source) -> Iterator[tuple[str, str]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in source.tree.body:
        if not isinstance(node, kinds) or node.name.startswith("_") or _registered(node):
            continue
        yield node.name, f"{source.path}: {node.name}"
        if isinstance(node, ast.ClassDef):
            for member in () if any("Protocol" in ast.unparse(base) for base in node.bases) else node.body:
                if isinstance(member, kinds) and not member.name.startswith("_") and not _registered(member):
                    yield member.name, f"{source.path}: {node.name}.{member.name}"


def _registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a decorator hands it to a framework: a route, a command, a validator."""
    for each in node.decorator_list:
        text = ast.unparse(each).partition("(")[0]
        if text.rpartition(".")[2] in ROUTES | {"middleware", "exception_handler"} or "validator" in text:
            return True
    return False


def _names(source: Source) -> Iterator[str]:
    for node in source.nodes:
        match node:
            case ast.Name(ctx=ast.Load()):
                yield node.id
            case ast.Attribute():
                yield node.attr


# --- citations ---------------------------------------------------------------------------------------------------

_CITED = re.compile(r"\b(INVARIANTS|FAULTS) ((?:[ ,;]|\band\b|\bfact\b|[A-Z]?\d+(?:\.\d+)?\b|\b[A-Z]\b)+)")
_NUMBER = re.compile(r"\b(?:fact )?[A-Z]?\d+(?:\.\d+)?\b")
_TEST = re.compile(r"^ *(?:async )?def test_([A-Z]\d+)_", re.MULTILINE)
_CODE = re.compile(r"(?:findings\.(?:add|compare)|Finding)\(\s*f?\"([A-Z]\d+)\"")
_ENTRY = re.compile(r"^\| (?:\*\*)?((?:fact )?[A-Z]?\d+(?:\.\d+)?)(?:\*\*)? \|", re.MULTILINE)


def numbered(page: str) -> set[str]:
    """The numbers that a page of docs/ explains, one a row of its tables."""
    return set(_ENTRY.findall(page))


def unresolved_citations(text: str, invariants: Collection[str], faults: Collection[str]) -> list[str]:
    """What a file cites of the two pages and they do not have. Cited are invariants and faults by their number in
    comments and messages (`INVARIANTS S3, S6`; `FAULTS A1, fact 3`), by names of tests and by an audit's findings."""
    joined = re.sub(r"\n *(?:#|\*)? *", " ", text)
    known = {"INVARIANTS": set(invariants), "FAULTS": set(faults)}
    found: list[str] = []
    for match in _CITED.finditer(joined):
        found += [f"{match[1]} {n}" for n in _NUMBER.findall(match[2]) if n not in known[match[1]]]
    both = known["INVARIANTS"] | known["FAULTS"]
    found += [f"test_{number}" for number in _TEST.findall(text) if number not in both]
    return found + [f"finding {number}" for number in _CODE.findall(joined) if number not in known["INVARIANTS"]]
