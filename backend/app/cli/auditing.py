"""The audit of a database with all that it checks: the journal against the tables, and past trades against what was put
in brief of them."""

from collections.abc import Mapping
from dataclasses import replace

from app.clock import SystemClock
from app.domain.instruments import Instrument
from app.domain.routes import DEFAULT_CURRENCY
from app.journal.audit import UNREADABLE, AuditReport, audit
from app.journal.findings import Finding
from app.market_data.feeds import MarketData
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.fold_audit import audit_folds
from app.store import queries
from app.store.database import Database


def audit_all(database: Database, account: str, instruments: Mapping[str, Instrument]) -> AuditReport:
    """instruments: by id, all that the account ever traded. Raises StoreError when the database cannot be read."""
    report = audit(database, account, instruments)
    try:
        found = _folds(database, account, instruments)
    except UNREADABLE as error:
        found = (Finding("P4", "performance", f"could not be compared: {error or type(error).__name__}"),)
    return replace(report, findings=(*report.findings, *found))


def _folds(database: Database, account: str, instruments: Mapping[str, Instrument]) -> tuple[Finding, ...]:
    clock, state = SystemClock(), queries.load_account(database, account)
    catalogue = Catalogue(clock, dict(instruments))
    currency = state.equity_days[0]["currency"] if state.equity_days else DEFAULT_CURRENCY
    ledger = Ledger(account, clock, catalogue)
    ledger.load(state)
    return audit_folds(ledger, database, Prices(catalogue, MarketData(clock), currency))
