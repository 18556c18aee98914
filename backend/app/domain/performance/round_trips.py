"""Round trips: fills folded into trades, flat to flat, by average cost, fees included.

One fold per instrument, position side and book. A partial close realises against the average cost; a fill that passes
through zero closes one trip and opens the next, its fee shared by size. What was never closed is reported apart.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from app.domain.performance.fills import LONG, SHORT, ZERO, TripFill, notional

# Average cost divides; 40 digits keep the sum of all trips equal to the cash to far below any tick.
_CONTEXT = Context(prec=40)


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A trade from flat to flat (closed_ns set) or one still open (closed_ns and closing_key None).

    direction is +1 long, -1 short; entry_price and exit_price are averages (harmonic for inverse contracts), the
    latter None before the first reduction; entered_size and open_size are positive, in base units or contracts.
    gross_profit is what has been realised, in quote, before fees; fees are positive when paid. strategy_id is the
    opening fill's.
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
        """Realised profit in quote after fees; negative is a loss."""
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
    """What one fill changed in realised equity, in quote: profit realised less its fee."""

    time_ns: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """closed in order of closing; open in order of opening; realisations in order of time, one per fill unless
    fill_times says when the fills were.

    dust_profit is what remainders below one lot earned when no trip was open (quote, after fees). The sum of all
    realisations = net profit of closed and open trips + dust_profit - fees of the unmatched closes.
    """

    closed: tuple[RoundTrip, ...]
    open: tuple[RoundTrip, ...]
    unmatched: tuple[UnmatchedClose, ...]
    dust_profit: Decimal
    realisations: tuple[Realisation, ...]
    total_fees: Decimal
    total_volume: Decimal
    fill_times: tuple[int, ...] | None = None

    @property
    def times(self) -> tuple[int, ...]:
        """When each fill was: by default one realisation stands for one."""
        return tuple(change.time_ns for change in self.realisations) if self.fill_times is None else self.fill_times


@dataclass(slots=True)
class _Trip:
    opening: TripFill
    direction: int
    # Entered and exited: size in contracts, then both sides of the average price (quote and base value).
    entered_size: Decimal = ZERO
    entered_quote: Decimal = ZERO
    entered_base: Decimal = ZERO
    exited_quote: Decimal = ZERO
    exited_base: Decimal = ZERO
    gross_profit: Decimal = ZERO
    fees: Decimal = ZERO
    fill_count: int = 0

    def freeze(self, open_size: Decimal, closing: TripFill | None) -> RoundTrip:
        return RoundTrip(
            instrument_id=self.opening.instrument_id,
            position_side=self.opening.position_side,
            direction=self.direction,
            strategy_id=self.opening.strategy_id,
            opened_ns=self.opening.time_ns,
            closed_ns=closing.time_ns if closing else None,
            entry_price=self.entered_quote / self.entered_base,
            exit_price=self.exited_quote / self.exited_base if self.exited_base else None,
            entered_size=self.entered_size,
            open_size=open_size,
            gross_profit=self.gross_profit,
            fees=self.fees,
            fill_count=self.fill_count,
            opening_key=self.opening.trade_key,
            closing_key=closing.trade_key if closing else None,
        )


@dataclass(slots=True)
class _Holding:
    """What one instrument and position side holds: signed size, and what it cost in quote and in base."""

    inverse: bool
    size: Decimal = ZERO
    cost_quote: Decimal = ZERO
    cost_base: Decimal = ZERO
    trip: _Trip | None = None


@dataclass(slots=True)
class _Fold:
    closed: list[RoundTrip] = field(default_factory=list[RoundTrip])
    unmatched: list[UnmatchedClose] = field(default_factory=list[UnmatchedClose])
    dust_profit: Decimal = ZERO


def round_trips(fills: Iterable[TripFill]) -> RoundTrips:
    """Fold fills, in any order (sorted here by time; equal times keep the order given), into round trips.

    Inverse contracts realise in coin, valued in quote at the price of the closing fill. Each book of one instrument and
    position side has trips of its own.
    Raises ValueError when a trade_key comes twice for an instrument, or an instrument is both inverse and not.
    """
    holdings: dict[_Place, _Holding] = {}
    fold = _Fold()
    realisations: list[Realisation] = []
    fees = volume = ZERO
    seen: set[tuple[str, object]] = set()
    with localcontext(_CONTEXT):
        for fill in sorted(fills, key=_time_of):
            identity = (fill.instrument_id, fill.trade_key)
            if identity in seen:
                raise ValueError(f"trade_key {fill.trade_key} of {fill.instrument_id}: must be unique, came twice")
            seen.add(identity)
            gross = _apply(fold, _holding_of(holdings, fill), fill)
            realisations.append(Realisation(fill.time_ns, gross - fill.fee_quote))
            fees += fill.fee_quote
            volume += notional(fill)
        still_open = [held.trip.freeze(abs(held.size), None) for held in holdings.values() if held.trip]
    still_open.sort(key=lambda trip: trip.opened_ns)
    return RoundTrips(
        closed=tuple(fold.closed),
        open=tuple(still_open),
        unmatched=tuple(fold.unmatched),
        dust_profit=fold.dust_profit,
        realisations=tuple(realisations),
        total_fees=fees,
        total_volume=volume,
    )


def _time_of(fill: TripFill) -> int:
    return fill.time_ns


_Place = tuple[str, str, str, Hashable]


def _holding_of(holdings: dict[_Place, _Holding], fill: TripFill) -> _Holding:
    key = (fill.instrument_id, fill.position_side, fill.trade_mode, fill.book)
    holding = holdings.get(key)
    if holding is None:
        holding = holdings[key] = _Holding(inverse=fill.inverse)
    elif holding.inverse != fill.inverse:
        raise ValueError(f"TripFill.inverse {fill.inverse} of {fill.instrument_id}: must be the same for all its fills")
    return holding


def _apply(fold: _Fold, holding: _Holding, fill: TripFill) -> Decimal:
    """Split the fill into what closes and what opens, apply both, return the gross profit realised."""
    change = fill.side * fill.size - fill.fee_base
    size = abs(change)
    opposite = (holding.size > 0) != (change > 0)
    closing = min(size, abs(holding.size)) if opposite else ZERO
    opening = size - closing
    may_open = fill.position_side != (SHORT if fill.side > 0 else LONG)
    becomes_dust = may_open and 0 < opening < fill.lot and closing > 0

    closing_fee = fill.fee_quote
    if not closing:
        closing_fee = ZERO
    elif opening and not becomes_dust:
        closing_fee = fill.fee_quote * closing / size
    opening_fee = fill.fee_quote - closing_fee

    gross = _close(fold, holding, fill, closing, closing_fee) if closing else ZERO
    if not opening:
        return gross
    if not may_open:
        fold.unmatched.append(_unmatched(fill, opening, opening_fee))
        return gross
    _enter(holding, fill, opening, opening_fee, starts_trip=not becomes_dust)
    return gross


def _values(fill: TripFill, size: Decimal) -> tuple[Decimal, Decimal]:
    """Quote and base value of that size at the fill's price."""
    value = size * fill.multiplier
    return (value, value / fill.price) if fill.inverse else (value * fill.price, value)


def _close(fold: _Fold, holding: _Holding, fill: TripFill, size: Decimal, fee: Decimal) -> Decimal:
    direction = 1 if holding.size > 0 else -1
    held = abs(holding.size)
    cost_quote, cost_base = holding.cost_quote, holding.cost_base
    if size != held:
        cost_quote, cost_base = cost_quote * size / held, cost_base * size / held
    holding.size -= direction * size
    holding.cost_quote -= cost_quote
    holding.cost_base -= cost_base

    quote, base = _values(fill, size)
    gross = (cost_base - base) * fill.price if fill.inverse else quote - cost_quote
    gross *= direction
    trip = holding.trip
    if trip is None:
        fold.dust_profit += gross - fee
        return gross
    trip.exited_quote += quote
    trip.exited_base += base
    trip.gross_profit += gross
    trip.fees += fee
    trip.fill_count += 1
    if not holding.size or abs(holding.size) < fill.lot:
        fold.closed.append(trip.freeze(abs(holding.size), fill))
        holding.trip = None
    return gross


def _enter(holding: _Holding, fill: TripFill, size: Decimal, fee: Decimal, *, starts_trip: bool) -> None:
    quote, base = _values(fill, size)
    trip = holding.trip
    if trip is None and starts_trip:
        # Dust of the same direction joins at its own cost, so that the entry price agrees with the profit.
        trip = holding.trip = _Trip(
            opening=fill,
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
