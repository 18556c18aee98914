"""Are past trades what was put in brief of them? Each stretch is made again of its trades, and must be the same."""

from collections.abc import Iterator
from typing import Any

from app.clock import utc
from app.journal.findings import Finding, Findings
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.fold_making import FoldMaker, MadeFold
from app.services.trading.reports.folds import sound_folds
from app.store import queries
from app.store.database import Database
from app.store.queries import Row

Stored = tuple[list[Row], list[Row]]


def audit_folds(ledger: Ledger, database: Database, prices: Prices) -> tuple[Finding, ...]:
    """A finding (P4) for each stretch that is used and is not what its trades come to. May run beside a live writer.
    Raises StoreError."""
    maker, findings = FoldMaker(ledger, database, prices), Findings()
    for head in sound_folds(ledger, database, prices.currency):
        until_ns = head["until_ns"]
        stored = queries.fold_rows(database, ledger.account, until_ns)
        differs = sorted(_different(stored, maker.again(head["from_ns"], until_ns)))
        if differs and _still_used(ledger, database, prices, until_ns, stored):
            findings.add("P4", f"performance until {utc(until_ns):%Y-%m-%d %H:%M:%S}", _told(differs))
    return tuple(findings.found)


def _different(stored: Stored, made: MadeFold | None) -> Iterator[str]:
    """What is not as it is made again, by name."""
    if made is None:
        yield "all: it cannot be made of its trades"
        return
    folds, parts = stored
    if folds != [made.fold]:
        yield "what was held"
    again, there = {_series(part): part for part in made.parts}, {_series(part): part for part in parts}
    for name in again.keys() | there.keys():
        if again.get(name) != there.get(name):
            yield f"figures of {' '.join(name).strip() or 'everything'}"


def _series(part: Row | dict[str, Any]) -> tuple[str, str]:
    return part["instrument_id"], part["book"]


def _still_used(ledger: Ledger, database: Database, prices: Prices, until_ns: int, stored: Stored) -> bool:
    """A fill that was told late has put it out of use in the same commit."""
    used = any(head["until_ns"] == until_ns for head in sound_folds(ledger, database, prices.currency))
    return used and queries.fold_rows(database, ledger.account, until_ns) == stored


def _told(differs: list[str]) -> str:
    return f"not what its trades come to: {', '.join(differs[:5])}{' and more' if len(differs) > 5 else ''}"
