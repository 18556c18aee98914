"""The audit: the chain is whole, the journal folded again gives every table, and what it promises holds.

Reads one snapshot, changes nothing, and may run beside a live writer.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import Event
from app.domain.instruments import Instrument
from app.journal.chain import ChainReport, check_chain, verify_chain
from app.journal.findings import Finding, Findings
from app.journal.readable import check_readable
from app.journal.replay_account import AccountEvents, check_account
from app.journal.replay_holdings import HoldingEvents, check_holdings
from app.journal.replay_orders import Counts, check_orders
from app.journal.replay_records import RecordEvents, check_records
from app.journal.replay_stamps import check_stamps, stamps_wanted
from app.store.database import Database
from app.store.queries import snapshot

__all__ = ["AuditReport", "ChainReport", "Finding", "ReplayReport", "audit", "replay", "verify_chain"]

UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, msgspec.MsgspecError)
"""What a value raises that is not what its column says."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What was compared and what differed. unchecked: instruments that were not given, so that their positions, and
    all balances, could not be checked (a finding each). dropped: findings beyond the first thousand."""

    orders: int
    trades: int
    positions: int
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class AuditReport:
    """chain and replay, and all findings of both; empty findings mean a clean account."""

    account: str
    chain: ChainReport
    replay: ReplayReport
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        return not self.findings


def audit(database: Database, account: str, instruments: Mapping[str, Instrument]) -> AuditReport:
    """Everything: chain, replay and promises. instruments: by id, all that the account ever traded.

    Raises StoreError when the database cannot be read.
    """
    with snapshot(database) as connection:
        chain, replayed = _check(connection, account, instruments)
    findings = list(replayed.findings)
    if chain.first_broken is not None:
        findings.insert(0, Finding("P3", f"event {chain.first_broken}", chain.reason))
    return AuditReport(account, chain, replayed, tuple(findings))


def replay(database: Database, account: str, instruments: Mapping[str, Instrument]) -> ReplayReport:
    """Fold the journal again and compare with the tables, row by row. Raises StoreError."""
    with snapshot(database) as connection:
        return _check(connection, account, instruments)[1]


def _check(
    connection: Connection, account: str, instruments: Mapping[str, Instrument]
) -> tuple[ChainReport, ReplayReport]:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    findings, seen, records, held = Findings(), AccountEvents(), RecordEvents(), HoldingEvents()
    stamps = stamps_wanted(connection, account)

    def see(event: Event) -> None:
        try:
            seen.see(event)
            records.see(event)
            held.see(event)
            stamps.see(event)
        except UNREADABLE as error:
            findings.add("P4", f"event {event.seq}", f"its payload cannot be read: {error}")

    check_readable(connection, account, findings)
    chain = check_chain(connection, account, see)
    counts, positions, unchecked = Counts(), 0, tuple[str, ...]()
    with _going_on("orders, trades and fees", findings):
        counts = check_orders(connection, account, findings)
    with _going_on("positions, balances and parents", findings):
        positions, unchecked = check_account(connection, account, seen, instruments, findings)
    with _going_on("holdings", findings):
        check_holdings(connection, account, held, findings)
    with _going_on("account, lease, watermarks and requests", findings):
        check_records(connection, account, records, findings)
    with _going_on("times of writing and messages set aside", findings):
        check_stamps(connection, account, stamps, findings)
    for instrument_id in unchecked:
        findings.add("M1", f"positions of {instrument_id}", "could not be compared: the instrument is not known here")
    report = ReplayReport(counts.orders, counts.trades, positions, tuple(findings.found), unchecked, findings.dropped)
    return chain, report


@contextmanager
def _going_on(what: str, findings: Findings) -> Generator[None]:
    """A value that cannot be read ends one comparison, not the audit; check_readable has named its row."""
    try:
        yield
    except UNREADABLE as error:
        findings.add("P4", what, f"could not be compared to the end: {error or type(error).__name__}")
