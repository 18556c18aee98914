"""TradeExecutor: signals and orders in, through risk and the journal, to the exchange.

One order's life: a turn decides and records it, the group commits, only then the wire. A refusal by risk is a value
(an OrderResponse in state DENIED with every reason); what is no order at all raises InvalidValue.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from app.domain.approvals import Second
from app.domain.orders import Order, OrderStatus
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import Turn
from app.services.trading.amending import Amending
from app.services.trading.errors import IdempotencyConflict, ParentNotFound
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.execution_strategies.base import ParentRunner
from app.services.trading.execution_strategies.conditions import Wanted, asks_for, is_parent, shown, wanted
from app.services.trading.exits.closing import Exits, Flattened, stays_when_killed
from app.services.trading.exits.halting import engage
from app.services.trading.exits.to_close import FlattenPlan
from app.services.trading.holdings.signal_orders import decision_of, signal_orders
from app.services.trading.order_manager import OrderManager, response
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.placing import Placing, record_refusal
from app.services.trading.schemas import Account, CurrencyBalance, OrderParams, OrderResponse
from app.services.trading.venue import operator_evidence
from app.services.trading.venue.cancels import Cancels, CancelsUnrecorded, SentCancel
from app.services.trading.venue.sending import Gate
from app.services.trading.working import SignalWork, worked_by
from app.store.errors import StoreError
from app.strategies.signals import Signal, SignalType

LOCAL = "local"

log = structlog.get_logger("executor")


class TradeExecutor:
    """The account's front door. Every method may be called from any task of the event loop. parents: who works parent
    orders; they are ended from here, and strategies are run through it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        risk: ExecutionRiskControl,
        orders: OrderManager,
        tracker: OrderTracker,
        gate: Gate,
        placing: Placing,
        amending: Amending,
        cancels: Cancels,
        parents: ParentRunner,
        follow: Callable[[str], Awaitable[None]],
    ) -> None:
        self.parent_orders = parents
        self._ledger = ledger
        self._risk = risk
        self._orders = orders
        self._tracker = tracker
        self._placing = placing
        self._amending = amending
        self._cancels = cancels
        self._work = SignalWork(ledger, parents, placing)
        self._exits = Exits(ledger=ledger, risk=risk, gate=gate, runner=parents, follow=follow, placing=placing)

    async def execute_signal(
        self,
        signal: Signal,
        account: Account | None = None,
        strategy_id: str | None = None,
        *,
        strategy: str | None = None,
        config: Mapping[str, Any] | None = None,
        principal: str | None = None,
        idempotency_key: str | None = None,
    ) -> OrderResponse | None:
        """Execute a trading signal: BUY and SELL place an order (limit at the signal's price, market without one),
        CLOSE ends the position (of the strategy, when strategy_id is given), HOLD does nothing. strategy, config: BUY
        and SELL are worked by that execution strategy instead, as one parent; its first order is returned and names it.

        A CLOSE that is more than one order may take (the visible book within the price collar, the limits of one order)
        goes on in pieces as a parent; the first piece is returned and names it (parent_id). Returns the order as it
        stands after the exchange's answer, DENIED with all reasons when refused, None for HOLD; of a CLOSE that ends
        several sides or modes of an instrument, an order each, that of the largest. Raises InvalidValue for an unknown
        instrument, a position side or mode that the account does not keep, another account's `account`, or nothing to
        close, and NotReady while the parent has no order yet (it goes on, and the same key finds it).
        """
        if signal.type is SignalType.HOLD:
            return None
        decision = decision_of(signal, self._ledger.clock.now_ns())
        who = principal or (f"strategy:{strategy_id}" if strategy_id else LOCAL)
        how, wanted = worked_by(signal, strategy, config), partial(self._wanted, signal, account, strategy_id, who)
        if signal.type is SignalType.CLOSE:
            return await self._exits.close(signal, decision, strategy_id, wanted, principal=who, key=idempotency_key)
        if how is not None:
            return await self._work.work(signal, decision, how, strategy_id, wanted, principal=who, key=idempotency_key)
        if idempotency_key is not None:
            await self._work.refuse_worked(idempotency_key)
        (params,) = await wanted()
        return await self._placing.place(params, who, idempotency_key=idempotency_key, signal=signal, decision=decision)

    async def _wanted(
        self, signal: Signal, account: Account | None, strategy_id: str | None, principal: str
    ) -> list[OrderParams]:
        """The orders that a signal asks for; a signal that asks for none is journalled as refused."""
        try:
            if account is not None and account.id != self._ledger.account:
                raise InvalidValue("account", account.id, f"this executor trades account {self._ledger.account}")
            orders = signal_orders(self._ledger, signal, strategy_id)
        except InvalidValue as error:
            await self.record_refusal((error.refusal,), principal=principal)
            error.journalled = True
            raise
        return orders

    async def place_order(
        self,
        params: OrderParams,
        *,
        strategy_id: str | None = None,
        principal: str = LOCAL,
        idempotency_key: str | None = None,
        second: Second | None = None,
    ) -> OrderResponse:
        """Place one order: risk, journal, exchange. second: who lets it happen.

        Returns the order after the exchange's answer: LIVE or beyond, DENIED (risk, with all reasons), REJECTED
        (exchange), NOT_SENT (approved, but nothing of it left), UNKNOWN (unanswered; it is being looked for, do not
        send it again). Raises InvalidValue for an unknown instrument, IdempotencyConflict, and StoreFailed, after
        which the outcome is unknown.

        A conditional order, and one with a take_profit or stop_loss, is held here as a parent and answered when that
        is durable: its order_id is the parent's, and it is PENDING until it fires (docs/conditional.md). Raises
        InvalidValue for one that is refused.
        """
        if strategy_id is not None and params.strategy_id != strategy_id:
            params = replace(params, strategy_id=strategy_id)
        asked = wanted(params)
        if asked is not None:
            return await self._hold(asked, params, principal, idempotency_key, second)
        if idempotency_key is not None and await self.parent_orders.begun(held_key(idempotency_key)) is not None:
            raise IdempotencyConflict(idempotency_key)
        return await self._placing.place(params, principal, idempotency_key=idempotency_key, second=second)

    async def _hold(
        self, asked: Wanted, body: object, principal: str, key: str | None, second: Second | None
    ) -> OrderResponse:
        """Hold it, once for a key."""
        if key is not None and await self._placing.answered(key, body) is not None:
            raise IdempotencyConflict(key)
        own = None if key is None else held_key(key)
        started = await self.parent_orders.start(
            asked.strategy, asked.config, asked.params, principal=principal, key=own, second=second
        )
        if key is not None and not asks_for(started, asked):
            raise IdempotencyConflict(key)
        return shown(started, self.parent_orders.orders(started.parent_id))

    def held_order(self, order_id: str) -> OrderResponse | None:
        """A parent as the order that it was asked for as; None for an id that is no parent's."""
        try:
            found = self.parent_orders.get(order_id)
        except ParentNotFound:
            return None
        return shown(found, self.parent_orders.orders(order_id))

    async def cancel_order(self, order_id: str, *, principal: str = LOCAL) -> OrderResponse:
        """Cancel an order by our id or its client order id, one that is held here by its parent's; waits up to a second
        for the venue to confirm.

        The order may still fill until then. Never held back by risk, kill switch or readiness. Raises OrderNotFound,
        OrderOver, and CancelsUnrecorded (a StoreFailed) when the database does not take it: the cancel was sent.
        """
        if is_parent(order_id) and self.held_order(order_id) is not None:
            await self.parent_orders.cancel(order_id, principal=principal)
            return shown(self.parent_orders.get(order_id), self.parent_orders.orders(order_id))
        return await self._cancels.one(order_id, principal)

    async def modify_order(
        self,
        order_id: str,
        *,
        new_size: Decimal | None = None,
        new_price: Decimal | None = None,
        new_trigger_price: Decimal | None = None,
        principal: str = LOCAL,
    ) -> OrderResponse:
        """Amend size (total, filled part included) or price of a live order; of one that is held its trigger_price too.

        Returns the order with its new terms, once the venue has confirmed them, or as it stands after a second. Raises
        OrderNotFound, OrderOver, InvalidValue (nothing to change, below the filled size), AmendRefused (all reasons).
        """
        if is_parent(order_id) and self.held_order(order_id) is not None:
            config = {} if new_trigger_price is None else {"trigger_price": new_trigger_price}
            changed = await self.parent_orders.amend(
                order_id, size=new_size, price=new_price, config=config, principal=principal
            )
            return shown(changed, self.parent_orders.orders(order_id))
        if new_trigger_price is not None:
            raise InvalidValue("new_trigger_price", str(new_trigger_price), "is of orders that are held here alone")
        return await self._amending.amend(order_id, new_size, new_price, principal)

    async def cancel_all(
        self,
        instrument_id: str | None = None,
        *,
        protection: bool = False,
        principal: str = LOCAL,
        reason: str = "cancel all",
    ) -> list[OrderResponse]:
        """Cancel every open order (of one instrument), our own and those that others placed on the account, and end
        the parent orders, so that nothing of what was running goes out afterwards. protection: also the conditional
        orders that can only reduce, and theirs, which stay otherwise.

        Returns the canceled orders. Raises InvalidValue, and CancelsUnrecorded (a StoreFailed) when the database does
        not take it; the cancels went all the same, and it says which.
        """
        stay = frozenset() if protection else self.parent_orders.protecting(instrument_id)
        return await self._cancel_but(
            stay, lambda order: order.request.parent_id in stay, instrument_id, principal, reason
        )

    async def _cancel_but(
        self,
        stay: Collection[str],
        stays: Callable[[Order], bool],
        instrument_id: str | None,
        principal: str,
        reason: str,
    ) -> list[OrderResponse]:
        """cancel_all, but these parents go on, and the orders that stay."""
        if instrument_id is not None:
            self._ledger.instrument(instrument_id)
        cancel = partial(self._cancel_orders, instrument_id, principal, stays)
        try:
            # Parents first, or one of them would place again what is being canceled.
            ended = self.parent_orders.end_all(instrument_id, principal=principal, reason=reason, but=stay)
        except StoreError as error:
            sent = tuple(map(SentCancel.seen, await cancel()))
            raise CancelsUnrecorded(str(error), sent) from None
        canceled = await cancel()
        for durable in ended:
            await durable
        return canceled

    async def _cancel_orders(
        self, instrument_id: str | None, principal: str, stays: Callable[[Order], bool] = lambda order: False
    ) -> list[OrderResponse]:
        wanted = (order for order in self._ledger.open_orders() if order.cancelable and not stays(order))
        of_it = (order for order in wanted if instrument_id in (None, order.request.instrument_id))
        return await self._cancels.many(of_it, principal)

    async def flatten(
        self,
        instrument_id: str | None = None,
        *,
        all: bool = False,
        principal: str = LOCAL,
        idempotency_key: str | None = None,
    ) -> Flattened:
        """Cancel all as cancel_all does (and protection that has fired), then close every position at market (of one
        instrument), each as one order where one can take it all, else as a parent in pieces. all: unattributed coins
        too (README). What risk refuses is among the orders, DENIED; the result names what was left out. Asked again
        with the same key, what the first one began goes on."""
        if instrument_id is not None:
            self._ledger.instrument(instrument_id)
        begun = self._exits.begun_by(idempotency_key, instrument_id, everything=all)
        # Protection ends when what it protects is gone; but one that has fired would go on holding what is to be sold.
        stay = begun | self.parent_orders.protecting(instrument_id, fired=False)

        def stays(order: Order) -> bool:
            return order.request.parent_id in begun or order.stands_by

        await self._cancel_but(stay, stays, instrument_id, principal, "flatten")
        return await self._exits.flatten(instrument_id, everything=all, principal=principal, key=idempotency_key)

    def flatten_plan(self, instrument_id: str | None = None, *, all: bool = False) -> FlattenPlan:
        """What flatten would close now, and what it would leave. Raises InvalidValue."""
        return self._exits.plan(instrument_id, everything=all)

    async def account(self) -> Account:
        """Balances, equity and the day's starting equity now."""
        return self._risk.account()

    async def engage_kill_switch(self, reason: str, *, principal: str = LOCAL) -> list[OrderResponse]:
        """No new order and no amend from here on, also after a restart, but exits that a person asks for (flatten,
        CLOSE) and what protection fires. Every open order is cancelled but those and resting protection: contract
        orders that only reduce and are no parent's work. Parent orders are laid aside by it, each at its next step, and
        go on when resumed; what waits for a price, or is a bracket, to get in is ended; conditional orders that can
        only reduce go on watching.

        Raises CancelsUnrecorded (a StoreFailed) when the database does not take it; the cancels went all the same, and
        this process keeps the switch engaged, writes it as soon as the database is back, and cancels what lives on.
        """
        cancel = partial(self._cancel_orders, None, principal, stays_when_killed)
        return await engage(self._ledger, reason, principal, cancel)

    async def release_kill_switch(self, reason: str, *, principal: str = LOCAL) -> None:
        """Trading may go on."""
        turn = self._ledger.turn(principal)
        turn.set_kill_switch(False, reason)
        await turn.commit()

    async def resolve_order(
        self,
        order_id: str,
        *,
        state: OrderStatus | str,
        filled: Decimal | None = None,
        fills: Sequence[operator_evidence.DeclaredFill] = (),
        venue_order_id: str = "",
        principal: str,
        why: str,
    ) -> OrderResponse:
        """End an order that the exchange no longer decides, on an operator's evidence (principal "operator:<name>").

        state: canceled, filled or never_accepted. filled: cumulative, in the order's unit; fills: executions that are
        not in hand, as the venue's record shows them. Fills that are said to exist but are not given are still waited
        for, so the order stays unsettled and its exposure reserved. Raises OrderNotFound, OrderOver when it is
        settled already, InvalidValue for evidence that contradicts what is known.
        """
        return await operator_evidence.resolve_order(
            self._ledger,
            self._orders,
            order_id,
            state=state,
            filled=filled,
            fills=fills,
            venue_order_id=venue_order_id,
            principal=principal,
            why=why,
        )

    async def declare_balance(
        self,
        currency: str,
        amount: Decimal,
        *,
        price: Decimal | None = None,
        principal: str,
        why: str,
        keep: Callable[[Turn, CurrencyBalance], None] | None = None,
    ) -> CurrencyBalance:
        """Add `amount` (signed) to a currency's balance as an opening that nothing else explains.

        price: what one unit was worth in the valuation currency. keep: stages in the same turn what a repeated request
        is answered by, for twice would be another balance. Raises InvalidValue.
        """
        return await operator_evidence.declare_balance(
            self._ledger, currency, amount, price=price, principal=principal, why=why, keep=keep
        )

    async def wait_for(
        self, order_id: str, timeout_seconds: float | None = None, *, settled: bool = True
    ) -> OrderResponse:
        """Wait until an order is over (settled: and all its fills are in hand), durably.

        Raises TimeoutError, OrderNotFound, StoreFailed.
        """
        done = (lambda o: o.settled) if settled else (lambda o: o.terminal)
        return response(await self._tracker.wait(order_id, done, timeout_seconds))

    async def record_refusal(self, refusals: Sequence[Refusal], *, principal: str = LOCAL) -> None:
        """Journal a request that was refused before it became an order."""
        await record_refusal(self._ledger, refusals, principal)


def held_key(key: str) -> str:
    """Under which an order that waits for a price is the parent that its Idempotency-Key made."""
    return f"order {key}"
