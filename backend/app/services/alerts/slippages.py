"""How far from the price of their arrival executions were filled: read from the rows of their costs once those are
written, by strategy, kind of execution and instrument; of each the last ones are kept."""

import asyncio
from collections import OrderedDict
from decimal import Decimal
from itertools import islice

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.services.alerts.window import ACCOUNT, Slippages
from app.services.trading.account.ledger import Ledger
from app.services.trading.reports.cost_groups import ended_slippages
from app.store.database import Database
from app.store.errors import StoreError
from app.store.group import Group

ROUND_SECONDS = 60
WRITTEN_NS = 15 * NS_PER_SECOND
"""After an end its row may come so much later."""
HISTORY_NS = 7 * 86_400 * NS_PER_SECOND
ROWS_MAX = 500
"""Read in one round; the rest in the next ones."""
KEPT, SERIES_MAX = 100, 200

log = structlog.get_logger("alerts")


class SlippageReader:
    """Of one account. slipped: as Second.slipped; replaced, never changed."""

    def __init__(self, ledger: Ledger, database: Database, clock: Clock) -> None:
        self.slipped: dict[str, tuple[Slippages, ...]] = {}
        self._ledger = ledger
        self._database = database
        self._clock = clock
        self._series: OrderedDict[tuple[str, str], Slippages] = OrderedDict()
        self._after: tuple[int, str] | None = None
        self._read_ns: int | None = None
        self._written_ns = 0
        self._waits = True
        """Rows were written that have not been read."""
        ledger.subscribe(self.on_commit, tells=True)

    def on_commit(self, group: Group) -> None:
        if group.tca_windows:
            self._waits, self._written_ns = True, self._clock.monotonic_ns()

    async def look(self) -> None:
        """Now and then, where there is anything new; what cannot be read now is read in a later round."""
        now_ns = self._clock.monotonic_ns()
        lately = self._read_ns is not None and now_ns - self._read_ns < ROUND_SECONDS * NS_PER_SECOND
        if lately or not self._waits:
            return
        wall_ns = self._clock.now_ns()
        until_ns = wall_ns - WRITTEN_NS
        after = self._after or (wall_ns - HISTORY_NS, "")
        if until_ns <= after[0]:
            return  # the clock was set back: nothing is read twice, and what ends until it is past that is left out
        self._read_ns = now_ns
        arguments = (self._database, self._ledger.account, self._ledger.instruments.get)
        try:
            rows = await asyncio.to_thread(lambda: list(islice(ended_slippages(*arguments, after, until_ns), ROWS_MAX)))
        except StoreError as error:
            log.warning("alerts.slippage_not_read", reason=str(error))
            return
        all_read = len(rows) < ROWS_MAX
        self._waits = not all_read or now_ns - self._written_ns < WRITTEN_NS
        self._after = (until_ns, "") if all_read else (rows[-1].ended_ns, rows[-1].subject_id)
        for row in rows:
            if row.bps is not None:
                subject = f"strategy:{row.strategy_id}" if row.strategy_id else ACCOUNT
                self._add((subject, f"{row.kind} of {row.instrument_id}"), row.bps, now_ns - (wall_ns - row.ended_ns))
        if rows:
            self.slipped = {}
            for (subject, _), each in self._series.items():
                self.slipped[subject] = (*self.slipped.get(subject, ()), each)

    def _add(self, key: tuple[str, str], bps: Decimal, ended_ns: int) -> None:
        before = self._series[key].bps if key in self._series else ()
        self._series[key] = Slippages(key[1], (*before[1 - KEPT :], bps), ended_ns)
        self._series.move_to_end(key)
        if len(self._series) > SERIES_MAX:
            self._series.popitem(last=False)
