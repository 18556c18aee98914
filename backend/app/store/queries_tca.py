"""What the market was when orders were sent, filled and over; read for reports, and by a start that goes on with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.domain.orders import Order
from app.models.trading import Order as OrderRow
from app.models.trading import ParentOrder, TcaFill, TcaWindow, Trade
from app.store.database import Database
from app.store.queries_base import Row, chunks, fill_select, mappings, read_orders, snapshot

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
        windows = mappings(connection, _open(TcaWindow, account, TcaWindow.started_ns, limit))
        fills = mappings(connection, _open(TcaFill, account, TcaFill.traded_ns, limit))
        newest = connection.execute(sa.select(sa.func.max(TcaFill.traded_ns)).where(TcaFill.account == account))
        since_ns = newest.scalar()
        unmarked = [] if since_ns is None else mappings(connection, _unmarked(account, since_ns - NS_PER_MINUTE, limit))
        going = sa.select(ParentOrder.__table__).where(ParentOrder.account == account, ParentOrder.is_open == sa.true())
        parents = mappings(connection, going)
    return OpenMarks(windows, fills, unmarked, parents)


def tca_of(database: Database, account: str, subjects: Sequence[str]) -> tuple[dict[str, Row], list[Row]]:
    """The windows of these orders and parent orders by their ids, and the marks of the orders' fills."""
    windows: dict[str, Row] = {}
    fills: list[Row] = []
    with snapshot(database) as connection:
        for some in chunks(subjects, IDS_PER_QUERY):
            wanted = sa.select(TcaWindow.__table__).where(TcaWindow.account == account, TcaWindow.subject_id.in_(some))
            windows |= {row["subject_id"]: row for row in mappings(connection, wanted)}
            marked = sa.select(TcaFill.__table__).where(TcaFill.account == account, TcaFill.order_id.in_(some))
            fills += mappings(connection, marked)
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
    place = (TcaWindow.ended_ns, TcaWindow.subject_id)
    wanted = sa.select(TcaWindow.__table__).where(
        TcaWindow.account == account,
        TcaWindow.ended_ns >= max(since_ns, after[0]),
        TcaWindow.ended_ns < until_ns,
        sa.tuple_(*place) > sa.tuple_(*after),
    )
    if instrument_id is not None:
        wanted = wanted.where(TcaWindow.instrument_id == instrument_id)
    with snapshot(database) as connection:
        windows = mappings(connection, wanted.order_by(*place).limit(limit))
        ids = [row["subject_id"] for row in windows]
        named = sa.select(ParentOrder.__table__).where(ParentOrder.account == account, ParentOrder.parent_id.in_(ids))
        parents = {row["parent_id"]: row for row in mappings(connection, named)}
        orders = read_orders(connection, OrderRow.account == account, OrderRow.order_id.in_(ids))
        if parents:
            orders += read_orders(connection, OrderRow.account == account, OrderRow.parent_id.in_(parents))
        marks: list[Row] = []
        for some in chunks((order.order_id for order in orders), IDS_PER_QUERY):
            marked = sa.select(TcaFill.__table__).where(TcaFill.account == account, TcaFill.order_id.in_(some))
            marks += mappings(connection, marked)
    return EndedOrders(windows, parents, orders, marks)


def _open(table: Any, account: str, at: Any, limit: int) -> sa.Select[Any]:
    wanted = sa.select(table.__table__).where(table.account == account, table.is_open == sa.true())
    return wanted.order_by(at.desc()).limit(limit)


def _unmarked(account: str, since_ns: int, limit: int) -> sa.Select[Any]:
    same = sa.and_(
        TcaFill.account == Trade.account,
        TcaFill.instrument_id == Trade.instrument_id,
        TcaFill.trade_id == Trade.trade_id,
        TcaFill.exchange_order_id == Trade.exchange_order_id,
    )
    wanted = fill_select().outerjoin(TcaFill, same)
    return (
        wanted.where(Trade.account == account, Trade.traded_ns >= since_ns, TcaFill.order_id.is_(None))
        .order_by(Trade.traded_ns.desc())
        .limit(limit)
    )
