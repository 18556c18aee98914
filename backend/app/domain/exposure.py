"""Worst-case exposure: what open orders may still do, counting live, in-flight and unknown ones as if they all filled.

Reservations are kept as running sums per instrument and currency, so that a risk check costs the same with one open
order or with a thousand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO
from app.domain.orders import Order, OrderSide, PositionKey


class Reservation(NamedTuple):
    """What one order may still take: size in the instrument's unit, and the amount of the currency that pays for it.

    For spot a buy pays quote and a sell pays base; for swaps the amount is the full notional in quote, of which the
    risk checks ask the margin.
    """

    key: PositionKey
    side: OrderSide
    size: Decimal
    currency: str
    amount: Decimal
    reduce_only: bool


def reservation(order: Order, instrument: Instrument) -> Reservation:
    """The reservation of an order in its present state; zero when it is over.

    A market order is valued at its reference price, which risk sets to the worst price it lets through.
    """
    request = order.request
    # What only waits to take away of what is there adds nothing, and keeps nothing from others.
    size = ZERO if order.stands_by else order.max_remaining
    price = _dearest(order)
    if instrument.kind is InstrumentKind.SPOT and request.side is OrderSide.SELL:
        currency, amount = instrument.base, size
    else:
        currency, amount = instrument.value_currency, instrument.notional(size, price)
    return Reservation(request.key, request.side, size, currency, amount, request.reduce_only)


def _dearest(order: Order) -> Decimal:
    """The highest price that it may fill at, as far as one is named."""
    price, reference = order.price, order.request.reference_price
    if order.condition is None and not order.amendments:
        if price is None or (reference is not None and reference > price):
            return reference or ZERO
        return price
    known = [price, reference, *(a.price for a in order.amendments)]
    for condition in (order.condition, *(a.condition for a in order.amendments)):
        known += condition.prices if condition is not None else ()
    return max((each for each in known if each is not None), default=ZERO)


_SizeKey = tuple[PositionKey, OrderSide]


@dataclass(slots=True)
class OpenExposure:
    """Running sums of reservations. `sizes` per (position, side); `spot_holds` per currency that open
    spot orders may spend; `notionals` what the sizes are worth in the reservation's currency."""

    sizes: dict[_SizeKey, Decimal] = field(default_factory=dict[_SizeKey, Decimal])
    spot_holds: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    notionals: dict[_SizeKey, Decimal] = field(default_factory=dict[_SizeKey, Decimal])

    def add(self, item: Reservation, *, spot: bool) -> None:
        self._change(item, 1, spot)

    def remove(self, item: Reservation, *, spot: bool) -> None:
        self._change(item, -1, spot)

    def size(self, key: PositionKey, side: OrderSide) -> Decimal:
        """How much the open orders of one side of a position may still fill."""
        return self.sizes.get((key, side), ZERO)

    def hold(self, currency: str) -> Decimal:
        """How much of a currency the open spot orders may still spend."""
        return self.spot_holds.get(currency, ZERO)

    def notional(self, key: PositionKey, side: OrderSide) -> Decimal:
        """Value of what the open orders of one side of a position may still fill, in quote."""
        return self.notionals.get((key, side), ZERO)

    def _change(self, item: Reservation, sign: int, spot: bool) -> None:
        if not item.size:
            return
        key = (item.key, item.side)
        _bump(self.sizes, key, sign * item.size)
        _bump(self.notionals, key, sign * item.amount)
        if spot:
            _bump(self.spot_holds, item.currency, sign * item.amount)


def exposure_of(orders: Iterable[tuple[Order, Instrument]]) -> OpenExposure:
    """The sums from scratch: what the running ones must always equal."""
    total = OpenExposure()
    for order, instrument in orders:
        total.add(reservation(order, instrument), spot=instrument.kind is InstrumentKind.SPOT)
    return total


def _bump(sums: dict[Any, Decimal], key: object, change: Decimal) -> None:
    value = sums.get(key, ZERO) + change
    if value:
        sums[key] = value
    else:
        sums.pop(key, None)
