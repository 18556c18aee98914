"""What is there to be sold or closed, by the ledger: in all, and less what open orders may still take of it.

Pure reads. Parents, CLOSE, flatten and the kill switch's exception all ask here, so none takes more than there is.
"""

from app.domain.holdings import book_of as book_of_strategy
from app.domain.instruments import InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionKey
from app.domain.parents import Held
from app.domain.position_books import only_reduces
from app.services.trading.account.ledger import Ledger


def held_for(
    ledger: Ledger,
    key: PositionKey,
    side: OrderSide,
    *,
    reduce_only: bool,
    book_of: str | None = None,
    ours: bool = False,
) -> Held | None:
    """What an order of this kind could take of the position; None when it needs nothing to be there.

    A spot sell takes of the base currency's balance; a contract order that only reduces, of its position. In hedged
    mode selling long and buying short only reduce by their nature. book_of: what a strategy holds of it, alone. ours:
    of an asset what all books hold, so that coins which are nobody's stay.
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
    if instrument.kind is InstrumentKind.SPOT and (ours or book_of is not None):
        book = _books(ledger, instrument.base, book_of)
    elif book_of is not None:
        book = _book(ledger, key, side, book_of)
    else:
        return held
    return Held(min(held.total, book.total), min(held.free, book.free))


def held_against(ledger: Ledger, key: PositionKey, side: OrderSide, strategy_id: str) -> Held:
    """What of a strategy's part of a net contract position `side` closes, where others may hold the other side of it:
    then more than the exchange's position has is there, and an order for it does not only reduce that one."""
    own, whole = ledger.strategy_size(strategy_id, key), ledger.fold(key).position.size
    there = held_for(ledger, key, side, reduce_only=True)
    assert there is not None  # an order that only reduces
    others = whole - own
    against = abs(others) if others * own < 0 else ZERO
    book = _book(ledger, key, side, strategy_id)
    return Held(min(book.total, there.total + against), min(book.free, max(there.free, ZERO) + against))


def _books(ledger: Ledger, asset: str, strategy_id: str | None) -> Held:
    """What a strategy, or (None) all books together hold of an asset; free: less what their own open sells may fill."""
    holding = ledger.assets.of(asset)
    total = holding.ours if strategy_id is None else holding.book(book_of_strategy(strategy_id)).quantity
    coming = sum(
        (
            order.max_possible - order.filled
            for order in ledger.open_orders()
            if not order.stands_by
            and order.request.side is OrderSide.SELL
            and not order.request.external
            and strategy_id in (None, order.request.strategy_id)
            and _sells(ledger, order.request.instrument_id, asset)
        ),
        ZERO,
    )
    return Held(max(total, ZERO), max(total, ZERO) - coming)


def _sells(ledger: Ledger, instrument_id: str, asset: str) -> bool:
    instrument = ledger.instruments.get(instrument_id)
    return instrument is not None and instrument.kind is InstrumentKind.SPOT and instrument.base == asset


def _book(ledger: Ledger, key: PositionKey, side: OrderSide, strategy_id: str) -> Held:
    """What the strategy itself holds to be closed by `side`; free: less what its own open orders may fill."""
    coming = sum(
        (
            order.max_possible - order.filled
            for order in ledger.open_orders()
            if not order.stands_by
            and order.request.strategy_id == strategy_id
            and order.request.key == key
            and order.request.side is side
        ),
        ZERO,
    )
    total = max(-side.sign * ledger.strategy_size(strategy_id, key), ZERO)
    return Held(total, total - coming)
