"""Whole tables for files of other programs, row by row in bounded memory, each chunk a transaction of its own."""

from collections.abc import Generator
from itertools import chain

import sqlalchemy as sa

from app.models.trading import CashMovement, Position, Trade
from app.models.trading import Order as OrderRow
from app.store.database import Database
from app.store.queries_account import costs_counted_in
from app.store.queries_base import Row, of_account, paged, pages, snapshot
from app.store.queries_history import OrderFilter, order_conditions


def iter_orders(database: Database, account: str, wanted: OrderFilter) -> Generator[Row]:
    """All matching orders, oldest first."""
    place = (OrderRow.created_ns, OrderRow.order_id)
    conditions = (OrderRow.account == account, *order_conditions(wanted))
    yield from chain.from_iterable(pages(database, paged(sa.select(OrderRow.__table__).where(*conditions), *place)))


def iter_movements(database: Database, account: str, start_ns: int | None, end_ns: int | None) -> Generator[Row]:
    """Every movement of cash that no fill explains, bills of the exchange among them, oldest first."""
    statement = of_account(CashMovement)
    if start_ns is not None:
        statement = statement.where(CashMovement.at_ns >= start_ns)
    if end_ns is not None:
        statement = statement.where(CashMovement.at_ns < end_ns)
    yield from chain.from_iterable(pages(database, paged(statement, CashMovement.movement), account=account))


def names(database: Database, account: str, instrument_id: str) -> bool:
    """Whether anything here is of that instrument: an order, a trade or a position."""
    with snapshot(database) as connection:
        for table in (OrderRow, Trade, Position):
            of = sa.select(table.instrument_id).where(table.account == account, table.instrument_id == instrument_id)
            if connection.execute(of.limit(1)).first() is not None:
                return True
    return False


def cost_currency(database: Database, account: str) -> str | None:
    """What costs are counted in; None before the books began."""
    with snapshot(database) as connection:
        return costs_counted_in(connection, account)
