"""Commands on the database itself: migrate, audit, backup, restore, drill, reconcile, status. All but migrate
and restore change nothing."""

import asyncio
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.client import connect
from app.cli.errors import FAILED, CommandError
from app.cli.options import DataDir, Json, Url, number, settings
from app.cli.output import print_fields, print_json, print_table
from trading_executor.client import calls

if TYPE_CHECKING:
    from app.settings import Settings
    from app.store.database import Database

FINDINGS_SHOWN = 50


def migrate(
    check: Annotated[bool, typer.Option("--check", help="Only say whether anything is pending.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Bring the database's tables up to date."""
    from app.store import migrating, schema

    with _database(settings(data_dir=data_dir)) as database:
        revisions = schema.pending(database) if check else migrating.upgrade(database)
        at = schema.current(database)
    if as_json:
        print_json({"revision": at, "pending" if check else "applied": revisions})
    else:
        word = "pending" if check else "applied"
        print(f"{word}: {', '.join(revisions)}" if revisions else f"nothing to do: at revision {at}")
    if check and revisions:
        raise typer.Exit(FAILED)


def audit(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Verify the journal's chain, fold it again and compare with every table."""
    from app.api.encoding import json_ready
    from app.cli import catalogue
    from app.cli.auditing import audit_all as run
    from app.journal.findings import PROMISES

    found = settings(data_dir=data_dir)
    with made_database(found) as database:
        report = run(database, found.account, catalogue.load(found.data_dir))
    if as_json:
        print_json(json_ready({**_members(report), "clean": report.clean}))
    else:
        replayed = report.replay
        print(f"chain of {report.chain.events} events, {replayed.orders} orders, {replayed.trades} trades, "
              f"{replayed.positions} positions: {'clean' if report.clean else 'NOT CLEAN'}")  # fmt: skip
        shown = report.findings[:FINDINGS_SHOWN]
        for finding in shown:
            print(f"  {finding}")
        if (more := len(report.findings) + replayed.dropped - FINDINGS_SHOWN) > 0:
            print(f"  and {more} more")
        for rule in sorted({finding.rule for finding in shown}):
            print(f"{rule}: {PROMISES[rule]}")
    if not report.clean:
        raise typer.Exit(FAILED)


def backup(
    target: Annotated[Path, typer.Argument(help="A new file.")], data_dir: DataDir = None, as_json: Json = False
) -> None:
    """Copy a SQLite database while it is being written, and check the copy."""
    from app.store.backup import backup as run

    with made_database(settings(data_dir=data_dir), behind=True) as database:
        copy = run(database, target)
    if as_json:
        print_json({"path": str(copy.path), "size_bytes": copy.size_bytes, "last_seq": copy.last_seq})
    else:
        print(f"{copy.path}: {copy.size_bytes} bytes, checked")


def restore(
    copy: Annotated[Path, typer.Argument(help="A file that backup made.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a backup the database again, where there is none; a start then books what the exchange did since."""
    from app.store.backup import restore as run
    from app.store.errors import StoreError

    found = settings(data_dir=data_dir)
    try:
        made = run(copy, found.database_address)
    except StoreError as error:
        raise CommandError(str(error)) from None
    if as_json:
        print_json({"path": str(made.path), "size_bytes": made.size_bytes, "last_seq": made.last_seq})
    else:
        print(f"{made.path}: {made.size_bytes} bytes, checked; a start compares it with the exchange, then audit it")


def drill(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Back up, restore into a folder that is thrown away, and audit what came back; 1 when it is not clean."""
    from app.cli import catalogue
    from app.cli.auditing import audit_all as run
    from app.clock import NS_PER_SECOND, SystemClock
    from app.store import address
    from app.store.backup import backup, restore
    from app.store.database import Database

    found, clock = settings(data_dir=data_dir), SystemClock()
    beside = Path(found.database_address.database).parent
    began = clock.monotonic_ns()
    with made_database(found) as database, tempfile.TemporaryDirectory(dir=beside, prefix="drill-") as folder:
        copy = backup(database, Path(folder) / "copy.db")
        again = f"sqlite:///{folder}/restored.db"
        restore(copy.path, address.parse(again))
        restored = Database(again)
        try:
            report = run(restored, found.account, catalogue.load(found.data_dir))
        finally:
            restored.close()
    seconds = (clock.monotonic_ns() - began) / NS_PER_SECOND
    if as_json:
        print_json({"clean": report.clean, "events": report.chain.events, "bytes": copy.size_bytes, "seconds": seconds})
    else:
        verdict = "clean" if report.clean else "NOT CLEAN"
        print(f"{copy.size_bytes} bytes, {report.chain.events} events: restored in {seconds:.1f} s, {verdict}")
    if not report.clean:
        raise CommandError(f"what came back has {len(report.findings)} finding(s); audit names them")


def reconcile(
    hours: Annotated[float, number("--hours", least=0.1, most=72, help="How far back to compare fills.")] = 24,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Compare the database with the exchange's own records, changing neither. A running system may be in between."""
    from app.cli import local_exchange, reconciling
    from app.clock import SystemClock
    from app.exchanges.errors import ExchangeError
    from app.settings import SettingsError

    clock = SystemClock()
    found = local_exchange.pointed_at(settings(data_dir=data_dir), clock)
    with made_database(found) as database:
        try:
            differences = asyncio.run(reconciling.differences(found, database, clock, hours))
        except SettingsError as error:
            raise CommandError("; ".join(error.problems)) from None
        except ExchangeError as error:
            raise CommandError(f"exchange: {error}") from None
    if as_json:
        print_json({"differences": differences})
    else:
        print_table(differences, ("what", "which", "here", "exchange"), empty="no differences")
    if differences:
        raise typer.Exit(FAILED)


def status(
    offline: Annotated[bool, typer.Option("--offline", help="Ask the database, not the running system.")] = False,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show the system's state: ready or why not, streams, lease, open and unknown orders, differences."""
    if not offline:
        answer: Any = connect(url, data_dir).ask(calls.status())
    else:
        from app.api.encoding import json_ready
        from app.api.read_only import StoredRuntime
        from app.clock import SystemClock

        found = settings(data_dir=data_dir)
        with made_database(found) as database:
            runtime = StoredRuntime(database, found.account, SystemClock())
            answer = json_ready({**runtime.status(), "database": database.describe()})
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)


@contextmanager
def _database(found: "Settings") -> Generator["Database"]:
    """The database that the settings name. Raises CommandError when it cannot be used."""
    from app.store.database import Database
    from app.store.errors import StoreError

    try:
        database = Database(found.database_url.get_secret_value())
        try:
            database.check()
            yield database
        finally:
            database.close()
    except StoreError as error:
        raise CommandError(str(error)) from None


@contextmanager
def made_database(found: "Settings", *, behind: bool = False) -> Generator["Database"]:
    """The same, which must have its tables already: reading must not make an empty one in passing. behind: those of an
    older release will do."""
    from app.store import schema
    from app.store.address import SQLITE

    address = found.database_address
    if address.backend == SQLITE and not Path(address.database).exists():
        raise CommandError(f"database={address.database}: there is none; --data-dir or DATABASE_URL names another")
    with _database(found) as database:
        if not behind and (pending := schema.pending(database)):
            raise CommandError(
                f"database {database.describe()} is {len(pending)} migration(s) behind; run: trading-executor migrate"
            )
        yield database


def _members(report: Any) -> dict[str, Any]:
    return {name: getattr(report, name) for name in ("account", "chain", "replay", "findings")}
