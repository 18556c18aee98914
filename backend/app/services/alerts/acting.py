"""What an alert does beside being told: its strategy is paused, or the kill switch engaged. By the doors that people
use, so that it is journalled and undone as theirs are. What there was nothing to do to is said to be told alone."""

from contextlib import suppress

from app.domain.alerts import Alert, AlertAction
from app.domain.parent_transitions import PARENT_TRANSITIONS
from app.domain.parents import ParentStatus
from app.services.strategies.hosted import HostedStrategies
from app.services.strategies.running import Standing
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.errors import NotReady, ParentNotFound, ParentOver
from app.services.trading.executor import TradeExecutor
from app.services.trading.parents.orders import ParentOrders

STRATEGY = "strategy:"


class Acting:
    def __init__(
        self, ledger: Ledger, executor: TradeExecutor, strategies: HostedStrategies, parents: ParentOrders
    ) -> None:
        self._ledger = ledger
        self._executor = executor
        self._strategies = strategies
        self._parents = parents

    async def act(self, alert: Alert) -> AlertAction:
        """What was done, or had been. Before the alert is written: after a crash between the two it fires again, and
        finds it done. Raises StoreFailed."""
        why = f"alert {alert.rule}: {alert.what}"
        match alert.action:
            case AlertAction.KILL_SWITCH if not self._ledger.kill_switch.engaged:
                await self._executor.engage_kill_switch(why, principal=SYSTEM)
            case AlertAction.PAUSE:
                subject = alert.subject
                theirs = subject.startswith(STRATEGY) and await self._pause(subject.removeprefix(STRATEGY), why)
                return AlertAction.PAUSE if theirs else AlertAction.NOTIFY
            case _:
                pass
        return alert.action

    async def _pause(self, strategy_id: str, why: str) -> bool:
        """One of one's own is stopped, until somebody starts it; open executions are laid aside, until resumed, but for
        what protects or gets out. Whether there was any of them: while the system stops, or has not begun them, none of
        one's own runs."""
        stopped = False
        own = [view for view in self._strategies.views() if view.strategy_id == strategy_id]
        for view in own:
            with suppress(NotReady):
                if view.standing is not Standing.STOPPED:
                    await self._strategies.end(strategy_id, SYSTEM, why)
                stopped = True
        protecting = self._parents.protecting()
        for parent in self._parents.open_of(strategy_id):
            if parent.parent_id in protecting or parent.parent.exit:
                continue
            if ParentStatus.PAUSED in PARENT_TRANSITIONS[parent.parent.status]:
                with suppress(ParentOver, ParentNotFound):  # it ended while others were laid aside
                    await self._parents.pause(parent.parent_id, reason=why)
        paused = [each for each in self._parents.open_of(strategy_id) if each.parent.status is ParentStatus.PAUSED]
        return stopped or bool(paused)
