"""What DATABASE_URL may look like, what is connected to, and what is ever shown of it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from app.store.address import POSTGRESQL, SQLITE, parse
from app.store.database import Database
from app.store.errors import StoreError

PASSWORDS = ("p@ss", "a/b", "a?b", "a#b", "100%", "a%zz", "@", "a:b", "123/4", "x@y/z?q", "é ü", "a&b=c")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_raw_or_encoded_before_the_host(scheme: str, password: str) -> None:
    for written in (password, quote(password, safe="")):
        found = parse(f"{scheme}://ann:{written}@db.example:5433/books?sslmode=require")
        assert (found.backend, found.user, found.password) == (POSTGRESQL, "ann", password)
        assert (found.host, found.port, found.database) == ("db.example", 5433, "books")
        assert dict(found.options) == {"sslmode": "require"}
        assert found.shown == "postgresql://ann:***@db.example:5433/books?sslmode=require"
        assert {password, written} <= set(found.secrets)
        for text in (found.shown, repr(found), repr(Database(f"postgres://ann:{written}@h/d").describe())):
            assert written not in text.replace("***", "") or len(written) == 1


@pytest.mark.parametrize("password", [each for each in PASSWORDS if "&" not in each])
def test_a_password_raw_or_encoded_in_the_query(password: str) -> None:
    for written in (password, quote(password, safe="")):
        found = parse(f"postgresql://db.example/books?user=ann&password={written}&sslmode=require")
        assert (found.user, found.password, found.host) == ("ann", password, "db.example")
        assert found.shown == "postgresql://ann:***@db.example/books?sslmode=require"


def test_what_libpq_takes_in_the_query() -> None:
    found = parse("postgresql:///books?host=/var/run/postgresql&port=5433&user=ann")
    assert (found.host, found.port, found.user, found.database) == ("/var/run/postgresql", 5433, "ann", "books")
    assert parse("postgresql://[::1]:5432/d").host == "::1"
    assert parse("postgresql://%2Frun%2Fpg/d").host == "/run/pg"


@pytest.mark.parametrize("path", ["data/x.db", "/srv/a?b/x.db", "a%20b/x.db", "a#b.db"])
def test_a_sqlite_path_is_taken_as_it_is(path: str) -> None:
    found = parse(f"sqlite:///{path}")
    assert (found.backend, found.database, found.shown) == (SQLITE, path, f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("", "must start with sqlite:/// or postgresql://"),
        ("mysql://u:secret@h/d", "must start with sqlite:/// or postgresql://"),
        ("sqlite://x.db", "must be sqlite:///PATH, with three slashes (four for a path from the root)"),
        ("sqlite:///", "sqlite needs a file: an order must survive this process"),
        ("sqlite:///:memory:", "sqlite needs a file: an order must survive this process"),
        ("sqlite:///x.db?mode=ro", "sqlite:/// is followed by a path alone, without ?options"),
        ("postgresql://u:secret@h:0/d", "the port must be a number from 1 to 65535"),
        (
            "postgresql://h/d?user=u&password=sec&ret=1",
            "after ? it takes options of libpq alone; in a password there & is written %26",
        ),
        ("postgresql://u:secret@h/a/b", "must be postgresql://USER:PASSWORD@HOST[:PORT]/DATABASE[?OPTION=VALUE]"),
    ],
)
def test_what_is_refused_and_never_repeated(url: str, rule: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse(url)
    assert str(refused.value) == rule
    with pytest.raises(StoreError) as told:
        Database(url)
    assert str(told.value) == f"DATABASE_URL {rule}"
