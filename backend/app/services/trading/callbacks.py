"""Order callbacks: each has a queue of its own, so that it hears an order's states in order and delays nobody else.

At most QUEUE_MAX states wait in one queue. Each is the whole order, so a full queue drops its oldest: the newest, and
with it the last one, is never lost. One call may take CALL_SECONDS; then it is cancelled, and the next state is told.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from app.services.trading.schemas import OrderResponse
from app.services.trading.tasks import TaskGroup

QUEUE_MAX = 100
CALL_SECONDS = 5.0

log = structlog.get_logger("tracker")

OrderCallback = Callable[[OrderResponse], Awaitable[None] | None]


class Callbacks:
    """The callbacks of all orders. Their tasks belong to `tasks` and run while there is something to tell."""

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._queues: dict[str, list[_Queue]] = {}

    def __len__(self) -> int:
        """Orders with callbacks."""
        return len(self._queues)

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._queues

    def add(self, order_id: str, callback: OrderCallback) -> None:
        queues = self._queues.setdefault(order_id, [])
        if all(queue.callback != callback for queue in queues):
            queues.append(_Queue(order_id, callback))

    def drop(self, order_id: str, callback: OrderCallback | None = None) -> None:
        """One callback, or all of the order's: what waits is not told any more."""
        for queue in tuple(self._queues.get(order_id, ())):
            if callback is None or queue.callback == callback:
                queue.waiting.clear()
                self._forget(queue)

    def tell(self, order: OrderResponse, *, last: bool) -> None:
        """The order's next state, in the order of commits; the last one is told, and nothing after it."""
        for queue in self._queues.get(order.order_id, ()):
            if queue.ended:
                continue
            queue.put(order)
            queue.ended = last
            if not queue.running:
                queue.running = True
                self._tasks.spawn(self._run(queue), "order callback")

    async def _run(self, queue: "_Queue") -> None:
        try:
            while queue.waiting:
                await queue.call()
        finally:
            queue.running = False
            if queue.ended:
                self._forget(queue)

    def _forget(self, queue: "_Queue") -> None:
        queues = self._queues.get(queue.order_id, [])
        if queue in queues:
            queues.remove(queue)
        if not queues:
            self._queues.pop(queue.order_id, None)


class _Queue:
    """One callback of one order. running: a task is telling what waits. ended: the last state is in it, or told."""

    __slots__ = ("callback", "dropped", "ended", "order_id", "running", "waiting")

    def __init__(self, order_id: str, callback: OrderCallback) -> None:
        self.order_id = order_id
        self.callback = callback
        self.waiting: deque[OrderResponse] = deque()
        self.running = False
        self.ended = False
        self.dropped = 0

    def put(self, order: OrderResponse) -> None:
        if len(self.waiting) >= QUEUE_MAX:
            self.waiting.popleft()
            self.dropped += 1
            if self.dropped == 1:
                log.warning("order.callback_slow", order_id=self.order_id, waiting=QUEUE_MAX)
        self.waiting.append(order)

    async def call(self) -> None:
        """Tell the oldest state that waits."""
        order = self.waiting.popleft()
        try:
            outcome = self.callback(order)
            if outcome is not None:
                async with asyncio.timeout(CALL_SECONDS):
                    await outcome
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Not we are cancelled: something that the callback waited for was.
            log.warning("order.callback_failed", order_id=self.order_id, reason="it was cancelled")
        except Exception:
            log.exception("order.callback_failed", order_id=self.order_id)
