"""The house rules hold in every file, and each rule can fail."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.house_rules import RULES, Source, findings, sources

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "backend" / "app"


def test_every_file_keeps_the_house_rules():
    found = [finding for source in sources(PACKAGE) for finding in findings(source)]
    assert not found, "\n" + "\n".join(found)


def test_the_installed_library_keeps_them_too():
    """It has no Clock to be given, and is no room of app. What a program writes may be long."""
    rules = [rule for rule in RULES if rule.__name__ not in {"ambient", "imports"}]
    library = [source for source in sources(PACKAGE.with_name("trading_executor")) if source.path != "client/models.py"]
    assert len(library) > 10
    assert [finding for source in library for finding in findings(source, rules)] == []


BAD: dict[str, list[tuple[str, str]]] = {
    "ambient": [
        ("services/a.py", "time.time_ns()"),
        ("domain/a.py", "datetime.now(UTC)"),
        ("journal/a.py", "uuid.uuid4()"),
        ("journal/a.py", "from secrets import token_hex"),
        ("simulator/market/matching.py", "random.random()"),
        ("simulator/market/matching.py", "random.Random()"),
        ("services/a.py", "await_(asyncio.sleep(1))"),
    ],
    "floats": [("services/a.py", "float(price)"), ("exchanges/okx/codec.py", "x = float('1')")],
    "rounding": [("domain/a.py", "x = price.quantize(step)"), ("simulator/a.py", "size.to_integral_value()")],
    "digits": [("simulator/a.py", "if text.isdigit():\n    x = int(text)")],
    "tasks": [("services/a.py", "asyncio.create_task(run())"), ("services/a.py", "loop.create_task(run())")],
    "swallowed": [
        ("services/a.py", "try:\n    f()\nexcept Exception:\n    pass"),
        ("services/a.py", "try:\n    f()\nexcept:\n    pass"),
        ("services/a.py", "with suppress(Exception):\n    f()"),
    ],
    "unfinished": [("services/a.py", "def f():\n    raise NotImplementedError")],
    "codes": [("services/a.py", 'x = code == "51008"'), ("services/a.py", 'PASSING = "50001 50011"')],
    "opening": [("services/a.py", "x = 1")],
    "sizes": [
        ("services/a.py", "x = 1\n" * 420),
        ("services/a.py", "def f():\n" + "    x = 1\n" * 60),
        ("domain/a.py", "x = 1\n" * 420),
        ("api/a.py", "def f():\n" + "    x = 1\n" * 60),
    ],
    "imports": [
        ("domain/a.py", "import sqlalchemy"),
        ("domain/a.py", "import asyncio"),
        ("domain/a.py", "from app.models import trading"),
        ("simulator/a.py", "from app.domain.money import Money"),
        ("simulator/a.py", "from ..domain import money"),
        ("services/a.py", "from app.settings import Settings"),
        ("services/a.py", "from app import settings"),
    ],
    "spelling": [
        ("services/a.py", 'x = prices[f"{currency}-USDT"]'),
        ("simulator/a.py", 'x = markets.get(f"{ccy}-{self.quote}")'),
        ("simulator/a.py", 'x = f"{inst.base}-{quote}-SWAP"'),
        ("api/a.py", 'x = instrument_id.partition("-")[0]'),
        ("cli/a.py", 'x, y = name.split("-")'),
    ],
    "pure": [("domain/a.py", "async def f():\n    return 1")],
    "whole": [
        ("system/parts.py", "self.recorder.door = self.tracker.receive"),
        ("system/parts.py", "ledger.assets.value_of = prices.value"),
        ("system/parts.py", "a, self.b.c = 1, 2"),
        ("system/parts.py", "setattr(self.risk, 'prepare', prepare)"),
        ("services/a.py", "class A:\n    def __init__(self, ledger):\n        ledger.beside = self._follow"),
    ],
    "statements": [
        ("store/a.py", "def f(account):\n    return sa.select(T.a).where(T.account == account)"),
        ("journal/a.py", "def f():\n    def g():\n        return sa.select(T.a)\n    return g()"),
    ],
}


@pytest.mark.parametrize(("rule", "path", "text"), [(rule, *case) for rule, cases in BAD.items() for case in cases])
def test_each_rule_finds_its_bad_line(rule: str, path: str, text: str):
    opened = text if rule == "opening" else f'"""What it is."""\n{text}'
    assert any(f": {rule}: " in finding for finding in findings(Source(path, opened)))


def test_every_rule_has_a_bad_line():
    assert set(BAD) == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("clock.py", "time.time_ns()"),
        ("exchanges/memory/instruments.py", 'x = f"{base}-{quote}"'),
        ("services/a.py", 'x = f"{step}-{order_id}", text.split(":"), f"{value} {currency}"'),
        ("simulator/server.py", "time.time_ns()"),
        ("simulator/market/matching.py", "dice = random.Random(7)"),
        ("domain/performance/sharpe.py", "float(x)"),
        ("services/a.py", "asyncio.create_task(run())  # house: tasks - the group is closed by then"),
        ("services/a.py", "group.create_task(run())"),
        ("domain/a.py", "price.quantize(step, ROUND_HALF_EVEN)"),
        ("simulator/a.py", "from app.simulator.codes import CODES"),
        ("simulator/a.py", "from .codes import CODES"),
        ("system/parts.py", "from app.settings import Settings"),
        ("system/parts.py", "self.recorder = TradeRecorder(door=self.tracker.receive)"),
        ("services/a.py", "self.gate.market_up = up"),
        ("services/a.py", "class A:\n    def __init__(self, ledger):\n        self.ledger = ledger"),
        ("services/a.py", "def f():\n" + "    x = 1\n" * 59 + "x = 1\n" * 359),
        ("store/a.py", "ALL = sa.select(T.a)\n@functools.cache\ndef f():\n    return sa.select(T.a)"),
    ],
)
def test_what_the_rules_allow(path: str, text: str):
    assert findings(Source(path, f'"""What it is."""\n{text}')) == []


def test_an_escape_needs_a_reason():
    assert findings(Source("services/a.py", '"""A."""\nfloat(x)  # house: floats'))


def test_exchanges_package_is_empty():
    assert (PACKAGE / "exchanges" / "__init__.py").read_text().count("import") == 0


def test_every_folder_of_modules_is_a_package():
    folders = {
        path.parent for package in ("app", "trading_executor") for path in PACKAGE.with_name(package).rglob("*.py")
    }
    missing = sorted(
        str(folder.relative_to(ROOT))
        for folder in folders
        if folder.name != "versions" and not (folder / "__init__.py").exists()
    )
    assert not missing, f"no __init__.py, so invisible to the import contracts: {missing}"


# --- what no committed file may say ------------------------------------------------------------------------------


def _committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of committed files")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


# Spelt in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a package index's address": re.compile(
        r"(?<!no-emit-)index" + r"[-_]url|\bpypi" + r"\.org|python" + r"hosted\.org|registry\." + r"npmjs"
    ),
    "a path of one machine": re.compile(r"(?<![\w.])/" + r"(work|root)/|\.\./\." + r"library"),
    "a way out of the checkout (recorded data excepted)": re.compile(r"\.\./shared" + r"(?!/data)"),
}


def test_no_committed_file_names_an_index_or_this_machine():
    found: list[str] = []
    for path in _committed_files():
        if not path.is_file() or path.suffix in {".png", ".gz", ".feather", ".ico", ".woff2"}:
            continue
        text = path.read_text("utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {what}: {match[0]}"
            for what, pattern in FORBIDDEN.items()
            for match in [pattern.search(text)]
            if match
        ]
    assert not found, "\n".join(found)


def test_there_is_no_uv_lock_and_no_niquests():
    assert not (ROOT / "uv.lock").exists()
    for name in ("runtime.txt", "dev.txt"):
        pins = (ROOT / "requirements" / name).read_text()
        assert not re.search(r"^(niquests|urllib3-future)==", pins, re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+==\S+(?: ; [^\\\n]+)?) \\\n((?:    --hash.*\n?)+)", text, re.MULTILINE))


def test_each_larger_set_holds_every_pin_with_the_same_hashes():
    # Markers may differ (a dev tool may want a package on more systems); versions and hashes may not.
    def versions(name: str) -> dict[str, str]:
        return {pin.split(" ;")[0]: hashes for pin, hashes in _pins(name).items()}

    runtime, extras, dev = versions("runtime.txt"), versions("extras.txt"), versions("dev.txt")
    assert len(runtime) > 40
    assert {pin: extras.get(pin) for pin in runtime} == runtime
    assert {pin: dev.get(pin) for pin in extras} == extras


def test_every_declared_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    # Ray must be the version that the cluster has.
    wanted = {name: lines for name, lines in project["optional-dependencies"].items() if name != "ray"}
    extras = [line for lines in wanted.values() for line in lines]
    for name, lines in (("runtime.txt", project["dependencies"]), ("extras.txt", extras)):
        locked = {pin.split("==")[0] for pin in _pins(name)}
        assert {re.split(r"[\[><=!~; ]", line)[0] for line in lines} <= locked


OURS = {"app", "trading_executor"}


def test_every_third_party_import_is_declared():
    """What an extra brings is imported where it is used, so that all else runs without it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\[><=!~; ]", line)[0].lower() for line in project["dependencies"]}
    extras = {
        re.split(r"[\[><=!~; ]", line)[0] for lines in project["optional-dependencies"].values() for line in lines
    }
    distributions = packages_distributions()
    found: set[str] = set()
    for source in sources(PACKAGE):
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            tops = {name.split(".")[0] for name in names} - sys.stdlib_module_names - OURS
            owners = {top: {owner.lower().replace("_", "-") for owner in distributions.get(top, [top])} for top in tops}
            allowed = declared | extras if getattr(node, "col_offset", 0) else declared
            found |= {f"{source.path}: {top}" for top, names_of in owners.items() if not names_of & allowed}
    assert not found, f"imported but not in pyproject.toml's dependencies: {sorted(found)}"
