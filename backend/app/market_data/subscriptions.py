"""Handing market changes to whoever asked, without a queue that grows: conflated changes, and a bounded tape of trades.

Both deliver from the event loop's next turn, so that a slow or raising callback never stands in the feed's way: what it
raises goes to the loop's exception handler, and the next delivery happens all the same.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from app.domain.market import PublicTrade

TAPE_LENGTH_MAX = 10_000


class MarketChange(StrEnum):
    """What changed: the book (its becoming invalid included), the last trade, or a mark or index price."""

    BOOK = "book"
    TRADE = "trade"
    PRICE = "price"


ChangeCallback = Callable[[str, MarketChange], None]
TradeCallback = Callable[[PublicTrade], None]


class ChangeSubscription:
    """Latest wins: however often something changed since the last delivery, it is named once.

    Holds at most one entry per instrument and kind.
    """

    __slots__ = ("_callback", "_open", "_pending", "_scheduled")

    def __init__(self, callback: ChangeCallback) -> None:
        self._callback = callback
        self._pending: dict[tuple[str, MarketChange], None] = {}
        self._scheduled = False
        self._open = True

    def notify(self, instrument_id: str, change: MarketChange) -> None:
        self._pending[(instrument_id, change)] = None
        self._schedule()

    def close(self) -> None:
        """Nothing is delivered any more, pending changes included."""
        self._open = False
        self._pending.clear()

    def _schedule(self) -> None:
        if self._pending and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._scheduled = False
        due, self._pending = self._pending, {}
        try:
            while due and self._open:
                key = next(iter(due))
                del due[key]
                self._callback(*key)
        finally:
            if self._open:
                self._pending = due | self._pending
                self._schedule()


class TradeSubscription:
    """Every trade in order, from a tape of bounded length; when it overflows the oldest are lost and counted."""

    __slots__ = ("_callback", "_open", "_scheduled", "_tape", "lost")

    def __init__(self, callback: TradeCallback, length_max: int = TAPE_LENGTH_MAX) -> None:
        self._callback = callback
        self._tape: deque[PublicTrade] = deque(maxlen=length_max)
        self._scheduled = False
        self._open = True
        self.lost = 0

    def notify(self, trade: PublicTrade) -> None:
        if len(self._tape) == self._tape.maxlen:
            self.lost += 1
        self._tape.append(trade)
        self._schedule()

    def close(self) -> None:
        """Nothing is delivered any more, pending trades included."""
        self._open = False
        self._tape.clear()

    def _schedule(self) -> None:
        if self._tape and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._scheduled = False
        try:
            # What arrives during the delivery waits for the next one: the loop gets its turn in between.
            for _ in range(len(self._tape)):
                if not self._tape:
                    break
                self._callback(self._tape.popleft())
        finally:
            self._schedule()
