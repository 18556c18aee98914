"""Where the database's schema stands. How it is brought up to date is in migrating.py, apart: that takes alembic, which
most starts have no use for and would wait for.
"""

import functools
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.store.database import Database
from app.store.errors import StoreError

_VERSIONS = Path(__file__).with_name("migrations") / "versions"
_TABLE = "alembic_version"


def current(database: Database) -> str | None:
    """The revision that the database is at, None for one without tables."""
    with database.reading() as connection:
        return revision_of(connection)


def pending(database: Database) -> list[str]:
    """Revisions that are still to be applied, oldest first. Raises StoreError for a database from a newer version."""
    with database.reading() as connection:
        return pending_of(connection)


@functools.cache
def revisions() -> tuple[str, ...]:
    """Those of this version, oldest first, as the files begin that hold them."""
    return tuple(sorted(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py")))


def revision_of(connection: Connection) -> str | None:
    """As current()."""
    if not sa.inspect(connection).has_table(_TABLE):
        return None
    return connection.scalar(sa.text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608  a name of our own


def pending_of(connection: Connection) -> list[str]:
    """As pending()."""
    at, known = revision_of(connection), revisions()
    if at is None:
        return list(known)
    if at not in known:
        raise StoreError(
            f"the database is at revision {at}, which this version does not know: it was made by a newer version"
        )
    return list(known[known.index(at) + 1 :])
