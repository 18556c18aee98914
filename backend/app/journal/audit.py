"""The audit: the chain is whole, the journal folded again gives every table, and the promises of INVARIANTS 7 hold.

Reads one snapshot, changes nothing, and may run beside a live writer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import Event
from app.domain.instruments import Instrument
from app.journal.chain import ChainReport, check_chain, verify_chain
from app.journal.findings import Finding, Findings
from app.journal.replay_account import AccountEvents, check_account
from app.journal.replay_orders import check_orders
from app.store.database import Database
from app.store.queries import snapshot

__all__ = ["AuditReport", "ChainReport", "Finding", "ReplayReport", "audit", "replay", "verify_chain"]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What was compared and what differed. unchecked: instruments that were not given, so that their positions, and
    all balances, could not be checked. dropped: findings beyond the first thousand."""

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
    findings, seen = Findings(), AccountEvents()

    def see(event: Event) -> None:
        try:
            seen.see(event)
        except (msgspec.MsgspecError, ValueError) as error:
            findings.add("P4", f"event {event.seq}", f"its payload cannot be read: {error}")

    chain = check_chain(connection, account, see)
    counts = check_orders(connection, account, findings)
    positions, unchecked = check_account(connection, account, seen, instruments, findings)
    report = ReplayReport(counts.orders, counts.trades, positions, tuple(findings.found), unchecked, findings.dropped)
    return chain, report
