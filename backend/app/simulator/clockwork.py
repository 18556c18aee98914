"""What happens by the clock: idle connections, cancel-all-after, the two-hour purge, regular pushes, funding,
liquidation. One tick a second, scheduled on the exchange's own timers.
"""

from __future__ import annotations

from collections.abc import Callable

from app.simulator.acts import Acts
from app.simulator.doors.channels.private import PrivateChannels
from app.simulator.doors.connections import Connections
from app.simulator.faults import Faults
from app.simulator.now import Schedule
from app.simulator.trading.accounts import Account
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.funding import FUNDING_MS, fund, next_funding_ms
from app.simulator.trading.liquidation import liquidate
from app.simulator.trading.orders import UNFILLED_KEPT_NS, Order

TICK_NS = 1_000_000_000


class Clockwork:
    """Timers of one exchange. `forgotten` is told which orders nobody can ask for any more."""

    def __init__(
        self,
        desk: OrderDesk,
        faults: Faults,
        acts: Acts,
        connections: Connections,
        private: PrivateChannels,
        schedule: Schedule,
        forgotten: Callable[[Account, Order], None],
    ) -> None:
        self._desk = desk
        self._faults = faults
        self._acts = acts
        self._connections = connections
        self._private = private
        self._schedule = schedule
        self._forgotten = forgotten
        self._funding_ms = next_funding_ms(desk.now.ms)
        self._purge_ns = desk.now.ns
        schedule(desk.now.ns + TICK_NS, self._tick)

    def _tick(self) -> None:
        desk = self._desk
        self._schedule(desk.now.ns + TICK_NS, self._tick)
        self._connections.close_idle()
        self._private.regular()
        for account in desk.accounts.values():
            self._dead_man(account)
            if self._faults.any:
                self._acts.by_chance(account)
            if account.positions:
                liquidate(desk, account)
        if desk.now.ms >= self._funding_ms:
            self._pay_funding()
        if desk.now.ns - self._purge_ns >= 60 * TICK_NS:
            self._purge()

    def _dead_man(self, account: Account) -> None:
        """Cancel-all-after: timers that ran out cancel what they cover, cancelSource 20."""
        for tag, due_ns in list(account.dead_man_ns.items()):
            if due_ns > self._desk.now.ns:
                continue
            del account.dead_man_ns[tag]
            for order in list(account.pending.values()):
                if tag in ("", order.tag):
                    self._desk.withdraw(account, order, "20")

    def _purge(self) -> None:
        """Forget cancelled orders without a fill two hours after their end."""
        now_ns = self._purge_ns = self._desk.now.ns
        for account in self._desk.accounts.values():
            ended = [order for order in account.history.values() if not order.filled]
            for order in ended:
                if now_ns - order.terminal_ns >= UNFILLED_KEPT_NS:
                    account.forget(order)
                    self._forgotten(account, order)

    def _pay_funding(self) -> None:
        self._funding_ms += FUNDING_MS
        for account in self._desk.accounts.values():
            for position in account.held():
                fund(self._desk, account, position, self._desk.config.funding_rate)
