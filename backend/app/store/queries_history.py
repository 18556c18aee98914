"""Past orders, trades and events in pages: a page costs the same at the end of a long history as at its start.

Pages go by key, never by offset: the cursor holds the last row's place, so rows that arrive meanwhile move nothing.
"""

import base64
import binascii
import functools
from bisect import bisect_right
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from app.domain.events import EventKind
from app.domain.orders import TERMINAL_STATUSES, Order, OrderSide, OrderStatus
from app.models.trading import ExecutionEvent, Trade
from app.models.trading import Order as OrderRow
from app.store import rows
from app.store.database import Database
from app.store.queries_base import (
    BadCursor,
    Page,
    Paged,
    Row,
    ends_of_journal,
    equal,
    fill_select,
    fills_by_order,
    mappings,
    number,
    order_select,
    page_limit,
    paged,
    pages,
    read_events,
    snapshot,
)

_OPEN_STATUSES = frozenset(OrderStatus) - TERMINAL_STATUSES
_REFUSED_STATUSES = frozenset(
    {OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NEVER_ACCEPTED, OrderStatus.NOT_SENT}
)
_REFUSED = sa.text("status IN ('denied', 'rejected', 'never_accepted', 'not_sent')")
"""The condition of ix_orders_refused, word for word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders: every field that is given must match. statuses: any of them. created_*: from <= created < to."""

    instrument_id: str | None = None
    statuses: Collection[OrderStatus] = ()
    side: OrderSide | None = None
    strategy_id: str | None = None
    parent_id: str | None = None
    exchange_order_id: str | None = None
    created_from_ns: int | None = None
    created_to_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFilter:
    """Which trades: every field that is given must match. traded_*: from <= traded < to."""

    instrument_id: str | None = None
    side: OrderSide | None = None
    strategy_id: str | None = None
    parent_id: str | None = None
    order_id: str | None = None
    trade_id: str | None = None
    traded_from_ns: int | None = None
    traded_to_ns: int | None = None


def order_history(
    database: Database, account: str, wanted: OrderFilter | None = None, *, limit: int = 100, cursor: str | None = None
) -> Page[Order]:
    """A page of orders with all their fills, newest first.

    Raises InvalidValue for a limit that is not 1..500 and a cursor that no page gave out.
    """
    page_limit(limit)
    wanted = wanted or OrderFilter()
    place = _order_place(wanted)
    statement = (
        order_select()
        .where(OrderRow.account == account, *order_conditions(wanted))
        .order_by(*(column.desc() for column in place))
        .limit(limit + 1)
    )
    if cursor is not None:
        statement = statement.where(sa.tuple_(*place) < sa.tuple_(*_place_of(cursor, (int, str))))
    with snapshot(database) as connection:
        found = mappings(connection, statement)
        fills = fills_by_order(connection, [row["order_id"] for row in found[:limit]])
    orders = [rows.order_from_row(row, fills.get(row["order_id"], ())) for row in found[:limit]]
    return _page(orders, found, limit, ("created_ns", "order_id"))


def trades(
    database: Database, account: str, wanted: TradeFilter | None = None, *, limit: int = 100, cursor: str | None = None
) -> Page[Row]:
    """A page of trades with fee_amount and fee_currency (None while unknown), newest first. Raises as order_history."""
    page_limit(limit)
    given = _given(account, wanted)
    statement = _newest_trades(tuple(given), after_one=cursor is not None)
    after = {} if cursor is None else dict(zip(_AFTER, _place_of(cursor, (int, str, str)), strict=True))
    with snapshot(database) as connection:
        found = mappings(connection, statement, **given, **after, limit=limit + 1)
    return _page(found[:limit], found, limit, ("traded_ns", "trade_id", "exchange_order_id"))


_TRADE_PLACE = (Trade.traded_ns, Trade.trade_id, Trade.exchange_order_id)
_AFTER = tuple(f"after_{column.key}" for column in _TRADE_PLACE)


@functools.lru_cache(maxsize=64)
def _newest_trades(given: tuple[str, ...], *, after_one: bool) -> sa.Select[Any]:
    # Of one trade id there are few, found by the key and sorted; "+ 0" as in _order_place.
    place = (Trade.traded_ns + 0 if "trade_id" in given else Trade.traded_ns, *_TRADE_PLACE[1:])
    statement = fill_select().where(*_trade_conditions(given))
    if after_one:
        after = (sa.bindparam(name, type_=column.type) for name, column in zip(_AFTER, _TRADE_PLACE, strict=True))
        statement = statement.where(sa.tuple_(*place) < sa.tuple_(*after))
    return statement.order_by(*(column.desc() for column in place)).limit(number("limit"))


def iter_trades(
    database: Database, account: str, wanted: TradeFilter | None = None, *, chunk: int = 5_000
) -> Generator[list[Row]]:
    """All matching trades with their fees, oldest first, in chunks of at most `chunk` rows.

    Each chunk is a transaction of its own, so a long read does not pin the WAL; trades are never changed, and one that
    arrives late behind the place reached is not seen.
    """
    given = _given(account, wanted)
    yield from pages(database, _all_trades(tuple(given)), chunk=chunk, **given)


@functools.lru_cache(maxsize=64)
def _all_trades(given: tuple[str, ...]) -> Paged:
    return paged(fill_select().where(*_trade_conditions(given)), *_TRADE_PLACE)


def events(
    database: Database, account: str, *, after_seq: int = 0, limit: int = 500, order_id: str = "", kind: str = ""
) -> list[Row]:
    """Events with a higher sequence number, oldest first, of one order or kind where given. limit: 1..500."""
    page_limit(limit)
    with database.reading() as connection:
        if not order_id:
            return read_events(connection, account, kind=kind, after_seq=after_seq, limit=limit)
        # An order has some ten events, found by its index; the rest is done here, so that no other index can tempt.
        found = mappings(connection, _events_of_order(), order_id=order_id)
    wanted = [
        row for row in found if row["account"] == account and row["seq"] > after_seq and kind in ("", row["kind"])
    ]
    return sorted(wanted, key=lambda row: row["seq"])[:limit]


@functools.cache
def _events_of_order() -> sa.Select[Any]:
    return sa.select(ExecutionEvent.__table__).where(*equal(ExecutionEvent, "order_id"))


def fills_of_strategy(
    database: Database, account: str, strategy_id: str, *, after_seq: int, limit: int = 100
) -> list[Row]:
    """A strategy's trades as fill_select() has them, each with `seq`, the event that booked it, oldest first."""
    page_limit(limit)
    given = {"strategy_id": strategy_id, "after_seq": after_seq, "limit": limit}
    with snapshot(database) as connection:
        return mappings(connection, _fills_of_strategy(), account=account, **given)


@functools.cache
def _fills_of_strategy() -> sa.Select[Any]:
    fills = fill_select().where(*equal(Trade, "account", "strategy_id")).subquery()
    booked = sa.and_(fills.c.order_id == ExecutionEvent.order_id, fills.c.trade_id == ExecutionEvent.trade_id)
    statement = (
        sa.select(ExecutionEvent.seq, *fills.c)
        .join(fills, booked)
        .where(*equal(ExecutionEvent, "account"), ExecutionEvent.seq > sa.bindparam("after_seq"))
    )
    return statement.order_by(ExecutionEvent.seq).limit(number("limit"))


def strategies_of(database: Database, account: str) -> list[str]:
    """The strategies that have ever ordered, by name; each is one step of an index, however many orders it has."""
    found = [""]
    with snapshot(database) as connection:
        while (name := connection.scalar(_next_strategy(), {"account": account, "after": found[-1]})) is not None:
            found.append(name)
    return found[1:]


@functools.cache
def _next_strategy() -> sa.Select[Any]:
    own = sa.select(sa.func.min(OrderRow.strategy_id)).where(*equal(OrderRow, "account"))
    return own.where(OrderRow.strategy_id.is_not(None), OrderRow.strategy_id > sa.bindparam("after"))


def journal_ends(database: Database, account: str) -> tuple[int, int]:
    """The journal's first and last sequence number; 0 and 0 of an empty one."""
    with database.reading() as connection:
        return ends_of_journal(connection, account)


class _Valued(msgspec.Struct):
    """What a start or a day tells. currency: "" in starts of earlier releases, and in the first of an account."""

    currency: str = ""


@dataclass(frozen=True, slots=True)
class ValuedIn:
    """In which currency an account was valued when, as its starts and days tell it: since_ns, and the currency."""

    told: tuple[tuple[int, str], ...]

    def at(self, at_ns: int) -> str | None:
        """The one of that time, of before the first day that of the first day; None without any."""
        place = bisect_right(self.told, at_ns, key=lambda one: one[0])
        return self.told[max(place - 1, 0)][1] if self.told else None


def valued_in(database: Database, account: str) -> ValuedIn:
    """A setting may have changed it; prices of movements of cash stand in that of their time."""
    read = msgspec.json.Decoder(_Valued).decode
    told: list[tuple[int, str]] = []
    for kind in (EventKind.SESSION_STARTED, EventKind.DAY_OPENED):
        after = 0
        while page := events(database, account, kind=kind.value, after_seq=after):
            told.extend((row["at_ns"], named) for row in page if (named := read(row["payload"]).currency))
            after = page[-1]["seq"]
    return ValuedIn(tuple(sorted(told, key=lambda one: one[0])))


def _order_place(wanted: OrderFilter) -> tuple[Any, Any]:
    """What pages go by: (created_ns, order_id).

    Children of a parent, open orders and those of one of the exchange's ids are few: they are found by indexes of their
    own and sorted. The "+ 0" keeps the database from walking the index on created_ns through all other orders instead.
    """
    named = wanted.parent_id is not None or wanted.exchange_order_id is not None
    few = named or (wanted.statuses and _OPEN_STATUSES.issuperset(wanted.statuses))
    return (OrderRow.created_ns + 0 if few else OrderRow.created_ns, OrderRow.order_id)


def order_conditions(wanted: OrderFilter) -> Iterable[sa.ColumnElement[bool] | sa.TextClause]:
    """What a query of the orders table must hold to, but for the account."""
    if wanted.instrument_id is not None:
        yield OrderRow.instrument_id == wanted.instrument_id
    if wanted.statuses:
        yield OrderRow.status.in_(sorted(status.value for status in wanted.statuses))
        # Rare statuses are found by indexes that hold nothing else.
        if _OPEN_STATUSES.issuperset(wanted.statuses):
            yield OrderRow.is_open == sa.true()
        elif _REFUSED_STATUSES.issuperset(wanted.statuses):
            yield _REFUSED
    if wanted.side is not None:
        yield OrderRow.side == wanted.side.value
    if wanted.strategy_id is not None:
        yield OrderRow.strategy_id == wanted.strategy_id
    if wanted.parent_id is not None:
        yield OrderRow.parent_id == wanted.parent_id
    if wanted.exchange_order_id is not None:
        yield OrderRow.exchange_order_id == wanted.exchange_order_id
    if wanted.created_from_ns is not None:
        yield OrderRow.created_ns >= wanted.created_from_ns
    if wanted.created_to_ns is not None:
        yield OrderRow.created_ns < wanted.created_to_ns


def _given(account: str, wanted: TradeFilter | None) -> dict[str, Any]:
    """What is asked for, by the names of a filter's fields."""
    fields = {} if wanted is None else {name: getattr(wanted, name) for name in TradeFilter.__slots__}
    given = {name: value for name, value in fields.items() if value is not None}
    if wanted is not None and wanted.side is not None:
        given["side"] = wanted.side.value
    return {"account": account, **given}


def _trade_conditions(given: Collection[str]) -> Iterator[sa.ColumnElement[bool]]:
    """What a query of the trades must hold to, where these are its parameters."""
    ids = [name for name in ("order_id", "parent_id") if name in given]
    if ids:
        # By way of the orders, so that only the index on order_id can serve and history is not walked.
        yield Trade.order_id.in_(_ids_of_orders(*ids))
    else:
        yield from equal(Trade, "account")
    yield from equal(Trade, *(name for name in ("instrument_id", "trade_id", "side", "strategy_id") if name in given))
    if "trade_id" in given and "instrument_id" not in given:
        yield Trade.instrument_id.in_(_traded_instruments())
    if "traded_from_ns" in given:
        yield Trade.traded_ns >= sa.bindparam("traded_from_ns")
    if "traded_to_ns" in given:
        yield Trade.traded_ns < sa.bindparam("traded_to_ns")


@functools.cache
def _ids_of_orders(*names: str) -> sa.Select[Any]:
    return sa.select(OrderRow.order_id).where(*equal(OrderRow, "account", *names))


@functools.cache
def _traded_instruments() -> sa.Select[Any]:
    """The instruments that were ever traded, each by one step of the key, however many trades it has: with them a trade
    is found by its key."""
    least = sa.func.min(Trade.instrument_id)
    own = tuple(equal(Trade, "account"))
    found = sa.select(least.label("instrument_id")).where(*own).cte("traded", recursive=True)
    after = sa.select(least).where(*own, Trade.instrument_id > found.c.instrument_id)
    found = found.union_all(sa.select(after.scalar_subquery()).where(found.c.instrument_id.is_not(None)))
    return sa.select(found.c.instrument_id).where(found.c.instrument_id.is_not(None))


def _page(wanted: list[Any], found: list[Row], limit: int, place: tuple[str, ...]) -> Page[Any]:
    if len(found) <= limit:
        return Page(tuple(wanted), None)
    last = found[limit - 1]
    text = msgspec.json.encode([last[column] for column in place])
    return Page(tuple(wanted), base64.urlsafe_b64encode(text).decode().rstrip("="))


def _place_of(cursor: object, types: tuple[type, ...]) -> list[Any]:
    if not isinstance(cursor, str):
        raise BadCursor(cursor)
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(text, type=list[int | str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise BadCursor(cursor) from None
    if len(place) != len(types) or not all(isinstance(part, kind) for part, kind in zip(place, types, strict=True)):
        raise BadCursor(cursor)
    return place
