"""What stands beside the amounts of a row against the journal: when it was written and by which event, and the text
of a message that was set aside.
"""

import functools
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import Event, EventKind
from app.journal.findings import Findings
from app.models.columns import storable
from app.models.trading import Base, ParentOrder, ParentStep, Position, Quarantine
from app.store.queries_base import Row, mappings, of_account

STAMPED: tuple[type[Base], ...] = (ParentOrder, Position)
"""Rows with the time of the turn that wrote them last, which is that of its events. (That of a balance may be of a
comparison with the exchange, which tells nothing while both agree.)"""

STRAYS_SHOWN = 100


class _Report(msgspec.Struct):
    raw: str | None = None


class _SetAside(msgspec.Struct):
    """raw stands in the report where it was one."""

    reason: str
    raw: str | None = None
    report: _Report | None = None


_read_set_aside = msgspec.json.Decoder(_SetAside).decode


@dataclass(slots=True)
class StampEvents:
    """What the journal says of these; fed with every event in order. unseen: times of rows that no event has had yet.
    written: the time of each event that a position names."""

    unseen: set[int] = field(default_factory=set[int])
    written: dict[int, int | None] = field(default_factory=dict[int, int | None])
    set_aside: dict[int, tuple[_SetAside, int]] = field(default_factory=dict[int, tuple[_SetAside, int]])

    def see(self, event: Event) -> None:
        """Take one event. Raises MsgspecError or ValueError when its payload cannot be read."""
        self.unseen.discard(event.at_ns)
        if event.seq in self.written:
            self.written[event.seq] = event.at_ns
        if event.kind == EventKind.QUARANTINED:
            self.set_aside[event.seq] = (_read_set_aside(event.payload), event.at_ns)


def stamps_wanted(connection: Connection, account: str) -> StampEvents:
    """Of which times and numbers there must be events."""
    seen = StampEvents()
    for table in STAMPED:
        seen.unseen.update(row["updated_ns"] for row in _rows(connection, table, account))
    seen.written = {row["event_seq"]: None for row in _rows(connection, Position, account)}
    return seen


def check_stamps(connection: Connection, account: str, seen: StampEvents, findings: Findings) -> None:
    for table in STAMPED:
        for row in _rows(connection, table, account):
            if row["updated_ns"] in seen.unseen:
                findings.add(
                    "P4", _name(table, row), f"updated_ns is {row['updated_ns']}, but no event is of that time"
                )
    for row in _rows(connection, Position, account):
        told = seen.written.get(row["event_seq"])
        findings.compare("P4", _name(Position, row), f"updated_ns of event {row['event_seq']}", row["updated_ns"], told)
    _check_quarantine(connection, account, seen, findings)
    _check_stray_steps(connection, findings)


def _check_quarantine(connection: Connection, account: str, seen: StampEvents, findings: Findings) -> None:
    stored = {row["seq"]: row for row in _rows(connection, Quarantine, account)}
    for seq in sorted({*stored, *seen.set_aside}):
        subject, row, event = f"quarantined message {seq}", stored.get(seq), seen.set_aside.get(seq)
        if row is None or event is None:
            where = "journal, but not in the table" if row is None else "table, but not in the journal"
            findings.add("P6", subject, f"stands in the {where}")
            continue
        told, at_ns = event
        raw = told.raw if told.report is None else told.report.raw
        findings.compare("P6", subject, "reason", row["reason"], storable(told.reason))
        findings.compare("P6", subject, "at_ns", row["at_ns"], at_ns)
        if raw is not None:
            findings.compare("P6", subject, "raw", row["raw"], storable(raw))


def _check_stray_steps(connection: Connection, findings: Findings) -> None:
    """Steps of no parent are seen with no parent."""
    for parent_id, step in connection.execute(_stray_steps()):
        findings.add("P4", f"step {step} of parent {parent_id}", "belongs to no parent")


@functools.cache
def _stray_steps() -> sa.Executable:
    steps = sa.select(ParentStep.parent_id, ParentStep.step)
    with_parents = steps.outerjoin(ParentOrder, ParentOrder.parent_id == ParentStep.parent_id)
    return with_parents.where(ParentOrder.parent_id.is_(None)).limit(STRAYS_SHOWN)


def _rows(connection: Connection, table: type[Base], account: str) -> list[Row]:
    return mappings(connection, of_account(table), account=account)


def _name(table: type[Base], row: Row) -> str:
    key = "/".join(str(row[column.name]) for column in table.__table__.primary_key.columns)  # type: ignore[union-attr]
    return f"{table.__tablename__} {key}"
