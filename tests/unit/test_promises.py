"""What is promised is kept: settings are read, metrics fed, columns written and read, events emitted, public functions
used, and what comments, messages and names of tests cite is there. What is excused says why.
"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import app.models.holdings  # noqa: F401  its tables belong to the others
from app.domain.events import EventKind
from app.journal.findings import PROMISES
from app.models.base import Base
from app.models.columns import told
from app.services.trading.risk_checks.limits import RiskLimits
from app.settings import Settings, Timing
from tests.support import promises
from tests.support.house_rules import Source, sources
from tests.support.uses import unused_functions

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "backend" / "app"
SOURCES = list(sources(PACKAGE))
METRICS = next(source for source in SOURCES if source.path == "observability/metrics.py")
TABLES = {mapper.class_.__name__: mapper.class_.__table__ for mapper in Base.registry.mappers}
TOLD = {
    table: {column.name: said.source for column in of.columns if (said := told(column)) and said.source}
    for table, of in TABLES.items()
}

FOR_PEOPLE = "for people and their queries: a reload goes by `facts`, and an audit compares it with them"
COMPARED = "an audit compares it with the journal, by the table of columns there"
EXCUSED_COLUMNS = {
    **{
        f"Order.{name}": FOR_PEOPLE
        for name in (
            *("average_fill_price", "cancel_requested", "cancel_source", "completed_ns"),
            *("error_code", "refusal", "reported_filled", "sent_ns", "intent_hash", "risk_decision"),
        )
    },
    "Trade.client_order_id": "for people and their queries: the order's own",
    "Position.entry_price": "for people and their queries: made of size and cost",
    **{
        f"HoldingBook.{name}": "for people and their queries: the sums of its lots"
        for name in ("cost", "priced", "quantity")
    },
    "ParentStep.client_order_id": COMPARED,
    "Lease.expires_ms": "written and read by the lease's own SQL (store/leases.py)",
}

SPECIFIED = "the user's specification names it"
TESTS = "what a test does to the venue"
BEYOND = "beyond the port: what OKX alone has, for a program of one's own"
FRAMEWORK = "called by a library"
REVISIONS = "for whoever adds a column (CONTRIBUTING)"
MEASURES = "the front door of app.domain.performance, for a program of one's own"
EXCUSED_FUNCTIONS = {
    "services/trading/execution_risk.py: ExecutionRiskControl.pre_trade_check": SPECIFIED,
    "services/trading/execution_risk.py: ExecutionRiskControl.validate_price_reasonability": SPECIFIED,
    "services/trading/order_manager.py: OrderManager.sync_orders_with_exchange": SPECIFIED,
    "services/trading/order_manager.py: OrderManager.update_order_status": SPECIFIED,
    "services/trading/order_tracker.py: OrderTracker.tracked": SPECIFIED,
    "services/trading/position_manager.py: PositionManager.calculate_pnl": SPECIFIED,
    "services/trading/position_manager.py: PositionManager.update_position": SPECIFIED,
    "services/trading/trade_recorder.py: TradeRecorder.record_trade": SPECIFIED,
    "cli/program.py: main": "trading_executor/__main__.py, the command",
    "main.py: app": "uvicorn makes it by its name",
    "api/handshakes.py: Listener.wait_closed": "uvicorn asks each of its servers",
    "models/trading.py: Order.updated_at": "rows in a program of one's own: the instants as datetimes",
    "models/trading.py: Trade.traded_at": "rows in a program of one's own: the instants as datetimes",
    **{f"exchanges/memory/exchange.py: MemoryExchange.{name}": TESTS for name in (
        "answer_next", "break_streams", "cancel_by_venue", "pay_funding", "release_pushes", "restore_streams",
    )},
    **{f"exchanges/okx/adapter.py: OkxExchange.{name}": BEYOND for name in (
        "follow_candles", "follow_funding_rate", "follow_ticker", "submit_with_exits",
    )},
    "domain/performance/summary.py: performance_summary": MEASURES,
    "services/trading/execution_strategies/parameters.py: table": "what docs/execution.md has, compared by a test",
    "strategies/order_flow.py: order_flow_imbalance": "for strategies of one's own (docs/strategies.md)",
    "domain/exposure.py: exposure_of": "what the running sums must equal: the simulations compare after every step",
    "journal/audit.py: replay": "the replay alone, without the chain, for a program of one's own",
    "journal/chain.py: verify_chain": "the chain alone, without the replay, for a program of one's own",
    "settings/__init__.py: Settings.database_url_shown": "for a program that prints its settings",
    "store/queries_tables.py: quarantine": "the table as it is; a person reads the events message.quarantined",
    "store/migrating.py: differences": REVISIONS,
    "store/migrating.py: downgrade": REVISIONS,
    "store/migrating.py: draft_revision": REVISIONS,
    "models/columns.py: RowType.source_of": "what the tests ask a row type",
    "models/types.py: Money.load_dialect_impl": FRAMEWORK,
    "models/types.py: Money.process_bind_param": FRAMEWORK,
    "models/types.py: Money.process_result_value": FRAMEWORK,
    "settings/__init__.py: Settings.settings_customise_sources": FRAMEWORK,
    "settings/sources.py: NamedSource.get_field_value": FRAMEWORK,
}  # fmt: skip


CHECKS = "services/trading/risk_checks/"
FOLDERS = ("backend", "tests", "docs", "benchmarks", "examples", "deploy", "frontend/src")
TOP = [*(path.name for path in ROOT.glob("*.md")), "frontend/README.md"]
OTHERS_FILES = {
    "FILE.py": "an example",
    "test.py": "an example",
    "strategies/momentum.py": "an example",
    "adwin.py": "of the river library",
    "base_events.py": "of asyncio",
}


def pages() -> tuple[set[str], set[str]]:
    return tuple(promises.numbered((ROOT / "docs" / f"{name}.md").read_text()) for name in ("invariants", "faults"))  # type: ignore[return-value]


def test_every_setting_is_read():
    assert promises.unread_settings([*Settings.model_fields, *Timing.model_fields], SOURCES) == []
    limits = [field.name for field in fields(RiskLimits)]
    assert promises.unread_settings(limits, [each for each in SOURCES if each.path.startswith(CHECKS)]) == []


def test_every_metric_is_fed():
    assert promises.unfed_metrics(METRICS, SOURCES) == []


def test_every_kind_of_event_is_emitted():
    assert promises.unemitted_events(EventKind.__members__, SOURCES) == []


def test_every_column_is_written_and_read():
    """Those that say where their value comes from are written by their row type."""
    by_name = {
        table: (of.name, [c.name for c in of.columns if c.name not in TOLD[table]]) for table, of in TABLES.items()
    }
    everything = {
        table: {c.name: value if isinstance(value := TOLD[table].get(c.name), str) else "" for c in of.columns}
        for table, of in TABLES.items()
    }
    idle = {*promises.unwritten_columns(by_name, SOURCES), *promises.unread_columns(everything, SOURCES)}
    assert sorted(idle - EXCUSED_COLUMNS.keys()) == []
    assert sorted(EXCUSED_COLUMNS.keys() - idle) == [], "excused, and needs no excuse"


def test_every_public_function_is_used():
    unused = set(unused_functions(SOURCES))
    assert sorted(unused - EXCUSED_FUNCTIONS.keys()) == []
    assert sorted(EXCUSED_FUNCTIONS.keys() - unused) == [], "excused, and needs no excuse"


def test_every_citation_is_there():
    invariants, faults = pages()
    decisions = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    found = [
        f"{path.relative_to(ROOT)}: {cited}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".md"} and path != Path(__file__)
        for cited in promises.unresolved_citations(path.read_text("utf-8"), invariants, faults, decisions)
    ]
    assert found == []


def test_every_file_that_the_code_names_is_there():
    files = [path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
    missing = {name for source in SOURCES for name in promises.missing_files(source.text, [*files, *TOP])}
    assert sorted(missing - OTHERS_FILES.keys()) == []
    assert sorted(OTHERS_FILES.keys() - missing) == [], "excused, and needs no excuse"


def test_every_link_of_a_page_leads_somewhere():
    folders = ("docs", "backend", "frontend/src", "tests", "deploy", "benchmarks", "examples")
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("frontend/*.md"),
        *(p for each in folders for p in (ROOT / each).rglob("*.md")),
    ]
    assert len(pages) > 50
    assert [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in promises.broken_links(page)] == []


@pytest.mark.parametrize("name", ["invariants", "faults"])
def test_what_holds_a_promise_is_there(name: str):
    files = {path.name for folder in ("backend", "tests") for path in (ROOT / folder).rglob("*.py")}
    for line in (ROOT / "docs" / f"{name}.md").read_text().splitlines():
        if promises.numbered(line):
            code, tests = line.split("|")[3:5]
            named = re.findall(r"`([\w.]+)`", code), re.findall(r"`(test_[\w.]+)`", tests)
            assert named[0], line
            assert named[1] or tests.strip() == "no test of its own", line
            assert {*named[0], *named[1]} <= files, line


def test_an_audit_says_the_sentence_of_the_page():
    page = (ROOT / "docs" / "invariants.md").read_text()
    for number, sentence in PROMISES.items():
        assert f"| {number} | {sentence} |" in page


def test_the_rooms_that_the_pages_name_are_there():
    folders = {path.name for path in PACKAGE.rglob("*") if path.is_dir()} | {path.name for path in ROOT.iterdir()}
    rooms = (ROOT / "docs" / "ARCHITECTURE.md").read_text().partition("## Rooms")[2].split("```")[1]
    assert set(re.findall(r"([\w]+)/", rooms)) - folders - {"app"} == set()
    named = re.findall(r"`(?:backend/app/)?([a-z_]+/[\w/]*(?:\.py)?)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 10
    assert [name for name in named if not ((PACKAGE / name).exists() or (ROOT / name).exists())] == []


# --- each check can fail -----------------------------------------------------------------------------------------


def test_a_setting_that_is_only_checked_is_not_read():
    checks = "class T:\n    def _check(self):\n        return self.b\n    def used(self):\n        return self.a"
    files = [Source("settings/__init__.py", checks), Source("system.py", "x = self.settings.timing.c; y = other.d")]
    assert promises.unread_settings("abcd", files) == ["b", "d"]


def test_a_metric_that_is_not_fed_or_tells_nothing_apart():
    declared = """
class Metrics:
    def __init__(self):
        self._a = self._counter("a")
        self._b = self._counter("b")
    def one(self, label):
        self._a.labels(label).inc()
    def two(self):
        pass
"""
    metrics, feeding = Source("observability/metrics.py", declared), Source("api/a.py", "self.metrics.one('always')")
    found = ["two: never called", "_b: made, never fed", "one: its label is always 'always'"]
    assert promises.unfed_metrics(metrics, [metrics, feeding]) == found


def test_an_event_that_is_only_asked_for_is_not_emitted():
    asked = "if kind == EventKind.B:\n    pass\nmatch kind:\n    case EventKind.C:\n        pass"
    files = [
        Source("services/a.py", f"turn.event(EventKind.A, {{}})\nqueries.events(kinds=[EventKind.E])\n{asked}"),
        Source("services/b.py", "self._stage(row, EventKind.F)"),
        Source("journal/a.py", "x = EventKind.D"),
        Source("services/c.py", "EVENTS = {True: EventKind.H}\nself._stage(row, EVENTS[yes])"),
        Source("notifications/words.py", "WORDS = {EventKind.G: 'it happened'}\nWORDS.get(kind)"),
    ]
    assert promises.unemitted_events("ABCDEFGH", files) == ["B", "C", "D", "E", "G"]


def test_a_column_that_nobody_writes_or_reads():
    writing = Source(
        "services/a.py", "from app.domain.b import made\nturn.row('t', {'written': 1, 'idle': row['read'], **made()})"
    )
    imported, elsewhere = Source("domain/b.py", "made(near=1)"), Source("services/c.py", "turn.row('u', {'note': 1})")
    given = {"T": ("t", ["written", "near", "read", "note"]), "U": ("u", ["note", "near"])}
    assert promises.unwritten_columns(given, [writing, imported, elsewhere]) == ["T.note", "T.read", "U.near"]
    query = Source("store/a.py", "R = RowType(T, 'x')\nload = R.loader(Kind, 'x.y')\nselect(T.queried)")
    columns = {"T": {"queried": "", "read": "", "loaded": "x.y.z", "other": "x.z"}}
    assert promises.unread_columns(columns, [writing, query]) == ["T.other"]


def test_a_function_that_nobody_calls():
    text = """
def idle(): ...
def used(): ...
def again(): return again()
def _private(): ...
@router.get("/")
def route(): ...
class C:
    def idle_too(self): ...
    def asked_for(self): ...
class P(Protocol):
    def asked(self): ...
used(C, P).asked_for()
"""
    assert unused_functions([Source("a.py", text)]) == ["a.py: C.idle_too", "a.py: again", "a.py: idle"]


def test_a_namesake_in_another_file_is_no_use_of_a_function():
    files = [
        Source("a/__init__.py", "from app.a.b import offered, kept\n__all__ = ['offered', 'kept']"),
        Source("a/b.py", "def offered(): ...\ndef kept(): ...\ndef alone(): ...\ndef check(): ..."),
        Source("c.py", "from app.a import kept\nfrom app import d\nkept(d.reached)\nalone = 1\nprint(alone)"),
        Source("d.py", "def reached(): ...\ndef check(): ...\nclass E: ..."),
        Source("f.py", "from app import d\nCHECKS = (d,)\nCHECKS[0].check()\ndef g(e: 'E'): print(e, g)"),
    ]
    assert unused_functions(files) == [
        "a/b.py: alone", "a/b.py: check", "a/b.py: offered", "d.py: E", "f.py: g",
    ]  # fmt: skip


# Spelt in pieces, so that this file's own text cites nothing.
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# (INVAR" + "IANTS S1, S99)", ["INVARIANTS S99"]),
        ("# (FAU" + "LTS A1, fact 77; INVAR" + "IANTS\n# Q1)", ["FAULTS fact 77", "INVARIANTS Q1"]),
        ("# see INVAR" + "IANTS 1.2", ["INVARIANTS 1.2"]),
        ("def test_Z" + "9_is_this(): ...", ["test_Z9"]),
        ('findings.add("Z' + '9", "x", "y")', ["finding Z9"]),
        ("# (FAU" + "LTS C and D), INVAR" + "IANTS S1", []),
        ("# (ARCHI" + "TECTURE 5.2, 6) and OKX 51008 (SHA-256)", ["ARCHI" + "TECTURE 5.2"]),
        ("# why: deci" + "sion 0001, deci" + "sions/0099-why.md", ["decision 0099"]),
    ],
)
def test_what_is_cited_and_is_not_there(text: str, found: list[str]):
    assert promises.unresolved_citations(text, {"S1"}, {"A1", "fact 3"}, {"0001"}) == found


def test_a_file_that_is_named_and_is_not_there():
    assert promises.missing_files("see venue/sending.py, b.py and docs/c.md", ["x/venue/sending.py", "ab.py"]) == [
        "b.py", "docs/c.md",
    ]  # fmt: skip


def test_a_link_that_leads_nowhere(tmp_path: Path):
    (tmp_path / "b.md").write_text("# What it `is`\n```\n# no heading\n```\n")
    links = "[a](b.md) [b](b.md#what-it-is) [c](c.md) [d](b.md#no-heading) [e](#here) [f](https://x.y/z)"
    (tmp_path / "a.md").write_text(f"## Here\n{links}")
    assert promises.broken_links(tmp_path / "a.md") == ["c.md", "b.md#no-heading"]
