"""What runs beside the orders: audits, resyncs, the day's first equity, watchdog, fees, recovery, and
the exchange's dead man's switch.

Each is a loop of its own under one task owner; one that fails is logged and goes on with its next round.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from app.clock import NS_PER_SECOND, Clock, heed_the_end
from app.domain.orders import Order, Source
from app.exchanges.errors import ExchangeError, ExchangeRefused
from app.exchanges.port import DeadMansSwitch, Exchange
from app.market_data.feeds import MarketData
from app.services.trading.account.access_keys import AccessKeys
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.running.account_watch import AccountWatch
from app.services.trading.running.cost_capture import CostCapture
from app.services.trading.running.days import Days
from app.services.trading.running.past_folder import PastFolder
from app.services.trading.running.position_marks import MarkKeeper
from app.services.trading.running.session import Session
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.differences import Differences
from app.services.trading.venue.fees import FeeReader
from app.services.trading.venue.leverages import Leverages
from app.services.trading.venue.reconciler import Reconciler
from app.services.trading.venue.resolver import Resolver
from app.services.trading.venue.resyncs import Resyncs
from app.services.trading.venue.sending import Sender
from app.services.trading.venue.valued_markets import ValuedMarkets
from app.store.errors import StoreError
from app.store.writer import StoreFailed

RETRY_FIRST_SECONDS = 0.5
RETRY_MAX_SECONDS = 10.0
FILE_LOOK_SECONDS = 2.0
WATCH_SECONDS = 0.25
FORGET_SECONDS = 86_400.0
REFUSED_SECONDS = 60.0
RESYNC_PAUSE_SECONDS = 5.0
"""Between two comparisons for messages that were not understood, of which there may be very many."""

log = structlog.get_logger("upkeep")


@dataclass(frozen=True, slots=True)
class Periods:
    """Seconds; see docs/configuration.md."""

    audit: float = 30
    dead_man: float = 30
    dead_man_feed: float = 5


class Upkeep:
    """The background loops of one account. dead_man: the exchange's switch, where it is to be armed."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        session: Session,
        exchange: Exchange,
        market: MarketData,
        fees: FeeReader,
        valued: ValuedMarkets,
        leverages: Leverages,
        keys: AccessKeys,
        account_watch: AccountWatch,
        marks: MarkKeeper,
        costs: CostCapture,
        past: PastFolder,
        gate: TradingGate,
        reconciler: Reconciler,
        differences: Differences,
        resolver: Resolver,
        sender: Sender,
        resyncs: Resyncs,
        days: Days,
        clock: Clock,
        periods: Periods,
        dead_man: DeadMansSwitch | None = None,
    ) -> None:
        self._ledger = ledger
        self._session = session
        self._exchange = exchange
        self._market = market
        self._fees = fees
        self._valued = valued
        self._leverages = leverages
        self._keys = keys
        self._account_watch = account_watch
        self._marks = marks
        self._costs = costs
        self._past = past
        self._gate = gate
        self._reconciler = reconciler
        self._differences = differences
        self._resolver = resolver
        self._sender = sender
        self._resyncs = resyncs
        self._days = days
        self._clock = clock
        self._periods = periods
        self._dead_man = dead_man
        self._clock_off = False
        self._resynced_ns: int | None = None
        self._one_at_a_time = asyncio.Lock()

    def start(self, tasks: TaskGroup) -> None:
        loops: dict[str, Callable[[], Awaitable[None]]] = {
            "resync": self._answer_resyncs,
            "audit": self._audit,
            "resolver": self._resolve,
            "day": self._open_days,
            "prices": self._valued.run,
            "watchdog": self._watch,
            "fees": self._fees.run,
            "leverage": self._leverages.run,
            "keys": self._keys.run,
            "account": self._account_watch.run,
            "marks": self._marks.run,
            "costs": self._costs.run,
            "past trades": self._past.run,
            "recovery": self._recover,
            "database file": self._look_at_the_file,
            "refused markets": self._follow_again,
            "old requests": self._forget_old_requests,
        }
        if self._dead_man is not None:
            loops["dead man's switch"] = self._feed_dead_man
        for name, loop in loops.items():
            tasks.spawn(self._keep_going(name, loop), name)

    async def _keep_going(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        while True:
            pause = 0.0
            try:
                await loop()
            except (ExchangeError, StoreError) as error:
                log.warning("upkeep.failed", task=name, reason=str(error))
                pause = RETRY_FIRST_SECONDS
            except Exception:
                log.exception("upkeep.broken", task=name)
                pause = RETRY_MAX_SECONDS
            heed_the_end()
            if pause:
                await self._clock.sleep(pause)

    async def _look_at_the_file(self) -> None:
        """What is written into a file that has lost its name, or whose name another has, is lost with the process."""
        moved = await asyncio.to_thread(self._session.database_moved)
        if moved and moved != self._gate.database_moved:
            log.error("database.moved", reason=moved)
        elif self._gate.database_moved and not moved:
            log.info("database.back")
        self._gate.database_moved = moved
        await self._clock.sleep(FILE_LOOK_SECONDS)

    async def _feed_dead_man(self) -> None:
        """The exchange cancels everything unless it hears from us, and it hears from us only after a commit: a writer
        that hangs, or that may not or cannot write, leaves no order behind."""
        assert self._dead_man is not None, "start() asked"
        if not self._ledger.writer_failed:
            await self._ledger.writer.renew()
            await self._dead_man.cancel_all_after(math.ceil(self._periods.dead_man))
        await self._clock.sleep(self._periods.dead_man_feed)

    async def _answer_resyncs(self) -> None:
        await self._resyncs.wait()
        delay = RETRY_FIRST_SECONDS
        while self._resyncs.wanted and self._gate.execution_up and not self._session.broken:
            if self._too_soon():
                await self._clock.sleep(WATCH_SECONDS)
                continue
            try:
                async with self._one_at_a_time:
                    # Asked for again meanwhile means compared again.
                    self._resyncs.begin()
                    await self._session.reconcile()
                    self._resynced_ns = self._clock.monotonic_ns()
            except (ExchangeError, StoreError) as error:
                self._resyncs.unanswered()
                log.warning("resync.failed", reason=str(error), retry_seconds=delay)
                await self._clock.sleep(delay)
                delay = min(delay * 2, RETRY_MAX_SECONDS)
            except BaseException:
                self._resyncs.unanswered()
                raise
        if self._resyncs.wanted:
            # The stream's return and the recovery of the database ask for nothing new: this stays asked for.
            await self._clock.sleep(RETRY_FIRST_SECONDS)

    def _too_soon(self) -> bool:
        """Whether a comparison has just ended, and nobody needs another one at once."""
        if self._resynced_ns is None or self._resyncs.hurried or not self._gate.reconciled:
            return False
        return self._clock.monotonic_ns() - self._resynced_ns < RESYNC_PAUSE_SECONDS * NS_PER_SECOND

    async def _audit(self) -> None:
        await self._clock.sleep(self._differences.pause(self._periods.audit))
        if self._gate.reconciled and not self._ledger.writer_failed:
            async with self._one_at_a_time:
                await self._session.read_instruments_again()
                await self._reconciler.run(Source.AUDIT)

    async def _resolve(self) -> None:
        await self._clock.sleep(1)
        if not self._ledger.writer_failed:
            await self._sender.note_owed()
            await self._resolver.round(self._cancel_again)

    async def _cancel_again(self, order: Order) -> None:
        await self._sender.cancel(order, SYSTEM)

    async def _open_days(self) -> None:
        await self._days.open(patient=True)
        await self._clock.sleep(1)

    async def _watch(self) -> None:
        before_ns = self._clock.monotonic_ns()
        self._gate.beat_due_ns = before_ns + int(WATCH_SECONDS * NS_PER_SECOND)
        await self._clock.sleep(WATCH_SECONDS)
        if self._gate.clock_is_off != self._clock_off:
            self._clock_off = not self._clock_off
            log.warning("clock.off" if self._clock_off else "clock.right", seconds=self._gate.clock_offset_seconds())
        late = (self._clock.monotonic_ns() - before_ns) / NS_PER_SECOND - WATCH_SECONDS
        # A stall is remembered for some rounds, so that what was decided on stale data is not sent.
        self._gate.loop_lag_seconds = max(late, self._gate.loop_lag_seconds * 0.5 if late < WATCH_SECONDS else late)
        for hear in self._gate.lag_heard:
            hear(max(0.0, late))

    async def _follow_again(self) -> None:
        """What the exchange refused to tell may be told later: a channel comes back, a market opens again."""
        await self._clock.sleep(REFUSED_SECONDS)
        for instrument_id in tuple(self._market.refused):
            try:
                await self._exchange.follow(instrument_id)
            except ExchangeRefused:
                continue
            self._market.refused.pop(instrument_id, None)

    async def _forget_old_requests(self) -> None:
        await self._session.forget_old_requests()
        await self._clock.sleep(FORGET_SECONDS)

    async def _recover(self) -> None:
        """A failed commit stops all sending; reopen from what the database really has, as often as it takes."""
        await self._clock.sleep(RETRY_FIRST_SECONDS)
        delay = RETRY_FIRST_SECONDS
        while self._session.broken and self._gate.phase == "running":
            log.error("store.failed", reason=str(self._ledger.writer.failed or "not compared with the exchange yet"))
            try:
                async with self._one_at_a_time:
                    await self._session.reopen()
                log.info("store.recovered")
            except (StoreFailed, StoreError, ExchangeError) as error:
                log.error("store.not_recovered", reason=str(error), retry_seconds=delay)
                await self._clock.sleep(delay)
                delay = min(delay * 2, RETRY_MAX_SECONDS)
