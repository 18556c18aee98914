"""What the account has traded and has open, in the valuation currency: what limits of the account are measured by."""

from decimal import Decimal

from app.domain.exposure import Reservation
from app.domain.instruments import Instrument
from app.domain.money import ZERO
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices


def traded_today(ledger: Ledger, prices: Prices) -> Decimal:
    """Notional of the fills since the day's start, as far as their currencies ever had a price."""
    total = ZERO
    for currency, amount in ledger.day.traded.items():
        total += amount * (prices.last(currency).price or ZERO)
    return total


def open_notional(ledger: Ledger, prices: Prices, but: Reservation | None = None) -> Decimal:
    """Notional of all that open orders (but one) may still fill, as far as it ever had a price."""
    total = ZERO
    for (key, side), size in ledger.exposure.sizes.items():
        instrument = ledger.instrument(key.instrument_id)
        if but is not None and (key, side) == (but.key, but.side):
            size -= but.size
        price = prices.mark(key.instrument_id) if size else None
        if price is not None:
            total += prices.worth(instrument, size, price) or ZERO
    return total


def delta(instrument: Instrument, size: Decimal, mark: Decimal | None) -> Decimal | None:
    """What a size is in units of the base; None for a contract of fixed value without a price."""
    if not size or not instrument.inverse:
        return size * instrument.contract_value
    return None if mark is None else instrument.base_quantity(size, mark)
