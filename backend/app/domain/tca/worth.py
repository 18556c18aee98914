"""What a price means in money, whatever the contract: the one place where inverse contracts differ.

A cost is then `sign * (paid(size, price) - paid(size, benchmark))` for spot, linear and inverse alike.
"""

from collections.abc import Iterable
from decimal import Decimal

from app.domain.instruments import Instrument
from app.domain.money import MAX_FRACTION_DIGITS, ZERO, rounded
from app.domain.orders import Fill


def cost_currency(instrument: Instrument) -> str:
    """In what its costs are counted: the quote currency, for an inverse contract the coin that it is settled in."""
    return instrument.settle if instrument.inverse else instrument.quote


def paid(instrument: Instrument, size: Decimal, price: Decimal) -> Decimal:
    """What a buyer of `size` at `price` is out of, so that his profit to another price is the difference of the two.

    size * value * price; for an inverse contract -size * value / price coins, to 24 decimals: the same size at the same
    price is always the same number, so whatever is taken away somewhere and added elsewhere cancels exactly.
    """
    units = size * instrument.contract_value
    return rounded(-units / price, MAX_FRACTION_DIGITS) if instrument.inverse else units * price


def average_price(instrument: Instrument, fills: Iterable[Fill]) -> Decimal | None:
    """What was paid for a unit: by size, for inverse contracts by what they are worth in base; None without fills."""
    size, other = ZERO, ZERO
    for fill in fills:
        size += fill.size
        other += fill.size / fill.price if instrument.inverse else fill.size * fill.price
    if not size:
        return None
    return size / other if instrument.inverse else other / size


def fee_paid(instrument: Instrument, fill: Fill, rate: Decimal | None) -> Decimal | None:
    """The fill's fee in the currency of its costs, at the time of the fill; None where it cannot be told.

    In that currency as it stands; in the other of the pair at the fill's price; in a third one at `rate`, of which one
    unit of it was worth so much then.
    """
    if fill.fee is None:
        return None
    if fill.fee == 0 or fill.fee_currency == cost_currency(instrument):
        return fill.fee
    if fill.fee_currency == (instrument.quote if instrument.inverse else instrument.base):
        worth = fill.fee / fill.price if instrument.inverse else fill.fee * fill.price
    elif rate is not None:
        worth = fill.fee * rate
    else:
        return None
    return rounded(worth, MAX_FRACTION_DIGITS)
