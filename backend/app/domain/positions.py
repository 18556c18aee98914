"""Positions as a fold of fills: size, average cost, realised profit and fees, the same for any order of arrival.

Spot, linear and inverse contracts, one-way and hedged, cross and isolated. Where the venue says what a contract's fill
realised, that is what it realised, and the cost follows from it; our own average decides only where it does not say.
Profit excludes fees; fees are kept beside it, so that realised + unrealised - fee_value is exactly the change of equity
(INVARIANTS M1, M3, M4).
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import accumulate
from types import MappingProxyType

from app.domain.evolve import evolve
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import Fill, PositionKey, PositionSide, TradeMode

RECENT_FILLS_MAX = 64
"""How many fills a fold keeps to put a late one in its place without the database."""

_GRAIN = Decimal(1).scaleb(-18)
"""Divisions are rounded to 18 decimals, half even; what is rounded off stays in cost, so that sums stay exact."""

RESIDUE_MAX = Decimal("0.001")
"""Of what the closing fill is worth: a cost left over in a flat position up to this is the venue's rounding."""

FillOrder = tuple[int, int, str, str]
NO_FEES: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True)
class Position:
    """One position. size: signed, in the instrument's unit (base for spot, contracts for swaps).

    cost: what the open size was entered for, signed like size: quote currency for spot and linear, base currency for
    inverse. realised_pnl and fee_value: in pnl currency (quote, or base for inverse), fee_value positive when paid.
    fees: paid per currency. A fee in a third currency is in fees only.
    """

    instrument_id: str
    side: PositionSide = PositionSide.NET
    size: Decimal = ZERO
    cost: Decimal = ZERO
    realised_pnl: Decimal = ZERO
    fee_value: Decimal = ZERO
    fees: Mapping[str, Decimal] = field(default_factory=lambda: NO_FEES)
    fill_count: int = 0
    last_fill_ns: int = 0
    mode: TradeMode = TradeMode.CASH

    @property
    def key(self) -> PositionKey:
        return PositionKey(self.instrument_id, self.side, self.mode)

    def entry_price(self, instrument: Instrument) -> Decimal | None:
        """Average cost per unit of base; None when flat."""
        if not self.size or not self.cost:
            return None
        if instrument.inverse:
            return self.size * instrument.contract_value / self.cost
        return self.cost / (self.size * instrument.contract_value)

    def flat(self, instrument: Instrument) -> bool:
        """Below one lot: what is left cannot be traded and is shown as dust."""
        return abs(self.size) < instrument.lot


@dataclass(frozen=True)
class PositionMarks:
    """What a position is worth beside the fold of its fills: a mark, the profit at it, and the venue's own figures.
    marked_ns: when they were written down; None: never."""

    mark_price: Decimal | None = None
    unrealised_pnl: Decimal | None = None
    margin: Decimal | None = None
    leverage: Decimal | None = None
    marked_ns: int | None = None


UNMARKED = PositionMarks()


def key_of(instrument: Instrument, fill: Fill, otherwise: TradeMode) -> PositionKey:
    """The position that a fill moves: spot has one an instrument, a contract one for each side and mode. otherwise: the
    mode where the fill does not say it."""
    if instrument.kind is InstrumentKind.SPOT:
        return PositionKey(instrument.instrument_id)
    return PositionKey(fill.instrument_id, fill.position_side, fill.trade_mode or otherwise)


def pnl_currency(instrument: Instrument) -> str:
    return instrument.base if instrument.inverse else instrument.quote


def worth(instrument: Instrument, size: Decimal, price: Decimal) -> Decimal:
    """What `size` (signed) is worth at `price` in pnl currency: quote, or base for inverse contracts."""
    if instrument.inverse:
        return _to_grain(size * instrument.contract_value / price)
    return size * instrument.contract_value * price


def _to_grain(value: Decimal) -> Decimal:
    # The rounding is said here because the thread's decimal context is anybody's: ccxt sets ROUND_HALF_UP in it.
    return value.quantize(_GRAIN, ROUND_HALF_EVEN)


def unrealised_pnl(position: Position, instrument: Instrument, mark: Decimal) -> Decimal:
    """Profit of the open size at the mark price, in pnl currency; a long inverse position gains as base gets cheaper
    to buy back, hence the sign."""
    if not position.size:
        return ZERO
    difference = worth(instrument, position.size, mark) - position.cost
    return -difference if instrument.inverse else difference


def apply_fill(position: Position, instrument: Instrument, fill: Fill) -> Position:
    """The position after one fill. Closing realises what the venue says, else at average cost; a fill through zero
    closes, then opens."""
    change = fill.side.sign * fill.size
    if fill.pnl is not None and instrument.kind is not InstrumentKind.SPOT:
        moved = _settle(position, instrument, change, fill.price, fill.pnl)
    else:
        moved = _move(position, instrument, change, fill.price)
    return _charge(evolve(moved, fill_count=position.fill_count + 1, last_fill_ns=fill.time_ns), instrument, fill)


def _move(position: Position, instrument: Instrument, change: Decimal, price: Decimal) -> Position:
    size = position.size
    if size * change >= 0:
        return evolve(position, size=size + change, cost=position.cost + worth(instrument, change, price))
    closing = change if abs(change) <= abs(size) else -size
    released = position.cost if closing == -size else _to_grain(position.cost * -closing / size)
    gain = worth(instrument, -closing, price) - released
    closed = evolve(
        position,
        size=size + closing,
        cost=position.cost - released,
        realised_pnl=position.realised_pnl + (-gain if instrument.inverse else gain),
    )
    return _move(closed, instrument, change - closing, price) if change != closing else closed


def _settle(position: Position, instrument: Instrument, change: Decimal, price: Decimal, gain: Decimal) -> Position:
    """One fill whose profit the venue has told: sums alone, so that the order of its fills does not matter."""
    size, traded = position.size + change, worth(instrument, change, price)
    cost = position.cost + traded + (-gain if instrument.inverse else gain)
    if not size and abs(cost) <= abs(traded) * RESIDUE_MAX:
        cost = ZERO
    return evolve(position, size=size, cost=cost, realised_pnl=position.realised_pnl + gain)


def _charge(position: Position, instrument: Instrument, fill: Fill) -> Position:
    if not fill.fee:
        return position
    fees = MappingProxyType({**position.fees, fill.fee_currency: position.fees.get(fill.fee_currency, ZERO) + fill.fee})
    if fill.fee_currency == pnl_currency(instrument):
        return evolve(position, fees=fees, fee_value=position.fee_value + fill.fee)
    if instrument.kind is InstrumentKind.SPOT and fill.fee_currency == instrument.base:
        # The fee leaves the holding itself: a disposal at the fill's price, spent on the fee.
        moved = _move(position, instrument, -fill.fee, fill.price)
        return evolve(moved, fees=fees, fee_value=position.fee_value + fill.fee * fill.price)
    return evolve(position, fees=fees)


def fill_order(fill: Fill) -> FillOrder:
    """The venue's order of fills: time, then trade id as a number."""
    return (fill.time_ns, len(fill.trade_id), fill.trade_id, fill.venue_order_id)


class HistoryNeeded(LookupError):
    """A fill is older than all that the fold of its position remembers: fold the whole history again (`refold`)."""

    def __init__(self, key: PositionKey, fill: Fill) -> None:
        super().__init__(fill.trade_id)
        self.key, self.fill = key, fill


@dataclass(frozen=True)
class PositionFold:
    """A position and the last fills behind it, so that a late fill takes its place in the order of fills.

    base: the position before `recent`; base_order: the place of the last fill inside base; after: the position after
    each fill of `recent`.
    """

    position: Position
    base: Position
    base_order: FillOrder | None = None
    recent: tuple[Fill, ...] = ()
    after: tuple[Position, ...] = ()


def opened(key: PositionKey) -> PositionFold:
    position = Position(key.instrument_id, key.side, mode=key.mode)
    return PositionFold(position, position)


def anchored(position: Position, last: FillOrder | None) -> PositionFold:
    """A fold that goes on from a stored position; fills before `last` then need history."""
    return PositionFold(position, position, last)


def renamed(fold: PositionFold, mode: TradeMode) -> PositionFold:
    """The fold with its mode, once that is known."""
    after = tuple(evolve(position, mode=mode) for position in fold.after)
    return evolve(fold, position=evolve(fold.position, mode=mode), base=evolve(fold.base, mode=mode), after=after)


def fold_in(fold: PositionFold, instrument: Instrument, fill: Fill) -> PositionFold:
    """Put a fill where it belongs. Raises HistoryNeeded when that is before the fold's memory."""
    place = fill_order(fill)
    last = fill_order(fold.recent[-1]) if fold.recent else fold.base_order
    if last is None or place > last:
        position = apply_fill(fold.position, instrument, fill)
        return _trim(
            evolve(fold, position=position, recent=(*fold.recent, fill), after=(*fold.after, position)),
        )
    if fold.base_order is not None and place <= fold.base_order:
        raise HistoryNeeded(fold.position.key, fill)
    fills = list(fold.recent)
    insort(fills, fill, key=fill_order)
    return _trim(_folded(fold, instrument, fills))


def with_fee(fold: PositionFold, instrument: Instrument, fill: Fill) -> PositionFold:
    """The fold after a known fill got its fee. Raises HistoryNeeded when the fill is before the fold's memory."""
    at = bisect_right(fold.recent, fill_order(fill), key=fill_order) - 1
    if at < 0 or fold.recent[at].key != fill.key:
        raise HistoryNeeded(fold.position.key, fill)
    fills = list(fold.recent)
    fills[at] = fill
    return _folded(fold, instrument, fills)


def refold(
    instrument: Instrument, key: PositionKey, fills: Iterable[Fill], start: PositionFold | None = None
) -> PositionFold:
    """The fold of a whole history, in any order of arrival, on top of an opening holding if there was one."""
    fold = start or opened(key)
    for fill in sorted(fills, key=fill_order):
        fold = fold_in(fold, instrument, fill)
    return fold


def _folded(fold: PositionFold, instrument: Instrument, fills: list[Fill]) -> PositionFold:
    after = tuple(accumulate(fills, lambda position, fill: apply_fill(position, instrument, fill), initial=fold.base))
    return evolve(fold, position=after[-1], recent=tuple(fills), after=after[1:])


def _trim(fold: PositionFold) -> PositionFold:
    if len(fold.recent) <= RECENT_FILLS_MAX:
        return fold
    old = len(fold.recent) - RECENT_FILLS_MAX // 2
    return evolve(
        fold,
        base=fold.after[old - 1],
        base_order=fill_order(fold.recent[old - 1]),
        recent=fold.recent[old:],
        after=fold.after[old:],
    )


def read_label(label: str) -> tuple[str, str, str | None]:
    """Instrument, side and mode of a label; the mode is None in those of before modes told positions apart."""
    rest, _, last = label.rpartition("/")
    if last in tuple(TradeMode):
        instrument_id, _, side = rest.rpartition("/")
        return instrument_id, side, last
    return rest, last, None
