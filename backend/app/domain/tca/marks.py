"""A mark: the mid some time after a fill, or after the end of an order, and where it is from."""

from decimal import Decimal
from typing import NamedTuple

BOOK = "book"
"""From the order book, as it stood at that very moment."""
MINUTE = "minute candle"
"""The last trade of the newest minute that was over by then, by the exchange's own record."""
TRADE = "public trade"
"""The last trade before that moment, by the exchange's own record."""
NOBODY_LOOKED = "nobody looked at that moment: the process was down, or it was too long ago"
UNUSABLE = "the order book could not be used"
SLACK = 10
"""A candle or trade stands for a mark only when it is within a tenth of the mark's own time before it."""
TRADE_SLACK_NS = 1_000_000_000
"""A trade may be so old in any case."""


class Mark(NamedTuple):
    """horizon_ms: how long after. mid: None where it is not known, and why says why; it is never guessed. at_ns: of
    when the price is. source: BOOK, TRADE or MINUTE, "" without a price."""

    horizon_ms: int
    mid: Decimal | None
    at_ns: int
    source: str
    why: str = ""


def unseen(horizon_ms: int, why: str) -> Mark:
    """One that nobody took."""
    return Mark(horizon_ms, None, 0, "", why)


def from_minute(horizon_ms: int, base_ns: int, closed_ns: int, close: Decimal) -> Mark | None:
    """The mark that a minute's close makes; None where it is too old for it, or of before base_ns."""
    due_ns = base_ns + horizon_ms * 1_000_000
    if closed_ns < base_ns or not 0 <= due_ns - closed_ns <= (due_ns - base_ns) // SLACK:
        return None
    return Mark(horizon_ms, close, closed_ns, MINUTE)


def from_trade(horizon_ms: int, base_ns: int, traded_ns: int, price: Decimal) -> Mark | None:
    """The mark that a public trade's price makes; None where it is too old for it, or not of after base_ns: a fill's
    own print says nothing of what came after it."""
    due_ns = base_ns + horizon_ms * 1_000_000
    slack_ns = max((due_ns - base_ns) // SLACK, TRADE_SLACK_NS)
    if traded_ns <= base_ns or not 0 <= due_ns - traded_ns <= slack_ns:
        return None
    return Mark(horizon_ms, price, traded_ns, TRADE)
