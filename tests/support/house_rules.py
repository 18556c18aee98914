"""The house's own lint: rules that ruff and import-linter cannot express, each a function from one file to findings.

A line that has a reason to break a rule says so: `# house: <rule> - <reason>`. Without a reason it stays a finding.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Any

FILE_LINES_MAX = 420
FUNCTION_LINES_MAX = 60

# Reading the world's clock and dice: clock.py does it for everybody; the simulator's server shell has no other way.
_AMBIENT_ALLOWED = {"clock.py", "simulator/server.py"}
_AMBIENT_CALLS = {
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")),
    "time.sleep",
    *(f"{owner}.{name}" for owner in ("datetime", "datetime.datetime") for name in ("now", "utcnow", "today")),
    *("date.today", "datetime.date.today", "uuid.uuid1", "uuid.uuid4", "uuid4", "uuid1", "os.urandom"),
    *("asyncio.sleep", "random.SystemRandom", "Random"),
}
_AMBIENT_MODULES = {"random", "secrets"}  # every function of theirs draws; random.Random(seed) is a value

# Money never meets a float here; statistics over ratios (Sharpe and its kind) do.
_MONEY_ROOMS = (
    *("domain/", "models/", "store/", "journal/", "exchanges/", "services/"),
    *("simulator/trading/", "simulator/market/"),
)
_FLOAT_ALLOWED = ("domain/performance/", "domain/tca/")

_PURE_BANNED = {"asyncio", "logging", "random", "secrets", "socket", "sqlite3", "subprocess", "threading", "time"}
_BARE_TASK_CALLS = {"asyncio.create_task", "asyncio.ensure_future", "create_task", "ensure_future"}
_SUPERVISORS = {"services/trading/tasks.py"}  # owns its tasks and reports the failed ones
_CURRENCIES = {"base", "quote", "ccy", "currency", "asset"}
_TAKING_APART = (".split", ".rsplit", ".partition", ".rpartition", ".count")
_SETTINGS_READERS = {"main.py", "system/parts.py", "chosen_exchange.py", "chosen_times.py"}
_STATEMENTS_BY_FILTER = {"store/queries_events.py"}  # what is asked for makes each of them another
_ROOTS = {"system/__init__.py", "system/parts.py", "api/read_only.py"}  # they make the parts of an account


@dataclass(frozen=True)
class Source:
    """One Python file of the package; `path` is relative to the package's folder."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[Any]:
        """Every node of the tree, walked once for all rules."""
        return list(ast.walk(self.tree))

    @cached_property
    def calls(self) -> list[tuple[ast.Call, str]]:
        """Every call with the text of what it calls."""
        return [(node, ast.unparse(node.func)) for node in self.nodes if isinstance(node, ast.Call)]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()


Finding = tuple[int, str]
Rule = Callable[[Source], Iterator[Finding]]


def ambient(source: Source) -> Iterator[Finding]:
    """Time, waiting, ids and randomness come from a Clock that is passed in."""
    if source.path in _AMBIENT_ALLOWED:
        return
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "random", "secrets"}:
            yield node.lineno, f"from {node.module} import: take a Clock"
    for node, name in source.calls:
        owner, _, attribute = name.partition(".")
        seeded = name == "random.Random" and node.args
        if name in _AMBIENT_CALLS or (owner in _AMBIENT_MODULES and attribute and not seeded):
            yield node.lineno, f"{name}(): take a Clock"


def floats(source: Source) -> Iterator[Finding]:
    """No float() where money passes; Decimal from the string."""
    if not source.path.startswith(_MONEY_ROOMS) or source.path.startswith(_FLOAT_ALLOWED):
        return
    for node, name in source.calls:
        if name in {"float", "np.float64", "numpy.float64"}:
            yield node.lineno, "float() in a money room: use Decimal"


def rounding(source: Source) -> Iterator[Finding]:
    """A rounding is said, never taken from the thread's decimal context: other libraries set it (ccxt does)."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            said = len(node.args) > (node.func.attr == "quantize") or node.keywords
            if node.func.attr in {"quantize", "to_integral_value"} and not said:
                yield node.lineno, f"{node.func.attr}() without a rounding"


def digits(source: Source) -> Iterator[Finding]:
    """str.isdigit() takes '³', which int() refuses; isdecimal() and isascii() say what is meant."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "isdigit":
            yield node.lineno, "isdigit(): use isdecimal()"


def tasks(source: Source) -> Iterator[Finding]:
    """A task has an owner that sees it fail: a TaskGroup. A bare one dies in silence."""
    if source.path in _SUPERVISORS:
        return
    for node, name in source.calls:
        if name in _BARE_TASK_CALLS or name.endswith(("loop.create_task", "loop().create_task")):
            yield node.lineno, f"{name}(): start it in a TaskGroup"


def swallowed(source: Source) -> Iterator[Finding]:
    """No exception disappears without a word."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            if broad and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body):
                yield node.lineno, "a broad except that does nothing"
    for call, name in source.calls:
        if name in {"suppress", "contextlib.suppress"} and re.search(r"\b(Base)?Exception\b", ast.unparse(call)):
            yield call.lineno, "suppress(Exception)"


def unfinished(source: Source) -> Iterator[Finding]:
    """No stubs."""
    for node in source.nodes:
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield node.lineno, "NotImplementedError"


def opening(source: Source) -> Iterator[Finding]:
    """A file opens with what it is and where it stands."""
    if source.text.strip() and not ast.get_docstring(source.tree):
        yield 1, "no opening docstring"


def sizes(source: Source) -> Iterator[Finding]:
    """A file or function beyond these lengths holds two ideas."""
    if len(source.lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX, f"{len(source.lines)} lines, at most {FILE_LINES_MAX}"
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name}: {length} lines, at most {FUNCTION_LINES_MAX}"


def imports(source: Source) -> Iterator[Finding]:
    """Import directions beyond the layers: domain is pure, the simulator is alone, settings have three readers."""
    room = source.path.split("/")[0]
    for line, module in _imported(source):
        top = module.split(".")[0]
        if room == "domain":
            if top != "app" and (top not in sys.stdlib_module_names or top in _PURE_BANNED):
                yield line, f"domain imports {module}: pure standard library only"
            if top == "app" and not (module == "app.domain" or module.startswith("app.domain.")):
                yield line, f"domain imports {module}"
        if room == "simulator" and top == "app" and not (module + ".").startswith("app.simulator."):
            yield line, f"the simulator imports {module}: it shares no code"
        reader = source.path in _SETTINGS_READERS or room in {"cli", "cli.py", "settings", "backtest"}
        if module == "app.settings" and not reader:
            yield line, "settings are read by main, cli, backtest, system and the chosen_ files alone"


def pure(source: Source) -> Iterator[Finding]:
    """The domain never waits."""
    if source.path.startswith("domain/"):
        for node in source.nodes:
            if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
                yield node.lineno, "async in the domain"


def codes(source: Source) -> Iterator[Finding]:
    """An exchange's codes are read in its adapter alone; what a refusal means comes from there as its class."""
    if not source.path.startswith(("services/", "domain/", "journal/", "strategies/", "market_data/")):
        return
    for node in source.nodes:
        texts = node.value.split() if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
        for code in texts:
            if re.fullmatch(r"[56]\d{4}", code):
                yield node.lineno, f"{code}: an exchange's code outside its adapter"


def spelling(source: Source) -> Iterator[Finding]:
    """What an instrument is of, the catalogue says: no name is put together of currencies or taken apart for them."""
    if source.path.endswith("/instruments.py"):
        return  # the catalogues that make the names
    for node in source.nodes:
        if isinstance(node, ast.JoinedStr):
            shape = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            filled = [ast.unparse(part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
            names = {name.rpartition(".")[2] for name in filled}
            if re.search(r"\{\}-(USDT|USDC|USD|EUR|BTC|ETH)\b", shape) or ("{}-{}" in shape and names & _CURRENCIES):
                yield node.lineno, f"{ast.unparse(node)} spells a market; look for it by base and quote"
    for call, name in source.calls:
        if name.endswith(_TAKING_APART) and [ast.unparse(argument) for argument in call.args[:1]] == ["'-'"]:
            yield call.lineno, f"{ast.unparse(call)} reads a name for what the catalogue says"


def whole(source: Source) -> Iterator[Finding]:
    """A part is whole once it is made: the composition root gives it what it needs and sets nothing on it later, and no
    constructor sets anything on another part."""
    everywhere = source.path in _ROOTS
    made = [node for node in source.nodes if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    for node in source.nodes if everywhere else [inner for each in made for inner in ast.walk(each)]:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (inner for each in targets for inner in ast.walk(each)):
                if not isinstance(target, ast.Attribute) or not isinstance(target.ctx, ast.Store):
                    continue
                if ast.unparse(target.value) != "self":
                    yield target.lineno, f"{ast.unparse(target)} is set from outside; give it to the constructor"
    for call, name in source.calls:
        if everywhere and name == "setattr":
            yield call.lineno, "setattr() sets from outside; give it to the constructor"


def statements(source: Source) -> Iterator[Finding]:
    """A statement is made once, with parameters: made at each call, it takes longer than the database."""
    if not source.path.startswith(("store/", "journal/")) or source.path in _STATEMENTS_BY_FILTER:
        return
    functions = [node for node in source.nodes if isinstance(node, ast.FunctionDef)]
    kept = [each for each in functions if any("cache" in ast.unparse(one) for one in each.decorator_list)]
    once = {id(node) for each in kept for node in ast.walk(each)}
    often = {id(node) for each in functions for node in ast.walk(each)} - once
    for call, name in source.calls:
        if name == "sa.select" and id(call) in often:
            yield call.lineno, "sa.select() at each call; make it in a function under functools.cache"


RULES: tuple[Rule, ...] = (
    *(codes, ambient, floats, rounding, digits, tasks, swallowed, unfinished, opening, sizes, imports, pure),
    *(spelling, whole, statements),
)


def findings(source: Source, rules: Sequence[Rule] = RULES) -> list[str]:
    """Every broken rule of one file as "path:line: rule: what", without those that a comment gives a reason for."""
    found: list[str] = []
    for rule in rules:
        escape = re.compile(rf"#\s*house: {rule.__name__} - \S")
        for line, message in rule(source):
            if not (line <= len(source.lines) and escape.search(source.lines[line - 1])):
                found.append(f"{source.path}:{line}: {rule.__name__}: {message}")
    return found


@cache
def sources(package: Path) -> list[Source]:
    """Read and parsed once a process."""
    return [
        Source(PurePosixPath(path.relative_to(package)).as_posix(), path.read_text("utf-8"))
        for path in sorted(package.rglob("*.py"))
        if "migrations/versions" not in path.as_posix()
    ]


def _imported(source: Source) -> Iterator[tuple[int, str]]:
    """Absolute names of what a file imports; `from app.x import y` counts as app.x and, for rooms, as app.x.y."""
    package = ["app", *PurePosixPath(source.path).parts[:-1]]
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
            if base == "app":
                yield from ((node.lineno, f"app.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, base
