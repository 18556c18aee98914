"""Reads of what past trades came to, stretch by stretch (app.models.performance)."""

import functools
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models.base import Base
from app.models.holdings import HoldingEntry
from app.models.trading import PerformanceFold, PerformancePart, Trade, Watermark
from app.store.database import Database
from app.store.queries_base import Row, equal, mappings, number, of_account, snapshot

FOLDED = "performance"
"""The watermark up to which folds hold; a fill or fee that is booked behind it puts it back to its time."""


def folds(connection: Connection, account: str) -> list[Row]:
    """The stretches that hold, oldest first, each with until_ns, from_ns and basis."""
    return mappings(connection, _folds(), account=account, stream=FOLDED)


@functools.cache
def _folds() -> sa.Executable:
    mark = sa.select(Watermark.at_ns).where(*equal(Watermark, "account", "stream")).scalar_subquery()
    statement = sa.select(PerformanceFold.until_ns, PerformanceFold.from_ns, PerformanceFold.basis)
    own = statement.where(*equal(PerformanceFold, "account"), PerformanceFold.until_ns <= mark)
    return own.order_by(PerformanceFold.until_ns)


def trading_span(
    connection: Connection, account: str, from_ns: int, until_ns: int, most: int
) -> tuple[int | None, int | None]:
    """When the first trade of from_ns <= traded < until_ns was, and the first that is later than `most` of them."""
    return _span(connection, _within(Trade, "traded_ns"), account, from_ns, until_ns, most)


def booking_span(
    connection: Connection, account: str, from_ns: int, until_ns: int, most: int
) -> tuple[int | None, int | None]:
    """As trading_span, of the entries of the books."""
    return _span(connection, _within(HoldingEntry, "at_ns"), account, from_ns, until_ns, most)


class _Within(NamedTuple):
    """Moments from from_ns on and before until_ns, one of them each: the first after so many, and the first that is
    later than another."""

    after_some: sa.Select[Any]
    later: sa.Select[Any]


@functools.cache
def _within(table: type[Base], column: str) -> _Within:
    at = table.__table__.c[column]
    own = sa.select(at).where(*equal(table, "account"), at >= sa.bindparam("from_ns"), at < sa.bindparam("until_ns"))
    one = own.order_by(at).limit(1)
    return _Within(one.offset(number("some")), one.where(at > sa.bindparam("last_ns")))


def _span(
    connection: Connection, within: _Within, account: str, from_ns: int, until_ns: int, most: int
) -> tuple[int | None, int | None]:
    given = {"account": account, "from_ns": from_ns, "until_ns": until_ns}
    first_ns = connection.scalar(within.after_some, {**given, "some": 0})
    last_ns = connection.scalar(within.after_some, {**given, "some": most - 1})
    return first_ns, None if last_ns is None else connection.scalar(within.later, {**given, "last_ns": last_ns})


def held_at(connection: Connection, account: str, until_ns: int) -> str:
    """What was held at the end of a stretch, as JSON. Raises LookupError without it."""
    found = connection.scalar(_held_at(), {"account": account, "until_ns": until_ns})
    if found is None:
        raise LookupError(f"no performance fold ends at {until_ns}")
    return found


@functools.cache
def _held_at() -> sa.Select[Any]:
    return sa.select(PerformanceFold.held).where(*equal(PerformanceFold, "account", "until_ns"))


def fold_parts(
    connection: Connection, account: str, instrument_id: str, book: str, after_ns: int, until_ns: int
) -> list[Row]:
    """What a series did in the stretches that end in (after_ns, until_ns], oldest first: until_ns and figures."""
    stretches = {"after_ns": after_ns, "until_ns": until_ns}
    return mappings(connection, _parts(), account=account, instrument_id=instrument_id, book=book, **stretches)


@functools.cache
def _parts() -> sa.Executable:
    statement = sa.select(PerformancePart.until_ns, PerformancePart.figures).where(
        *equal(PerformancePart, "account", "instrument_id", "book"),
        PerformancePart.until_ns > sa.bindparam("after_ns"),
        PerformancePart.until_ns <= sa.bindparam("until_ns"),
    )
    return statement.order_by(PerformancePart.until_ns)


def fold_bends(database: Database, account: str, instrument_id: str, book: str, row: Row) -> str | None:
    """The bends of a series' path in the stretch of a row of fold_parts, as JSON; None if that has been made anew."""
    given = {"account": account, "instrument_id": instrument_id, "book": book}
    with database.reading() as connection:
        return connection.scalar(_bends(), {**given, "until_ns": row["until_ns"], "figures": row["figures"]})


@functools.cache
def _bends() -> sa.Select[Any]:
    key = ("account", "instrument_id", "book", "until_ns")
    return sa.select(PerformancePart.bends).where(*equal(PerformancePart, *key, "figures"))


def fold_rows(database: Database, account: str, until_ns: int) -> tuple[list[Row], list[Row]]:
    """A stretch as it is stored: its row of performance_folds, and those of performance_parts."""
    with snapshot(database) as connection:
        folded, parts = (
            mappings(connection, of_account(table, "until_ns"), account=account, until_ns=until_ns)
            for table in (PerformanceFold, PerformancePart)
        )
    return folded, parts


def stale_folds(database: Database, account: str, after_ns: int, limit: int) -> list[tuple[int, list[Row]]]:
    """The newest stretches that end after a time, newest first, each with the keys of its parts."""
    with database.reading() as connection:
        given = {"account": account, "after_ns": after_ns, "limit": limit}
        ends = connection.scalars(_ends_after(), given).all()
        return [(end, mappings(connection, _keys_of_parts(), account=account, until_ns=end)) for end in ends]


@functools.cache
def _ends_after() -> sa.Select[Any]:
    own = sa.select(PerformanceFold.until_ns).where(*equal(PerformanceFold, "account"))
    later = own.where(PerformanceFold.until_ns > sa.bindparam("after_ns"))
    return later.order_by(PerformanceFold.until_ns.desc()).limit(number("limit"))


@functools.cache
def _keys_of_parts() -> sa.Executable:
    key = (PerformancePart.account, PerformancePart.instrument_id, PerformancePart.book, PerformancePart.until_ns)
    return sa.select(*key).where(*equal(PerformancePart, "account", "until_ns"))
