"""One database, two kinds of access: a writer connection for the account's one writer, and read-only engines.

SQLite runs in WAL with synchronous=FULL in a file only its owner can read; PostgreSQL by psycopg 3. What differs
between the two is said here and nowhere else.
"""

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DatabaseError, DBAPIError

from app.store.address import SQLITE, DatabaseAddress, parse
from app.store.errors import StoreError
from app.store.folders import private_folder
from app.store.transaction import Address, prepare_sqlite

BUSY_TIMEOUT_SECONDS = 5
CONNECT_TIMEOUT_SECONDS = 5
READ_POOL_SIZE = 8
STATEMENT_TIMEOUT_MS = 30_000
SILENCE_MAX_SECONDS = 20
"""After so long without a sign of a PostgreSQL server's machine the connection is given up."""
SQLITE_LEAST = (3, 33, 0)
"""UPDATE ... FROM and 32,766 parameters a statement (app.store.transaction)."""


class Database:
    """Engines for one DATABASE_URL. Engines connect lazily; call check() to hear about a bad URL early."""

    def __init__(self, url: str) -> None:
        try:
            self.address = parse(url)
        except ValueError as error:
            raise StoreError(f"DATABASE_URL {error}") from None
        self.url = _url_of(self.address)
        self.is_sqlite = self.address.backend == SQLITE
        self.writer_engine = self._engine(read_only=False, pool_size=2)
        self.read_engine = self._engine(read_only=True, pool_size=READ_POOL_SIZE)

    @property
    def dialect(self) -> sa.Dialect:
        return self.writer_engine.dialect

    def describe(self) -> str:
        """The URL without its password."""
        return self.address.shown

    def check(self) -> None:
        """Raises StoreError when the database cannot be reached."""
        with self.explaining(), self.writer_engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    def writer_address(self) -> Address:
        """How the account's one writer reaches the database."""
        file, options = self.dialect.create_connect_args(self.url)
        if self.is_sqlite:
            options["database"] = file[0]
        options.pop("context", None)  # SQLAlchemy's own adapters
        return Address(self.is_sqlite, {**options, **self._connect_options(read_only=False)})

    def writer_connection(self) -> Any:
        """A connection of the driver as the writer has it. Raises StoreError."""
        with self.explaining():
            return self.writer_address().connect()

    @contextmanager
    def explaining(self) -> Generator[None]:
        """What a driver raises within comes out as StoreError, told in one line without secrets."""
        try:
            yield
        except (self.dialect.loaded_dbapi.Error, DBAPIError) as error:
            raise StoreError(explain(error, self)) from None

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A short read-only transaction."""
        try:
            with self.read_engine.connect() as connection:
                yield connection
        except DatabaseError as error:  # SQLite's word for a damaged page is not an operational one
            raise StoreError(explain(error, self)) from None

    def file_identity(self) -> tuple[int, int] | None:
        """Which file (device, inode) the path leads to now; None when there is none, and on PostgreSQL."""
        if not self.is_sqlite:
            return None
        try:
            found = os.stat(self.address.database)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def close(self) -> None:
        self.writer_engine.dispose()
        self.read_engine.dispose()

    def _engine(self, *, read_only: bool, pool_size: int) -> Engine:
        if not self.is_sqlite:
            return sa.create_engine(
                self.url,
                pool_size=pool_size,
                max_overflow=4,
                pool_timeout=10,
                pool_pre_ping=True,
                connect_args=self._connect_options(read_only=read_only),
            )
        if sqlite3.sqlite_version_info < SQLITE_LEAST:
            # Said before anything is sent: what such a library refuses are the answers of orders.
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: Python's must be 3.33 or newer")
        database = self.address.database
        engine = sa.create_engine(
            self.url,
            poolclass=sa.pool.QueuePool,
            pool_size=pool_size,
            max_overflow=4,
            connect_args=self._connect_options(read_only=read_only),
        )
        event.listen(engine, "connect", _sqlite_reader if read_only else _sqlite_writer)
        if not read_only:
            _private_file(Path(database))
        return engine

    def _connect_options(self, *, read_only: bool) -> dict[str, Any]:
        if self.is_sqlite:
            return {"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC"
        if read_only:
            options += " -c default_transaction_read_only=on"
        return {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": options,
            # A server that is cut off says nothing: by its defaults a commit would wait for it for hours.
            "tcp_user_timeout": SILENCE_MAX_SECONDS * 1000,
            "keepalives_idle": SILENCE_MAX_SECONDS // 2,
            "keepalives_interval": SILENCE_MAX_SECONDS // 4,
            "keepalives_count": 2,
        }


def _url_of(address: DatabaseAddress) -> URL:
    if address.backend == SQLITE:
        return URL.create("sqlite+pysqlite", database=address.database)
    return URL.create(
        "postgresql+psycopg",
        address.user,
        address.password,
        address.host,
        address.port,
        address.database or None,
        dict(address.options),
    )


def _private_file(path: Path) -> None:
    private_folder(path.parent)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    elif path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _sqlite_writer(connection: sqlite3.Connection, _record: object) -> None:
    prepare_sqlite(connection)


def _sqlite_reader(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON").close()


def explain(error: Exception, database: Database) -> str:
    """One line for people: what could not be done with which database, and why, without secrets. error: a driver's, or
    SQLAlchemy's around it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first_line = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    for secret in database.address.secrets:
        first_line = first_line.replace(secret, "***")
    advice = _DAMAGED_ADVICE if any(word in first_line for word in _DAMAGED) else ""
    return f"database {database.describe()}: {first_line}{advice}"


_DAMAGED = ("disk image is malformed", "is not a database")
_DAMAGED_ADVICE = "; the file is damaged: put the newest copy that `trading-executor backup` made in its place"
