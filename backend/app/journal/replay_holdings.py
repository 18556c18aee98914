"""Holdings against the journal: every event that changed them tells the entries, which fold into the books again.

The entries' rows are compared in blocks, by their digests, so that memory does not grow with history.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
from sqlalchemy.engine import Connection

from app.domain.events import Event, EventKind
from app.domain.holding_entries import post
from app.domain.holdings import Entry, Holding
from app.domain.money import ZERO
from app.journal.findings import Findings
from app.models.holdings import HoldingBook
from app.models.trading import BalanceRow
from app.store import rows
from app.store.queries_base import Row, mappings, of_account
from app.store.queries_holdings import holding_entry_rows

BLOCK = 1_000
TOLD = '"holdings":['


class _Told(msgspec.Struct):
    holdings: tuple[Entry, ...] = ()


class _Begun(msgspec.Struct):
    currency: str


_read_told = msgspec.json.Decoder(_Told).decode
_read_begun = msgspec.json.Decoder(_Begun).decode
_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(slots=True)
class _Digests:
    """A digest for every BLOCK entries, and of what follows the last whole block."""

    blocks: list[str] = field(default_factory=list[str])
    count: int = 0
    _running: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, number: int, seq: int, entry: Entry) -> None:
        """Entry `number`, told by event `seq`."""
        # 0.10 and 0.1 are one amount, and the database may keep either.
        values = [value.normalize() if isinstance(value, Decimal) else value for value in entry]
        self._running.update(_encode((number, seq, values)))
        self.count += 1
        if self.count % BLOCK == 0:
            self.blocks.append(self._running.hexdigest())
            self._running = hashlib.sha256()

    def all(self) -> list[str]:
        return [*self.blocks, self._running.hexdigest()] if self.count % BLOCK else self.blocks


@dataclass(slots=True)
class HoldingEvents:
    """What the journal says of holdings; fed with every event in order."""

    held: dict[str, Holding] = field(default_factory=dict[str, Holding])
    digests: _Digests = field(default_factory=_Digests)
    currency: str | None = None

    def see(self, event: Event) -> None:
        """Take one event. Raises MsgspecError or ValueError when its payload cannot be read."""
        if event.kind == EventKind.HOLDINGS_BEGUN:
            self.currency = _read_begun(event.payload).currency
        if TOLD in event.payload:
            told = _read_told(event.payload).holdings
            post(self.held, told)
            for entry in told:
                self.digests.add(self.digests.count + 1, event.seq, entry)


def check_holdings(connection: Connection, account: str, seen: HoldingEvents, findings: Findings) -> None:
    """Compare books and entries with the journal, and what the books add up to with the balances."""
    _check_entries(holding_entry_rows(connection, account), seen, findings)
    stored = {
        (row["asset"], row["book"]): row for row in mappings(connection, of_account(HoldingBook), account=account)
    }
    replayed = {(asset, name): book for asset, held in seen.held.items() for name, book in held.books.items()}
    for key in sorted({*stored, *replayed}):
        subject, row, book = f"holding {'/'.join(key)}", stored.get(key), replayed.get(key)
        if row is None or book is None:
            where = "journal, but not in the table" if row is None else "table, but not in the journal"
            findings.add("M1", subject, f"stands in the {where}")
            continue
        for column, value in rows.BOOK.named(account, *key, book).items():
            findings.compare("M1", subject, column, row[column], value)
    if seen.currency is not None:
        _check_sums(connection, account, seen, seen.currency, findings)


def _check_entries(stored: Iterable[Row], seen: HoldingEvents, findings: Findings) -> None:
    digests = _Digests()
    for row in stored:
        digests.add(row["entry"], row["seq"], rows.entry_from_row(row))
    findings.compare("M1", "holding entries", "count", digests.count, seen.digests.count)
    for number, (found, told) in enumerate(zip(digests.all(), seen.digests.all(), strict=False)):
        if found != told:
            first, last = number * BLOCK + 1, (number + 1) * BLOCK
            findings.add("M1", f"holding entries {first} to {last}", "are not what the journal tells")


def _check_sums(connection: Connection, account: str, seen: HoldingEvents, currency: str, findings: Findings) -> None:
    totals = {row["currency"]: row["total"] for row in mappings(connection, of_account(BalanceRow), account=account)}
    for asset in sorted({*totals, *seen.held} - {currency}):
        held = seen.held[asset].quantity if asset in seen.held else ZERO
        findings.compare("M1", f"holding {asset}", "quantity", held, totals.get(asset, ZERO))
