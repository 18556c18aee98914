"""What is there to be sold or closed, by the ledger: in all, and less what open orders may still take of it.

Pure reads. Parents, CLOSE, flatten and the kill switch's exception all ask here, so none takes more than there is.
"""

from app.domain.instruments import InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionKey, PositionSide
from app.domain.parents import Held
from app.services.trading.ledger import Ledger

_CLOSES = {PositionSide.LONG: OrderSide.SELL, PositionSide.SHORT: OrderSide.BUY}


def held_for(
    ledger: Ledger, key: PositionKey, side: OrderSide, *, reduce_only: bool, book_of: str | None = None
) -> Held | None:
    """What an order of this kind could take of the position; None when it needs nothing to be there.

    A spot sell takes of the base currency's balance; a contract order that only reduces, of its position. In hedged
    mode selling long and buying short only reduce by their nature. book_of: what a strategy holds of it, alone.
    """
    instrument = ledger.instruments.get(key.instrument_id)
    if instrument is None:
        return None
    if instrument.kind is InstrumentKind.SPOT:
        if side is not OrderSide.SELL:
            return None
        total = ledger.balances.get(instrument.base, ZERO)
        held = Held(total, total - ledger.exposure.hold(instrument.base))
    else:
        if not only_reduces(key.side, side, reduce_only):
            return None
        total = max(-side.sign * ledger.fold(key).position.size, ZERO)
        held = Held(total, total - ledger.exposure.size(key, side))
    if book_of is None:
        return held
    book = _book(ledger, key, side, book_of)
    return Held(min(held.total, book.total), min(held.free, book.free))


def only_reduces(position_side: PositionSide, side: OrderSide, reduce_only: bool) -> bool:
    """Whether a contract order of this kind cannot but make a position smaller; the exchange sees to it."""
    return reduce_only if position_side is PositionSide.NET else _CLOSES[position_side] is side


def _book(ledger: Ledger, key: PositionKey, side: OrderSide, strategy_id: str) -> Held:
    """What the strategy itself holds to be closed by `side`; free: less what its own open orders may fill."""
    coming = sum(
        (
            order.max_possible - order.filled
            for order in ledger.open_orders()
            if order.request.strategy_id == strategy_id and order.request.key == key and order.request.side is side
        ),
        ZERO,
    )
    total = max(-side.sign * ledger.strategy_size(strategy_id, key), ZERO)
    return Held(total, total - coming)
