"""How a post-only order is kept at the touch: where it belongs, when it moves, and when it is taken back.

Pure functions. It moves only when the touch is far enough away and it has rested long enough, for each move loses its
place in the queue. A move is cancel, wait until it is over and its fills are in hand, then a new one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.child_views import ChildView
from app.domain.money import plain
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parents import Progress, Step, Wait
from app.market_data.view import BookView, MarketView
from app.services.trading.execution_strategies.steps import clear

NS_PER_SECOND = 1_000_000_000
RECHECK_NS = NS_PER_SECOND
MARKET_LOST_NS = 10 * NS_PER_SECOND
"""An order that follows the market is taken back when the market has not been seen for so long."""
REQUOTES_MAX = 3
"""After so many post-only orders in a row that the book had overtaken, who may cross does."""


@dataclass(frozen=True, slots=True)
class Discipline:
    """A resting order moves when it is `ticks` or more from where it belongs, and not before it has rested for
    `rest_ns`."""

    ticks: int
    rest_ns: int


def resting(progress: Progress) -> tuple[ChildView, ...]:
    """The open children that can rest in a book."""
    return tuple(child for child in progress.open_children if child.order_type.rests)


def overtaken(progress: Progress) -> int:
    """How many post-only children in a row, the last ones, the book took away because they would have crossed."""
    return sum(
        child.order_type is OrderType.POST_ONLY and child.status is OrderStatus.CANCELED and not child.met_own
        for child in progress.failures
    )


def at_touch(progress: Progress, book: BookView, cap: Decimal | None) -> Decimal:
    """The touch of the own side, on the tick, never beyond cap; a tick farther from the market for each order in a row
    that was overtaken there. book: a usable one."""
    side, instrument = progress.parent.side, progress.instrument
    near = book.near(side)
    assert near is not None  # a usable book has both sides
    price = near - side.sign * overtaken(progress) * instrument.tick
    if cap is not None:
        price = within(side, price, cap)
    return instrument.passive_price(price, buying=side.sign > 0)


def within(side: OrderSide, price: Decimal, cap: Decimal) -> Decimal:
    """price, or cap where that is farther from the market."""
    return min(price, cap) if side.sign > 0 else max(price, cap)


def follow(
    progress: Progress,
    market: MarketView | None,
    now_ns: int,
    orders: Sequence[ChildView],
    wanted: Decimal | Wait,
    how: Discipline,
) -> Step:
    """What becomes of the one resting order (orders: all that rest, at least one). wanted: where it belongs, or why
    that is not known now."""
    if len(orders) > 1 or any(child.cancels for child in orders):
        return clear(progress, tuple(orders), "re-price", now_ns) or Wait(None, "for the order's end")
    child = orders[0]
    if not child.cancelable:
        return Wait(None, "for the order's answer")
    lost_ns = 0 if market is None or market.book is None else market.book.received_ns + MARKET_LOST_NS + 1
    if now_ns >= lost_ns:
        return clear(progress, (child,), "the market is out of sight", now_ns) or Wait(None, "for the order's end")
    if isinstance(wanted, Wait):
        return Wait(lost_ns, wanted.reason, on_market=True)
    assert child.price is not None  # what rests has a price
    if abs(wanted - child.price) < how.ticks * progress.instrument.tick:
        return Wait(now_ns + RECHECK_NS, "the order is where it belongs", on_market=True)
    rested_ns = child.placed_ns + how.rest_ns
    if now_ns < rested_ns:
        return Wait(rested_ns, "the order rests")
    reason = f"re-price from {plain(child.price)} to {plain(wanted)}"
    return clear(progress, (child,), reason, now_ns) or Wait(None, "for the order's end")


__all__ = ["MARKET_LOST_NS", "REQUOTES_MAX", "Discipline", "at_touch", "follow", "overtaken", "resting", "within"]
