"""Round trips and profit of assets out of the entries of their books (app.domain.holdings), over all pairs together.

One trip per book and asset, from when its trades made it something until less than one lot is left. Profit counts
as it is realised, in a trip or not: coins of before us that are sold, or given for a fee, realise too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.holdings import Entry, EntryKind
from app.domain.performance.exact import EXACT, exact_sums
from app.domain.performance.fills import LONG, SHORT, ZERO
from app.domain.performance.round_trips import Realisation, RoundTrip, RoundTrips, TalliesOf, Tally

_TRADED = (EntryKind.TRADE, EntryKind.SPENT)
_SMALLEST = Decimal("0.00000001")

AssetPlace = tuple[str, str]
"""(asset, book)."""
Key = tuple[str, str]
"""(trade id, order id) of a fill."""


@dataclass(slots=True)
class AssetTrip:
    """last_key: of the fill that moved it last."""

    direction: int
    opened_ns: int
    opening_key: Key
    entered_size: Decimal = ZERO
    entered_value: Decimal = ZERO
    exited_size: Decimal = ZERO
    exited_value: Decimal = ZERO
    gross_profit: Decimal = ZERO
    fees: Decimal = ZERO
    fill_count: int = 0
    last_key: Key | None = None

    def move(self, entry: Entry) -> None:
        value = ZERO if entry.value is None else entry.value
        if (entry.quantity > 0) == (self.direction > 0):
            self.entered_size += abs(entry.quantity)
            self.entered_value += value
        else:
            self.exited_size += abs(entry.quantity)
            self.exited_value += value
        self.gross_profit += entry.realised
        if entry.kind in _TRADED and _key(entry) != self.last_key:
            self.fill_count += 1
            self.last_key = _key(entry)

    def told(self, place: AssetPlace, open_size: Decimal, closed_ns: int | None) -> RoundTrip:
        return RoundTrip(
            instrument_id=place[0],
            position_side=LONG if self.direction > 0 else SHORT,
            direction=self.direction,
            strategy_id=place[1],
            opened_ns=self.opened_ns,
            closed_ns=closed_ns,
            entry_price=self.entered_value / self.entered_size,
            exit_price=self.exited_value / self.exited_size if self.exited_size else None,
            entered_size=self.entered_size,
            open_size=open_size,
            gross_profit=self.gross_profit,
            fees=self.fees,
            fill_count=self.fill_count,
            opening_key=self.opening_key,
            closing_key=None if closed_ns is None else self.last_key,
        )


@dataclass(slots=True)
class AssetHolding:
    """What one book holds of an asset: all that a fold which goes on later needs of the past."""

    quantity: Decimal = ZERO
    trip: AssetTrip | None = None


AssetPlaces = dict[AssetPlace, AssetHolding]


@dataclass(slots=True)
class _Fold:
    """closed, last: trips that closed, in order, and the last one of each place: the fee of what closed it follows."""

    lots: Mapping[str, Decimal]
    places: AssetPlaces
    tallies: TalliesOf
    start_ns: int
    closed: list[tuple[AssetPlace, AssetTrip, int]] = field(default_factory=list[tuple[AssetPlace, AssetTrip, int]])
    last: dict[AssetPlace, AssetTrip] = field(default_factory=dict[AssetPlace, AssetTrip])
    last_fill: tuple[str, Key] | None = None

    def of(self, at_ns: int, asset: str, book: str) -> Iterable[Tally]:
        return self.tallies(asset, book) if at_ns >= self.start_ns else ()

    def move(self, entry: Entry) -> None:
        """Where a trip begins or ends is a point of the curve, whether it realised something or not."""
        place = (entry.asset, entry.book)
        holding = self.places.get(place)
        if holding is None:
            holding = self.places[place] = AssetHolding()
        before = holding.trip
        holding.quantity += entry.quantity
        self._trip(place, holding, entry)
        if entry.realised or holding.trip is not before:
            for tally in self.of(entry.time_ns, *place):
                tally.realisations.append(Realisation(entry.time_ns, entry.realised))

    def _trip(self, place: AssetPlace, holding: AssetHolding, entry: Entry) -> None:
        held, lot = holding.quantity, self.lots.get(entry.asset, _SMALLEST)
        if holding.trip is None and entry.kind in _TRADED and abs(held) >= lot and held * entry.quantity > 0:
            holding.trip = AssetTrip(1 if entry.quantity > 0 else -1, entry.time_ns, _key(entry))
        trip = holding.trip
        if trip is None:
            return
        trip.move(entry)
        if abs(held) < lot or held * trip.direction < 0:
            holding.trip, self.last[place] = None, trip
            self.closed.append((place, trip, entry.time_ns))

    def count(self, entry: Entry) -> None:
        """A fill counts once, in however many books its quantity is."""
        fill = (entry.asset, _key(entry))
        for tally in self.of(entry.time_ns, entry.asset, entry.by):
            tally.trade(entry.value or ZERO)
            if fill != self.last_fill:
                tally.times.append(entry.time_ns)
        self.last_fill = fill

    def charge(self, entry: Entry) -> None:
        """A fee is one of the trip that its fill was of, also when it closed it."""
        place = (entry.cause.traded, entry.by)
        tallies = self.of(entry.time_ns, *place)
        if entry.value is None:
            for tally in tallies:
                tally.unvalued[entry.asset] = None
            return
        value = entry.value if entry.quantity < 0 else -entry.value
        trip = self.last.get(place)
        if trip is None or trip.last_key != _key(entry):
            holding = self.places.get(place)
            trip = None if holding is None else holding.trip
        if trip is not None:
            trip.fees += value
        for tally in tallies:
            tally.fees = EXACT.add(tally.fees, value)
            tally.realisations.append(Realisation(entry.time_ns, -value))


def fold_entries(
    entries: Iterable[Entry],
    lots: Mapping[str, Decimal],
    places: AssetPlaces,
    tallies: TalliesOf,
    *,
    start_ns: int = 0,
) -> None:
    """The fold behind asset_trips: what is held changes in `places`, what is done since start_ns is told to the tallies
    of an asset and a book."""
    fold = _Fold(lots, places, tallies, start_ns)
    for entry in entries:
        if entry.kind is not EntryKind.COST:
            fold.move(entry)
        if entry.kind is EntryKind.TRADE:
            fold.count(entry)
        if entry.cause.traded:
            fold.charge(entry)
    for place, trip, closed_ns in fold.closed:
        for tally in fold.of(closed_ns, *place):
            tally.closed.append(trip.told(place, ZERO, closed_ns))


def open_asset_trips(places: AssetPlaces) -> Iterable[RoundTrip]:
    """Trips that are still open, as they are told."""
    for place, holding in places.items():
        if holding.trip is not None:
            yield holding.trip.told(place, abs(holding.quantity), None)


def asset_trips(
    entries: Iterable[Entry],
    lots: Mapping[str, Decimal],
    *,
    start_ns: int | None = None,
    asset: str | None = None,
    book: str | None = None,
    places: AssetPlaces | None = None,
) -> RoundTrips:
    """What belongs to the time since start_ns, of one asset or book or of all.

    entries: in order of time, those of one moment in the order in which they were booked. lots: by asset; less is flat.
    places: what was held before them, where the fold goes on; it is changed. A trip belongs to the window in which it
    closed; a realisation, fee and volume to that of its fill. Amounts are those of the entries. Fees of what is no
    asset (contracts) are left out.
    """
    tally, held = Tally(), {} if places is None else places

    def tallies(name: str, owner: str) -> tuple[Tally, ...]:
        return (tally,) if asset in (None, name) and book in (None, owner) else ()

    fold_entries(entries, lots, held, tallies, start_ns=start_ns or 0)
    own = {place: one for place, one in held.items() if asset in (None, place[0]) and book in (None, place[1])}
    return RoundTrips(
        closed=tuple(tally.closed),
        open=tuple(sorted(open_asset_trips(own), key=lambda trip: trip.opened_ns)),
        unmatched=(),
        dust_profit=ZERO,
        realisations=tuple(tally.realisations),
        total_fees=tally.fees,
        total_volume=tally.volume,
        fill_times=tuple(tally.times),
        unvalued=tuple(tally.unvalued),
    )


def together(one: RoundTrips, other: RoundTrips) -> RoundTrips:
    """Both as one: what an account did with assets and with contracts."""
    return RoundTrips(
        closed=tuple(sorted((*one.closed, *other.closed), key=lambda trip: trip.closed_ns or 0)),
        open=tuple(sorted((*one.open, *other.open), key=lambda trip: trip.opened_ns)),
        unmatched=(*one.unmatched, *other.unmatched),
        dust_profit=EXACT.add(one.dust_profit, other.dust_profit),
        realisations=tuple(sorted((*one.realisations, *other.realisations), key=lambda change: change.time_ns)),
        total_fees=EXACT.add(one.total_fees, other.total_fees),
        total_volume=EXACT.add(one.total_volume, other.total_volume),
        fill_times=tuple(sorted((*one.fill_times, *other.fill_times))),
        positions=(*one.positions, *other.positions),
        unvalued=(*one.unvalued, *other.unvalued),
        volume_in=exact_sums((one.volume_in, other.volume_in)),
    )


def _key(entry: Entry) -> Key:
    return entry.cause.trade_id, entry.cause.order_id
