"""What is there to be sold or closed, by the ledger: in all, and less what open orders may still take of it.

Pure reads. Parents, CLOSE and flatten all ask here, so that none of them takes more than there is.
"""

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionKey, PositionSide
from app.domain.parents import Held
from app.services.trading.ledger import Ledger

_CLOSES = {PositionSide.LONG: OrderSide.SELL, PositionSide.SHORT: OrderSide.BUY}


def held_for(ledger: Ledger, key: PositionKey, side: OrderSide, *, reduce_only: bool) -> Held | None:
    """What an order of this kind could take of the position; None when it needs nothing to be there.

    A spot sell takes of the base currency's balance; a contract order that only reduces, of its position. In hedged
    mode selling long and buying short only reduce by their nature.
    """
    instrument = ledger.instruments.get(key.instrument_id)
    if instrument is None:
        return None
    if instrument.kind is InstrumentKind.SPOT:
        return _spot(ledger, instrument) if side is OrderSide.SELL else None
    if not reduce_only and _CLOSES.get(key.side) is not side:
        return None
    held = max(-side.sign * ledger.fold(key).position.size, ZERO)
    return Held(held, held - ledger.exposure.size(key, side))


def _spot(ledger: Ledger, instrument: Instrument) -> Held:
    total = ledger.balances.get(instrument.base, ZERO)
    return Held(total, total - ledger.exposure.hold(instrument.base))
