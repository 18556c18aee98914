"""What books have realised, and what is unrealised of what they still hold: the profit of an account or of a strategy.

Contracts are folded from trades, assets from the entries of the books. Unrealised is counted by book too, so that
realised and unrealised together are what the equity changed by, however several strategies share one position.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from app.domain.holdings import Book, Entry, book_of
from app.domain.instruments import InstrumentKind
from app.domain.money import ONE, ZERO, plain
from app.domain.orders import TradeMode
from app.domain.performance import BookPosition, RoundTrips, asset_trips, round_trips, together
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.contract_values import Amount, ContractValues
from app.services.trading.reports.trip_fills import Rates, opening_fills, trip_fills, with_mode
from app.services.trading.reports.unrealised import Unrealised
from app.store import queries
from app.store.database import Database
from app.store.queries import BookHistory, Row, TradeFilter


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
    """unrealised: None where it is not known."""

    trips: RoundTrips
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

    def read(self, asked: Asked, present: Present) -> Profits:
        """Raises StoreError when the database fails."""
        # An older database that was never started since has trades alone.
        kept = self._ledger.assets.next_entry > 1
        with queries.book_history(self._database, self._ledger.account) as history:
            openings = tuple(opening_fills(history.openings, self._ledger.instruments.get))
            self._told = ContractValues(history.begun_ns)
            assets = self._assets(history, asked) if kept else None
        wanted = TradeFilter(instrument_id=asked.instrument_id, traded_to_ns=asked.end_ns)
        pages = queries.iter_trades(self._database, self._ledger.account, wanted)
        rows: Iterable[Row] = (with_mode(row, self._ledger.modes) for row in chain.from_iterable(pages))
        if kept:
            rows = filter(self._of_contract, rows)
        fills = trip_fills(rows, self._ledger.instruments.get, self._rates, self._currency, self._told)
        opened = (fill for fill in openings if asked.instrument_id in (None, fill.instrument_id))
        contracts = round_trips(fills, opened, start_ns=asked.start_ns, book=asked.book)
        self._note_unmatched(contracts)
        trips = contracts if assets is None else together(assets, contracts)
        return Profits(trips, self._unrealised(contracts.positions, asked, present))

    # --- what was realised ---

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

    def _of_contract(self, row: Row) -> bool:
        instrument = self._ledger.instruments.get(row["instrument_id"])
        if instrument is None:
            return row["trade_mode"] not in (None, TradeMode.CASH.value)
        return instrument.kind is not InstrumentKind.SPOT

    def _note_unmatched(self, trips: RoundTrips) -> None:
        sold: dict[str, Decimal] = {}
        for close in trips.unmatched:
            sold[close.instrument_id] = sold.get(close.instrument_id, ZERO) + close.size
        for instrument_id, size in sold.items():
            self._rates.note(f"{plain(size)} of {instrument_id} was sold out of earlier holdings: only its fees count")

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


def _in_currency(entry: Entry, rate: Decimal) -> Entry:
    value = None if entry.value is None else entry.value * rate
    return entry._replace(value=value, realised=entry.realised * rate)
