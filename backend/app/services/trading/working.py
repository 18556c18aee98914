"""A signal that names an execution strategy: one parent order for its key, and the first of its orders as the answer.

The parent is started through the port ParentRunner, which the composition root fills.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.domain.decisions import Decision
from app.domain.events import EventKind
from app.domain.orders import OrderType
from app.domain.refusals import InvalidValue
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import IdempotencyConflict, NotReady
from app.services.trading.execution_strategies import BracketExecution
from app.services.trading.execution_strategies.base import ParentRunner
from app.services.trading.execution_strategies.conditions import GET_IN_SECONDS
from app.services.trading.execution_strategies.terms import decided_by
from app.services.trading.execution_strategies.wheel import WHEEL
from app.services.trading.holdings.signal_orders import signal_payload
from app.services.trading.placing import Placing
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse
from app.strategies.signals import Signal, SignalType

FIRST_CHILD_SECONDS = 3
BRACKET = BracketExecution.name


@dataclass(frozen=True, slots=True)
class Worked:
    """How a signal is to be worked: the name of an execution strategy and its configuration."""

    strategy: str
    config: Mapping[str, Any]


def worked_by(signal: Signal, strategy: str | None, config: Mapping[str, Any] | None) -> Worked | None:
    """None for a signal that becomes an order; with a take-profit or stop-loss it is a bracket. Raises InvalidValue."""
    if signal.take_profit is not None or signal.stop_loss is not None:
        levels = {"take_profit": signal.take_profit, "stop_loss": signal.stop_loss}
        out = {name: level for name, level in levels.items() if level is not None}
        if strategy not in (None, BRACKET) or set(out) & set(config or {}):
            name, level = next(iter(out.items()))
            rule = f"goes not with strategy {strategy} and its config: a bracket alone gets out at it, said once"
            raise InvalidValue(name, str(level), rule, check="signal")
        entry = OrderType.MARKET if signal.price is None else OrderType.LIMIT
        return Worked(BRACKET, {"timeout": GET_IN_SECONDS[entry], **(config or {}), **out})
    if strategy is None:
        if config is not None:
            raise InvalidValue("config", repr(config), "is an execution strategy's, and none is named", check="signal")
        return None
    if signal.type is SignalType.CLOSE:
        rule = "must not be given with CLOSE, which goes on in pieces by itself where one order cannot take it"
        raise InvalidValue("strategy", strategy, rule, check="signal")
    return Worked(strategy, dict(config or {}))


def parent_key(key: str) -> str:
    """The key of the parent that a signal with this key starts."""
    return f"signal {key}"


class SignalWork:
    """Starts the parents of signals, for one account."""

    def __init__(self, ledger: Ledger, runner: ParentRunner, placing: Placing) -> None:
        self._ledger = ledger
        self._runner = runner
        self._placing = placing

    async def refuse_worked(self, key: str) -> None:
        """Of a signal that is to be an order: its key must not have started a parent. Raises IdempotencyConflict."""
        if await self._runner.begun(parent_key(key)) is not None:
            raise IdempotencyConflict(key)

    async def work(
        self,
        signal: Signal,
        decision: Decision,
        how: Worked,
        strategy_id: str | None,
        params: Callable[[], Awaitable[list[OrderParams]]],
        *,
        principal: str,
        key: str | None,
    ) -> OrderResponse:
        """The first order of the parent that this signal starts, or of the one that its key has started before."""
        body = {**signal_payload(signal, strategy_id), "strategy": how.strategy, "config": dict(how.config)}
        if key is not None:
            # Equal only to itself: a key that made an order, even of the same signal, makes no parent beside it.
            await self._placing.answered(key, body)
            begun = await self._runner.begun(parent_key(key))
            if begun is not None:
                self._same(begun, signal, how, strategy_id, key)
                return await first_order(self._runner, self._placing, begun)
        (wanted,) = await params()
        turn = self._ledger.turn(principal)
        terms = decided_by(turn.event(EventKind.SIGNAL_RECEIVED, body), decision)
        await turn.commit()
        own_key = None if key is None else parent_key(key)
        started = await self._runner.start(
            how.strategy, how.config, wanted, terms=terms, principal=principal, key=own_key
        )
        if key is not None:
            self._same(started, signal, how, strategy_id, key)
        return await first_order(self._runner, self._placing, started)

    @staticmethod
    def _same(begun: ParentResponse, signal: Signal, how: Worked, strategy_id: str | None, key: str) -> None:
        """What a parent may not become by an amendment tells whether it is the same signal; its size and price too
        while nobody amended it. Raises IdempotencyConflict."""
        parent = begun.parent
        same = (parent.instrument_id, parent.side.value, parent.strategy, parent.strategy_id) == (
            signal.instrument_id,
            signal.type.value,
            parent.strategy if how.strategy == WHEEL and parent.arm is not None else how.strategy,
            strategy_id,
        )
        terms = (parent.size, parent.limit_price) == (signal.size, signal.price)
        if not same or not (terms or parent.amended_step):
            raise IdempotencyConflict(key)


async def first_order(runner: ParentRunner, placing: Placing, started: ParentResponse) -> OrderResponse:
    """The first child of a parent as it stands once it was answered. Raises NotReady while it has none; it goes on."""
    child_id = await first_child(runner, started.parent_id)
    if child_id is None:
        now = runner.get(started.parent_id)
        why = now.reason or now.waiting_for
        raise NotReady([f"parent {now.parent_id} has placed no order yet; it is {now.status.value}: {why}"])
    return await placing.again(child_id)


async def first_child(runner: ParentRunner, parent_id: str) -> str | None:
    """The first child of a parent, when there is one soon; its market may just have gone silent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_CHILD_SECONDS):
            return await runner.first_child(parent_id)
    return None
