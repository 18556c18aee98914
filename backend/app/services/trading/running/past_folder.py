"""Puts past trades in brief, stretch by stretch, so that figures of a long history need not read all of it.

A cache: the trades are the truth. What is booked behind it puts it back (account/folding.py), and what was made by
facts that have changed since is taken away and made anew.
"""

import asyncio

from app.clock import NS_PER_SECOND, Clock
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports.fold_making import FoldMaker, MadeFold
from app.services.trading.reports.folds import sound_folds
from app.store import queries
from app.store.database import Database

PERIOD_SECONDS = 60.0
PAUSE_SECONDS = 1.0
"""Between two stretches of a history that waits to be folded: nobody is in a hurry, and orders are."""
RIPE_NS = 60 * NS_PER_SECOND
"""Younger trades wait: others of their time may still be told."""
DROPPED_AT_ONCE = 20


class PastFolder:
    """Of one account."""

    def __init__(self, ledger: Ledger, database: Database, prices: Prices, clock: Clock) -> None:
        self._ledger = ledger
        self._database = database
        self._prices = prices
        self._clock = clock

    async def run(self) -> None:
        """One round: all that is ripe."""
        await self._clock.sleep(PERIOD_SECONDS)
        while not self._ledger.writer_failed and await self.step():
            await self._clock.sleep(PAUSE_SECONDS)

    async def step(self) -> bool:
        """Drop what does not hold any more, or else make the next stretch; False when nothing is left to do. Raises
        StoreFailed, StoreError."""
        ledger = self._ledger
        ripe_ns = self._clock.now_ns() - RIPE_NS
        ledger.folding.until_ns = ripe_ns
        # What was booked until now is in the database before anything is read.
        await ledger.writer.renew()
        sound = await asyncio.to_thread(sound_folds, ledger, self._database, self._prices.currency)
        folded = sound[-1]["until_ns"] if sound else 0
        stale = await asyncio.to_thread(queries.stale_folds, self._database, ledger.account, folded, DROPPED_AT_ONCE)
        if stale or folded < ledger.watermarks.get(queries.FOLDED, 0):
            await self._drop(stale, folded)
            return True
        made = await asyncio.to_thread(FoldMaker(ledger, self._database, self._prices).next, folded, ripe_ns)
        if made is not None and ledger.folding.until_ns == ripe_ns:
            await self._write(made)
        return made is not None

    async def _drop(self, stale: list[tuple[int, list[queries.Row]]], folded: int) -> None:
        turn = self._ledger.turn(SYSTEM)
        for until_ns, parts in stale:
            turn.drop_row("performance_folds", {"account": self._ledger.account, "until_ns": until_ns})
            for key in parts:
                turn.drop_row("performance_parts", dict(key))
        if folded < self._ledger.watermarks.get(queries.FOLDED, 0):
            turn.watermark(queries.FOLDED, folded)
        await turn.commit()

    async def _write(self, made: MadeFold) -> None:
        turn = self._ledger.turn(SYSTEM)
        turn.row("performance_folds", made.fold)
        for part in made.parts:
            turn.row("performance_parts", part)
        turn.watermark(queries.FOLDED, made.fold["until_ns"])
        await turn.commit()
