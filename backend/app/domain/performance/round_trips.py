"""Round trips: fills folded into trades, flat to flat, by average cost, fees included.

One fold per position and book. A partial close realises against the book's own average cost; a fill that passes through
zero closes one trip and opens the next, its fee shared by size. What was never closed is reported apart.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from app.domain.performance.exact import EXACT
from app.domain.performance.fills import LONG, SHORT, ZERO, TripFill, earned_rate, notional
from app.domain.performance.trip_state import Holding, OpenTrip, Place, Places
from app.domain.position_books import closed_of_others

# Average cost divides; 40 digits keep the sum of all trips equal to the cash to far below any tick.
_CONTEXT = Context(prec=40)


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A trade from flat to flat (closed_ns set) or one still open (closed_ns and closing_key None).

    direction is +1 long, -1 short; entry_price and exit_price are averages (harmonic for inverse contracts), the
    latter None before the first reduction; entered_size and open_size are positive, in base units or contracts.
    gross_profit is what has been realised, before fees; fees are positive when paid; both in the money that is counted
    in (TripFill.rate). strategy_id is the opening fill's.
    """

    instrument_id: str
    position_side: str
    direction: int
    strategy_id: str | None
    opened_ns: int
    closed_ns: int | None
    entry_price: Decimal
    exit_price: Decimal | None
    entered_size: Decimal
    open_size: Decimal
    gross_profit: Decimal
    fees: Decimal
    fill_count: int
    opening_key: object
    closing_key: object | None

    @property
    def net_profit(self) -> Decimal:
        """Realised profit after fees; negative is a loss."""
        return self.gross_profit - self.fees


class UnmatchedClose(NamedTuple):
    """A reduction of a "long" or "short" side that held less: its opening lies outside the fills given."""

    instrument_id: str
    position_side: str
    side: int
    price: Decimal
    size: Decimal
    fee_quote: Decimal
    time_ns: int
    trade_key: object


class Realisation(NamedTuple):
    """What one fill changed in a book's realised equity: profit realised less its fee."""

    time_ns: int
    amount: Decimal


class BookPosition(NamedTuple):
    """What one book has of a position, and has had of it. size: signed. cost: what it was entered for, signed like it,
    in what the position earns in (quote; base coin for inverse). gained, gained_value: realised before fees, in that
    and in the money that is counted in; of inverse contracts what was realised at a known price of the coin."""

    instrument_id: str
    position_side: str
    trade_mode: str
    book: str
    inverse: bool
    multiplier: Decimal
    size: Decimal
    cost: Decimal
    gained: Decimal
    gained_value: Decimal

    def unrealised(self, mark: Decimal) -> Decimal:
        """Profit of the open size at a price, in what the position earns in."""
        value = self.size * self.multiplier
        return self.cost - value / mark if self.inverse else value * mark - self.cost


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """closed in order of closing; open in order of opening; realisations in order of time; fill_times: when the fills
    were; positions: what each book has of contracts and pairs; unvalued: what fees that nobody could value were
    paid in; volume_in: what was traded besides total_volume, in the currencies of TripFill.volume_in.

    dust_profit is what was earned when no trip was open: by remainders below one lot and by what was there before the
    first fill, less the fees of what was closed out of other books. The sum of all realisations = net profit of closed
    and open trips + dust_profit - fees of the unmatched closes.
    """

    closed: tuple[RoundTrip, ...]
    open: tuple[RoundTrip, ...]
    unmatched: tuple[UnmatchedClose, ...]
    dust_profit: Decimal
    realisations: tuple[Realisation, ...]
    total_fees: Decimal
    total_volume: Decimal
    fill_times: tuple[int, ...] = ()
    positions: tuple[BookPosition, ...] = ()
    unvalued: tuple[str, ...] = ()
    volume_in: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])


@dataclass(slots=True)
class Tally:
    """What one series of a history (all of it, or one instrument or book) did, as it is told fill by fill."""

    closed: list[RoundTrip] = field(default_factory=list[RoundTrip])
    unmatched: list[UnmatchedClose] = field(default_factory=list[UnmatchedClose])
    realisations: list[Realisation] = field(default_factory=list[Realisation])
    times: list[int] = field(default_factory=list[int])
    unvalued: dict[str, None] = field(default_factory=dict[str, None])
    dust_profit: Decimal = ZERO
    fees: Decimal = ZERO
    volume: Decimal = ZERO
    volume_in: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    def trade(self, value: Decimal, currency: str = "") -> None:
        """So much was traded, in the money that is counted in or in a currency without a price of that time."""
        if currency:
            self.volume_in[currency] = EXACT.add(self.volume_in.get(currency, ZERO), value)
        else:
            self.volume = EXACT.add(self.volume, value)


TalliesOf = Callable[[str, str], Iterable[Tally]]
"""Those that what a book (second) does with an instrument, or an asset, belongs to."""


@dataclass(slots=True)
class _Fold:
    """start_ns: what is counted begins there; None counts all."""

    start_ns: int | None
    tallies: TalliesOf
    places: Places

    def of(self, fill: TripFill, book: str) -> Iterable[Tally]:
        if self.start_ns is not None and fill.time_ns < self.start_ns:
            return ()
        return self.tallies(fill.instrument_id, book)

    def count(self, fill: TripFill) -> None:
        value = notional(fill)
        for tally in self.of(fill, fill.book):
            tally.times.append(fill.time_ns)
            tally.fees = EXACT.add(tally.fees, fill.fee_quote)
            tally.trade(value, fill.volume_in)

    def realise(self, fill: TripFill, book: str, amount: Decimal) -> None:
        for tally in self.of(fill, book):
            tally.realisations.append(Realisation(fill.time_ns, amount))

    def beside(self, fill: TripFill, book: str, amount: Decimal) -> None:
        """Earned when no trip was open."""
        for tally in self.tallies(fill.instrument_id, book):
            tally.dust_profit = EXACT.add(tally.dust_profit, amount)


def round_trips(
    fills: Iterable[TripFill],
    openings: Iterable[TripFill] = (),
    *,
    start_ns: int | None = None,
    book: str | None = None,
    places: Places | None = None,
) -> RoundTrips:
    """Fold fills, in any order (sorted here by time; equal times keep the order given), into round trips.

    openings: what was held before the first fill, as if bought or sold then; no trade, and in no trip.
    start_ns: a window begins there, and what belongs to it is told: the trips that closed in it, with their whole
    profit, wherever they were opened, and the realisations, fees, volume and unmatched closes of its fills. book: only
    what is this one's. Open trips and positions are those after the last fill, always.
    Inverse contracts realise in coin, valued at the closing fill. Each book of a position has trips of its own; what a
    fill closes beyond its own book on a hedged side, or when no strategy did it, is closed of the others: of what is
    nobody's first, then in proportion.
    places: what was held after the fills of before, where the fold goes on; it is changed.
    Raises ValueError when a trade_key comes twice for an instrument, or an instrument is both inverse and not.
    """
    tally = Tally()
    held = {} if places is None else places
    fold_fills(fills, openings, held, lambda _, name: (tally,) if book in (None, name) else (), start_ns=start_ns)
    own = [(place, one) for place, books in held.items() for name, one in books.items() if book in (None, name)]
    still_open = [open_trip(place, one, one.trip) for place, one in own if one.trip]
    still_open.sort(key=lambda trip: trip.opened_ns)
    return RoundTrips(
        closed=tuple(tally.closed),
        open=tuple(still_open),
        unmatched=tuple(tally.unmatched),
        dust_profit=tally.dust_profit,
        realisations=tuple(tally.realisations),
        total_fees=tally.fees,
        total_volume=tally.volume,
        volume_in=tally.volume_in,
        fill_times=tuple(tally.times),
        positions=tuple(
            _position(place, name, one)
            for place, books in held.items()
            for name, one in books.items()
            if book in (None, name)
        ),
    )


def fold_fills(
    fills: Iterable[TripFill],
    openings: Iterable[TripFill],
    places: Places,
    tallies: TalliesOf,
    *,
    start_ns: int | None = None,
) -> None:
    """The fold behind round_trips: what is held changes in `places`, what is done is told to the tallies. Raises as
    round_trips."""
    fold = _Fold(start_ns, tallies, places)
    seen: set[tuple[str, object]] = set()
    with localcontext(_CONTEXT):
        for fill in openings:
            _enter(_holding_of(_place_of(fold, fill), fill), fill, fill.size, ZERO, starts_trip=False)
        for fill in sorted(fills, key=_time_of):
            identity = (fill.instrument_id, fill.trade_key)
            if identity in seen:
                raise ValueError(f"trade_key {fill.trade_key} of {fill.instrument_id}: must be unique, came twice")
            seen.add(identity)
            _apply(fold, fill)
            fold.count(fill)


def _time_of(fill: TripFill) -> int:
    return fill.time_ns


def _place_of(fold: _Fold, fill: TripFill) -> dict[str, Holding]:
    return fold.places.setdefault((fill.instrument_id, fill.position_side, fill.trade_mode), {})


def _holding_of(books: dict[str, Holding], fill: TripFill) -> Holding:
    holding = books.get(fill.book)
    if holding is None:
        holding = books[fill.book] = Holding(inverse=fill.inverse, multiplier=fill.multiplier)
    if any(one.inverse != fill.inverse for one in books.values()):
        raise ValueError(f"TripFill.inverse {fill.inverse} of {fill.instrument_id}: must be the same for all its fills")
    return holding


def open_trip(place: Place, holding: Holding, trip: OpenTrip) -> RoundTrip:
    """A trip that is still open, as it is told."""
    with localcontext(_CONTEXT):
        return _frozen(trip, place[0], place[1], abs(holding.size), None)


def _frozen(
    trip: OpenTrip, instrument_id: str, position_side: str, open_size: Decimal, closing: TripFill | None
) -> RoundTrip:
    return RoundTrip(
        instrument_id=instrument_id,
        position_side=position_side,
        direction=trip.direction,
        strategy_id=trip.strategy_id,
        opened_ns=trip.opened_ns,
        closed_ns=closing.time_ns if closing else None,
        entry_price=trip.entered_quote / trip.entered_base,
        exit_price=trip.exited_quote / trip.exited_base if trip.exited_base else None,
        entered_size=trip.entered_size,
        open_size=open_size,
        gross_profit=trip.gross_profit,
        fees=trip.fees,
        fill_count=trip.fill_count,
        opening_key=trip.opening_key,
        closing_key=closing.trade_key if closing else None,
    )


def _position(place: Place, book: str, holding: Holding) -> BookPosition:
    cost = holding.cost_base if holding.inverse else holding.cost_quote
    return BookPosition(
        *place,
        book,
        holding.inverse,
        holding.multiplier,
        holding.size,
        cost if holding.size > 0 else -cost,
        holding.gained,
        holding.gained_value,
    )


def _apply(fold: _Fold, fill: TripFill) -> None:
    """Split the fill into what closes of its own book and of others and what opens, and apply each part."""
    books = _place_of(fold, fill)
    holding = _holding_of(books, fill)
    change = fill.side * fill.size - fill.fee_base
    size = abs(change)
    closing = min(size, abs(holding.size)) if (holding.size > 0) != (change > 0) else ZERO
    may_open = fill.position_side != (SHORT if fill.side > 0 else LONG)
    given: Mapping[str, Decimal] = {}
    if closing < size and (fill.nobodys or not may_open):
        sizes = {name: one.size for name, one in books.items()}
        by_strategy, only_reduces = not fill.nobodys, not may_open
        given = closed_of_others(sizes, fill.book, change, fill.lot, only_reduces=only_reduces, by_strategy=by_strategy)
    closed = closing + sum(given.values(), ZERO)
    opening = size - closed
    becomes_dust = may_open and 0 < opening < fill.lot and closed > 0

    closing_fee = fill.fee_quote
    if not closed:
        closing_fee = ZERO
    elif opening and not becomes_dust:
        closing_fee = fill.fee_quote * closed / size
    own_fee = closing_fee * closing / closed if given else closing_fee

    gross = _close(fold, holding, fill, fill.book, closing, own_fee) if closing else ZERO
    fold.realise(fill, fill.book, gross - fill.fee_quote)
    for name, part in given.items():
        fold.realise(fill, name, _close(fold, books[name], fill, name, part, ZERO))
    if given:
        fold.beside(fill, fill.book, own_fee - closing_fee)
    if opening and may_open:
        _enter(holding, fill, opening, fill.fee_quote - closing_fee, starts_trip=not becomes_dust)
    elif opening:
        beyond = _unmatched(fill, opening, fill.fee_quote - closing_fee)
        for tally in fold.of(fill, fill.book):
            tally.unmatched.append(beyond)


def _values(fill: TripFill, size: Decimal) -> tuple[Decimal, Decimal]:
    """Quote and base value of that size at the fill's price."""
    value = size * fill.multiplier
    return (value, value / fill.price) if fill.inverse else (value * fill.price, value)


def _close(fold: _Fold, holding: Holding, fill: TripFill, book: str, size: Decimal, fee: Decimal) -> Decimal:
    """Close that much of a book at the fill's price; the profit, in the money that is counted in."""
    direction = 1 if holding.size > 0 else -1
    held = abs(holding.size)
    cost_quote, cost_base = holding.cost_quote, holding.cost_base
    if size != held:
        cost_quote, cost_base = cost_quote * size / held, cost_base * size / held
    holding.size -= direction * size
    holding.cost_quote -= cost_quote
    holding.cost_base -= cost_base

    quote, base = _values(fill, size)
    gained = direction * (cost_base - base if fill.inverse else quote - cost_quote)
    gross = gained * earned_rate(fill)
    if not fill.inverse or fill.coin:
        holding.gained += gained
        holding.gained_value += gross
    trip = holding.trip
    if trip is None:
        fold.beside(fill, book, gross - fee)
        return gross
    trip.exited_quote += quote
    trip.exited_base += base
    trip.gross_profit += gross
    trip.fees += fee
    trip.fill_count += 1
    if not holding.size or abs(holding.size) < fill.lot:
        closed = _frozen(trip, fill.instrument_id, fill.position_side, abs(holding.size), fill)
        for tally in fold.of(fill, book):
            tally.closed.append(closed)
        holding.trip = None
    return gross


def _enter(holding: Holding, fill: TripFill, size: Decimal, fee: Decimal, *, starts_trip: bool) -> None:
    quote, base = _values(fill, size)
    trip = holding.trip
    if trip is None and starts_trip:
        # Dust of the same direction joins at its own cost, so that the entry price agrees with the profit.
        trip = holding.trip = OpenTrip(
            strategy_id=fill.strategy_id,
            opened_ns=fill.time_ns,
            opening_key=fill.trade_key,
            direction=fill.side,
            entered_size=abs(holding.size),
            entered_quote=holding.cost_quote,
            entered_base=holding.cost_base,
        )
    if trip is not None:
        trip.entered_size += size
        trip.entered_quote += quote
        trip.entered_base += base
        trip.fees += fee
        trip.fill_count += 1
    holding.size += fill.side * size
    holding.cost_quote += quote
    holding.cost_base += base


def _unmatched(fill: TripFill, size: Decimal, fee: Decimal) -> UnmatchedClose:
    return UnmatchedClose(
        instrument_id=fill.instrument_id,
        position_side=fill.position_side,
        side=fill.side,
        price=fill.price,
        size=size,
        fee_quote=fee,
        time_ns=fill.time_ns,
        trade_key=fill.trade_key,
    )
