"""What all reads share: one-snapshot transactions, keyset pages, and orders and fills out of their rows.

Reads are synchronous, short and read-only; nothing here ever waits for the writer.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.orders import Fill, Order
from app.domain.refusals import InvalidValue
from app.models.base import Base
from app.models.trading import ExecutionEvent, FeePayment, Trade
from app.models.trading import Order as OrderRow
from app.store import rows
from app.store.database import Database

T = TypeVar("T")

Row = Mapping[str, Any]

CHUNK = 5_000
"""So many rows are in memory of what is read whole."""
HIGHEST = 2**63 - 1
"""The highest number that the databases know."""
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


def mappings(connection: Connection, statement: sa.Executable, **values: Any) -> list[Row]:
    """The rows of a statement whose parameters have these values.

    Statements are made once, with parameters, and kept: to make one and its key takes longer than to read a few rows.
    """
    result = connection.execute(statement, values)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def equal(table: type[Base], *names: str) -> Iterator[sa.ColumnElement[bool]]:
    """Each of these columns is as the parameter of its name."""
    return (table.__table__.c[name] == sa.bindparam(name) for name in names)


def among(column: InstrumentedAttribute[Any]) -> sa.ColumnElement[bool]:
    """A column is one of a list, the parameter of its name in the plural."""
    return column.in_(sa.bindparam(f"{column.key}s", expanding=True))


def number(name: str) -> sa.BindParameter[int]:
    """The parameter of a LIMIT or OFFSET."""
    return sa.bindparam(name, type_=sa.Integer())


@functools.cache
def of_account(table: type[Base], *names: str) -> sa.Select[Any]:
    """Every row of an account, of those in which these columns are as given."""
    return sa.select(table.__table__).where(*equal(table, "account", *names))


class Paged(NamedTuple):
    """What reads all rows in the order of place, `chunk` at a time: the first of them, and those that follow one."""

    first: sa.Select[Any]
    following: sa.Select[Any]
    place: tuple[str, ...]


def paged(statement: sa.Select[Any], *place: Any) -> Paged:
    """All rows of a statement. place: columns that tell any two of them apart."""
    first = statement.order_by(*place).limit(number("chunk"))
    after = sa.tuple_(*(sa.bindparam(f"after_{column.key}", type_=column.type) for column in place))
    return Paged(first, first.where(sa.tuple_(*place) > after), tuple(column.key for column in place))


def pages(database: Database, statement: Paged, *, chunk: int | None = None, **values: Any) -> Generator[list[Row]]:
    """All rows, each `chunk` of them (CHUNK, where none is given) in a transaction of its own."""

    def read(each: sa.Select[Any], **more: Any) -> list[Row]:
        with database.reading() as connection:
            return mappings(connection, each, **more)

    return _pages(read, statement, chunk or CHUNK, values)


def pages_within(
    connection: Connection, statement: Paged, *, chunk: int | None = None, **values: Any
) -> Generator[list[Row]]:
    """As pages, in this transaction."""
    return _pages(functools.partial(mappings, connection), statement, chunk or CHUNK, values)


def _pages(
    read: Callable[..., list[Row]], statement: Paged, chunk: int, values: Mapping[str, Any]
) -> Generator[list[Row]]:
    found = read(statement.first, chunk=chunk, **values)
    while found:
        yield found
        if len(found) < chunk:
            return
        after = {f"after_{name}": found[-1][name] for name in statement.place}
        found = read(statement.following, chunk=chunk, **after, **values)


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


def read_fills(connection: Connection, statement: sa.Select[Any], **values: Any) -> list[Fill]:
    return [rows.fill_from_row(row) for row in mappings(connection, statement, **values)]


def fills_by_order(connection: Connection, order_ids: Sequence[str]) -> Mapping[str, list[Fill]]:
    """The fills of each order, oldest first; an order without fills is missing."""
    found: defaultdict[str, list[Fill]] = defaultdict(list)
    for some in chunks(order_ids, _IDS_PER_QUERY):
        for row in mappings(connection, _fills_of_orders(), order_ids=some):
            found[row["order_id"]].append(rows.fill_from_row(row))
    return found


@functools.cache
def _fills_of_orders() -> sa.Select[Any]:
    return fill_select().where(among(Trade.order_id)).order_by(Trade.traded_ns, Trade.trade_id)


def read_orders(connection: Connection, statement: sa.Select[Any], **values: Any) -> list[Order]:
    """The orders that a statement like order_select() finds, with all their fills, in the order of their creation."""
    # Sorted here, not in SQL: with ORDER BY created_ns SQLite walks the index on created_ns through the whole history.
    found = mappings(connection, statement, **values)
    fills = fills_by_order(connection, [row["order_id"] for row in found])
    found.sort(key=lambda row: (row["created_ns"], row["order_id"]))
    return [rows.order_from_row(row, fills.get(row["order_id"], ())) for row in found]


@functools.cache
def order_select(*names: str) -> sa.Select[Any]:
    """What orders are made of, of those in which these columns are as given."""
    return sa.select(*rows.ORDER.select(rows.ORDER_LOADED)).where(*equal(OrderRow, *names))


@functools.cache
def orders_among(column: str) -> sa.Select[Any]:
    """An account's orders in which that column is one of a list."""
    return order_select("account").where(among(getattr(OrderRow, column)))


RARE_KINDS = sa.text("substr(kind, 1, 6) <> 'order.'")
"""The condition of ix_events_rare, word for word: an order has several events in its life, all else is rarer."""


def read_events(
    connection: Connection, account: str, *, kind: str = "", after_seq: int = 0, limit: int = HIGHEST
) -> list[Row]:
    """The journal's events after a sequence number, oldest first; kind: "" for any."""
    statement = _events(of_kind=bool(kind), rare=not kind.startswith("order."))
    return mappings(connection, statement, account=account, kind=kind, after_seq=after_seq, limit=limit)


@functools.cache
def _events(*, of_kind: bool, rare: bool) -> sa.Select[Any]:
    statement = of_account(ExecutionEvent).where(ExecutionEvent.seq > sa.bindparam("after_seq"))
    if of_kind:
        statement = statement.where(*equal(ExecutionEvent, "kind"))
        if rare:
            statement = statement.where(RARE_KINDS)
    return statement.order_by(ExecutionEvent.seq).limit(sa.bindparam("limit", type_=sa.BigInteger()))


def ends_of_journal(connection: Connection, account: str) -> tuple[int, int]:
    """Its first and last sequence number, 0 and 0 of an empty one. One at a time: asked for both at once, SQLite walks
    through all that is between them."""
    first, last = (connection.scalar(statement, {"account": account}) or 0 for statement in _ends_of_journal())
    return first, last


@functools.cache
def _ends_of_journal() -> tuple[sa.Select[Any], sa.Select[Any]]:
    least, most = sa.func.min(ExecutionEvent.seq), sa.func.max(ExecutionEvent.seq)
    return (
        sa.select(least).where(*equal(ExecutionEvent, "account")),
        sa.select(most).where(*equal(ExecutionEvent, "account")),
    )
