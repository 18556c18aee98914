"""A mark: the mid some time after a fill, or after the end of an order, and where it is from."""

from decimal import Decimal
from typing import NamedTuple

BOOK = "book"
"""From the order book, as it stood at that very moment."""
MINUTE = "minute candle"
"""The last trade of the newest minute that was over by then, by the exchange's own record."""
CANDLE_SLACK = 10
"""A candle stands for a mark only when it closed within a tenth of the mark's own time before it."""


class Mark(NamedTuple):
    """horizon_ms: how long after. mid: None where it is not known, and why says why; it is never guessed. at_ns: of
    when the price is. source: BOOK or MINUTE, "" without a price."""

    horizon_ms: int
    mid: Decimal | None
    at_ns: int
    source: str
    why: str = ""


def from_minute(horizon_ms: int, base_ns: int, closed_ns: int, close: Decimal) -> Mark | None:
    """The mark that a minute's close makes; None where it is too old for it, or of before base_ns."""
    due_ns = base_ns + horizon_ms * 1_000_000
    if closed_ns < base_ns or not 0 <= due_ns - closed_ns <= (due_ns - base_ns) // CANDLE_SLACK:
        return None
    return Mark(horizon_ms, close, closed_ns, MINUTE)
