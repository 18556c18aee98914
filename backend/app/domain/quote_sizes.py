"""A parent order whose size is an amount of quote currency: what it may still spend (or bring), and how much that is.

The amount is what its fills may cost together, fees apart. A buy commits what its open orders would cost at their
limits, so that it never spends more; a sale what they would bring at the market, so that it brings more only by what
its last orders get beyond that. In the instrument's unit its size is what is committed and what the rest is worth at
the market, taken anew at each step and written with it. Pure.
"""

from dataclasses import replace
from decimal import Decimal

from app.domain.child_views import ChildView
from app.domain.instruments import Instrument
from app.domain.money import ZERO, plain
from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Place, Progress
from app.domain.slicing import minimum_lots


def quote_left(progress: Progress, price: Decimal | None) -> Decimal | None:
    """What is left of the amount; None for a parent that has none. price: of the market."""
    parent = progress.parent
    if parent.quote is None:
        return None
    taken = (_taken(child, parent.side, progress.instrument, price) for child in progress.children)
    return parent.quote - sum(taken, ZERO)


def sized(progress: Progress, price: Decimal | None) -> Progress:
    """With the size that its amount comes to at this price; as it was written where there is none."""
    parent, instrument = progress.parent, progress.instrument
    left = quote_left(progress, price)
    if left is None:
        return progress
    if price is None or price <= 0:
        size = max(parent.size, progress.committed)
    else:
        rest = left if parent.side is OrderSide.BUY else max(left, ZERO)
        lots = instrument.floor_size(abs(rest) / instrument.notional(Decimal(1), price))
        size = progress.committed + (lots if rest >= 0 else -max(lots, instrument.lot))
    return replace(progress, parent=replace(parent, size=size), quote_left=left)


def afforded(place: Place, progress: Progress, far: Decimal | None) -> Place | None:
    """The child that its amount pays for; None when it pays for none. far: where it would trade now.

    One that crosses asks for what it could cost at its limit. Where that would leave less than the smallest order, its
    limit comes nearer instead, so that the last of the amount is spent; one that rests asks for all that its price
    pays for.
    """
    left, parent, instrument = progress.quote_left, progress.parent, progress.instrument
    if left is None or place.price is None or parent.side is OrderSide.SELL:
        return place
    most = instrument.floor_size(max(left, ZERO) / instrument.notional(Decimal(1), place.price))
    takes_all = place.size >= instrument.floor_size(max(progress.remaining, ZERO))
    smallest = minimum_lots(instrument) * instrument.lot
    size = min(place.size, most)
    if place.order_type is OrderType.IOC:
        nearer = instrument.passive_price(left / instrument.notional(place.size, Decimal(1)), buying=True)
        if ZERO < place.size - size < smallest and takes_all and far is not None and nearer >= far:
            return replace(place, price=Decimal(plain(min(place.price, nearer))))
    elif takes_all and _within(instrument, most):
        size = most
    return replace(place, size=Decimal(plain(size))) if size >= smallest else None


def spending(size: Decimal, price: Decimal, progress: Progress) -> str:
    """Why a child of this size and price is more than the amount pays for; "" when it is not."""
    left, cost = progress.quote_left, progress.instrument.notional(size, price)
    if left is None or progress.parent.side is OrderSide.SELL or cost <= left:
        return ""
    return f"size={plain(size)}: at {plain(price)} it costs {plain(cost)}, of the amount {plain(left)} is left"


def sizing_price(side: OrderSide, far: Decimal | None, cap: Decimal | None) -> Decimal | None:
    """At which price an amount is turned into a size: where it would trade, or its limit where that is nearer."""
    if far is None or cap is None:
        return cap if far is None else far
    return min(far, cap) if side is OrderSide.BUY else max(far, cap)


def _taken(child: ChildView, side: OrderSide, instrument: Instrument, price: Decimal | None) -> Decimal:
    """What a child has cost (brought), and may still."""
    fills = child.fills.values()
    done = sum((instrument.notional(fill.size, fill.price) for fill in fills), ZERO)
    coming = child.max_possible - sum((fill.size for fill in fills), ZERO)
    at = child.price
    if side is OrderSide.SELL and price is not None:
        at = price if at is None else max(at, price)
    return done if at is None or coming <= 0 else done + instrument.notional(coming, at)


def _within(instrument: Instrument, size: Decimal) -> bool:
    return instrument.max_limit_size is None or size <= instrument.max_limit_size


__all__ = ["afforded", "quote_left", "sized", "sizing_price", "spending"]
