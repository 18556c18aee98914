"""A start has its tables, or is refused."""

from collections.abc import Callable

from app.store import schema
from app.store.database import Database
from app.store.errors import StoreError


def prepare(database: Database, progress: Callable[[str], None]) -> None:
    """A new database gets its tables; an older one is migrated by `trading-executor migrate`, not in passing.

    Raises StoreError when it cannot be reached or migrations are pending.
    """
    database.check()
    if schema.current(database) is None:
        from app.store.migrating import upgrade

        progress(f"creating the tables in {database.describe()}")
        upgrade(database)
    elif behind := schema.pending(database):
        raise StoreError(
            f"database {database.describe()} is {len(behind)} migration(s) behind; run: trading-executor migrate"
        )
