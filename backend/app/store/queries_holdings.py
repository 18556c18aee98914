"""Reads for what is held: everything that was booked, in the order in which it was, and the entries of the books."""

import functools
import heapq
from collections.abc import Generator, Iterator
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import EventKind
from app.domain.holdings import Book, Entry
from app.models.holdings import HoldingBook, HoldingEntry
from app.models.trading import CashMovement, Trade
from app.store import rows
from app.store.database import Database
from app.store.queries_base import (
    Paged,
    Row,
    equal,
    fill_select,
    mappings,
    of_account,
    paged,
    pages,
    pages_within,
    read_events,
)


def booked_history(database: Database, account: str) -> Iterator[tuple[str, Row]]:
    """Every trade, with its fee, and every movement of cash, as ("trade" or "cash", row), in the order of booking."""
    read_trades, read_moved = (pages(database, each, account=account) for each in (_trades(), _movements()))
    trades = ((row["recorded_ns"], 1, "trade", row) for row in chain.from_iterable(read_trades))
    moved = ((row["at_ns"], 0, "cash", row) for row in chain.from_iterable(read_moved))
    for _, _, name, row in heapq.merge(moved, trades, key=lambda item: item[:2]):
        yield name, row


def holding_entries(connection: Connection, account: str) -> Generator[Entry]:
    """The entries of all books in their order, in bounded memory."""
    yield from map(rows.entry_from_row, holding_entry_rows(connection, account))


def holding_entry_rows(connection: Connection, account: str) -> Generator[Row]:
    """As holding_entries, as they are stored."""
    yield from chain.from_iterable(pages_within(connection, _entries(), account=account))


def entries_by_time(
    connection: Connection, account: str, from_ns: int | None = None, until_ns: int | None = None
) -> Generator[Entry]:
    """The entries with from_ns <= their time < until_ns in order of time, those of one moment in their own order; in
    bounded memory."""
    statement = _entries_by_time(begun=from_ns is not None, ended=until_ns is not None)
    found = pages_within(connection, statement, account=account, from_ns=from_ns, until_ns=until_ns)
    yield from map(rows.entry_from_row, chain.from_iterable(found))


@functools.cache
def _entries() -> Paged:
    return paged(of_account(HoldingEntry), HoldingEntry.entry)


@functools.cache
def _entries_by_time(*, begun: bool, ended: bool) -> Paged:
    statement = of_account(HoldingEntry)
    if begun:
        statement = statement.where(HoldingEntry.at_ns >= sa.bindparam("from_ns"))
    if ended:
        statement = statement.where(HoldingEntry.at_ns < sa.bindparam("until_ns"))
    return paged(statement, HoldingEntry.at_ns, HoldingEntry.entry)


def holding_books(connection: Connection, account: str) -> dict[tuple[str, str], Book]:
    """What each book holds, by (asset, book)."""
    found = mappings(connection, of_account(HoldingBook), account=account)
    return {(row["asset"], row["book"]): rows.book_from_row(row) for row in found}


def books_begun_ns(connection: Connection, account: str) -> int | None:
    """When the books began to hold all that is booked; None if they have not."""
    found = read_events(connection, account, kind=EventKind.HOLDINGS_BEGUN.value, limit=1)
    return found[0]["at_ns"] if found else None


@functools.cache
def _trades() -> Paged:
    place = (Trade.recorded_ns, Trade.traded_ns, Trade.instrument_id, Trade.trade_id, Trade.exchange_order_id)
    return paged(fill_select().where(*equal(Trade, "account")), *place)


@functools.cache
def _movements() -> Paged:
    return paged(of_account(CashMovement), CashMovement.movement)
