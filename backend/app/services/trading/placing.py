"""One order, from the decision to the durable intent to the wire to the recorded answer.

    place()        whoever asked: follows the market, looks at the key, decides, and waits for `answered`
    _decide()      one turn: every check, the order's row, the intent event; the turn is handed to the writer
      durable      ends when its group is on the disk, and calls
    _send()        which starts a task of its own, for whoever asked may go away (FAULTS A3)
    _submit()      the task: hands the intent over once (venue/sending.py) and has the answer recorded
      recorded     ends when that is on the disk, and calls answered.settle

Two steps are calls and no awaits, for two reasons. A Durable is passed on whole: a commit that failed, a send that
failed and a send that was cut off before it began all reach everyone who waits, a repeated request included, as the
error that it was. And an await would wake the task twice more for each order, once for each group, which is what a
process that places thousands a second does most (decision 0018 has the figures). Where nothing waits for a group, as
for a cancel or an amend, awaits do.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from app.domain.alike import common
from app.domain.approvals import Second
from app.domain.conditions import Condition
from app.domain.decisions import Decision
from app.domain.events import EventKind
from app.domain.orders import Order, OrderRequest
from app.domain.refusals import InvalidValue, Refusal
from app.exchanges.port import CommittedIntent
from app.services.trading.account.idempotency import Earlier, IdempotentRequests
from app.services.trading.account.ids import ORDER_PREFIX, OrderIds
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.refusal_classes import never_went, of_the_moment
from app.services.trading.account.refused_lines import ORDERS
from app.services.trading.account.turn import Turn
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.holdings.signal_orders import signal_payload
from app.services.trading.order_manager import OrderManager, response
from app.services.trading.risk_checks import key_limits
from app.services.trading.schemas import OrderParams, OrderResponse
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.sending import Gate, Sender, tell_failure
from app.store.durable import Durable
from app.strategies.signals import Signal

UNWRITTEN = "one of many that were denied within a minute: it is answered and not written"
_asked = common(OrderParams, OrderRequest, "order_type")


@dataclass(frozen=True, slots=True)
class ChildOf:
    """An order that a parent's step places: `rows` stages the step's rows in the same turn as the order's intent. exit,
    protects: see Order. condition: what it is to wait for at the exchange."""

    parent_id: str
    step: int
    rows: Callable[[Turn, Order], None]
    exit: bool = False
    protects: bool = False
    condition: Condition | None = None


class Placing:
    """Places the orders of one account. follow: makes an instrument's market known; expires_ns: until when an intent
    of now may be sent."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        risk: ExecutionRiskControl,
        orders: OrderManager,
        sender: Sender,
        gate: Gate,
        ids: OrderIds,
        idempotency: IdempotentRequests,
        tasks: TaskGroup,
        follow: Callable[[str], Awaitable[None]],
        expires_ns: Callable[[], int],
    ) -> None:
        self._ledger = ledger
        self._risk = risk
        self._orders = orders
        self._sender = sender
        self._gate = gate
        self._ids = ids
        self._idempotency = idempotency
        self._tasks = tasks
        self._follow = follow
        self._expires_ns = expires_ns
        self._sending: dict[str, Durable] = {}

    async def place(
        self,
        params: OrderParams,
        principal: str,
        *,
        idempotency_key: str | None = None,
        parent: ChildOf | None = None,
        signal: Signal | None = None,
        decision: Decision | None = None,
        body: object = None,
        exit: bool = False,
        second: Second | None = None,
    ) -> OrderResponse:
        """TradeExecutor.place_order. decision: of the signal. body: what a repeated idempotency_key must equal; the
        params, where nothing else is given. exit: a person asks for it to get out. second: who lets it happen."""
        if params.instrument_id not in self._ledger.instruments:
            unknown = InvalidValue("instrument_id", params.instrument_id, "is not an instrument of this exchange")
            await record_refusal(self._ledger, (unknown.refusal,), principal)
            unknown.journalled = True
            raise unknown
        await self._follow(params.instrument_id)
        await self._risk.prepare(params)
        body = params if body is None else body
        again: Earlier | None = None
        if idempotency_key is not None:
            again, answer = await self._earlier(idempotency_key, body, second)
            if answer is not None and second is not None:
                # It is in the market after all: it was held for refused, and the exchange has shown it since.
                turn = self._ledger.turn(second.principal)
                second.stage(turn, answer.order_id)
                await turn.commit()
            if answer is not None:
                return answer
        if second is not None:
            self._check_second(params, second)
        of = (parent, signal, decision)
        order, durable = self._decide(params, principal, idempotency_key, *of, body, again, second, exit=exit)
        if durable is None:
            return replace(response(order), error_message=UNWRITTEN)
        if order.terminal:
            await durable
            return response(order)
        request = order.request
        intent = CommittedIntent(request, self._ledger.instruments[request.instrument_id])
        answered = self._sending[request.order_id] = Durable()
        answered.then(lambda _: self._sending.pop(request.order_id, None))
        durable.then(partial(self._send, intent, answered))
        await answered
        return response(await self._orders.load(request.order_id))

    async def again(self, order_id: str) -> OrderResponse:
        """An order as it stands once it was answered: what a repeated request gets of the order that the first made."""
        sending = self._sending.get(order_id)
        if sending is not None:
            await sending
        order = await self._orders.load(order_id)
        await self._ledger.writer.drain()
        return response(order)

    async def answered(self, key: str, body: object) -> OrderResponse | None:
        """What an idempotency key's order came to; None for a new key and for a refusal of the moment alone. Raises
        IdempotencyConflict."""
        return (await self._earlier(key, body))[1]

    async def _earlier(
        self, key: str, body: object, second: Second | None = None
    ) -> tuple[Earlier | None, OrderResponse | None]:
        """What the key made before, and its answer where that is final. (earlier, None): it was refused for the moment,
        or, where a person lets it happen anew, never was in the market, and may be tried again. Ends without an await
        after the last look, so that of two requests one is the first."""
        await self._idempotency.load(key)
        while (earlier := self._idempotency.earlier(key, body)) is not None:
            answer = await self.again(earlier.order_id)
            passing = of_the_moment(answer.status, answer.reasons, answer.refusal)
            if not passing and (second is None or not never_went(await self._orders.load(earlier.order_id))):
                return earlier, answer
            if self._idempotency.earlier(key, body) == earlier:
                return earlier, None
        return None, None

    def _decide(
        self,
        params: OrderParams,
        principal: str,
        idempotency_key: str | None,
        parent: ChildOf | None,
        signal: Signal | None,
        decided: Decision | None,
        body: object,
        again: Earlier | None,
        second: Second | None,
        *,
        exit: bool,
    ) -> tuple[Order, Durable | None]:
        """The first turn: every check, the order's row, the intent event. Nothing awaits in here. No Durable: a denied
        order that is not written (_told)."""
        turn = self._ledger.turn(principal)
        if signal is not None:
            turn.event(EventKind.SIGNAL_RECEIVED, signal_payload(signal, params.strategy_id))
        decision = self._risk.approve(
            params,
            exit=parent.exit if parent else exit,
            protects=parent is not None and parent.protects,
            principal=principal,
            condition=parent.condition if parent else None,
            now_ns=turn.now_ns,
        )
        request = self._request(params, turn.now_ns, decision.reference_price, parent, decided)
        # Who lets it happen says so now, however long ago it was first tried.
        stale = None if again is None or second is not None else self._idempotency.stale(again)
        refusals = (stale,) if stale is not None else (*self._gate.closed(), *decision.result.reasons)
        order = self._orders.create_order(
            turn,
            request,
            refusals=refusals,
            checked=decision.result.checked,
            exit=decision.exit,
            protects=decision.protects,
        )
        if parent is not None:
            parent.rows(turn, order)
        self._count(turn, order, principal, second)
        if idempotency_key is not None:
            turn.also(self._idempotency.stage(turn, idempotency_key, body, request.order_id, again))
        if parent is None and refusals and not self._told(turn, refusals):
            self._ledger.refused_lines.not_written(request.strategy_id)
            return order, None
        return order, turn.commit()

    def _request(
        self,
        params: OrderParams,
        now_ns: int,
        reference_price: Decimal | None,
        parent: ChildOf | None,
        decided: Decision | None,
    ) -> OrderRequest:
        client_order_id = self._ids.draw()
        return OrderRequest(
            **_asked(params),
            order_id=ORDER_PREFIX + client_order_id[len(self._ids.prefix) :],
            account=self._ledger.account,
            client_order_id=client_order_id,
            order_type=params.sent_type,
            size_unit=self._ledger.instruments[params.instrument_id].size_unit,
            created_ns=now_ns,
            reference_price=reference_price,
            parent_id=parent.parent_id if parent else None,
            parent_step=parent.step if parent else None,
            expires_ns=self._expires_ns(),
            condition=parent.condition if parent else None,
            decision=decided,
        )

    def _told(self, turn: Turn, refusals: Sequence[Refusal]) -> bool:
        """Whether a denied order gets its rows: of one principal so many a minute, for a program in a loop of them must
        not fill the disk. What gets none is answered as ever and counted, and the next one tells how many."""
        told = self._ledger.refused_lines.told(turn.principal, refusals, of=ORDERS)
        if told is not None and len(told) > len(refusals):
            turn.event(EventKind.REQUEST_REFUSED, {"reasons": told[len(refusals) :]})
        return told is not None

    def _count(self, turn: Turn, order: Order, principal: str, second: Second | None) -> None:
        """It counts against the day of who asks for it and of who lets it happen, which stands beside it."""
        request, keys = order.request, self._ledger.keys
        both = (principal,) if second is None else (principal, second.principal)
        for who in () if order.terminal else both:
            if keys.counts(who, order.order_id):
                of = (order.order_id, request.instrument_id, request.size, request.reference_price)
                turn.also(partial(keys.charge, who, *of, turn.now_ns))
        if second is not None and order.terminal:
            second.denied(turn, order)
        elif second is not None:
            second.stage(turn, order.order_id)

    def _check_second(self, params: OrderParams, second: Second) -> None:
        """Raises InvalidValue for an order that who lets it happen may not place himself."""
        for reason in self._risk.approve(params, principal=second.principal).result.reasons:
            if reason.check == key_limits.NAME:
                raise InvalidValue(reason.field, reason.value, reason.rule, check=reason.check)

    def _send(self, intent: CommittedIntent, answered: Durable, error: Exception | None) -> None:
        """Once the intent is durable: in a task of its own, for whoever asked may go away (FAULTS A3)."""
        if error is not None:
            answered.settle(error)
        else:
            task = self._tasks.spawn(self._submit(intent, answered), f"send {intent.request.order_id}")
            task.add_done_callback(partial(tell_failure, answered))

    async def _submit(self, intent: CommittedIntent, answered: Durable) -> None:
        recorded = await self._sender.submit(intent)
        recorded.then(answered.settle)


async def record_refusal(ledger: Ledger, refusals: Sequence[Refusal], principal: str) -> None:
    """Journal a request that was refused before it became an order (refused_lines.py)."""
    reasons = ledger.refused_lines.told(principal, refusals)
    if reasons is not None:
        turn = ledger.turn(principal)
        turn.event(EventKind.REQUEST_REFUSED, {"reasons": reasons})
        await turn.commit()
