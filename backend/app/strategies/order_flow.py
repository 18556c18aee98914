"""Order flow at the touch: how much was added to the best bid and taken from the best ask between two looks at a book.

Source: Cont, Kukanov and Stoikov (2014), The price impact of order book events, equation 4. Pure.
"""

from decimal import Decimal

from app.market_data.view import BookView


def order_flow_imbalance(before: BookView, after: BookView) -> Decimal | None:
    """What demand gained on supply, in the instrument's unit: positive is pressure to rise. Sum it over a time. None
    where either book has a side missing or cannot be relied on. Raises ValueError for books of two instruments.

    A queue that stays counts by what it grew, a price that improves by all that came with it, one that gives way by all
    that was there. Of what happened between two looks only the sum is seen.
    """
    if before.instrument_id != after.instrument_id:
        raise ValueError(f"a book of {before.instrument_id} and one of {after.instrument_id}")
    bids = _gained(before.bid, before.bid_size, after.bid, after.bid_size, up=1)
    asks = _gained(before.ask, before.ask_size, after.ask, after.ask_size, up=-1)
    if bids is None or asks is None or not (before.valid and after.valid):
        return None
    return bids - asks


def _gained(
    price: Decimal | None, size: Decimal | None, later: Decimal | None, later_size: Decimal | None, *, up: int
) -> Decimal | None:
    """By how much one side grew. up: in which direction its price improves."""
    if price is None or size is None or later is None or later_size is None:
        return None
    better = (later - price) * up
    return (later_size if better >= 0 else Decimal(0)) - (size if better <= 0 else Decimal(0))
