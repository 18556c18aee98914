"""What books have realised, and what is unrealised of what they still hold: the profit of an account or of a strategy.

Contracts are folded from trades, assets from the entries of the books. Unrealised is counted by book too, so that
realised and unrealised together are what the equity changed by, however several strategies share one position.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from app.domain.holdings import Book, Entry, book_of
from app.domain.instruments import InstrumentKind
from app.domain.money import ONE, plain
from app.domain.performance import (
    BookPosition,
    EquitySample,
    RoundTrips,
    TripFigures,
    TripFill,
    asset_trips,
    round_trips,
    together,
)
from app.domain.positions import PositionFold
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.contract_values import Amount, ContractValues
from app.services.trading.reports.folds import Edge, FoldReader, Past
from app.services.trading.reports.joined import Joined
from app.services.trading.reports.trip_fills import Rates, is_contract, opening_fills, trip_fills, with_mode
from app.services.trading.reports.unrealised import Unrealised
from app.store import queries
from app.store.database import Database
from app.store.queries import BookHistory, Row, TradeFilter

SamplesOf = Callable[[Decimal], Sequence[EquitySample]]


@dataclass(frozen=True, slots=True)
class Present:
    """What a calculation needs of this moment: the time, prices (quote per base, by instrument id), equity as it is
    compared with earlier ones, in the valuation currency (None: not known), what has no price, and the prices by
    currency that the equity was counted at."""

    now_ns: int
    marks: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    equity: Decimal | None = None
    unvalued: tuple[str, ...] = ()
    prices: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the past: from start_ns to before end_ns, of one instrument, of one strategy; None is all."""

    start_ns: int | None = None
    end_ns: int | None = None
    instrument_id: str | None = None
    strategy_id: str | None = None

    @property
    def book(self) -> str | None:
        return None if self.strategy_id is None else book_of(self.strategy_id)


@dataclass(frozen=True, slots=True)
class Profits:
    """samples: of the equity that was realised, on top of what it started with; all of it that decides. positions: what
    each book has of contracts. unrealised: None where it is not known."""

    figures: TripFigures
    samples: SamplesOf
    positions: tuple[BookPosition, ...]
    unrealised: Decimal | None


class ProfitReader:
    """Reads of committed rows, for one calculation. currency: that everything is counted in."""

    def __init__(self, ledger: Ledger, database: Database, currency: str, rates: Rates) -> None:
        self._ledger = ledger
        self._database = database
        self._currency = currency
        self._rates = rates
        self._told = ContractValues()
        self._books: Mapping[tuple[str, str], Book] = {}

    def read(self, asked: Asked, present: Present, *, every_sample: bool = False) -> Profits:
        """every_sample: also of what folds have in brief. Raises StoreError when the database fails, FoldsChanged (also
        where samples are asked for) when folds were made anew meanwhile."""
        # An older database that was never started since has trades alone.
        kept = self._ledger.assets.next_entry > 1
        with queries.book_history(self._database, self._ledger.account) as history:
            held_before = history.openings
            self._told = ContractValues(history.begun_ns)
            assets = self._assets(history, asked) if kept else None
        # What was done with assets is not folded yet, and one curve has both.
        past = None if every_sample or (assets is not None and _did(assets)) else self._past(asked, held_before)
        openings = tuple(opening_fills(held_before, self._ledger.instruments.get))
        contracts = self._joined(asked, past, openings, kept=kept)
        for instrument_id, size in contracts.unmatched().items():
            self._rates.note(f"{plain(size)} of {instrument_id} was sold out of earlier holdings: only its fees count")
        if past is None and assets is not None:
            contracts = Joined(together(assets, contracts.right))
        positions = contracts.right.positions
        unrealised = self._unrealised(positions, asked, present)
        return Profits(contracts.figures(), contracts.samples, positions, unrealised)

    # --- what was realised ---

    def _past(self, asked: Asked, openings: Sequence[PositionFold]) -> Past | None:
        with queries.snapshot(self._database) as connection:
            folds = FoldReader(self._ledger, self._database, connection, self._currency, openings)
            return folds.past((asked.instrument_id or "", asked.book or ""), asked.start_ns, asked.end_ns)

    def _joined(self, asked: Asked, past: Past | None, openings: Sequence[TripFill], *, kept: bool) -> Joined:
        if past is None:
            return Joined(self._read(asked, Edge(0, None, {}), openings, kept=kept))
        left = None if past.left is None else self._read(asked, past.left, openings, kept=kept)
        right = self._read(asked, past.right, openings, kept=kept)
        return Joined(right, past, left, asked.start_ns or 0, asked.book)

    def _read(self, asked: Asked, edge: Edge, openings: Sequence[TripFill], *, kept: bool) -> RoundTrips:
        """Trade by trade."""
        wanted = TradeFilter(
            instrument_id=asked.instrument_id,
            traded_from_ns=edge.from_ns or None,
            traded_to_ns=asked.end_ns if edge.until_ns is None else edge.until_ns,
        )
        pages = queries.iter_trades(self._database, self._ledger.account, wanted)
        rows: Iterable[Row] = (with_mode(row, self._ledger.modes) for row in chain.from_iterable(pages))
        instrument_of = self._ledger.instruments.get
        if kept:
            rows = (row for row in rows if is_contract(row, instrument_of))
        fills = trip_fills(rows, instrument_of, self._rates, self._currency, self._told)
        own = () if edge.from_ns else (one for one in openings if asked.instrument_id in (None, one.instrument_id))
        return round_trips(fills, own, start_ns=asked.start_ns, book=asked.book, places=edge.places)

    def _assets(self, history: BookHistory, asked: Asked) -> RoundTrips:
        """What was realised with assets, at the prices of its time; of a pair that is its asset, over all pairs. Keeps
        what the books say beside it."""
        assets = self._ledger.assets
        rate = ONE if assets.currency == self._currency else self._rates.rate(assets.currency, self._currency)
        if rate is None:
            self._rates.note(f"assets left out: no price of {assets.currency} in {self._currency}")
            return asset_trips((), assets.lots)
        self._books = history.books
        entries: Iterable[Entry] = history.entries
        if rate != ONE:
            entries = (_in_currency(entry, rate) for entry in entries)
        heard = self._told.heard(entries)
        asset = self._asset_of(asked.instrument_id)
        if asked.instrument_id is not None and asset is None:
            for _ in heard:
                pass
            return asset_trips((), assets.lots)
        return asset_trips(
            self._noted(heard, asked, asset),
            assets.lots,
            start_ns=asked.start_ns,
            end_ns=asked.end_ns,
            asset=asset,
            book=asked.book,
        )

    def _noted(self, entries: Iterable[Entry], asked: Asked, asset: str | None) -> Iterator[Entry]:
        """The entries, and a note of fees that nobody could value: they are in no figure."""
        start_ns, end_ns = asked.start_ns or 0, asked.end_ns
        for entry in entries:
            traded, inside = (
                entry.cause.traded,
                start_ns <= entry.time_ns and (end_ns is None or entry.time_ns < end_ns),
            )
            if entry.value is None and traded and inside and _within((asset, asked.book), (traded, entry.by)):
                self._rates.note(f"fees in {entry.asset} not counted: it had no price when they were paid")
            yield entry

    def _asset_of(self, instrument_id: str | None) -> str | None:
        if instrument_id is None:
            return None
        instrument = self._ledger.instruments.get(instrument_id)
        if instrument is not None:
            return instrument.base if instrument.kind is InstrumentKind.SPOT else None
        held = self._ledger.assets.held.items()
        traded = (a for a, h in held if any(book.instrument_id == instrument_id for book in h.books.values()))
        return next(traded, None)

    # --- what is unrealised ---

    def _unrealised(self, positions: tuple[BookPosition, ...], asked: Asked, present: Present) -> Decimal | None:
        if asked.end_ns is not None and asked.end_ns <= present.now_ns:
            self._rates.note("unrealized_pnl is not known: the window ends in the past")
            return None

        def price_of(currency: str) -> Decimal | None:
            known = present.prices.get(currency)
            return self._rates.present(currency, self._currency) if known is None else known

        instrument_of, costs = self._ledger.instruments.get, self._ledger.assets.currency
        found = Unrealised(price_of, present.marks, self._rates)
        found.add_contracts(positions, instrument_of)
        rate = price_of(costs)
        if self._told.begun_ns is not None and rate is not None:
            found.add_lots(self._lots(asked), rate)
            found.add_claims(positions, self._gains(asked), instrument_of, self._currency)
            if costs != self._currency:
                self._rates.note(f"{costs} is not in unrealized_pnl: costs are counted in it")
        return found.total

    def _lots(self, asked: Asked) -> dict[tuple[str, str], Book]:
        if asked.instrument_id is not None and self._asset_of(asked.instrument_id) is None:
            return {}
        wanted = (self._asset_of(asked.instrument_id), asked.book)
        return {place: book for place, book in self._books.items() if _within(wanted, place)}

    def _gains(self, asked: Asked) -> list[Amount]:
        wanted = (asked.instrument_id, asked.book)
        return [amount for place, amount in self._told.gains.items() if _within(wanted, place)]


def _within(wanted: tuple[str | None, str | None], place: tuple[str, str]) -> bool:
    return wanted[0] in (None, place[0]) and wanted[1] in (None, place[1])


def _did(trips: RoundTrips) -> bool:
    return bool(trips.closed or trips.open or trips.realisations or trips.fill_times)


def _in_currency(entry: Entry, rate: Decimal) -> Entry:
    value = None if entry.value is None else entry.value * rate
    return entry._replace(value=value, realised=entry.realised * rate)
