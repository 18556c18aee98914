"""Which position a signal means: instrument, side and mode. Stands before signal_orders.py, which makes the orders.

In net mode BUY and SELL move the net position. In long/short mode BUY adds to long and SELL to short; with a side named
both act on it, so that SELL with side long reduces the long. Without a mode they move the position that is held on that
side, cross when none is, or both are.
"""

from collections.abc import Iterable

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import PositionKey, PositionSide, TradeMode
from app.domain.refusals import InvalidValue
from app.services.trading.account.ledger import Ledger
from app.strategies.signals import Signal, SignalType

_SPOT = "is not for a spot instrument, which is held net and for cash"


def moved_by(ledger: Ledger, signal: Signal) -> PositionKey:
    """The position that a BUY or SELL moves. Raises InvalidValue for a side or mode that the account does not keep."""
    instrument = ledger.instrument(signal.instrument_id)
    check_named(ledger, instrument, signal)
    if instrument.kind is InstrumentKind.SPOT:
        return PositionKey(instrument.instrument_id)
    side = signal.position_side or PositionSide.NET
    if ledger.hedged and signal.position_side is None:
        side = PositionSide.LONG if signal.type is SignalType.BUY else PositionSide.SHORT
    held = [key for key in held_in(ledger, instrument.instrument_id) if key.side is side]
    default = held[0].mode if len(held) == 1 else TradeMode.CROSS
    return PositionKey(instrument.instrument_id, side, signal.trade_mode or default)


def closed_by(ledger: Ledger, signal: Signal, strategy_id: str | None) -> list[PositionKey]:
    """The positions that a CLOSE ends, the largest first: for a spot pair that of its asset; of a contract those of the
    sides and modes that it names, all without, and of those the ones that the strategy holds, when one is given, though
    the exchange has no position where others hold the other side of it. Raises InvalidValue when its size could belong
    to several."""
    instrument = ledger.instrument(signal.instrument_id)
    check_named(ledger, instrument, signal)
    if instrument.kind is InstrumentKind.SPOT:
        return [PositionKey(instrument.instrument_id)]
    found = _meant(signal, held_in(ledger, instrument.instrument_id))
    if strategy_id is not None:
        found = _meant(signal, _booked_in(ledger, instrument.instrument_id, strategy_id)) or found[:1]
    if signal.size is not None and len(found) > 1:
        names = " and ".join(key.label for key in found)
        raise InvalidValue("size", signal.size, f"is of which? {names} are held; name position_side and trade_mode")
    return found


def held_in(ledger: Ledger, instrument_id: str) -> list[PositionKey]:
    """The open positions in an instrument, the largest first."""
    held = [fold.position for fold in ledger.folds_of(instrument_id) if fold.position.size]
    return [position.key for position in sorted(held, key=lambda position: (-abs(position.size), position.key))]


def _meant(signal: Signal, keys: Iterable[PositionKey]) -> list[PositionKey]:
    side, mode = signal.position_side, signal.trade_mode
    return [key for key in keys if side in (None, key.side) and mode in (None, key.mode)]


def _booked_in(ledger: Ledger, instrument_id: str, strategy_id: str) -> list[PositionKey]:
    """The positions of which a strategy's book has a part, its largest first."""
    books = {
        key: size
        for (name, key), size in ledger.strategy_sizes.items()
        if name == strategy_id and key.instrument_id == instrument_id and size
    }
    return sorted(books, key=lambda key: (-abs(books[key]), key))


def check_named(ledger: Ledger, instrument: Instrument, signal: Signal) -> None:
    """Raises InvalidValue for a side or mode that the instrument or the account's position mode does not have."""
    side, mode = signal.position_side, signal.trade_mode
    if instrument.kind is InstrumentKind.SPOT:
        if side not in (None, PositionSide.NET):
            raise InvalidValue("position_side", side, _SPOT)
        if mode not in (None, TradeMode.CASH):
            raise InvalidValue("trade_mode", mode, _SPOT)
        return
    if mode is TradeMode.CASH:
        raise InvalidValue("trade_mode", mode, "must be cross or isolated for a swap")
    if side is not None and (side is PositionSide.NET) is ledger.hedged:
        rule = "must be long or short" if ledger.hedged else "must be net"
        raise InvalidValue("position_side", side, f"{rule} in the position mode of this account")
