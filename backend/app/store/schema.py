"""The database's schema: bring it up to date, say where it stands, and check that it is what the models say.

Two starts at once are safe: one migrates, the other waits and then finds nothing to do.
"""

import functools
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from app.models.holdings import Base
from app.store.database import Database, explain
from app.store.errors import StoreError

LOCK_WAIT_SECONDS = 60
_ADVISORY_LOCK = 0x7465_6D69_6772  # "temigr", ours alone in a database of ours

_one_at_a_time = threading.Lock()
"""Alembic keeps the running migration in module variables, so that threads must take turns."""


def upgrade(database: Database, target: str = "head") -> list[str]:
    """Bring the schema to `target`; the revisions that were applied, none when it was there already.

    All of them in one transaction. Raises StoreError when another start holds the lock for more than a minute, when
    the database is from a newer version, or when it cannot be reached.
    """
    with _one_at_a_time, _migrating(database) as connection:
        before = _pending(connection)
        if not before:
            return []
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, target)
        after = set(_pending(connection))
        return [revision for revision in before if revision not in after]


def prepare(database: Database, progress: Callable[[str], None]) -> None:
    """A new database gets its tables; an older one is migrated by `trading-executor migrate`, not in passing.

    Raises StoreError when it cannot be reached or migrations are pending.
    """
    database.check()
    if current(database) is None:
        progress(f"creating the tables in {database.describe()}")
        upgrade(database)
    elif behind := pending(database):
        raise StoreError(
            f"database {database.describe()} is {len(behind)} migration(s) behind; run: trading-executor migrate"
        )


def downgrade(database: Database, target: str) -> None:
    """Take revisions back, down to `target` ("base": all of them, and every row with them)."""
    with _one_at_a_time, _migrating(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, target)


def current(database: Database) -> str | None:
    """The revision that the database is at, None for one without tables."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def pending(database: Database) -> list[str]:
    """Revisions that are still to be applied, oldest first. Raises StoreError for a database from a newer version."""
    with database.reading() as connection:
        return _pending(connection)


def differences(database: Database) -> list[Any]:
    """What alembic would still change so that the tables are what the models say; empty after an upgrade."""
    with database.reading() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def draft_revision(database: Database, message: str, revision: str) -> Path:
    """For developers: write a new revision file from the differences between an upgraded database and the models."""
    with _one_at_a_time, database.writer_engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        script = command.revision(config, message, autogenerate=True, rev_id=revision)
    if script is None or isinstance(script, list):
        raise StoreError(f"no single revision came of {message!r}")
    _steps_after.cache_clear()
    return Path(script.path)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    return config


def _pending(connection: Connection) -> list[str]:
    at = MigrationContext.configure(connection).get_current_revision()
    try:
        return list(_steps_after(at or "base"))
    except (CommandError, RevisionError):
        raise StoreError(
            f"the database is at revision {at}, which this version does not know: it was made by a newer version"
        ) from None


@functools.cache
def _steps_after(revision: str) -> tuple[str, ...]:
    """The revisions of this version after one, oldest first. Raises CommandError, RevisionError for one unknown."""
    script = ScriptDirectory.from_config(_config())
    return tuple(step.revision for step in script.iterate_revisions("head", revision))[::-1]


@contextmanager
def _migrating(database: Database) -> Generator[Connection]:
    """The connection of the only migration that runs, inside its transaction."""
    lock = _sqlite_lock if database.is_sqlite else _postgresql_lock
    try:
        with database.writer_engine.connect() as connection, lock(connection):
            yield connection
    except DBAPIError as error:
        raise StoreError(explain(error, database)) from None


@contextmanager
def _sqlite_lock(connection: Connection) -> Generator[None]:
    # Tables that a migration rebuilds are dropped on the way: with foreign keys on, their children's rows would be too.
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql(f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS * 1000}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise StoreError(f"the migration would leave {len(broken)} rows without what they refer to; undone")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        # The pool must not hand out this connection, with its settings, as a writer's.
        connection.invalidate()


@contextmanager
def _postgresql_lock(connection: Connection) -> Generator[None]:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT_SECONDS}s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
