"""An amend of a live order: decided in one turn as an order is, durable, then to the wire and answered."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from app.domain.conditions import Condition
from app.domain.events import EventKind
from app.domain.money import positive
from app.domain.order_changes import request_amend
from app.domain.orders import Amendment, Order
from app.domain.parents import parent_principal
from app.domain.refusals import InvalidValue, Refusal, RefusalClass
from app.exchanges.port import CommittedIntent, Outcome, OutcomeKind
from app.services.trading.account.ids import OrderIds
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.refusal_classes import denied_for_now
from app.services.trading.errors import AmendRefused, OrderOver
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.order_manager import OrderManager, check_amendable, response
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.schemas import OrderResponse
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.sending import Gate, Sender
from app.store.durable import Durable

WAIT_SECONDS = 1.0


class Amending:
    """Amends the orders of one account. expires_ns: until when an intent of now may be sent."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        risk: ExecutionRiskControl,
        orders: OrderManager,
        tracker: OrderTracker,
        sender: Sender,
        gate: Gate,
        ids: OrderIds,
        tasks: TaskGroup,
        expires_ns: Callable[[], int],
    ) -> None:
        self._ledger = ledger
        self._risk = risk
        self._orders = orders
        self._tracker = tracker
        self._sender = sender
        self._gate = gate
        self._ids = ids
        self._tasks = tasks
        self._expires_ns = expires_ns

    async def amend(
        self,
        order_id: str,
        new_size: Decimal | None,
        new_price: Decimal | None,
        principal: str,
        condition: Condition | None = None,
    ) -> OrderResponse:
        """TradeExecutor.modify_order. condition: of one that waits at the exchange."""
        size = None if new_size is None else positive("new_size", new_size)
        price = None if new_price is None else positive("new_price", new_price)
        order = await self._orders.load(order_id)
        if order.terminal:
            raise OrderOver(response(order), "amended")
        _check_not_worked(order, principal)
        check_amendable(order, size, price, condition)
        intent, durable = self._decide(order, size, price, condition, principal)
        outcome = await asyncio.shield(self._tasks.spawn(self._send(durable, intent), f"amend {order.order_id}"))
        if outcome.kind in (OutcomeKind.REJECTED, OutcomeKind.NOT_SENT):
            now = response(await self._orders.load(order_id))
            by = "exchange" if outcome.kind is OutcomeKind.REJECTED else outcome.kind.value
            refused = (Refusal(by, "code", outcome.code, outcome.message),)
            raise AmendRefused(now, refused, passing=outcome.refusal is RefusalClass.PASSING)
        assert intent.amendment is not None
        await self._tracker.wait_amended(order.order_id, intent.amendment.request_id, WAIT_SECONDS)
        return response(await self._orders.load(order_id))

    async def _send(self, durable: Durable, intent: CommittedIntent) -> Outcome:
        await durable
        return await self._sender.amend(intent)

    def _decide(
        self,
        order: Order,
        size: Decimal | None,
        price: Decimal | None,
        condition: Condition | None,
        principal: str,
    ) -> tuple[CommittedIntent, Durable]:
        instrument = self._ledger.instruments[order.request.instrument_id]
        decision = self._risk.approve_amendment(order, size, price, principal=principal, condition=condition)
        reasons = (*self._gate.closed(), *decision.result.reasons)
        turn = self._ledger.turn(principal)
        if reasons:
            if (told := self._ledger.refused_lines.told(principal, reasons)) is not None:
                turn.event(EventKind.REQUEST_REFUSED, {"reasons": told}, order_id=order.order_id)
                turn.commit()
            raise AmendRefused(response(order), reasons, passing=denied_for_now(reasons))
        amendment = Amendment(self._ids.draw(), size, price, turn.now_ns, self._expires_ns(), condition)
        turn.put(amended := request_amend(turn.order(order.order_id), amendment, turn.now_ns))
        number = amended.asked_before + len(amended.asked)
        payload = {"amendment": amendment, "checked": decision.result.checked, "number": number}
        turn.event(EventKind.AMEND_INTENT, payload, order_id=order.order_id)
        intent = CommittedIntent(order.request, instrument, amendment, order.venue_order_id)
        of = (order.order_id, instrument.instrument_id, amended.max_possible, decision.reference_price)
        turn.also(partial(self._ledger.keys.charge, principal, *of, turn.now_ns))
        return intent, turn.commit()


def _check_not_worked(order: Order, principal: str) -> None:
    """A child has the size and the price that its parent's terms allow. Raises InvalidValue for anybody else's wish."""
    parent_id = order.request.parent_id
    if parent_id is not None and principal != parent_principal(parent_id):
        rule = f"is worked by parent order {parent_id}: amend that one, or cancel this order"
        raise InvalidValue("order_id", order.order_id, rule)
