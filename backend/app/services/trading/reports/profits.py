"""What books have realised, and what is unrealised of what they still hold: the profit of an account or of a strategy.

Contracts are folded from trades, assets from the entries of the books. Unrealised is counted by book too, so that
realised and unrealised together are what the equity changed by, however several strategies share one position.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.contract_values import Amount, ContractValues
from app.services.trading.reports.folds import Edge, FoldReader, Past
from app.services.trading.reports.held import asset_series
from app.services.trading.reports.joined import Joined
from app.services.trading.reports.trip_fills import (
    Rates,
    is_contract,
    left_out,
    opening_fills,
    trip_fills,
    with_mode,
)
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


@dataclass(slots=True)
class _Part:
    """An edge as it is read: what the books say of it, and what was done with assets."""

    edge: Edge
    told: ContractValues
    assets: RoundTrips = field(default_factory=lambda: asset_trips((), {}))


class ProfitReader:
    """Reads of committed rows, for one calculation. currency: that everything is counted in."""

    def __init__(self, ledger: Ledger, database: Database, currency: str, rates: Rates) -> None:
        self._ledger = ledger
        self._database = database
        self._currency = currency
        self._rates = rates
        self._told = ContractValues()
        self._books: Mapping[tuple[str, str], Book] = {}

    def read(self, asked: Asked, present: Present, *, every_fall: bool = False, in_full: bool = False) -> Profits:
        """every_fall: the samples hold all falls, not the deepest alone. in_full: trade by trade. Raises StoreError
        when the database fails, FoldsChanged (also where samples are asked for) when folds were made anew meanwhile."""
        # An older database that was never started since has trades alone.
        kept = self._ledger.assets.next_entry > 1
        with queries.book_history(self._database, self._ledger.account) as history:
            past = None if in_full else self._past(asked, history, kept=kept)
            edges = (Edge(),) if past is None else (past.right,) if past.left is None else (past.right, past.left)
            rate = self._cost_rate() if kept else None
            parts = [self._booked(asked, edge, history, rate) for edge in edges]
            openings = tuple(opening_fills(history.openings, self._ledger.instruments.get))
        self._told, self._books = parts[0].told, {} if rate is None else history.books
        self._note_past(parts, past)
        right, *left = [together(one.assets, self._contracts(asked, one, openings, kept=kept)) for one in parts]
        joined = Joined(right, past, left[0] if left else None, asked.start_ns or 0, asked.book, every_fall)
        for instrument_id, size in joined.unmatched().items():
            self._rates.note(f"{plain(size)} of {instrument_id} was sold out of earlier holdings: only its fees count")
        unrealised = self._unrealised(right.positions, asked, present)
        return Profits(joined.figures(self._volume_price), joined.samples, right.positions, unrealised)

    # --- what was realised ---

    def _past(self, asked: Asked, history: BookHistory, *, kept: bool) -> Past | None:
        asset = self._asset_of(asked.instrument_id) if kept else None
        name = (asked.instrument_id or "") if asset is None else asset_series(asset)
        folds = FoldReader(self._ledger, self._database, history, self._currency)
        return folds.past((name, asked.book or ""), asked.start_ns, asked.end_ns)

    def _booked(self, asked: Asked, edge: Edge, history: BookHistory, rate: Decimal | None) -> "_Part":
        """What was realised with assets in the stretch of an edge, at the prices of its time, and what the books say of
        the contracts in it; of a pair it is its asset, over all pairs. rate: of what costs are counted in; None: there
        are no books that could be valued."""
        assets = self._ledger.assets
        part = _Part(edge, ContractValues(history.begun_ns, gains=edge.held.gains))
        if rate is None:
            return part
        until_ns = asked.end_ns if edge.until_ns is None else edge.until_ns
        entries = queries.entries_by_time(history.connection, self._ledger.account, edge.from_ns or None, until_ns)
        heard = part.told.heard(entries if rate == ONE else (_in_currency(entry, rate) for entry in entries))
        asset = self._asset_of(asked.instrument_id)
        wanted = heard if asked.instrument_id is None or asset is not None else _none_of(heard)
        part.assets = asset_trips(
            wanted, assets.lots, start_ns=asked.start_ns, asset=asset, book=asked.book, places=edge.held.assets
        )
        return part

    def _volume_price(self, currency: str) -> Decimal | None:
        price = self._rates.rate(currency, self._currency)
        if price is None:
            self._rates.note(f"volume in {currency} not counted: no price of {currency} in {self._currency}")
        return price

    def _cost_rate(self) -> Decimal | None:
        """What one unit of what costs are counted in is worth."""
        costs = self._ledger.assets.currency
        rate = ONE if costs == self._currency else self._rates.rate(costs, self._currency)
        if rate is None:
            self._rates.note(f"assets left out: no price of {costs} in {self._currency}")
        return rate

    def _note_past(self, parts: Sequence["_Part"], past: Past | None) -> None:
        """Notes of what is in no figure, in the order of its time."""
        right, *left = [part.assets.unvalued for part in parts]
        for asset in chain(*left, *(() if past is None else (one.unvalued for one in past.stretches)), right):
            self._rates.note(f"fees in {asset} not counted: it had no price when they were paid")
        for instrument_id in () if past is None else past.unlisted:
            self._rates.note(left_out(instrument_id))

    def _contracts(self, asked: Asked, part: "_Part", openings: Sequence[TripFill], *, kept: bool) -> RoundTrips:
        """Trade by trade."""
        edge = part.edge
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
        fills = trip_fills(rows, instrument_of, self._rates, self._currency, part.told)
        own = () if edge.from_ns else (one for one in openings if asked.instrument_id in (None, one.instrument_id))
        return round_trips(fills, own, start_ns=asked.start_ns, book=asked.book, places=edge.held.contracts)

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


def _none_of(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Nothing, once all of them were heard."""
    return (entry for entry in entries if False)


def _in_currency(entry: Entry, rate: Decimal) -> Entry:
    value = None if entry.value is None else entry.value * rate
    return entry._replace(value=value, realised=entry.realised * rate)
