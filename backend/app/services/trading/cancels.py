"""Cancels: of one order or of many, sent at once and waited for a moment.

Never held back by risk, readiness or the disk (INVARIANTS S12).
"""

import asyncio
from collections.abc import Iterable

from app.domain.orders import Order
from app.services.trading.ledger import Ledger
from app.services.trading.order_manager import OrderManager, response
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.schemas import OrderResponse
from app.services.trading.sending import Sender
from app.services.trading.tasks import TaskGroup

WAIT_SECONDS = 1.0
AT_ONCE = 20


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

    async def one(self, order: Order, principal: str) -> OrderResponse:
        """Cancel an order and wait for its end, or as it stands after a while."""
        await self._send(order, principal)
        return await self._ended(order)

    async def many(self, wanted: Iterable[Order], principal: str) -> list[OrderResponse]:
        """All of them go out before any is waited for: a venue that is slow to confirm delays none (INVARIANTS L4)."""
        orders = list(wanted)
        for start in range(0, len(orders), AT_ONCE):
            some = orders[start : start + AT_ONCE]
            await asyncio.gather(*(self._send(order, principal) for order in some))
        return list(await asyncio.gather(*(self._ended(order) for order in orders)))

    async def _send(self, order: Order, principal: str) -> None:
        """In a task of its own: whoever asked may go away, the cancel goes out all the same."""
        await asyncio.shield(self._tasks.spawn(self._sender.cancel(order, principal), f"cancel {order.order_id}"))

    async def _ended(self, order: Order) -> OrderResponse:
        try:
            order = await self._tracker.wait(order.order_id, lambda o: not o.cancelable, WAIT_SECONDS)
        except TimeoutError:
            order = await self._orders.load(order.order_id)
            await self._ledger.writer.drain()
        return response(order)
