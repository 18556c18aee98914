"""The hash chain checked from its first event: no number missing, no byte changed, no end cut off (INVARIANTS P3)."""

import functools
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import GENESIS, Event, chain_hash
from app.models.trading import ExecutionEvent, Lease
from app.store.database import Database
from app.store.queries import snapshot
from app.store.queries_base import equal

CHUNK = 5_000

EVENT_COLUMNS = tuple(ExecutionEvent.__table__.columns[name] for name in Event._fields)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """events: how many were checked. first_broken: the sequence number where the chain breaks, None when it holds;
    reason says how. last_seq, last_hash: the chain's head, to be kept elsewhere against a rewrite of everything."""

    events: int
    last_seq: int
    last_hash: str
    first_broken: int | None = None
    reason: str = ""


def verify_chain(database: Database, account: str) -> ChainReport:
    """Recompute the account's chain. Reads everything once, in one snapshot, in bounded memory."""
    with snapshot(database) as connection:
        return check_chain(connection, account)


def check_chain(connection: Connection, account: str, see: Callable[[Event], None] | None = None) -> ChainReport:
    """As verify_chain, on a connection; `see` is shown every event in order, also beyond a break."""
    head, expected, count = GENESIS, 1, 0
    broken: tuple[int, str] | None = None
    last_seq, last_hash = 0, GENESIS
    for event, stored in stream_events(connection, account):
        count += 1
        if broken is None:
            broken = _break(event, stored, head, expected)
        head, expected = stored, event.seq + 1
        last_seq, last_hash = event.seq, stored
        if see is not None:
            see(event)
    if broken is None:
        broken = _cut_off(connection, account, last_seq)
    first_broken, reason = broken or (None, "")
    return ChainReport(count, last_seq, last_hash, first_broken, reason)


def stream_events(connection: Connection, account: str) -> Generator[tuple[Event, str]]:
    """Every event of the account with its stored hash, in order, read in chunks."""
    after = -(2**62)
    while True:
        chunk = connection.execute(_events_after(), {"account": account, "after": after}).all()
        for row in chunk:
            yield event_of(row), row.hash
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].seq


def event_of(row: Sequence[Any]) -> Event:
    """The event in a row whose first columns are EVENT_COLUMNS."""
    return Event(*row[: len(EVENT_COLUMNS)])


def _break(event: Event, stored: str, head: str, expected: int) -> tuple[int, str] | None:
    if event.seq != expected:
        return expected, f"event {expected} is missing; the next one is {event.seq}"
    try:
        right = chain_hash(head, event)
    except TypeError:
        return event.seq, f"event {event.seq} holds what is no text where text belongs"
    if right != stored:
        return event.seq, f"event {event.seq} does not have the hash of its content and its predecessor"
    return None


def _cut_off(connection: Connection, account: str, last_seq: int) -> tuple[int, str] | None:
    written = connection.scalar(_lease_seq(), {"account": account})
    if written is not None and written > last_seq:
        return last_seq + 1, f"the journal ends at {last_seq}, but event {written} was committed"
    return None


@functools.cache
def _events_after() -> sa.Select[Any]:
    events = sa.select(*EVENT_COLUMNS, ExecutionEvent.hash).where(*equal(ExecutionEvent, "account"))
    return events.where(ExecutionEvent.seq > sa.bindparam("after")).order_by(ExecutionEvent.seq).limit(CHUNK)


@functools.cache
def _lease_seq() -> sa.Select[Any]:
    return sa.select(Lease.seq).where(*equal(Lease, "account"))
