"""When a parent that waits for its market looks again: at most once in MARKET_PACE_SECONDS however fast the market
moves, at what becomes of its own orders at once, and always after the last change of a burst.
"""

import asyncio
from contextlib import suppress

MARKET_PACE_SECONDS = 0.05
HASTY_MAX = 20
"""So many short waits in a row, without an act between them, are as short as they are asked for."""


class Haste:
    """How soon a parent is looked at again that waits for a moment which has come, or is always about to: at once a few
    times, then at the market's pace. What becomes of its own orders ends any wait."""

    __slots__ = ("_looks",)

    def __init__(self) -> None:
        self._looks = 0

    def acted(self) -> None:
        """It did something: what comes next is another matter."""
        self._looks = 0

    def bounded(self, seconds: float) -> float:
        """The wait that is asked for, or a longer one."""
        self._looks = self._looks + 1 if seconds < MARKET_PACE_SECONDS else 0
        return seconds if self._looks <= HASTY_MAX else MARKET_PACE_SECONDS


class _Look:
    """One wait. paced: long enough after the look before it for a change of the market to end it at once."""

    __slots__ = ("moved", "paced", "wake")

    def __init__(self, wake: asyncio.Event) -> None:
        self.wake = wake
        self.moved = False
        self.paced = False


class Pace:
    """Who waits for which market, woken in the order of their coming. The first change since all of them looked tells
    them; the rest of a burst costs one look-up each."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[_Look, None]] = {}

    async def wait(self, instrument_id: str, wake: asyncio.Event, seconds: float) -> None:
        """Until `wake` is set, the market changes, or the time is over; called in the turn of the look."""
        look = _Look(wake)
        self._waiting.setdefault(instrument_id, {})[look] = None
        pace = min(seconds, MARKET_PACE_SECONDS)
        try:
            await woken(wake, pace)
            if wake.is_set() or look.moved or pace == seconds:
                return
            look.paced = True
            await woken(wake, seconds - pace)
        finally:
            self._waiting.get(instrument_id, dict[_Look, None]()).pop(look, None)

    def moved(self, instrument_id: str) -> None:
        """The market of an instrument has changed."""
        for look in self._waiting.pop(instrument_id, ()):
            look.moved = True
            if look.paced:
                look.wake.set()


async def woken(wake: asyncio.Event, seconds: float) -> None:
    """Until `wake` is set, or the time is over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
