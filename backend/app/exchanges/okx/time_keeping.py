"""When OKX's clock is read: regularly, soon again while it and ours are apart, and at once when there is a reason to
doubt the estimate: a refusal for the time, or a clock of our own that stepped or stood still (a suspended machine).
"""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.errors import ExchangeError
from app.exchanges.okx.rest import RestClient
from app.exchanges.okx.tasks import Spawn
from app.exchanges.okx.time_sync import TimeSync

APART_NS = NS_PER_SECOND
SOON_SECONDS = 2.0
WATCH_SECONDS = 0.5

log = structlog.get_logger(__name__)


class TimeKeeping:
    """Keeps one TimeSync true. spawn: begins a task of the adapter's; None while the adapter is stopped or ends."""

    def __init__(
        self, clock: Clock, rest: RestClient, time_sync: TimeSync, spawn: Spawn, period_seconds: float
    ) -> None:
        self._clock = clock
        self._rest = rest
        self._time_sync = time_sync
        self._spawn = spawn
        self._period_seconds = period_seconds
        self._asking = False

    async def run(self) -> None:
        """For ever. While the clocks are apart nothing new is sent, so that their return must be seen soon."""
        while True:
            apart = abs(self._time_sync.wall_offset_ns()) > APART_NS
            await self._clock.sleep(min(SOON_SECONDS, self._period_seconds) if apart else self._period_seconds)
            await self._read(self._rest.sync_time)

    async def watch(self) -> None:
        """For ever: look for a step or a standstill of our own clocks, also while nobody asks for the time."""
        while True:
            await self._clock.sleep(WATCH_SECONDS)
            if self._time_sync.doubtful:
                self.doubt()

    def now_ns(self) -> int:
        if self._time_sync.doubtful:
            self.doubt()
        return self._time_sync.now_ns()

    def doubt(self) -> None:
        """Ask for the time at once; what is asked for while that is under way is the same question."""
        if self._asking:
            return
        asking = self._spawn(partial(self._read, self._rest.resync_time))
        if asking is not None:
            self._asking = True
            asking.add_done_callback(self._asked)

    def _asked(self, _: object) -> None:
        self._asking = False

    async def _read(self, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except ExchangeError as error:
            log.warning("okx time not read", error=str(error))
