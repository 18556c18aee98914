"""Cancels: of one order or of many, sent at once and waited for a moment.

Never held back by risk, readiness or the disk (INVARIANTS S12).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.orders import Order
from app.exchanges.port import Outcome
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import OrderOver
from app.services.trading.order_manager import OrderManager, response
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.schemas import OrderResponse
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.sending import Sender
from app.store.writer import StoreFailed

WAIT_SECONDS = 1.0
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class SentCancel:
    """A cancel that went out. answer: accepted, rejected, unknown or not_sent, or the status in which the order was
    seen since; code and message are the exchange's."""

    order_id: str
    client_order_id: str
    instrument_id: str
    answer: str
    code: str
    message: str

    @classmethod
    def of(cls, order: Order, outcome: Outcome) -> "SentCancel":
        request = order.request
        names = (request.order_id, request.client_order_id, request.instrument_id)
        return cls(*names, outcome.kind.value, outcome.code, outcome.message)

    @classmethod
    def seen(cls, order: OrderResponse) -> "SentCancel":
        """Of an order whose end was recorded before the record failed."""
        return cls(order.order_id, order.client_order_id, order.instrument_id, order.status.value, "", "")


class CancelsUnrecorded(StoreFailed):
    """The database did not take what was done: sent says what went to the exchange and what it answered; engaged, that
    the kill switch is on in this process, which writes it as soon as it can."""

    def __init__(self, reason: str, sent: tuple[SentCancel, ...], *, engaged: bool = False) -> None:
        self.sent = sent
        self.engaged = engaged
        super().__init__(reason)


class Cancels:
    """Sends cancels for one account."""

    def __init__(
        self, ledger: Ledger, orders: OrderManager, tracker: OrderTracker, sender: Sender, tasks: TaskGroup
    ) -> None:
        self._ledger = ledger
        self._orders = orders
        self._tracker = tracker
        self._sender = sender
        self._tasks = tasks

    async def one(self, order_id: str, principal: str) -> OrderResponse:
        """Cancel an order and wait for its end, or as it stands after a while. Raises OrderNotFound, OrderOver, and
        CancelsUnrecorded when the database does not take it: the cancel was sent, and the error says what the exchange
        answered."""
        order = await self._orders.load(order_id)
        if not order.cancelable:
            raise OrderOver(response(order), "canceled")
        return (await self.many([order], principal))[0]

    async def many(self, wanted: Iterable[Order], principal: str) -> list[OrderResponse]:
        """All of them go out before any is waited for: a venue that is slow to confirm delays none (INVARIANTS L4).
        Raises CancelsUnrecorded as one()."""
        orders = list(wanted)
        outcomes: list[Outcome] = []
        for start in range(0, len(orders), AT_ONCE):
            some = orders[start : start + AT_ONCE]
            outcomes += await asyncio.gather(*(self._send(order, principal) for order in some))
        try:
            return list(await asyncio.gather(*(self._ended(order) for order in orders)))
        except StoreFailed as error:
            sent = tuple(SentCancel.of(order, outcome) for order, outcome in zip(orders, outcomes, strict=True))
            raise CancelsUnrecorded(str(error), sent) from None

    async def _send(self, order: Order, principal: str) -> Outcome:
        """In a task of its own: whoever asked may go away, the cancel goes out all the same."""
        sending = self._tasks.spawn(self._sender.cancel(order, principal), f"cancel {order.order_id}")
        return await asyncio.shield(sending)

    async def _ended(self, order: Order) -> OrderResponse:
        try:
            order = await self._tracker.wait(order.order_id, lambda o: not o.cancelable, WAIT_SECONDS)
        except TimeoutError:
            order = await self._orders.load(order.order_id)
            await self._ledger.writer.drain()
        return response(order)
