"""What the market was when orders were sent, filled and over; read for reports, and by a start that goes on with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.models.trading import ParentOrder, TcaFill, TcaWindow, Trade
from app.store.database import Database
from app.store.queries_base import Row, chunks, fill_select, mappings, snapshot

IDS_PER_QUERY = 500
NS_PER_MINUTE = 60_000_000_000


@dataclass(frozen=True, slots=True)
class OpenMarks:
    """windows, fills: rows of which more is to be written. unmarked: trades, with their fees, of about the time of the
    newest row that have none: the process ended between. parents: the ids of those that are open."""

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
        going = sa.select(ParentOrder.parent_id).where(ParentOrder.account == account, ParentOrder.is_open == sa.true())
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
