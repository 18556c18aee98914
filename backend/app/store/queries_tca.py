"""What the market was when orders were sent, filled and over; read for reports, and by a start that goes on with it."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.domain.orders import Order
from app.models.base import Base
from app.models.trading import ParentOrder, TcaFill, TcaWindow, Trade
from app.store.database import Database
from app.store.queries_account import open_parent_select
from app.store.queries_base import (
    Row,
    among,
    chunks,
    equal,
    fill_select,
    mappings,
    number,
    of_account,
    orders_among,
    read_orders,
    snapshot,
)

IDS_PER_QUERY = 500
NS_PER_MINUTE = 60_000_000_000


@dataclass(frozen=True, slots=True)
class OpenMarks:
    """windows, fills: rows of which more is to be written. unmarked: trades, with their fees, of about the time of the
    newest row that have none: the process ended between. parents: those that are open."""

    windows: list[Row]
    fills: list[Row]
    unmarked: list[Row]
    parents: list[Row]


def open_marks(database: Database, account: str, limit: int) -> OpenMarks:
    """At most `limit` of each, the newest."""
    with snapshot(database) as connection:
        newest = {"account": account, "limit": limit}
        windows = mappings(connection, _open(TcaWindow, "started_ns"), **newest)
        fills = mappings(connection, _open(TcaFill, "traded_ns"), **newest)
        marked_ns = connection.scalar(_marked_until(), {"account": account})
        since_ns = None if marked_ns is None else marked_ns - NS_PER_MINUTE
        unmarked = [] if since_ns is None else mappings(connection, _unmarked(), since_ns=since_ns, **newest)
        parents = mappings(connection, open_parent_select(), account=account)
    return OpenMarks(windows, fills, unmarked, parents)


def tca_of(database: Database, account: str, subjects: Sequence[str]) -> tuple[dict[str, Row], list[Row]]:
    """The windows of these orders and parent orders by their ids, and the marks of the orders' fills."""
    windows: dict[str, Row] = {}
    fills: list[Row] = []
    with snapshot(database) as connection:
        for some in chunks(subjects, IDS_PER_QUERY):
            found = mappings(connection, _windows_of(), account=account, subject_ids=some)
            windows |= {row["subject_id"]: row for row in found}
            fills += mappings(connection, _marks_of(), account=account, order_ids=some)
    return windows, fills


@dataclass(frozen=True, slots=True)
class EndedOrders:
    """A page of what is over, by when it ended: the windows of parent orders and of orders without one; their parents
    by id, their orders with all fills, and the marks of those fills."""

    windows: list[Row]
    parents: dict[str, Row]
    orders: list[Order]
    marks: list[Row]


def ended_orders(
    database: Database,
    account: str,
    since_ns: int,
    until_ns: int,
    *,
    instrument_id: str | None = None,
    after: tuple[int, str] = (0, ""),
    limit: int = 100,
) -> EndedOrders:
    """Of those that ended from since_ns on and before until_ns. after: (ended_ns, subject_id) of the last one of the
    page before."""
    given = {"account": account, "instrument_id": instrument_id, "limit": limit}
    ended = {"since_ns": max(since_ns, after[0]), "until_ns": until_ns, "ended_ns": after[0], "subject_id": after[1]}
    with snapshot(database) as connection:
        windows = mappings(connection, _ended(of_instrument=instrument_id is not None), **given, **ended)
        ids = [row["subject_id"] for row in windows]
        parents = {row["parent_id"]: row for row in mappings(connection, _parents(), account=account, parent_ids=ids)}
        orders = read_orders(connection, orders_among("order_id"), account=account, order_ids=ids)
        if parents:
            orders += read_orders(connection, orders_among("parent_id"), account=account, parent_ids=[*parents])
        marks: list[Row] = []
        for some in chunks((order.order_id for order in orders), IDS_PER_QUERY):
            marks += mappings(connection, _marks_of(), account=account, order_ids=some)
    return EndedOrders(windows, parents, orders, marks)


@functools.cache
def _open(table: type[Base], at: str) -> sa.Select[Any]:
    columns = table.__table__.c
    going = of_account(table).where(columns["is_open"] == sa.true())
    return going.order_by(columns[at].desc()).limit(number("limit"))


@functools.cache
def _marked_until() -> sa.Select[Any]:
    return sa.select(sa.func.max(TcaFill.traded_ns)).where(*equal(TcaFill, "account"))


@functools.cache
def _unmarked() -> sa.Select[Any]:
    same = sa.and_(
        TcaFill.account == Trade.account,
        TcaFill.instrument_id == Trade.instrument_id,
        TcaFill.trade_id == Trade.trade_id,
        TcaFill.exchange_order_id == Trade.exchange_order_id,
    )
    late = (*equal(Trade, "account"), Trade.traded_ns >= sa.bindparam("since_ns"))
    wanted = fill_select().outerjoin(TcaFill, same).where(*late, TcaFill.order_id.is_(None))
    return wanted.order_by(Trade.traded_ns.desc()).limit(number("limit"))


@functools.cache
def _windows_of() -> sa.Select[Any]:
    return of_account(TcaWindow).where(among(TcaWindow.subject_id))


@functools.cache
def _marks_of() -> sa.Select[Any]:
    return of_account(TcaFill).where(among(TcaFill.order_id))


@functools.cache
def _parents() -> sa.Select[Any]:
    return of_account(ParentOrder).where(among(ParentOrder.parent_id))


@functools.cache
def _ended(*, of_instrument: bool) -> sa.Select[Any]:
    place = (TcaWindow.ended_ns, TcaWindow.subject_id)
    wanted = of_account(TcaWindow, *(("instrument_id",) if of_instrument else ())).where(
        TcaWindow.ended_ns >= sa.bindparam("since_ns"),
        TcaWindow.ended_ns < sa.bindparam("until_ns"),
        sa.tuple_(*place) > sa.tuple_(*(sa.bindparam(column.key, type_=column.type) for column in place)),
    )
    return wanted.order_by(*place).limit(number("limit"))
