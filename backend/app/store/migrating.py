"""Bring the database's schema up to date, or back, and check that it is what the models say.

Two starts at once are safe: one migrates, the other waits and then finds nothing to do.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from app.models.holdings import Base
from app.store.database import Database, explain
from app.store.errors import StoreError
from app.store.schema import pending_of, revisions

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
        before = pending_of(connection)
        if not before:
            return []
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, target)
        after = set(pending_of(connection))
        return [revision for revision in before if revision not in after]


def downgrade(database: Database, target: str) -> None:
    """Take revisions back, down to `target` ("base": all of them, and every row with them)."""
    with _one_at_a_time, _migrating(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, target)


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
    revisions.cache_clear()
    return Path(script.path)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    return config


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
