"""Whose database it is, who writes it, how far the exchange was read and which requests were kept, against the journal.

A database founded before these were journalled recorded them at its first start since (account.recorded); what was
written before that is compared with what else is known of it.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import Event, EventKind
from app.journal.findings import Findings
from app.journal.told_rows import compare_row, told_row
from app.models.trading import (
    AccountRow,
    AlertRow,
    ApiKeyRow,
    ApprovalRow,
    Base,
    ExecutionEvent,
    IdempotentRequest,
    Lease,
    Order,
    Watermark,
)
from app.store.queries_base import Row, equal, mappings, of_account

RECORDED = ("exchange", "environment", "uid", "installation", "created_ns")
STRANGERS_SHOWN = 100


class _Account(msgspec.Struct):
    exchange: str
    environment: str
    uid: str
    installation: str
    created_ns: int
    watermarks: dict[str, int] = {}


class _Session(msgspec.Struct):
    owner: str = ""
    epoch: int | None = None
    uid: str = ""


_read_account = msgspec.json.Decoder(_Account).decode
_read_session = msgspec.json.Decoder(_Session).decode
_read_mark = told_row(Watermark, "account")
_read_key = told_row(ApiKeyRow, "account", "used_ns")
_KEYS = frozenset(
    {
        EventKind.KEY_CREATED,
        EventKind.KEY_ROTATED,
        EventKind.KEY_REVOKED,
        EventKind.KEY_DISABLED,
        EventKind.KEY_ENABLED,
        EventKind.KEY_LIMITED,
    }
)
_read_approval = told_row(ApprovalRow, "account")
_APPROVALS = frozenset(
    {
        EventKind.APPROVAL_ASKED,
        EventKind.APPROVAL_CONFIRMED,
        EventKind.APPROVAL_REFUSED,
        EventKind.APPROVAL_EXPIRED,
        EventKind.APPROVAL_REOPENED,
    }
)
_read_alert = told_row(AlertRow, "account")
_ALERTS = frozenset(
    {EventKind.ALERT_FIRED, EventKind.ALERT_ACTED, EventKind.ALERT_ACKNOWLEDGED, EventKind.ALERT_RESOLVED}
)
_read_kept = told_row(IdempotentRequest, "account")


@dataclass(slots=True)
class RecordEvents:
    """What the journal says of these rows; fed with every event in order."""

    last_seq: int = 0
    recorded: _Account | None = None
    recorded_ns: int = 0
    session: _Session = field(default_factory=_Session)
    uid: str = ""
    watermarks: dict[str, int] = field(default_factory=dict[str, int])
    requests: dict[str, Row] = field(default_factory=dict[str, Row])
    keys: dict[str, Row] = field(default_factory=dict[str, Row])
    approvals: dict[str, Row] = field(default_factory=dict[str, Row])
    alerts: dict[str, Row] = field(default_factory=dict[str, Row])

    def see(self, event: Event) -> None:
        """Take one event. Raises MsgspecError or ValueError when its payload cannot be read."""
        self.last_seq = event.seq
        match event.kind:
            case EventKind.ACCOUNT_RECORDED:
                self.recorded_ns = self.recorded_ns or event.at_ns
                self.recorded = _read_account(event.payload)
                self.watermarks.update(self.recorded.watermarks)
            case EventKind.SESSION_STARTED:
                self.session = _read_session(event.payload)
                self.uid = self.session.uid or self.uid
            case EventKind.WATERMARK:
                mark = _read_mark(event.payload)
                self.watermarks[mark["stream"]] = mark["at_ns"]
            case EventKind.REQUEST_KEPT:
                kept = _read_kept(event.payload)
                self.requests[kept["key"]] = kept
            case kind if kind in _KEYS:
                key = _read_key(event.payload)
                self.keys[key["key_id"]] = key
            case kind if kind in _APPROVALS:
                approval = _read_approval(event.payload)
                self.approvals[approval["approval_id"]] = approval
            case kind if kind in _ALERTS:
                alert = _read_alert(event.payload)
                self.alerts[alert["alert_id"]] = alert
            case _:
                pass


def check_records(connection: Connection, account: str, seen: RecordEvents, findings: Findings) -> None:
    """Compare the account's own row, lease, watermarks, keys, alerts and kept requests; name rows of no account."""
    _check_identity(connection, account, seen, findings)
    _check_lease(connection, account, seen, findings)
    _check_watermarks(connection, account, seen, findings)
    _check_requests(connection, account, seen, findings)
    _check_told(connection, account, ApiKeyRow, "key_id", seen.keys, findings)
    _check_told(connection, account, ApprovalRow, "approval_id", seen.approvals, findings)
    _check_told(connection, account, AlertRow, "alert_id", seen.alerts, findings)
    _check_strangers(connection, findings)


def _check_told(
    connection: Connection, account: str, table: type[Base], name: str, told: Mapping[str, Row], findings: Findings
) -> None:
    """The rows of a table by their names, against what the events told of each last."""
    found = mappings(connection, of_account(table), account=account)
    stored, kind = {row[name]: row for row in found}, _NAMED[name]
    for each in sorted({*stored, *told}):
        subject, row, replayed = f"{kind} {each}", stored.get(each), told.get(each)
        if row is None or replayed is None:
            where = "journal, but not in the table" if row is None else "table, but not in the journal"
            findings.add("P4", subject, f"stands in the {where}")
            continue
        compare_row(findings, "P4", subject, row, replayed)


_NAMED = {"key_id": "api key", "approval_id": "approval", "alert_id": "alert"}


def _check_identity(connection: Connection, account: str, seen: RecordEvents, findings: Findings) -> None:
    subject = f"account {account}"
    row = _one(connection, AccountRow, account)
    if row is None:
        if seen.recorded is not None:
            findings.add("S15", subject, "stands in the journal, but has no row")
        return
    if seen.uid:
        findings.compare("S15", subject, "uid", row["uid"], seen.uid)
    if seen.recorded is not None:
        for column in RECORDED:
            findings.compare("S15", subject, column, row[column], getattr(seen.recorded, column))


def _check_lease(connection: Connection, account: str, seen: RecordEvents, findings: Findings) -> None:
    """A lease may be newer than the journal: whoever took it has not committed yet. Then nothing is known of it."""
    row = _one(connection, Lease, account)
    if row is None:
        if seen.session.owner:
            findings.add("S8", f"lease of {account}", f"is gone; {seen.session.owner} wrote last")
        return
    epoch = seen.session.epoch
    if epoch is None or row["epoch"] > epoch:
        return
    findings.compare("S8", f"lease of {account}", "epoch", row["epoch"], epoch)
    findings.compare("S8", f"lease of {account}", "owner", row["owner"], seen.session.owner)
    findings.compare("S8", f"lease of {account}", "seq", row["seq"], seen.last_seq)


def _check_watermarks(connection: Connection, account: str, seen: RecordEvents, findings: Findings) -> None:
    stored = {row["stream"]: row["at_ns"] for row in mappings(connection, of_account(Watermark), account=account)}
    known = {*seen.watermarks} if seen.recorded is None else {*stored, *seen.watermarks}
    for stream in sorted(known):
        findings.compare("P4", f"watermark {stream}", "at_ns", stored.get(stream), seen.watermarks.get(stream))


def _check_requests(connection: Connection, account: str, seen: RecordEvents, findings: Findings) -> None:
    stored = set[str]()
    for row in mappings(connection, _requests(), account=account):
        stored.add(row["key"])
        subject, kept = f"idempotency key {row['key']!r}", seen.requests.get(row["key"])
        if kept is None:
            if seen.recorded is not None and row["at_ns"] >= seen.recorded_ns:
                findings.add("S14", subject, "stands in the table, but not in the journal")
            if row["order_id"] is not None:
                # Kept before keys were journalled: its order is the witness, for they are of one turn.
                findings.compare("S14", subject, "at_ns", row["at_ns"], row["created_ns"])
            continue
        compare_row(findings, "S14", subject, row, kept)
    for key in sorted(seen.requests.keys() - stored):
        findings.add("S14", f"idempotency key {key!r}", "stands in the journal, but not in the table")


@functools.cache
def _requests() -> sa.Select[Any]:
    """Each with the time of its order."""
    request = IdempotentRequest.__table__
    same = sa.and_(Order.order_id == request.c.order_id, Order.account == request.c.account)
    own = sa.select(*request.c, Order.created_ns).outerjoin(Order, same)
    return own.where(*equal(IdempotentRequest, "account"))


def _check_strangers(connection: Connection, findings: Findings) -> None:
    """A row that was moved to an account that is none is seen by no account's audit."""
    if not connection.scalar(_any_stranger()):
        return
    for table, statement in _strangers():
        for row in mappings(connection, statement):
            key = "/".join(str(row[column.name]) for column in table.primary_key.columns)
            text = f"belongs to account {row['account']!r}, of which there is no journal"
            findings.add("P4", f"{table.name} {key}", text)


@functools.cache
def _any_stranger() -> sa.Select[Any]:
    """Whether there is one in any table: there hardly ever is, and to ask each takes a while."""
    return sa.select(sa.or_(*(statement.exists() for _, statement in _strangers())))


@functools.cache
def _strangers() -> list[tuple[sa.Table, sa.Select[Any]]]:
    """Of each table what finds such rows. A lease is had before the first event, and stays when that start is killed;
    it has counted none then."""
    known = sa.select(ExecutionEvent.account).where(ExecutionEvent.seq == 1)
    found: list[tuple[sa.Table, sa.Select[Any]]] = []
    for table in Base.metadata.sorted_tables:
        if "account" in table.c:
            statement = sa.select(*table.primary_key.columns, table.c.account).where(table.c.account.not_in(known))
            if table is Lease.__table__:
                statement = statement.where(Lease.seq > 0)
            found.append((table, statement.limit(STRANGERS_SHOWN)))
    return found


def _one(connection: Connection, table: type[Base], account: str) -> Row | None:
    found = mappings(connection, of_account(table), account=account)
    return found[0] if found else None
