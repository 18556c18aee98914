"""Round trips and profit of assets out of the entries of their books (app.domain.holdings), over all pairs together.

One trip per book and asset, from when its trades made it something until less than one lot is left. Profit counts
as it is realised, in a trip or not: coins of before us that are sold, or given for a fee, realise too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.holdings import Entry, EntryKind
from app.domain.performance.exact import EXACT
from app.domain.performance.fills import LONG, SHORT, ZERO
from app.domain.performance.round_trips import Realisation, RoundTrip, RoundTrips

_TRADED = (EntryKind.TRADE, EntryKind.SPENT)
_SMALLEST = Decimal("0.00000001")

Place = tuple[str, str]
"""(asset, book)."""


@dataclass(slots=True)
class _Trip:
    asset: str
    book: str
    direction: int
    opened_ns: int
    opening_key: object
    entered_size: Decimal = ZERO
    entered_value: Decimal = ZERO
    exited_size: Decimal = ZERO
    exited_value: Decimal = ZERO
    gross_profit: Decimal = ZERO
    fees: Decimal = ZERO
    fill_count: int = 0
    closed_ns: int | None = None
    last_key: object = None

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

    def frozen(self, open_size: Decimal) -> RoundTrip:
        return RoundTrip(
            instrument_id=self.asset,
            position_side=LONG if self.direction > 0 else SHORT,
            direction=self.direction,
            strategy_id=self.book,
            opened_ns=self.opened_ns,
            closed_ns=self.closed_ns,
            entry_price=self.entered_value / self.entered_size,
            exit_price=self.exited_value / self.exited_size if self.exited_size else None,
            entered_size=self.entered_size,
            open_size=open_size,
            gross_profit=self.gross_profit,
            fees=self.fees,
            fill_count=self.fill_count,
            opening_key=self.opening_key,
            closing_key=self.last_key if self.closed_ns is not None else None,
        )


@dataclass(slots=True)
class _Fold:
    lots: Mapping[str, Decimal]
    held: dict[Place, Decimal] = field(default_factory=dict[Place, Decimal])
    trips: dict[Place, _Trip] = field(default_factory=dict[Place, _Trip])
    last: dict[Place, _Trip] = field(default_factory=dict[Place, _Trip])
    closed: list[_Trip] = field(default_factory=list[_Trip])

    def move(self, entry: Entry) -> None:
        place = (entry.asset, entry.book)
        held = self.held[place] = self.held.get(place, ZERO) + entry.quantity
        lot = self.lots.get(entry.asset, _SMALLEST)
        trip = self.trips.get(place)
        if trip is None and entry.kind in _TRADED and abs(held) >= lot and held * entry.quantity > 0:
            direction = 1 if entry.quantity > 0 else -1
            trip = self.trips[place] = _Trip(*place, direction, entry.time_ns, _key(entry))
        if trip is None:
            return
        trip.move(entry)
        if abs(held) < lot or held * trip.direction < 0:
            trip.closed_ns = entry.time_ns
            self.last[place] = trip
            self.closed.append(self.trips.pop(place))

    def charge(self, entry: Entry, value: Decimal) -> None:
        """A fee is one of the trip that its fill was of, also when it closed it or the fee came later."""
        place = (entry.cause.traded, entry.by)
        trip, last = self.trips.get(place), self.last.get(place)
        if last is not None and last.last_key == _key(entry):
            trip = last
        if trip is not None:
            trip.fees += value


def asset_trips(
    entries: Iterable[Entry],
    lots: Mapping[str, Decimal],
    *,
    start_ns: int | None = None,
    end_ns: int | None = None,
    asset: str | None = None,
    book: str | None = None,
) -> RoundTrips:
    """What belongs to [start_ns, end_ns), of one asset or book or of all, folded from the whole history before.

    entries: in the order in which they were booked. lots: by asset; less is flat. A trip belongs to the window in
    which it closed; a realisation, fee and volume to that of its fill. Amounts are those of the entries. Fees of what
    is no asset (contracts) are left out.
    """
    fold = _Fold(lots)
    earned: list[Realisation] = []
    fills: list[int] = []
    fees = volume = ZERO
    last_fill: object = None
    for entry in entries:
        if end_ns is not None and entry.time_ns >= end_ns:
            continue
        inside = start_ns is None or entry.time_ns >= start_ns
        if entry.kind is not EntryKind.COST and asset in (None, entry.asset) and book in (None, entry.book):
            fold.move(entry)
            if inside and entry.realised:
                earned.append(Realisation(entry.time_ns, entry.realised))
        if entry.kind is EntryKind.TRADE and inside and asset in (None, entry.asset) and book in (None, entry.by):
            volume = EXACT.add(volume, entry.value or ZERO)
            if (entry.asset, _key(entry)) != last_fill:
                fills.append(entry.time_ns)
            last_fill = (entry.asset, _key(entry))
        traded = entry.cause.traded
        if traded and asset in (None, traded) and book in (None, entry.by) and entry.value is not None:
            value = entry.value if entry.quantity < 0 else -entry.value
            fold.charge(entry, value)
            if inside:
                fees = EXACT.add(fees, value)
                earned.append(Realisation(entry.time_ns, -value))
    within = [trip for trip in fold.closed if start_ns is None or (trip.closed_ns or 0) >= start_ns]
    return RoundTrips(
        closed=tuple(trip.frozen(ZERO) for trip in sorted(within, key=_closing)),
        open=tuple(
            trip.frozen(abs(fold.held[place]))
            for place, trip in sorted(fold.trips.items(), key=lambda item: item[1].opened_ns)
        ),
        unmatched=(),
        dust_profit=ZERO,
        realisations=tuple(sorted(earned, key=lambda change: change.time_ns)),
        total_fees=fees,
        total_volume=volume,
        fill_times=tuple(sorted(fills)),
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
    )


def _key(entry: Entry) -> tuple[str, str]:
    return entry.cause.trade_id, entry.cause.order_id


def _closing(trip: _Trip) -> int:
    return trip.closed_ns or 0
