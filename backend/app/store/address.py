"""What DATABASE_URL says: a SQLite file, or a PostgreSQL server with its user, password and options.

People paste passwords as they are: `@ % # / ?` may stand in one raw or percent-encoded, before the host or in the
query. Text of a URL is told from a password by what must follow it: a host, a port of digits, one database name.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, unquote

from app.domain.refusals import InvalidValue

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_SCHEMES: Mapping[str, str] = MappingProxyType(
    {
        "sqlite": SQLITE,
        "sqlite+pysqlite": SQLITE,
        "postgresql": POSTGRESQL,
        "postgres": POSTGRESQL,
        "postgresql+psycopg": POSTGRESQL,
    }
)
_SERVER = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%-]*)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/(?P<database>[^/?#@]*))?"
    r"(?:\?(?P<query>[A-Za-z_]+=[^&]*(?:&[A-Za-z_]+=[^&]*)*))?"
)
_OPTIONS = re.compile(r"\?[A-Za-z_]+=[^/]*$")
_SECRET_OPTIONS = ("password", "sslpassword")
RULE = "must start with sqlite:/// or postgresql://"


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """database: the file of SQLite, the database's name of PostgreSQL. options: libpq's, as the query has them. typed:
    passwords as the URL wrote them."""

    backend: str
    database: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    typed: tuple[str, ...] = field(default=(), repr=False)

    @property
    def shown(self) -> str:
        """The URL for eyes: each password is three asterisks."""
        if self.backend == SQLITE:
            return f"sqlite:///{self.database}"
        host = f"[{self.host}]" if self.host and ":" in self.host else quote(self.host or "", safe="")
        user = quote(self.user, safe="") if self.user else ""
        if self.password is not None:
            user += ":***"
        options = "&".join(
            f"{name}={'***' if name in _SECRET_OPTIONS else quote(value, safe='/')}"
            for name, value in self.options.items()
        )
        at = f"{user}@" if user else ""
        port = f":{self.port}" if self.port is not None else ""
        return f"postgresql://{at}{host}{port}/{quote(self.database, safe='')}{'?' if options else ''}{options}"

    @property
    def secrets(self) -> list[str]:
        """Every password in it: as it is, as the URL wrote it, and as a URL would write it."""
        found = [text for text in (self.password, self.options.get("sslpassword")) if text]
        return list(dict.fromkeys([*found, *self.typed, *(quote(text, safe="") for text in found)]))


def parse(url: str) -> DatabaseAddress:
    """Raises ValueError with the rule that the URL breaks; the message holds nothing of the URL."""
    scheme, separator, rest = url.strip().partition("://")
    backend = _SCHEMES.get(scheme.lower()) if separator else None
    if backend is None:
        raise ValueError(RULE)
    return _sqlite(rest) if backend == SQLITE else _postgresql(rest)


def _sqlite(rest: str) -> DatabaseAddress:
    if not rest.startswith("/"):
        raise ValueError("must be sqlite:///PATH, with three slashes (four for a path from the root)")
    path = rest[1:]
    if path in ("", ":memory:"):
        raise ValueError("sqlite needs a file: an order must survive this process")
    if _OPTIONS.search(path):
        raise ValueError("sqlite:/// is followed by a path alone, without ?options")
    return DatabaseAddress(SQLITE, at_home(Path(path)).as_posix() if path.startswith("~") else path)


def _options_of_libpq() -> frozenset[str]:
    # Here, not at the top: a command at a SQLite file would load a driver that it never uses, 50 ms each time.
    from psycopg import pq

    return frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())


def at_home(path: Path) -> Path:
    """The path with ~ and ~USER read as a shell does, which does not for a variable, a file or `--data-dir=~/x`. Raises
    ValueError for what is no path, or of nobody's home."""
    try:
        if b"\0" in os.fsencode(path):
            raise ValueError("a path has no character NUL")
        return path.expanduser()
    except UnicodeEncodeError:
        raise ValueError("has a character that no path has") from None
    except RuntimeError:
        raise ValueError("there is no such home directory; a folder whose name begins with ~ is written ./~") from None


def path_of(field: str, said: str, *, check: str = "input") -> Path:
    """at_home of what a setting says. Raises InvalidValue."""
    try:
        return at_home(Path(said))
    except ValueError as error:
        raise InvalidValue(field, said if said.isprintable() else ascii(said), str(error), check=check) from None


def _postgresql(rest: str) -> DatabaseAddress:
    for at in (-1, *(match.start() for match in re.finditer("@", rest))):
        server = _SERVER.fullmatch(rest, at + 1)
        if server is not None:
            break
    else:
        raise ValueError("must be postgresql://USER:PASSWORD@HOST[:PORT]/DATABASE[?OPTION=VALUE]")
    user, colon, password = rest[: max(at, 0)].partition(":")
    options = dict(part.split("=", 1) for part in (server["query"] or "").split("&") if part)
    typed = [password, *(value for name, value in options.items() if name in _SECRET_OPTIONS)]
    if not options.keys() <= _options_of_libpq():
        raise ValueError("after ? it takes options of libpq alone; in a password there & is written %26")
    options = {name: unquote(value) for name, value in options.items()}
    given = {
        "user": unquote(user) or None,
        "password": unquote(password) if colon else None,
        "host": unquote(server["host"]).strip("[]") or None,
        "port": server["port"],
        "dbname": unquote(server["database"] or "") or None,
    }
    for name, value in given.items():
        # libpq takes them in the query too, where they win.
        given[name] = options.pop(name, value)
    port = given["port"]
    if port is not None and not (port.isdecimal() and port.isascii() and 0 < int(port) < 65_536):
        raise ValueError("the port must be a number from 1 to 65535")
    return DatabaseAddress(
        POSTGRESQL,
        given["dbname"] or "",
        given["user"],
        given["password"],
        given["host"],
        int(port) if port else None,
        MappingProxyType(options),
        tuple(text for text in typed if text),
    )
