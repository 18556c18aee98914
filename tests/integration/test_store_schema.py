"""The schema on both databases: one head, no drift from the models, append-only tables, starts at the same time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.domain.order_changes import new_order
from app.models.trading import Base
from app.store import migrating, schema
from app.store.database import Database
from app.store.errors import StoreError
from app.store.group import Group
from app.store.rows import NewOrder
from tests.support import store

ROOT = Path(__file__).parents[2]
REVISIONS = sorted(path.name[:4] for path in Path(schema.__file__).parent.glob("migrations/versions/0*.py"))


@pytest.fixture
def database(database_url: str):
    with store.opened(database_url, migrate=False) as database:
        yield database


def test_upgrade_makes_what_the_models_say(database: Database):
    assert schema.current(database) is None
    waiting = schema.pending(database)
    assert waiting
    assert migrating.differences(database)
    assert migrating.upgrade(database) == waiting
    assert migrating.differences(database) == []
    assert (schema.current(database), schema.pending(database)) == (waiting[-1], [])
    assert migrating.upgrade(database) == []


def test_revisions_are_told_by_their_files_as_alembic_tells_them(database: Database, database_url: str):
    """Without it: a start that finds nothing to do does not load it."""
    script = ScriptDirectory(str(Path(schema.__file__).with_name("migrations")))
    assert list(schema.revisions()) == [each.revision for each in script.walk_revisions()][::-1]
    migrating.upgrade(database, REVISIONS[2])
    with database.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == schema.revision_of(connection)
    assert schema.pending(database) == REVISIONS[3:]
    migrating.upgrade(database)
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE, database_url], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "alembic: False\n"


_PREPARE = """
import sys
from app.store.database import Database
from app.store.tables import prepare
prepare(Database(sys.argv[1]), print)
print("alembic:", "alembic" in sys.modules)
"""


def test_partial_indexes_are_partial(database: Database):
    """alembic does not compare conditions of indexes, so that a lost one would go unseen."""
    migrating.upgrade(database)
    option = f"{database.dialect.name}_where"
    inspector = sa.inspect(database.read_engine)
    wanted = {index.name for table in Base.metadata.tables.values() for index in table.indexes if index.dialect_options}
    partial = {
        found["name"]
        for table in Base.metadata.tables
        for found in inspector.get_indexes(table)
        if found.get("dialect_options", {}).get(option) is not None
    }
    assert partial == {
        index.name
        for table in Base.metadata.tables.values()
        for index in table.indexes
        if index.name in wanted and index.kwargs.get(option) is not None
    }
    assert "ix_orders_open" in partial


@pytest.mark.parametrize("change", ["UPDATE {} SET account = 'other'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["trades", "fees", "execution_events"])
def test_history_cannot_be_changed(database: Database, table: str, change: str):
    migrating.upgrade(database)
    committer = store.committer(database)
    order = new_order(store.request(1))
    fill = store.fill(order, 1, "0.5")
    group = Group(
        new_orders={order.order_id: NewOrder(order, "hash")},
        fills=[(order, fill, store.T0)],
        fees=[(fill, store.T0)],
        events=[store.event(1)],
    )
    store.run_groups(committer, group)
    committer.close()
    with database.writer_engine.connect() as connection:
        before = connection.execute(sa.text(f"SELECT * FROM {table}")).all()
        assert len(before) == 1
        connection.rollback()
        with pytest.raises(sa.exc.DBAPIError, match="is append-only"):
            connection.execute(sa.text(change.format(table)))
        connection.rollback()
        assert connection.execute(sa.text(f"SELECT * FROM {table}")).all() == before


def test_postgresql_refuses_truncate_too(postgres_url: str):
    with (
        store.opened(postgres_url) as database,
        database.writer_engine.connect() as connection,
        pytest.raises(sa.exc.DBAPIError, match="trades is append-only"),
    ):
        connection.execute(sa.text("TRUNCATE trades"))


def test_a_database_from_a_newer_version_is_refused(database: Database):
    migrating.upgrade(database)
    with database.writer_engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for ask in (migrating.upgrade, schema.pending):
        with pytest.raises(StoreError, match="revision 9999, which this version does not know"):
            ask(database)


def test_a_library_that_is_too_old_is_refused_before_anything_is_sent(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 32, 9))
    with pytest.raises(StoreError, match="is too old"):
        Database(sqlite_url)


def test_a_server_that_is_cut_off_is_given_up(postgres_url: str):
    """Its silence is noticed by the kernel; here only that the connection really has what was asked for."""
    with store.opened(postgres_url, migrate=False) as database, database.writer_engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        given = raw.info.get_parameters()
        wanted = ("tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")
        assert [given[name] for name in wanted] == ["20000", "10", "5", "2"]


def test_a_failing_migration_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch):
    def fail(*_args: object) -> None:
        raise RuntimeError("power cut")

    with database.writer_engine.begin() as connection:
        # The last table of the first revision is there already: the migration fails after it made the others.
        connection.execute(sa.text("CREATE TABLE parent_steps (x INTEGER)"))
    with pytest.raises((StoreError, sa.exc.DBAPIError)):
        migrating.upgrade(database)
    assert schema.current(database) is None
    assert set(sa.inspect(database.read_engine).get_table_names()) <= {"parent_steps", "alembic_version"}


def test_downgrade_takes_everything_away(database: Database):
    migrating.upgrade(database)
    migrating.downgrade(database, "base")
    assert set(sa.inspect(database.read_engine).get_table_names()) <= {"alembic_version"}
    assert migrating.upgrade(database) == REVISIONS


_START = """
import sys
from app.store import migrating
from app.store.database import Database
sys.stdin.readline()
print(migrating.upgrade(Database(sys.argv[1])), flush=True)
"""


def test_two_starts_at_once(database_url: str):
    if database_url.startswith("sqlite"):
        Database(database_url).close()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _START, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT / "backend"), "PATH": "/usr/bin:/bin"},
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = sorted(process.communicate(timeout=60)[0].strip() for process in started)
    assert answers == [str(REVISIONS), "[]"]
    assert [process.returncode for process in started] == [0, 0]
    with store.opened(database_url, migrate=False) as database:
        assert migrating.differences(database) == []
