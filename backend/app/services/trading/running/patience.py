"""How a start waits and what it tells meanwhile: an outage is no failure, and a long read shows how far it is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.errors import ExchangeUnavailable
from app.services.trading.account.gate import TradingGate
from app.services.trading.tasks import TaskGroup

FIRST_SECONDS = 0.5
MAX_SECONDS = 10.0
TELL_SECONDS = 5.0

T = TypeVar("T")


class Patience:
    """progress(text) is told every step; the newest is among the reasons why nothing may be sent. waits is set once a
    start takes longer than moments: for an exchange that does not answer, for another owner, for much to read."""

    def __init__(self, clock: Clock, gate: TradingGate, progress: Callable[[str], None]) -> None:
        self.waits = asyncio.Event()
        self._clock = clock
        self._gate = gate
        self._progress = progress

    def tell(self, doing: str) -> None:
        self._gate.doing = doing
        self._progress(doing)

    def wait(self, doing: str) -> None:
        """Tell of something that may take long."""
        self.waits.set()
        self.tell(doing)

    async def until_answered(self, doing: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the exchange until it answers, with growing pauses. Raises ExchangeError for an answer that would be the
        same another time."""
        delay = FIRST_SECONDS
        self.tell(doing)
        while True:
            try:
                return await ask()
            except ExchangeUnavailable as error:
                self.wait(f"{doing}: {error}; trying again in {delay:g} s")
                await self._clock.sleep(delay)
                delay = min(delay * 2, MAX_SECONDS)

    async def telling(self, how_far: Callable[[], str], work: Callable[[], Awaitable[None]]) -> None:
        """Do the work, and tell every few seconds how far it is."""
        tasks = TaskGroup()
        tasks.spawn(self._tell_on(how_far), "progress")
        try:
            await work()
        finally:
            await tasks.stop()

    async def _tell_on(self, how_far: Callable[[], str]) -> None:
        began_ns = self._clock.monotonic_ns()
        while True:
            await self._clock.sleep(TELL_SECONDS)
            seconds = (self._clock.monotonic_ns() - began_ns) // NS_PER_SECOND
            self.wait(f"comparing with the exchange for {seconds} s: {how_far()}")
