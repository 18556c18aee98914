"""A PostgreSQL server that checks passwords lets us in with any, however the URL writes it; none is ever told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from app.settings import load_settings
from app.store.database import Database
from app.store.errors import StoreError
from tests.support.postgres import embedded_server

PASSWORDS = (
    *("p@ss", "a#b", "100%", "a/b", "a?b", "a:b", "a b", "a+b", "a;b", "a\\b", "'q\"", "[x]", "@@", "//", "?x=1"),
    *("x@y/z?q#r%", "a%zz", "p@127.0.0.1:5432/x", "é ü", "a&b=c"),
)
USERS = {f"user{number}": password for number, password in enumerate(PASSWORDS)}


@pytest.fixture(scope="module")
def socket() -> Iterator[str]:
    """The folder of the socket of a server that asks every user but its own for the password."""
    with embedded_server() as server:
        url = server.database_url("postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            for user, password in USERS.items():
                made = sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}")
                connection.execute(made.format(sql.Identifier(user), sql.Literal(password)))
            (rules,) = connection.execute("SHOW hba_file").fetchone() or ("",)
            Path(rules).write_text("local all postgres trust\nlocal all all scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
            folder = connection.info.host
        while True:  # the reload reaches the server's main process in its own time
            try:
                psycopg.connect(host=folder, user="user0", password="wrong", dbname="postgres").close()
            except psycopg.OperationalError:
                break
        yield folder


def urls(socket: str, user: str, password: str) -> list[str]:
    encoded = quote(password, safe="")
    found = [
        f"postgres://{user}:{password}@/postgres?host={socket}",
        f"postgresql://{user}:{encoded}@{quote(socket, safe='')}/postgres",
        f"postgresql:///postgres?host={socket}&user={user}&password={encoded}&connect_timeout=5",
    ]
    if "&" not in password:
        found.append(f"postgresql+psycopg:///postgres?host={socket}&user={user}&password={password}")
    return found


@pytest.mark.parametrize("user", USERS)
def test_any_password_connects_the_writer_and_the_readers(socket: str, user: str, tmp_path: Path) -> None:
    for url in urls(socket, user, USERS[user]):
        settings = load_settings(database_url=url, exchange="memory", data_dir=tmp_path)
        database = Database(settings.database_url.get_secret_value())
        try:
            database.writer_connection().close()
            with database.reading() as connection:
                connection.exec_driver_sql("SELECT 1")
        finally:
            database.close()


@pytest.mark.parametrize("user", USERS)
def test_a_wrong_one_names_the_setting_and_nothing_of_it(socket: str, user: str) -> None:
    password = f"{USERS[user]}-and-more"
    for url in urls(socket, user, password):
        database = Database(url)
        with pytest.raises(StoreError) as refused:
            database.writer_connection()
        database.close()
        said = str(refused.value)
        assert "password authentication failed" in said
        assert f'user "{user}"' in said
        for told in (said, repr(database.address), database.address.shown):
            assert password not in told
            assert quote(password, safe="") not in told
