"""The margin that swaps bind at worst: positions and open orders together, the candidate included. Not a check itself.

Per position (instrument, side, mode) the larger of what all buys and what all sells could lead to, at the last price,
divided by the leverage (1 where the venue has not said one). Maintenance margin tiers are the venue's business.
"""

from decimal import Decimal

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import OrderSide, PositionKey
from app.domain.positions import worth
from app.services.trading.risk_checks.base import ExposureView


def margin_used(exposure: ExposureView, currency: str) -> Decimal | None:
    """Margin bound in `currency`, unrealised losses included; None when a position in it has no price."""
    total = ZERO
    for key, instrument in _swaps(exposure, currency).items():
        margin = _margin(exposure, instrument, key)
        if margin is None:
            return None
        total += margin
    for swap in exposure.valuation.swaps:
        if swap.instrument.settle == currency:
            if swap.unrealised is None:
                return None
            total -= min(swap.unrealised, ZERO)
    return total


def _swaps(exposure: ExposureView, currency: str) -> dict[PositionKey, Instrument]:
    order, instruments = exposure.order, exposure.ledger.instruments
    held = [(swap.position.key, swap.instrument) for swap in exposure.valuation.swaps]
    asked = [(key, instruments[key.instrument_id]) for key, _ in exposure.ledger.exposure.sizes]
    return {
        key: instrument
        for key, instrument in (*held, *asked, (exposure.key, order.instrument))
        if instrument.kind is InstrumentKind.SWAP and instrument.settle == currency
    }


def _margin(exposure: ExposureView, instrument: Instrument, key: PositionKey) -> Decimal | None:
    order, ledger = exposure.order, exposure.ledger
    instrument_id = instrument.instrument_id
    ours = exposure.key == key
    fold = ledger.folds.get(key)
    position = fold.position.size if fold is not None else ZERO
    reaches: list[Decimal] = []
    for way in OrderSide:
        coming = ledger.exposure.size(key, way)
        if ours:
            coming = exposure.coming if way is order.side else exposure.open_size(way)
        reaches.append(abs(position + way.sign * coming))
    price = exposure.mark(instrument_id)
    if ours and not instrument.inverse and exposure.worst_price is not None:
        price = max(price or ZERO, exposure.worst_price)
    if price is None:
        return None
    return worth(instrument, max(reaches), price) / exposure.leverage(key)
