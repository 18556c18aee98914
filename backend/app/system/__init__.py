"""The composition root: settings in, a running system out.

Its parts are made in parts.py; start() brings them up (services.trading.running.session) and starts the upkeep.
"""

import asyncio
from typing import Any

import structlog

from app.store import tables
from app.system.parts import Parts

STOP_MARGIN_SECONDS = 2.0

log = structlog.get_logger("system")


class System(Parts):
    """One account, wired and running."""

    async def start(self) -> None:
        """Bring everything up; returns when orders may be placed. An exchange that does not answer is waited for, and
        an owner of the account that may be alive: meanwhile `loaded` is set, and what the database has can be read.

        Raises StoreError (unreachable, wrong account, migrations pending) and ExchangeError (refused), with nothing
        left running.
        """
        try:
            await asyncio.to_thread(tables.prepare, self.database, self.progress)
            await self.session.look()
            self.loaded.set()
            self.tasks.spawn(self.keeper.keep(), "lease")
            config = await self.patience.until_answered("asking the exchange who we are", self.exchange.account_config)
            if self.gate.clock_is_off:
                self.clock.believe(self.exchange.server_time_ns())
            self.account_watch.began(config)
            self.risk.terms.learn_buy_fee(in_quote=config.buy_fee_in_quote or self.settings.buy_fee_in_quote)
            await self.session.open(self.listener, config)
            self.upkeep.start(self.tasks)
            self.inlets.feeds.start(self.tasks)
            await self.notifier.start(self.tasks.spawn, self.ledger.seq)
            await self.strategies.start()
            self.tasks.spawn(self.alerts.run(), "alerts")
            self.tasks.spawn(self.traces.run(), "traces")
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Orderly end: no new orders, sends under way get their answer, everything is committed, the lease let go.

        May be called again: after a start that failed, or to finish one that was cut off. Raises StoreFailed when what
        was left could not be committed; everything is let go all the same.
        """
        self.gate.enter("stopping")
        await self.strategies.stop()
        await self.parents.stop()
        try:
            # An answer comes within the timeout of its request; what has none is unknown, and found at the next start.
            async with asyncio.timeout(self.settings.timing.request_timeout_seconds + STOP_MARGIN_SECONDS):
                await self.sends.drain()
        except TimeoutError:
            log.warning("stop.sends_unanswered", count=self.sends.running)
        await self.sends.stop()
        await self.tasks.stop()
        try:
            await self.session.close()
        finally:
            self.tracker.close()
            self.journal.close()
            self.database.close()

    @property
    def ready(self) -> bool:
        """Whether new orders are accepted: the one truth that health, status, command line and page show."""
        return not self.not_ready_reasons

    @property
    def not_ready_reasons(self) -> list[str]:
        """Why no new order is accepted; the kill switch is a reason too."""
        return self._status.not_ready_reasons

    def status(self) -> dict[str, Any]:
        """The state of the system, ready for JSON: what /api/v1/status shows."""
        told = {"notices": self.notifier.status(), "traces": self.traces.status()}
        return {**self._status.shown(self.parents.open_count), **told}
