"""How a stretch of past trades is put in brief, once, so that it need not be read again (reports/folds.py reads it).

Only what is so whatever the prices and settings of tomorrow are can be kept: contracts that pay in the currency that
the account is valued in, their fees in it too. Where something else comes, folding stops, and what follows is read
trade by trade. What it was made by besides trades and fees stands beside it as its basis.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.performance import TripFill
from app.domain.performance.equity import DAY_NS
from app.domain.performance.round_trips import RoundTrip, Tally, fold_fills, open_trip
from app.domain.performance.stretches import stretch_of
from app.domain.performance.trip_state import Holding, Place, Places
from app.domain.positions import PositionFold
from app.journal.codec import content_hash, encode
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.trip_fills import Rates, is_contract, opening_fills, trip_fills, with_mode
from app.store import queries
from app.store.database import Database
from app.store.queries import Row, TradeFilter

FOLD_FILLS = 2_000
"""A stretch ends with the day, or with the first fill of another moment after so many."""

Series = tuple[str, str]
"""(instrument id, book); "" is all of them."""


class Basis(msgspec.Struct, frozen=True):
    """What a stretch was made by. kept: whether books of assets were kept. openings, modes: their digests.
    instruments: those that it has fills of, and what of each counts."""

    currency: str
    costs: str
    kept: bool
    openings: str
    modes: str
    instruments: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class MadeFold:
    """A row of performance_folds, and its rows of performance_parts."""

    fold: dict[str, Any]
    parts: tuple[dict[str, Any], ...]


class NotFixed(Exception):
    """What a fill came to depends on prices or settings of now."""


def basis_of(ledger: Ledger, currency: str, openings: Iterable[PositionFold], instrument_ids: Iterable[str]) -> Basis:
    """What folds are made by now."""
    assets = ledger.assets
    held = [(one.position.key.label, one.position.size, one.position.cost) for one in openings]
    modes = sorted((instrument_id, side.value, mode.value) for (instrument_id, side), mode in ledger.modes.items())
    return Basis(
        currency,
        assets.currency,
        assets.next_entry > 1,
        content_hash(encode(held)),
        content_hash(encode(modes)),
        {name: _facts(ledger.instruments.get(name)) for name in sorted(instrument_ids)},
    )


def _facts(instrument: Instrument | None) -> tuple[str, ...]:
    if instrument is None:
        return ()
    facts = (instrument.kind.value, instrument.base, instrument.quote, instrument.settle, instrument.inverse)
    return tuple(map(str, (*facts, instrument.contract_value, instrument.lot)))


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
        rows, until_ns = self._rows(from_ns, ripe_ns)
        return self._made(rows, from_ns, until_ns) if rows else None

    def again(self, from_ns: int, until_ns: int) -> MadeFold | None:
        """A stretch that was made before, of the trades as they are now and what is said to have been held before; None
        where it cannot be made. Raises StoreError."""
        wanted = TradeFilter(traded_from_ns=from_ns or None, traded_to_ns=until_ns)
        pages = queries.iter_trades(self._database, self._ledger.account, wanted)
        return self._made(list(chain.from_iterable(pages)), from_ns, until_ns)

    def _made(self, rows: Sequence[Row], from_ns: int, until_ns: int) -> MadeFold | None:
        with queries.snapshot(self._database) as connection:
            held = queries.held_at(connection, self._ledger.account, from_ns) if from_ns else ""
        with queries.book_history(self._database, self._ledger.account) as history:
            openings = history.openings
        try:
            return self._folded(rows, read_places(held) if held else None, openings, from_ns, until_ns)
        except NotFixed:
            return None

    def _rows(self, from_ns: int, ripe_ns: int) -> tuple[list[Row], int]:
        """The trades of the stretch, and where it ends; none where that is not before ripe_ns."""
        wanted = TradeFilter(traded_from_ns=from_ns or None, traded_to_ns=ripe_ns)
        rows: list[Row] = []
        pages = queries.iter_trades(self._database, self._ledger.account, wanted, chunk=FOLD_FILLS + 1)
        for row in chain.from_iterable(pages):
            at_ns = row["traded_ns"]
            if rows and at_ns // DAY_NS != rows[0]["traded_ns"] // DAY_NS:
                return rows, _day_end(rows[0])
            if len(rows) >= FOLD_FILLS and at_ns != rows[-1]["traded_ns"]:
                return rows, at_ns
            rows.append(row)
        return (rows, _day_end(rows[0])) if rows and _day_end(rows[0]) <= ripe_ns else ([], 0)

    def _folded(
        self, rows: Sequence[Row], places: Places | None, openings: Sequence[PositionFold], from_ns: int, until_ns: int
    ) -> MadeFold:
        before = opening_fills(openings, self._instrument_of) if places is None else ()
        held = {} if places is None else places
        basis = basis_of(self._ledger, self._currency, openings, {row["instrument_id"] for row in rows})
        tallies = _Tallies()
        fold_fills(self._fills(rows, basis), before, held, tallies.of)
        still_open = _open_by_series(held)
        names = dict.fromkeys((*tallies.by_series, *still_open))
        account, parts = self._ledger.account, list[dict[str, Any]]()
        for name in names:
            tally = tallies.by_series[name]
            stretch, bends = stretch_of(tally, still_open.get(name, ()), from_ns, until_ns)
            key = {"account": account, "instrument_id": name[0], "book": name[1], "until_ns": until_ns}
            parts.append({**key, "figures": encode(stretch), "bends": encode(bends)})
        fold = {"account": account, "until_ns": until_ns, "from_ns": from_ns}
        return MadeFold({**fold, "basis": encode(basis), "held": write_places(held)}, tuple(parts))

    def _fills(self, rows: Iterable[Row], basis: Basis) -> Iterable[TripFill]:
        moded = (with_mode(row, self._modes) for row in rows)
        wanted = (row for row in moded if not basis.kept or is_contract(row, self._instrument_of))
        fixed = (self._fixed(row, basis) for row in wanted)
        return trip_fills(fixed, self._instrument_of, _NoRates({}, self._routes), self._currency)

    def _fixed(self, row: Row, basis: Basis) -> Row:
        """The row. Raises NotFixed where what it came to may be another tomorrow."""
        instrument = self._instrument_of(row["instrument_id"])
        if instrument is None or instrument.inverse or instrument.quote != basis.currency:
            raise NotFixed
        if basis.kept and basis.costs != basis.currency:
            raise NotFixed
        paid_in = {None, instrument.quote, *({instrument.base} if instrument.kind is InstrumentKind.SPOT else ())}
        if row["fee_currency"] not in paid_in:
            raise NotFixed
        return row


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


def series_of(instrument_id: str, book: str) -> tuple[Series, ...]:
    """All that it belongs to."""
    return ("", ""), (instrument_id, ""), ("", book), (instrument_id, book)


def _open_by_series(places: Places) -> dict[Series, list[RoundTrip]]:
    found: defaultdict[Series, list[RoundTrip]] = defaultdict(list)
    for place, books in places.items():
        for name, holding in books.items():
            if holding.trip is not None:
                for series in series_of(place[0], name):
                    found[series].append(open_trip(place, holding, holding.trip))
    return found


def _day_end(row: Row) -> int:
    return (row["traded_ns"] // DAY_NS + 1) * DAY_NS


_read_places = msgspec.json.Decoder(list[tuple[Place, list[tuple[str, Holding]]]]).decode


def write_places(places: Places) -> str:
    return encode([(place, list(books.items())) for place, books in places.items()])


def read_places(text: str) -> Places:
    """As write_places wrote them."""
    found = {place: dict(books) for place, books in _read_places(text)}
    for books in found.values():
        for holding in books.values():
            if holding.trip is not None and isinstance(key := holding.trip.opening_key, list):
                holding.trip.opening_key = tuple(key)
    return found
