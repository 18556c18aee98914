"""What the journal tells of something, newest first, in pages. A page looks through a bounded part of the journal,
however long that is: where little fits the filter, it may end before it is full, and the next goes on from there.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from app.domain.events import EventKind
from app.models.parents import ParentOrder
from app.models.trading import ExecutionEvent
from app.models.trading import Order as OrderRow
from app.store.database import Database
from app.store.queries_base import (
    RARE_KINDS,
    BadCursor,
    Page,
    Row,
    ends_of_journal,
    equal,
    mappings,
    page_limit,
    snapshot,
)

LOOKED_THROUGH_MAX = 20_000
"""The most events that one page looks through."""

_SEQ, _AT = ExecutionEvent.seq, ExecutionEvent.at_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events: every field that is given must match. parent_id: an execution's own and those of its orders.
    instrument_id, strategy_id: also those of its orders and executions. told_*: from <= at < to."""

    kind: str | None = None
    order_id: str | None = None
    parent_id: str | None = None
    instrument_id: str | None = None
    strategy_id: str | None = None
    told_from_ns: int | None = None
    told_to_ns: int | None = None


def event_pages(
    database: Database, account: str, wanted: EventFilter | None = None, *, limit: int = 100, cursor: str | None = None
) -> Page[Row]:
    """A page of events, newest first; it may be short, or empty, though there is a next one.

    Raises InvalidValue for a limit that is not 1..500 and a cursor that no page gave out.
    """
    page_limit(limit)
    wanted = wanted or EventFilter()
    before = None if cursor is None else _before(cursor)
    place = _place(wanted)
    with snapshot(database) as connection:
        looked = _looked_through(account, wanted)
        if wanted.told_from_ns is not None or wanted.told_to_ns is not None:
            stretches = _told_between(connection, account, wanted.told_from_ns, wanted.told_to_ns)
            looked = looked.where(sa.or_(sa.false(), *(place.between(*each) for each in stretches)))
        if before is not None:
            looked = looked.where(place < before)
        numbers = looked.with_only_columns(_SEQ).order_by(place.desc()).limit(LOOKED_THROUGH_MAX).subquery()
        count, last = connection.execute(sa.select(sa.func.count(), sa.func.min(numbers.c.seq))).one()
        if not count:
            return Page((), None)
        fitting = looked.where(place >= last, *_fitting(wanted)).order_by(place.desc()).limit(limit + 1)
        found = mappings(connection, fitting)
    if len(found) > limit:
        return Page(tuple(found[:limit]), str(found[limit - 1]["seq"]))
    return Page(tuple(found), str(last) if count == LOOKED_THROUGH_MAX else None)


def _before(cursor: object) -> int:
    if not isinstance(cursor, str) or not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > 18:
        raise BadCursor(cursor)
    return int(cursor)


def _place(wanted: EventFilter) -> Any:
    """What pages go by. An order or an execution has few events, found by indexes of their own and sorted: the "+ 0"
    keeps the database from walking the journal down to them instead."""
    return _SEQ + 0 if wanted.order_id is not None or wanted.parent_id is not None else _SEQ


def _looked_through(account: str, wanted: EventFilter) -> sa.Select[Any]:
    """Those that an index finds: of an order, of an execution, of a rare kind, else all of them."""
    events = sa.select(ExecutionEvent.__table__).where(ExecutionEvent.account == account)
    if wanted.order_id is not None:
        events = events.where(_SEQ.in_(sa.select(_SEQ).where(ExecutionEvent.order_id == wanted.order_id)))
    if wanted.parent_id is not None:
        orders = sa.select(OrderRow.order_id).where(OrderRow.account == account, OrderRow.parent_id == wanted.parent_id)
        own = sa.select(_SEQ).where(ExecutionEvent.account == account, ExecutionEvent.parent_id == wanted.parent_id)
        # By the order alone: with the account beside it the database would walk the whole journal instead.
        theirs = sa.select(_SEQ).where(ExecutionEvent.order_id.in_(orders))
        events = events.where(_SEQ.in_(sa.union(own, theirs)))
    if wanted.kind is not None and not wanted.kind.startswith("order."):
        events = events.where(ExecutionEvent.kind == wanted.kind, RARE_KINDS)
    return events


def _fitting(wanted: EventFilter) -> Iterator[sa.ColumnElement[bool]]:
    """What of those that are looked through is asked for; the order too, for accounts have the same numbers."""
    if wanted.order_id is not None:
        yield ExecutionEvent.order_id == wanted.order_id
    if wanted.kind is not None:
        yield ExecutionEvent.kind == wanted.kind
    if wanted.instrument_id is not None:
        position = ExecutionEvent.position.startswith(f"{wanted.instrument_id}/", autoescape=True)
        yield sa.or_(position, *_about("instrument_id", wanted.instrument_id, OrderRow.instrument_id))
    if wanted.strategy_id is not None:
        itself = ExecutionEvent.principal == f"strategy:{wanted.strategy_id}"
        yield sa.or_(itself, *_about("strategy_id", wanted.strategy_id, OrderRow.strategy_id))


def _about(name: str, value: str, column: Any) -> Iterator[sa.ColumnElement[bool]]:
    """By its order, by its execution, or, of an event of neither, by what it says."""
    said = f'"{name}":{msgspec.json.encode(value).decode()}'
    event = ExecutionEvent
    yield sa.exists().where(OrderRow.order_id == event.order_id, column == value)
    yield sa.exists().where(ParentOrder.parent_id == event.parent_id, _has(ParentOrder.params, said))
    yield sa.and_(event.order_id.is_(None), event.parent_id.is_(None), _has(event.payload, said))


def _has(text: Any, part: str) -> sa.ColumnElement[bool]:
    """Letter by letter: LIKE takes small and capital letters of ASCII for the same on SQLite, and not on PostgreSQL."""
    return sa.func.replace(text, part, "") != text


def _told_between(
    connection: Connection, account: str, from_ns: int | None, to_ns: int | None
) -> Iterator[tuple[int, int]]:
    """The first and last number of what was told then: one stretch, or one of each run if the clock was set back."""
    for first, last in _runs(connection, account):
        begins = first if from_ns is None else _first_at(connection, account, from_ns, first, last)
        ends = last + 1 if to_ns is None else _first_at(connection, account, to_ns, first, last)
        if begins < ends:
            yield begins, ends - 1


def _runs(connection: Connection, account: str) -> Iterator[tuple[int, int]]:
    """The first and last number of each stretch of the journal in which time only went on; none of an empty one."""
    set_back = connection.scalars(_set_back(), {"account": account}).all()
    first, last = ends_of_journal(connection, account)
    begins = [first, *set_back]
    ends = [*(each - 1 for each in set_back), last]
    return (pair for pair in zip(begins, ends, strict=True) if pair[0])


@functools.cache
def _set_back() -> sa.Select[Any]:
    """The starts that were told before what is told ahead of them."""
    before = aliased(ExecutionEvent)
    earlier = sa.select(before.at_ns).where(before.account == sa.bindparam("account"), before.seq == _SEQ - 1)
    starts = sa.select(_SEQ).where(
        *equal(ExecutionEvent, "account"), ExecutionEvent.kind == EventKind.SESSION_STARTED.value, RARE_KINDS
    )
    return starts.where(earlier.scalar_subquery() > _AT).order_by(_SEQ)


def _first_at(connection: Connection, account: str, at_ns: int, first: int, last: int) -> int:
    """The first of a run that was told at that moment or later; last + 1 without any. By bisection: seq is gapless."""
    beyond = last + 1
    while first < beyond:
        middle = (first + beyond) // 2
        told = connection.execute(_told_at(), {"account": account, "seq": middle}).scalar_one()
        if told < at_ns:
            first = middle + 1
        else:
            beyond = middle
    return first


@functools.cache
def _told_at() -> sa.Select[Any]:
    return sa.select(_AT).where(*equal(ExecutionEvent, "account", "seq"))
