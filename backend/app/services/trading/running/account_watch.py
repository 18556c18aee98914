"""Whether the account at the exchange is still the one of the start: its number and its position mode (INVARIANTS S15).

Asked every minute, and at once after a contract order that the exchange found wrong: a mode that somebody changed there
makes every order of the other one wrong. Orders then go by the new mode; where a setting declares the mode, none go.
"""

import asyncio
from contextlib import suppress
from typing import Protocol

import structlog

from app.domain.orders import Ending, TradeMode
from app.domain.refusals import RefusalClass
from app.exchanges.port import AccountConfig
from app.services.trading.account.gate import TradingGate
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.store.group import Group

LOOK_SECONDS = 60.0
POSITION_MODE_CHANGED = "position_mode_changed"
MODES = {True: "long/short", False: "net"}

log = structlog.get_logger("account")


class ConfigReads(Protocol):
    async def account_config(self) -> AccountConfig: ...


class AccountWatch:
    """declared_hedged: the position mode that the account must have, if one is declared."""

    def __init__(
        self, ledger: Ledger, exchange: ConfigReads, gate: TradingGate, declared_hedged: bool | None = None
    ) -> None:
        self._uid = ""
        self._ledger = ledger
        self._exchange = exchange
        self._gate = gate
        self._declared_hedged = declared_hedged
        self._due = asyncio.Event()

    def began(self, config: AccountConfig) -> None:
        """Whose account this was at the start."""
        self._uid = config.uid

    def on_commit(self, group: Group) -> None:
        """A contract order of ours was wrong: perhaps the account keeps its positions in another way by now."""
        for order in group.orders.values():
            wrong = order.ending is Ending.REJECTED and order.refusal is RefusalClass.WRONG
            if wrong and order.request.trade_mode is not TradeMode.CASH:
                self._due.set()

    async def run(self) -> None:
        """One look. Raises ExchangeError, StoreError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._due.wait()
        self._due.clear()
        if not self._ledger.writer_failed:
            await self.look()

    async def look(self) -> None:
        """Ask the exchange who we are, and go by it. Raises ExchangeError, StoreFailed."""
        now = await self._exchange.account_config()
        problem = self._problem(now)
        if problem and problem != self._gate.other_account:
            log.error("account.other", reason=problem)
        self._gate.other_account = problem
        if now.hedged is self._ledger.hedged:
            return
        log.warning("account.position_mode_changed", was=MODES[self._ledger.hedged], now=MODES[now.hedged])
        turn = self._ledger.turn(SYSTEM)
        turn.anomaly(POSITION_MODE_CHANGED, {"was": MODES[self._ledger.hedged], "now": MODES[now.hedged]})
        recorded = turn.commit()
        self._ledger.hedged = now.hedged
        await recorded

    def _problem(self, now: AccountConfig) -> str:
        if now.uid != self._uid:
            return f"uid is {now.uid}, it was {self._uid}"
        if self._declared_hedged is not None and now.hedged is not self._declared_hedged:
            return f"position mode is {MODES[now.hedged]}, declared is {MODES[self._declared_hedged]}"
        return ""
