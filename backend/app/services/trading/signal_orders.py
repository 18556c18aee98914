"""The order that a signal becomes. Stands between signals and OrderParams, for the executor and for the risk check.

Nothing is rounded but the size of a CLOSE, which is what is held, down to the lot.
"""

from collections.abc import Callable
from decimal import Decimal

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO, plain
from app.domain.orders import OrderSide, OrderType, PositionKey, PositionSide, TradeMode
from app.domain.refusals import InvalidValue
from app.services.trading.ledger import Ledger
from app.services.trading.schemas import OrderParams
from app.strategies.signals import Signal, SignalType

PIECES_MAX = 100
"""Orders that closing one position may take."""


def signal_order(ledger: Ledger, signal: Signal, strategy_id: str | None = None) -> OrderParams | None:
    """The order for a signal; None for HOLD.

    A signal with a price becomes a limit order at it, one without a market order. Spot is traded for cash, swaps on
    cross margin. CLOSE ends the position (of the strategy, when strategy_id is given), or `size` of it, less what open
    orders of the closing side may still fill. Raises InvalidValue for an instrument that the venue does not list, and
    when there is nothing to close.
    """
    if signal.type is SignalType.HOLD:
        return None
    instrument = ledger.instrument(signal.instrument_id)
    if signal.type is SignalType.CLOSE:
        return _closing(ledger, instrument, signal, strategy_id)
    side = OrderSide.BUY if signal.type is SignalType.BUY else OrderSide.SELL
    assert signal.size is not None  # Signal refuses to be made without
    mode = TradeMode.CASH if instrument.kind is InstrumentKind.SPOT else TradeMode.CROSS
    return _params(signal, side, signal.size, PositionKey(instrument.instrument_id, mode=mode), strategy_id)


def closing_orders(
    ledger: Ledger, instrument_id: str | None, largest: Callable[[str, OrderSide], Decimal]
) -> list[OrderParams]:
    """The market orders that end every position (of one instrument), each at most `largest` in size.

    What is below one lot, or for spot below the venue's minimum, is dust and stays. At most PIECES_MAX per position;
    the rest stays too, to be seen in the positions.
    """
    orders: list[OrderParams] = []
    for key, fold in sorted(ledger.folds.items()):
        instrument = ledger.instruments.get(key.instrument_id)
        if instrument is None or instrument_id not in (None, key.instrument_id) or not fold.position.size:
            continue
        orders += _pieces(instrument, key, fold.position.size, largest)
    return orders


def signal_payload(signal: Signal, strategy_id: str | None) -> dict[str, object]:
    """The signal as its event in the journal has it."""
    return {
        "type": signal.type.value,
        "instrument_id": signal.instrument_id,
        "price": signal.price,
        "size": signal.size,
        "confidence": signal.confidence,
        "metadata": dict(signal.metadata),
        "strategy_id": strategy_id,
    }


def _pieces(
    instrument: Instrument, key: PositionKey, size: Decimal, largest: Callable[[str, OrderSide], Decimal]
) -> list[OrderParams]:
    spot = instrument.kind is InstrumentKind.SPOT
    if spot and size < 0:
        return []
    side = OrderSide.SELL if size > 0 else OrderSide.BUY
    left = instrument.floor_size(abs(size))
    # Without a usable book nothing is known of the largest order; risk will say so on the whole.
    piece = largest(instrument.instrument_id, side) or left
    sizes: list[Decimal] = []
    while left > 0 and len(sizes) < PIECES_MAX:
        sizes.append(min(left, piece))
        left -= sizes[-1]
    if len(sizes) > 1 and sizes[-1] < instrument.min_size:
        sizes[-2:] = [instrument.floor_size((sizes[-2] + sizes[-1]) / 2), ZERO]
        sizes[-1] = instrument.floor_size(abs(size)) - sum(sizes[:-1], ZERO)
    return [
        OrderParams(
            instrument_id=instrument.instrument_id,
            side=side,
            order_type=OrderType.MARKET,
            size=part,
            trade_mode=key.mode,
            position_side=key.side,
            reduce_only=not spot and key.side is PositionSide.NET,
        )
        for part in sizes
        if not spot or part >= instrument.min_size
    ]


def _params(signal: Signal, side: OrderSide, size: Decimal, key: PositionKey, strategy_id: str | None) -> OrderParams:
    contract = key.mode is not TradeMode.CASH
    return OrderParams(
        instrument_id=key.instrument_id,
        side=side,
        order_type=OrderType.MARKET if signal.price is None else OrderType.LIMIT,
        size=size,
        price=signal.price,
        trade_mode=key.mode,
        position_side=key.side,
        reduce_only=signal.type is SignalType.CLOSE and contract and key.side is PositionSide.NET,
        strategy_id=strategy_id,
    )


def _closing(ledger: Ledger, instrument: Instrument, signal: Signal, strategy_id: str | None) -> OrderParams:
    instrument_id, spot = instrument.instrument_id, instrument.kind is InstrumentKind.SPOT
    held = [fold.position for fold in ledger.folds_of(instrument_id) if fold.position.size]
    if len(held) > 1:
        names = " and ".join(position.key.label for position in held)
        raise InvalidValue("signal", "close", f"{names} are held; close one by name")
    position = held[0].size if held else ZERO
    side = OrderSide.SELL if position > 0 else OrderSide.BUY
    if not held or (spot and position < 0):
        raise InvalidValue("signal", "close", f"there is no position in {instrument_id} to close")
    key = held[0].key
    left = abs(position) - ledger.exposure.size(key, side)
    if spot:
        # Fees taken in base and transfers make the balance, not the sum of the buys, what can be sold.
        left = min(left, ledger.balances.get(instrument.base, ZERO) - ledger.exposure.hold(instrument.base))
    if strategy_id is not None:
        left = min(left, _strategy_left(ledger, key, side, strategy_id))
    if signal.size is not None:
        left = min(left, signal.size)
    closable = instrument.floor_size(max(left, ZERO))
    if closable <= 0 or (spot and closable < instrument.min_size):
        rule = f"too little of {instrument_id} is left to close: {plain(left)}, open orders counted as filled"
        raise InvalidValue("signal", "close", rule)
    return _params(signal, side, closable, key, strategy_id)


def _strategy_left(ledger: Ledger, key: PositionKey, side: OrderSide, strategy_id: str) -> Decimal:
    """What the strategy itself holds to be closed by `side`, less what its own open orders of that side may fill."""
    coming = sum(
        (
            order.max_possible - order.filled
            for order in ledger.open_orders()
            if order.request.strategy_id == strategy_id and order.request.key == key and order.request.side is side
        ),
        ZERO,
    )
    return -side.sign * ledger.strategy_size(strategy_id, key) - coming
