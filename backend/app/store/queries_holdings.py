"""Reads for what is held: everything that was booked, in the order in which it was, and the entries of the books."""

import heapq
from collections.abc import Generator, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import EventKind
from app.domain.holdings import Book, Entry
from app.models.holdings import HoldingBook, HoldingEntry
from app.models.trading import CashMovement, Trade
from app.store import rows
from app.store.database import Database
from app.store.queries_base import CHUNK, Row, events_select, fill_select, mappings, of_account, pages


def booked_history(database: Database, account: str) -> Iterator[tuple[str, Row]]:
    """Every trade, with its fee, and every movement of cash, as ("trade" or "cash", row), in the order of booking."""
    trades = ((row["recorded_ns"], 1, "trade", row) for row in pages(database, *_trades(account)))
    moved = ((row["at_ns"], 0, "cash", row) for row in pages(database, *_movements(account)))
    for _, _, name, row in heapq.merge(moved, trades, key=lambda item: item[:2]):
        yield name, row


def holding_entries(connection: Connection, account: str, *, before_ns: int | None = None) -> Generator[Entry]:
    """The entries of all books in their order, in bounded memory; before_ns: those of before a time."""
    yield from map(rows.entry_from_row, holding_entry_rows(connection, account, before_ns=before_ns))


def entries_by_time(
    connection: Connection, account: str, from_ns: int | None = None, until_ns: int | None = None
) -> Generator[Entry]:
    """The entries with from_ns <= their time < until_ns in order of time, those of one moment in their own order; in
    bounded memory."""
    statement = _within(of_account(HoldingEntry, account), from_ns, until_ns).order_by(*_BY_TIME).limit(CHUNK)
    found = mappings(connection, statement)
    while found:
        yield from map(rows.entry_from_row, found)
        last = found[-1]
        found = mappings(connection, statement.where(sa.tuple_(*_BY_TIME) > sa.tuple_(last["at_ns"], last["entry"])))


_BY_TIME = (HoldingEntry.at_ns, HoldingEntry.entry)


def _within(statement: sa.Select[Any], from_ns: int | None, until_ns: int | None) -> sa.Select[Any]:
    if from_ns is not None:
        statement = statement.where(HoldingEntry.at_ns >= from_ns)
    return statement if until_ns is None else statement.where(HoldingEntry.at_ns < until_ns)


def holding_books(connection: Connection, account: str) -> dict[tuple[str, str], Book]:
    """What each book holds, by (asset, book)."""
    found = mappings(connection, of_account(HoldingBook, account))
    return {(row["asset"], row["book"]): rows.book_from_row(row) for row in found}


def books_begun_ns(connection: Connection, account: str) -> int | None:
    """When the books began to hold all that is booked; None if they have not."""
    found = mappings(connection, events_select(account, kind=EventKind.HOLDINGS_BEGUN.value).limit(1))
    return found[0]["at_ns"] if found else None


def holding_entry_rows(connection: Connection, account: str, *, before_ns: int | None = None) -> Generator[Row]:
    """As holding_entries, as they are stored."""
    statement = of_account(HoldingEntry, account)
    if before_ns is not None:
        statement = statement.where(HoldingEntry.at_ns < before_ns)
    statement = statement.order_by(HoldingEntry.entry).limit(CHUNK)
    found = mappings(connection, statement)
    while found:
        yield from found
        found = mappings(connection, statement.where(HoldingEntry.entry > found[-1]["entry"]))


def _trades(account: str) -> tuple[sa.Select[Any], tuple[Any, ...]]:
    place = (Trade.recorded_ns, Trade.traded_ns, Trade.instrument_id, Trade.trade_id, Trade.exchange_order_id)
    return fill_select().add_columns(Trade.order_id).where(Trade.account == account), place


def _movements(account: str) -> tuple[sa.Select[Any], tuple[Any, ...]]:
    return of_account(CashMovement, account), (CashMovement.movement,)
