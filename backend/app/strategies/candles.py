"""Candles of public trades: by the exchange's time of each trade, complete when time has gone past their end.

Pure. The one that was begun before the first trade was seen is not told: a part of it is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.domain.market import PublicTrade

NS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Candle:
    """What was traded in [start_ns, start_ns + seconds). size: in the instrument's unit."""

    instrument_id: str
    start_ns: int
    seconds: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    size: Decimal


class Candles:
    """One length of candles, of any number of instruments. A time without trades has none."""

    def __init__(self, seconds: int, since_ns: int) -> None:
        self._seconds = seconds
        self._length_ns = seconds * NS_PER_SECOND
        self._whole_from_ns = since_ns
        self._open: dict[str, Candle] = {}

    def add(self, trade: PublicTrade) -> Iterator[Candle]:
        """Those that this trade shows to be complete."""
        start_ns = trade.venue_time_ns - trade.venue_time_ns % self._length_ns
        found = self._open.get(trade.instrument_id)
        if found is not None and start_ns > found.start_ns:
            yield from self._close(found)
            found = None
        if found is not None and start_ns < found.start_ns:
            return  # it came late, and its candle was told
        price, size = trade.price, trade.size
        if found is None:
            candle = Candle(trade.instrument_id, start_ns, self._seconds, price, price, price, price, size)
        else:
            high, low = max(found.high, price), min(found.low, price)
            candle = Candle(
                found.instrument_id, start_ns, self._seconds, found.open, high, low, price, found.size + size
            )
        self._open[trade.instrument_id] = candle

    def over(self, now_ns: int) -> Iterator[Candle]:
        """Those whose time is over, though nothing has traded since."""
        for candle in list(self._open.values()):
            if candle.start_ns + self._length_ns <= now_ns:
                yield from self._close(candle)

    def _close(self, candle: Candle) -> Iterator[Candle]:
        del self._open[candle.instrument_id]
        if candle.start_ns >= self._whole_from_ns:
            yield candle
