"""Whole tables for files of other programs, row by row in bounded memory, each chunk a transaction of its own."""

from collections.abc import Generator
from typing import Any

import sqlalchemy as sa

from app.models.trading import CashMovement
from app.models.trading import Order as OrderRow
from app.store.database import Database
from app.store.queries_account import costs_counted_in
from app.store.queries_base import Row, mappings, snapshot
from app.store.queries_history import OrderFilter, order_conditions

CHUNK = 5_000


def iter_orders(database: Database, account: str, wanted: OrderFilter) -> Generator[Row]:
    """All matching orders, oldest first."""
    place = (OrderRow.created_ns, OrderRow.order_id)
    conditions = (OrderRow.account == account, *order_conditions(wanted))
    yield from _all(database, sa.select(OrderRow.__table__).where(*conditions), place)


def iter_movements(database: Database, account: str, start_ns: int | None, end_ns: int | None) -> Generator[Row]:
    """Every movement of cash that no fill explains, bills of the exchange among them, oldest first."""
    statement = sa.select(CashMovement.__table__).where(CashMovement.account == account)
    if start_ns is not None:
        statement = statement.where(CashMovement.at_ns >= start_ns)
    if end_ns is not None:
        statement = statement.where(CashMovement.at_ns < end_ns)
    yield from _all(database, statement, (CashMovement.movement,))


def cost_currency(database: Database, account: str) -> str | None:
    """What costs are counted in; None before the books began."""
    with snapshot(database) as connection:
        return costs_counted_in(connection, account)


def _all(database: Database, statement: sa.Select[Any], place: tuple[Any, ...]) -> Generator[Row]:
    base = statement.order_by(*place).limit(CHUNK)
    wanted = base
    while True:
        with database.reading() as connection:
            found = mappings(connection, wanted)
        yield from found
        if len(found) < CHUNK:
            return
        wanted = base.where(sa.tuple_(*place) > sa.tuple_(*(found[-1][column.key] for column in place)))
