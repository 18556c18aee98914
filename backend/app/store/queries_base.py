"""What all reads share: one-snapshot transactions, keyset pages, and orders and fills out of their rows.

Reads are synchronous, short and read-only; nothing here ever waits for the writer.
"""

import functools
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.orders import Fill, Order
from app.domain.refusals import InvalidValue
from app.models.base import Base
from app.models.trading import ExecutionEvent, FeePayment, Trade
from app.store import rows
from app.store.database import Database

T = TypeVar("T")

Row = Mapping[str, Any]

CHUNK = 5_000
"""So many rows are in memory of what is read whole."""
PAGE_MAX = 500
"""The most rows that one page may hold."""

_IDS_PER_QUERY = 500


class BadCursor(InvalidValue):
    """A page cursor that none of our pages has given out."""

    def __init__(self, cursor: object) -> None:
        super().__init__("cursor", cursor, "is not one that a page of this list gave out; give its next_cursor")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """rows of one page, and the cursor of the next one, None at the end."""

    rows: tuple[T, ...]
    next_cursor: str | None


@contextmanager
def snapshot(database: Database) -> Generator[Connection]:
    """A read-only transaction in which every statement sees the same commit. Keep it short: it pins the WAL."""
    with database.reading() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        try:
            yield connection
        finally:
            connection.rollback()


def mappings(connection: Connection, statement: sa.Executable) -> list[Row]:
    return [dict(row) for row in connection.execute(statement).mappings()]


@functools.lru_cache(maxsize=512)
def of_account(table: type[Base], account: str) -> sa.Select[Any]:
    """Every row of an account. Made once: to make a statement and its key takes longer than to read a few rows."""
    return sa.select(table.__table__).where(table.__table__.c.account == account)


def pages(database: Database, statement: sa.Select[Any], place: tuple[Any, ...]) -> Generator[Row]:
    """All rows in the order of place, whose columns tell any two of them apart, each CHUNK a transaction of its own."""
    statement = statement.order_by(*place).limit(CHUNK)
    names = [column.name for column in place]
    wanted = statement
    while True:
        with database.reading() as connection:
            found = mappings(connection, wanted)
        yield from found
        if len(found) < CHUNK:
            return
        wanted = statement.where(sa.tuple_(*place) > sa.tuple_(*(found[-1][name] for name in names)))


def page_limit(limit: int) -> int:
    """limit when it is 1..PAGE_MAX. Raises InvalidValue otherwise."""
    if limit.__class__ is not int or not 1 <= limit <= PAGE_MAX:
        raise InvalidValue("limit", limit, f"must be 1 to {PAGE_MAX}")
    return limit


def chunks(items: Iterable[T], size: int) -> Generator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


@functools.cache
def fill_select() -> sa.Select[Any]:
    """Trades, each with its fee (fee_amount, fee_currency are NULL while the venue has not said)."""
    same_trade = sa.and_(
        FeePayment.account == Trade.account,
        FeePayment.instrument_id == Trade.instrument_id,
        FeePayment.trade_id == Trade.trade_id,
        FeePayment.exchange_order_id == Trade.exchange_order_id,
    )
    return sa.select(
        *Trade.__table__.columns,
        FeePayment.amount.label("fee_amount"),
        FeePayment.currency.label("fee_currency"),
    ).outerjoin(FeePayment, same_trade)


def read_fills(connection: Connection, statement: sa.Select[Any]) -> list[Fill]:
    return [rows.fill_from_row(row) for row in mappings(connection, statement)]


def fills_by_order(connection: Connection, order_ids: Sequence[str]) -> Mapping[str, list[Fill]]:
    """The fills of each order, oldest first; an order without fills is missing."""
    found: defaultdict[str, list[Fill]] = defaultdict(list)
    for some in chunks(order_ids, _IDS_PER_QUERY):
        statement = fill_select().where(Trade.order_id.in_(some)).order_by(Trade.traded_ns, Trade.trade_id)
        for row in mappings(connection, statement):
            found[row["order_id"]].append(rows.fill_from_row(row))
    return found


def read_orders(
    connection: Connection, condition: sa.ColumnElement[bool], *more: sa.ColumnElement[bool]
) -> list[Order]:
    """The orders that meet the conditions, with all their fills, in the order of their creation."""
    # Sorted here, not in SQL: with ORDER BY created_ns SQLite walks the index on created_ns through the whole history.
    found = mappings(connection, order_select().where(condition, *more))
    fills = fills_by_order(connection, [row["order_id"] for row in found])
    found.sort(key=lambda row: (row["created_ns"], row["order_id"]))
    return [rows.order_from_row(row, fills.get(row["order_id"], ())) for row in found]


@functools.cache
def order_select() -> sa.Select[Any]:
    return sa.select(*rows.ORDER.select(rows.ORDER_LOADED))


RARE_KINDS = sa.text("substr(kind, 1, 6) <> 'order.'")
"""The condition of ix_events_rare, word for word: an order has several events in its life, all else is rarer."""


def events_select(account: str, *, kind: str = "", after_seq: int = 0) -> sa.Select[Any]:
    """The journal's events after a sequence number, oldest first."""
    return _events_of(account, kind).where(ExecutionEvent.seq > after_seq)


@functools.lru_cache(maxsize=512)
def _events_of(account: str, kind: str) -> sa.Select[Any]:
    """Made once, as of_account: the sequence number moves with every read."""
    statement = sa.select(ExecutionEvent.__table__).where(ExecutionEvent.account == account)
    if kind:
        statement = statement.where(ExecutionEvent.kind == kind)
        if not kind.startswith("order."):
            statement = statement.where(RARE_KINDS)
    return statement.order_by(ExecutionEvent.seq)


def ends_of_journal(connection: Connection, account: str) -> tuple[int, int]:
    """Its first and last sequence number, 0 and 0 of an empty one. One at a time: asked for both at once, SQLite walks
    through all that is between them."""
    ends = (
        sa.select(end(ExecutionEvent.seq)).where(ExecutionEvent.account == account)
        for end in (sa.func.min, sa.func.max)
    )
    first, last = (connection.scalar(end) or 0 for end in ends)
    return first, last
