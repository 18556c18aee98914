"""Getting out: CLOSE and flatten, each position as one order where one can take it all, else as a parent in pieces.

What is to be closed is asked of to_close.py and of holdings/signal_orders.py, what is there of holdings/held.py, how
far one order may go of risk. The parent is started through the port ParentRunner, which the composition root fills.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

from app.domain.decisions import Decision
from app.domain.events import EventKind
from app.domain.orders import Order, OrderType, PositionSide, TradeMode
from app.domain.position_books import only_reduces
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.errors import IdempotencyConflict
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.execution_strategies.base import ParentRunner
from app.services.trading.execution_strategies.terms import decided_by
from app.services.trading.exits.to_close import Closing, FlattenPlan, LeftOut, to_flatten
from app.services.trading.holdings.held import held_for
from app.services.trading.holdings.signal_orders import signal_payload
from app.services.trading.placing import Placing
from app.services.trading.schemas import OrderParams, OrderResponse, ParentResponse
from app.services.trading.venue.sending import Gate
from app.services.trading.working import first_child, first_order
from app.strategies.signals import Signal

_NO_PERSONS = ("strategy:", "parent:")


def asked_by_person(principal: str) -> bool:
    """Whether a command came from a person or a person's program, not from a strategy, a parent or the system."""
    return principal != SYSTEM and not principal.startswith(_NO_PERSONS)


def stays_when_killed(order: Order) -> bool:
    """Whether the kill switch leaves an open order alone: a person's exit, and protection: what a conditional order
    that can only reduce has fired, or a resting contract order that the exchange lets only reduce, no parent's work."""
    request = order.request
    protects = request.key.mode is not TradeMode.CASH and only_reduces(
        request.key.side, request.side, request.reduce_only
    )
    return order.exit or order.protects or (protects and request.parent_id is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flattened:
    """What a flatten came to, at the moment it answers; as a sequence it is its orders.

    orders: the closing orders, of a parent the first child. parents: exits that go on in pieces. left_out: what was
    not touched, and why.
    """

    orders: tuple[OrderResponse, ...] = ()
    parents: tuple[ParentResponse, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def __iter__(self) -> Iterator[OrderResponse]:
        return iter(self.orders)

    def __len__(self) -> int:
        return len(self.orders)

    def __getitem__(self, index: int) -> OrderResponse:
        return self.orders[index]


class Exits:
    """Closes for one account. runner: the port to the parents."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        risk: ExecutionRiskControl,
        gate: Gate,
        runner: ParentRunner,
        follow: Callable[[str], Awaitable[None]],
        placing: Placing,
    ) -> None:
        self._ledger = ledger
        self._risk = risk
        self._gate = gate
        self._runner = runner
        self._follow = follow
        self._placing = placing

    async def close(
        self,
        signal: Signal,
        decision: Decision,
        strategy_id: str | None,
        params: Callable[[], Awaitable[list[OrderParams]]],
        *,
        principal: str,
        key: str | None,
    ) -> OrderResponse:
        """Close what the signal names; the order, or the first one of the parent that it takes.

        params: an order for all that is to be closed of each position, the largest first, whose order is returned;
        asked for after a repeated key was looked up, for what it closed is closed.
        """
        body = signal_payload(signal, strategy_id)
        if key is not None:
            begun = await self._runner.begun(f"close {key}")
            if begun is not None:
                if (begun.parent.instrument_id, begun.parent.strategy_id) != (signal.instrument_id, strategy_id):
                    raise IdempotencyConflict(key)
                return await first_order(self._runner, self._placing, begun)
            answer = await self._placing.answered(key, body)
            if answer is not None:
                return answer
        first, *others = await params()
        closing = [self._close_one(signal, decision, body, first, principal, key)]
        for other in others:
            own_key = None if key is None else f"{key}:{other.key.label}"
            closing.append(self._close_one(signal, decision, body, other, principal, own_key))
        return (await asyncio.gather(*closing))[0]

    async def _close_one(
        self,
        signal: Signal,
        decision: Decision,
        body: object,
        wanted: OrderParams,
        principal: str,
        key: str | None,
    ) -> OrderResponse:
        person = asked_by_person(principal)
        order = await self._one_order(wanted, exit=person)
        if order is not None:
            return await self._placing.place(
                order, principal, idempotency_key=key, signal=signal, decision=decision, body=body, exit=person
            )
        turn = self._ledger.turn(principal)
        terms = decided_by(turn.event(EventKind.SIGNAL_RECEIVED, body), decision)
        await turn.commit()
        own_key = None if key is None else f"close {key}"
        started = await self._runner.start_exit(wanted, principal=principal, exit=person, key=own_key, terms=terms)
        return await first_order(self._runner, self._placing, started)

    def begun_by(self, key: str | None, instrument_id: str | None, *, everything: bool) -> frozenset[str]:
        """The parents by which a flatten with this key gets out of what is held now: asked again, they go on."""
        if key is None:
            return frozenset()
        plan = self.plan(instrument_id, everything=everything)
        return frozenset(self._runner.id_of(self._name(closing, key)) for closing in plan.closing)

    async def flatten(
        self, instrument_id: str | None, *, everything: bool, principal: str, key: str | None
    ) -> Flattened:
        """Close every position (of one instrument), all at once. everything: unattributed coins too."""
        plan = self.plan(instrument_id, everything=everything)
        done = await asyncio.gather(
            *(self._flatten_one(closing, principal, key, everything=everything) for closing in plan.closing)
        )
        return Flattened(
            orders=tuple(order for order, _ in done if order is not None),
            parents=tuple(parent for _, parent in done if parent is not None),
            left_out=plan.left_out,
        )

    def plan(self, instrument_id: str | None, *, everything: bool) -> FlattenPlan:
        """What a flatten would close now. Raises InvalidValue for an instrument that the exchange does not list."""
        if instrument_id is not None:
            self._ledger.instrument(instrument_id)
        return to_flatten(self._ledger, instrument_id, self._risk.prices, everything=everything)

    async def _flatten_one(
        self, closing: Closing, principal: str, key: str | None, *, everything: bool
    ) -> tuple[OrderResponse | None, ParentResponse | None]:
        own_key = None if key is None else self._name(closing, key)
        # The size is no part of the body: asked again with the same key, less is held.
        body = {"flatten": self._name(closing)}
        if own_key is not None:
            answer = await self._placing.answered(own_key, body)
            if answer is not None:
                return answer, None
            begun = await self._runner.begun(own_key)
            if begun is not None:
                return await self._with_child(begun)
        params, person = _closing_params(closing), asked_by_person(principal)
        start = partial(
            self._runner.start_exit, params, principal=principal, exit=person, unattributed=everything, key=own_key
        )
        held = held_for(self._ledger, params.key, params.side, reduce_only=params.reduce_only)
        if held is not None and held.free < params.size:
            # Orders that the cancel has not ended yet hold a part; a parent takes it as it becomes free.
            return None, await start()
        order = await self._one_order(params, exit=person)
        if order is not None:
            return await self._placing.place(order, principal, idempotency_key=own_key, body=body, exit=person), None
        return await self._with_child(await start())

    async def _with_child(self, started: ParentResponse) -> tuple[OrderResponse | None, ParentResponse]:
        child_id = await first_child(self._runner, started.parent_id)
        return None if child_id is None else await self._placing.again(child_id), self._runner.get(started.parent_id)

    def _name(self, closing: Closing, key: str = "") -> str:
        """What is closed, as a part of a flatten's key: of a pair its asset, which another pair may sell next time.
        With a key: the key of this part."""
        instrument_id = closing.instrument_id
        if closing.trade_mode is TradeMode.CASH:
            instrument_id = self._ledger.instrument(instrument_id).base
        name = f"{instrument_id} {closing.position_side.value} {closing.trade_mode.value}"
        return f"{key}:{name}" if key else name

    async def _one_order(self, params: OrderParams, *, exit: bool) -> OrderParams | None:
        """The single order that is to be placed, or None when it takes a parent, whose first piece would pass now.

        One that risk or the gate refuses is placed to be refused: DENIED, with every reason.
        """
        await self._follow(params.instrument_id)
        first = self._risk.first_piece(params)
        if first is params or self._gate.closed() or not self._risk.approve(first, exit=exit).result.passed:
            return first
        return None


def _closing_params(closing: Closing) -> OrderParams:
    contract = closing.trade_mode is not TradeMode.CASH
    return OrderParams(
        instrument_id=closing.instrument_id,
        side=closing.side,
        order_type=OrderType.MARKET,
        size=closing.size,
        trade_mode=closing.trade_mode,
        position_side=closing.position_side,
        reduce_only=contract and closing.position_side is PositionSide.NET,
    )
