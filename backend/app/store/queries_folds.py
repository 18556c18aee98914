"""Reads of what past trades came to, stretch by stretch (app.models.performance)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.models.holdings import HoldingEntry
from app.models.trading import PerformanceFold, PerformancePart, Trade, Watermark
from app.store.database import Database
from app.store.queries_base import Row, mappings, of_account, snapshot

FOLDED = "performance"
"""The watermark up to which folds hold; a fill or fee that is booked behind it puts it back to its time."""


def folds(connection: Connection, account: str) -> list[Row]:
    """The stretches that hold, oldest first, each with until_ns, from_ns and basis."""
    mark = sa.select(Watermark.at_ns).where(Watermark.account == account, Watermark.stream == FOLDED).scalar_subquery()
    statement = sa.select(PerformanceFold.until_ns, PerformanceFold.from_ns, PerformanceFold.basis).where(
        PerformanceFold.account == account, PerformanceFold.until_ns <= mark
    )
    return mappings(connection, statement.order_by(PerformanceFold.until_ns))


def trading_span(
    connection: Connection, account: str, from_ns: int, until_ns: int, most: int
) -> tuple[int | None, int | None]:
    """When the first trade of from_ns <= traded < until_ns was, and the first that is later than `most` of them."""
    return _span(connection, Trade.traded_ns, Trade.account == account, from_ns, until_ns, most)


def booking_span(
    connection: Connection, account: str, from_ns: int, until_ns: int, most: int
) -> tuple[int | None, int | None]:
    """As trading_span, of the entries of the books."""
    return _span(connection, HoldingEntry.at_ns, HoldingEntry.account == account, from_ns, until_ns, most)


def _span(
    connection: Connection, column: Any, own: sa.ColumnElement[bool], from_ns: int, until_ns: int, most: int
) -> tuple[int | None, int | None]:
    inside = sa.select(column).where(own, column >= from_ns, column < until_ns).order_by(column)
    first_ns = connection.execute(inside.limit(1)).scalar_one_or_none()
    last_ns = connection.execute(inside.offset(most - 1).limit(1)).scalar_one_or_none()
    if last_ns is None:
        return first_ns, None
    return first_ns, connection.execute(inside.where(column > last_ns).limit(1)).scalar_one_or_none()


def held_at(connection: Connection, account: str, until_ns: int) -> str:
    """What was held at the end of a stretch, as JSON. Raises LookupError without it."""
    found = connection.execute(
        sa.select(PerformanceFold.held).where(PerformanceFold.account == account, PerformanceFold.until_ns == until_ns)
    ).scalar_one_or_none()
    if found is None:
        raise LookupError(f"no performance fold ends at {until_ns}")
    return found


def fold_parts(
    connection: Connection, account: str, instrument_id: str, book: str, after_ns: int, until_ns: int
) -> list[Row]:
    """What a series did in the stretches that end in (after_ns, until_ns], oldest first: until_ns and figures."""
    statement = sa.select(PerformancePart.until_ns, PerformancePart.figures).where(
        PerformancePart.account == account,
        PerformancePart.instrument_id == instrument_id,
        PerformancePart.book == book,
        PerformancePart.until_ns > after_ns,
        PerformancePart.until_ns <= until_ns,
    )
    return mappings(connection, statement.order_by(PerformancePart.until_ns))


def fold_bends(database: Database, account: str, instrument_id: str, book: str, row: Row) -> str | None:
    """The bends of a series' path in the stretch of a row of fold_parts, as JSON; None if that has been made anew."""
    statement = sa.select(PerformancePart.bends).where(
        PerformancePart.account == account,
        PerformancePart.instrument_id == instrument_id,
        PerformancePart.book == book,
        PerformancePart.until_ns == row["until_ns"],
        PerformancePart.figures == row["figures"],
    )
    with database.reading() as connection:
        return connection.execute(statement).scalar_one_or_none()


def fold_rows(database: Database, account: str, until_ns: int) -> tuple[list[Row], list[Row]]:
    """A stretch as it is stored: its row of performance_folds, and those of performance_parts."""
    with snapshot(database) as connection:
        return (
            mappings(connection, of_account(PerformanceFold, account).where(PerformanceFold.until_ns == until_ns)),
            mappings(connection, of_account(PerformancePart, account).where(PerformancePart.until_ns == until_ns)),
        )


def stale_folds(database: Database, account: str, after_ns: int, limit: int) -> list[tuple[int, list[Row]]]:
    """The newest stretches that end after a time, newest first, each with the keys of its parts."""
    key = (PerformancePart.account, PerformancePart.instrument_id, PerformancePart.book, PerformancePart.until_ns)
    with database.reading() as connection:
        ends = connection.execute(
            sa.select(PerformanceFold.until_ns)
            .where(PerformanceFold.account == account, PerformanceFold.until_ns > after_ns)
            .order_by(PerformanceFold.until_ns.desc())
            .limit(limit)
        ).scalars()
        return [
            (
                end,
                mappings(
                    connection,
                    sa.select(*key).where(PerformancePart.account == account, PerformancePart.until_ns == end),
                ),
            )
            for end in ends.all()
        ]
