"""Reasons to compare the account with the exchange, gathered until upkeep answers them."""

import asyncio

import structlog

from app.services.trading.account.gate import TradingGate

log = structlog.get_logger("upkeep")


class Resyncs:
    """Asked for by whoever doubts, answered by upkeep. hurried: one of them cannot wait some seconds."""

    def __init__(self, gate: TradingGate) -> None:
        self._gate = gate
        self._asked = asyncio.Event()
        self.hurried = False

    def ask(self, reason: str, *, patient: bool = False) -> None:
        """Compare with the exchange now; during the start: right after it. patient: some seconds after the last
        comparison will do, however often it is asked for."""
        self.hurried = self.hurried or not patient
        if not self.wanted:
            log.info("resync.requested", reason=reason)
        self._asked.set()

    def lost(self, reason: str) -> None:
        """A report could not be taken: what it said must be read from the exchange before anything is sent."""
        self._gate.lose_track()
        self.ask(reason)

    @property
    def wanted(self) -> bool:
        return self._asked.is_set()

    async def wait(self) -> None:
        """Until a comparison is asked for."""
        await self._asked.wait()

    def begin(self) -> None:
        """A comparison begins: what is asked for from here on asks for another."""
        self._asked.clear()
        self.hurried = False

    def unanswered(self) -> None:
        """The comparison that had begun did not come to its end."""
        self._asked.set()
