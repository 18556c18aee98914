"""Statements compiled once for all SQLite engines of the process.

SQLAlchemy keeps what it compiled by engine, and every simulated process opens its database with an engine of its own: a
third of a short test's time went into compiling the same statements again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

STATEMENTS_MAX = 5_000


def share() -> None:
    """From now on. The key of what is compiled holds the dialect, so those of SQLite are taken for one."""
    shared: LRUCache[Any, Any] = LRUCache(STATEMENTS_MAX)
    made = sa.Engine.__init__

    def init(self: sa.Engine, *args: Any, **more: Any) -> None:
        made(self, *args, **more)
        if type(self.dialect) is SQLiteDialect_pysqlite:
            assert isinstance(self._compiled_cache, LRUCache)
            self._compiled_cache = shared

    sa.Engine.__init__ = init
    SQLiteDialect_pysqlite.__eq__ = lambda self, other: type(self) is type(other)
    SQLiteDialect_pysqlite.__hash__ = lambda self: hash(type(self))
