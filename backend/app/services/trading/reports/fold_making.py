"""How a stretch of past trades is put in brief, once, so that it need not be read again (reports/folds.py reads it).

Only what is so whatever the prices of tomorrow are can be kept: what was done with assets, which stands in the books at
the worth of its time, and fills of contracts in the currency that the account is valued in, or with their worth in the
books too. Where something else comes, folding stops, and what follows is read trade by trade.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any

from app.domain.holdings import EntryKind
from app.domain.performance import TripFill
from app.domain.performance.asset_trips import fold_entries
from app.domain.performance.equity import DAY_NS
from app.domain.performance.round_trips import RoundTrip, Tally, fold_fills
from app.domain.performance.stretches import stretch_of
from app.journal.codec import encode
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.contract_values import ContractValues
from app.services.trading.reports.fold_basis import UNLISTED, Basis, BasisNow
from app.services.trading.reports.held import Held, Series, asset_series, read_held, series_of
from app.services.trading.reports.trip_fills import Rates, is_contract, opening_fills, trip_fills, with_mode
from app.store import queries
from app.store.database import Database
from app.store.queries import BookHistory, Row, TradeFilter

FOLD_FILLS = 2_000
"""A stretch ends with the day, or with the first fill of another moment after so many."""
FOLD_ENTRIES = 4
"""Or after so many times more entries of the books: a fill has three, or one for each book that it sells out of."""


@dataclass(frozen=True, slots=True)
class MadeFold:
    """A row of performance_folds, and its rows of performance_parts."""

    fold: dict[str, Any]
    parts: tuple[dict[str, Any], ...]


class NotFixed(Exception):
    """What a fill came to depends on prices of now."""


class FoldMaker:
    """Makes stretches one after the other; nothing is written. Blocking: for a thread."""

    def __init__(self, ledger: Ledger, database: Database, prices: Prices) -> None:
        self._ledger = ledger
        self._database = database
        self._currency = prices.currency
        self._routes = prices.routes
        self._instrument_of = ledger.instruments.get
        self._modes = dict(ledger.modes)

    def next(self, from_ns: int, ripe_ns: int) -> MadeFold | None:
        """The stretch that begins at from_ns, where the one before ends (0: the first), if all its trades are of before
        ripe_ns; None while there is none, and where folding stops. Raises StoreError."""
        until_ns = self._end(from_ns, ripe_ns)
        return None if until_ns is None else self.again(from_ns, until_ns)

    def again(self, from_ns: int, until_ns: int) -> MadeFold | None:
        """A stretch of what was traded and booked, as it is now, and what is said to have been held before; None where
        it cannot be made. Raises StoreError."""
        wanted = TradeFilter(traded_from_ns=from_ns or None, traded_to_ns=until_ns)
        pages = queries.iter_trades(self._database, self._ledger.account, wanted)
        trades = [with_mode(row, self._modes) for row in chain.from_iterable(pages)]
        with queries.book_history(self._database, self._ledger.account) as history:
            try:
                return self._folded(trades, history, from_ns, until_ns)
            except NotFixed:
                return None

    def _end(self, from_ns: int, ripe_ns: int) -> int | None:
        """Where a stretch ends that begins at from_ns; None while something may still come into it."""
        account, within = self._ledger.account, (from_ns, ripe_ns)
        with queries.snapshot(self._database) as connection:
            spans = (
                queries.trading_span(connection, account, *within, FOLD_FILLS),
                queries.booking_span(connection, account, *within, FOLD_ENTRIES * FOLD_FILLS),
            )
        begun = [first_ns for first_ns, _ in spans if first_ns is not None]
        if not begun:
            return None
        day_end = (min(begun) // DAY_NS + 1) * DAY_NS
        until_ns = min([day_end, *(full_ns for _, full_ns in spans if full_ns is not None)])
        return until_ns if until_ns <= ripe_ns else None

    def _folded(self, trades: Sequence[Row], history: BookHistory, from_ns: int, until_ns: int) -> MadeFold:
        """Raises NotFixed."""
        account, assets = self._ledger.account, self._ledger.assets
        now = BasisNow(self._ledger, self._currency, history)
        if now.kept and assets.currency != self._currency:
            raise NotFixed
        held = read_held(queries.held_at(history.connection, account, from_ns)) if from_ns else Held()
        entries = list(queries.entries_by_time(history.connection, account, from_ns, until_ns)) if now.kept else []
        told, tallies = ContractValues(history.begun_ns, gains=held.gains), _Tallies()
        fold_entries(told.heard(entries), assets.lots, held.assets, tallies.of_asset)
        rows = [row for row in trades if not now.kept or is_contract(row, self._instrument_of)]
        basis = now.of(
            {row["instrument_id"] for row in rows},
            {entry.asset for entry in entries if entry.kind is not EntryKind.COST},
        )
        before = () if from_ns else opening_fills(history.openings, self._instrument_of)
        fold_fills(self._fills(rows, basis, told), before, held.contracts, tallies.of)
        parts = tuple(
            {"account": account, "instrument_id": name, "book": book, "until_ns": until_ns, **figures}
            for (name, book), figures in _figures(tallies, held, from_ns, until_ns)
        )
        fold = {"account": account, "until_ns": until_ns, "from_ns": from_ns, "basis": encode(basis)}
        return MadeFold({**fold, "held": held.written()}, parts)

    def _fills(self, rows: Iterable[Row], basis: Basis, told: ContractValues) -> Iterable[TripFill]:
        listed = (row for row in rows if basis.instruments[row["instrument_id"]] != UNLISTED)
        return trip_fills(listed, self._instrument_of, _NoRates({}, self._routes), self._currency, told)


def _figures(tallies: "_Tallies", held: Held, from_ns: int, until_ns: int) -> Iterator[tuple[Series, dict[str, str]]]:
    still_open = defaultdict[Series, list[RoundTrip]](list)
    for name, book, trip in held.open_trips():
        for series in series_of(name, book):
            still_open[series].append(trip)
    for series in dict.fromkeys((*tallies.by_series, *still_open)):
        stretch, bends = stretch_of(tallies.by_series[series], still_open.get(series, ()), from_ns, until_ns)
        yield series, {"figures": encode(stretch), "bends": encode(bends)}


class _NoRates(Rates):
    """For what needs none."""

    def rate(self, currency: str, to: str) -> Decimal | None:
        if currency != to:
            raise NotFixed
        return Decimal(1)

    def note(self, text: str) -> None:
        raise NotFixed


@dataclass(slots=True)
class _Tallies:
    """By series."""

    by_series: defaultdict[Series, Tally] = field(default_factory=lambda: defaultdict(Tally))
    known: dict[Series, tuple[Tally, ...]] = field(default_factory=dict[Series, tuple[Tally, ...]])

    def of(self, instrument_id: str, book: str) -> tuple[Tally, ...]:
        found = self.known.get((instrument_id, book))
        if found is None:
            found = tuple(self.by_series[name] for name in series_of(instrument_id, book))
            self.known[instrument_id, book] = found
        return found

    def of_asset(self, asset: str, book: str) -> tuple[Tally, ...]:
        return self.of(asset_series(asset), book)
