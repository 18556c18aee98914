"""Whole tables for files of other programs, row by row in bounded memory, each chunk a transaction of its own."""

import functools
from collections.abc import Generator
from itertools import chain
from typing import Any

import sqlalchemy as sa

from app.models.base import Base
from app.models.trading import CashMovement, Position, Trade
from app.models.trading import Order as OrderRow
from app.store.database import Database
from app.store.queries_account import costs_counted_in
from app.store.queries_base import Row, equal, of_account, paged, pages, snapshot
from app.store.queries_history import OrderFilter, order_conditions


def iter_orders(database: Database, account: str, wanted: OrderFilter) -> Generator[Row]:
    """All matching orders, oldest first."""
    place = (OrderRow.created_ns, OrderRow.order_id)
    statement = paged(of_account(OrderRow).where(*order_conditions(wanted)), *place)
    yield from chain.from_iterable(pages(database, statement, account=account))


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
            if connection.scalar(_named(table), {"account": account, "instrument_id": instrument_id}) is not None:
                return True
    return False


@functools.cache
def _named(table: type[Base]) -> sa.Select[Any]:
    return sa.select(table.__table__.c["instrument_id"]).where(*equal(table, "account", "instrument_id")).limit(1)


def cost_currency(database: Database, account: str) -> str | None:
    """What costs are counted in; None before the books began."""
    with snapshot(database) as connection:
        return costs_counted_in(connection, account)
