"""The lease of this process: taken, waited for, and renewed from the moment it is had (INVARIANTS S8, L10).

Commits renew it too, but between two of them an exchange may be read for minutes. While another owner that may be alive
holds the account, this process stands by: it follows what the other commits, and writes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app.clock import NS_PER_SECOND, Clock, heed_the_end
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.ledger import Ledger
from app.store.database import Database
from app.store.errors import LeaseLost, StoreError
from app.store.leases import Lease, LeaseHeld, LeaseMark, LeaseSql, this_owner

POLL_SECONDS = 0.5

log = structlog.get_logger("lease")


class LeaseKeeper:
    """skew_seconds: how much longer than its term a lease must stand still before it counts as given up.

    `lease` is the last one had. loading: it is had, and nothing is there yet that commits; set by take(), ended by
    whoever has made the writer."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ledger: Ledger,
        gate: TradingGate,
        *,
        lease_seconds: float,
        renewal_seconds: float,
        skew_seconds: float,
        progress: Callable[[str], None],
    ) -> None:
        self.lease: Lease | None = None
        self.loading = False
        self.sql = LeaseSql(database, clock, lease_seconds)
        self._database = database
        self._clock = clock
        self._ledger = ledger
        self._gate = gate
        self._term_ns = int((lease_seconds + skew_seconds) * NS_PER_SECOND)
        self._pause_seconds = renewal_seconds / 2
        self._progress = progress

    async def take(self, meanwhile: Callable[[], Awaitable[None]]) -> Lease:
        """The account's lease. Whoever is not provably dead is waited for, with meanwhile() each time: until the lease
        runs out, or, when the clocks do not tell, has not been renewed for a whole term."""
        self.lease, self.loading = None, False
        seen: LeaseMark | None = None
        since_ns = self._clock.monotonic_ns()
        while True:
            asked_ns = self._clock.now_ns()
            given_up = seen if self._clock.monotonic_ns() - since_ns > self._term_ns else None
            try:
                self.lease = await asyncio.to_thread(self._acquire, given_up)
            except LeaseHeld as held:
                if held.mark != seen:
                    seen, since_ns = held.mark, self._clock.monotonic_ns()
                if not self._gate.standby:
                    self._progress(f"{held}; standing by until it is free")
                self._gate.standby = held.owner
                await meanwhile()
                await self._clock.sleep(min(POLL_SECONDS, held.remaining_ms / 1000 + 0.05))
            else:
                self.loading, self._gate.standby = True, ""
                self._gate.renewed_ns = asked_ns
                return self.lease

    async def keep(self) -> None:
        """For ever: renew what no commit has renewed lately. One that is lost is found out by the next commit."""
        while True:
            await self._clock.sleep(self._pause_seconds)
            if self.lease is None or self._gate.lease_age_ns() <= self._pause_seconds * NS_PER_SECOND:
                continue
            try:
                if self.loading:
                    asked_ns = self._clock.now_ns()
                    await asyncio.to_thread(self._renew, self.lease)
                    self._gate.renewed_ns = asked_ns
                elif not self._ledger.writer_failed:
                    await self._ledger.writer.renew()
            except StoreError as error:
                log.warning("lease.not_renewed", reason=str(error))
                heed_the_end()

    def _acquire(self, given_up: LeaseMark | None) -> Lease:
        connection = self._database.writer_connection()
        try:
            with self._database.explaining():
                return self.sql.acquire(connection, self._ledger.account, this_owner(), given_up=given_up)
        finally:
            connection.close()

    def _renew(self, lease: Lease) -> None:
        connection = self._database.writer_connection()
        try:
            with self._database.explaining():
                if not self.sql.renew(connection, lease):
                    raise LeaseLost(f"the lease of account {lease.account}, epoch {lease.epoch}, is gone")
        finally:
            connection.close()
