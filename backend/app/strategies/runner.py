"""SignalRunner: shows a live market to signal strategies and hands their signals, one at a time, to whoever executes.

Each strategy has subscriptions and a queue of its own, so that one that raises does not blind the others, and a signal
that takes long to execute delays its own strategy's next ones alone.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from app.domain.market import PublicTrade
from app.market_data.feeds import MarketData
from app.market_data.subscriptions import MarketChange
from app.strategies.base import SignalStrategy
from app.strategies.signals import Signal

WAITING_MAX = 100

Execute = Callable[[Signal, str], Awaitable[object]]


class SignalRunner:
    """execute(signal, strategy name) is awaited before the strategy's next signal is taken.

    A strategy's signals wait in order, at most WAITING_MAX; beyond that new ones are dropped and counted in `lost`.
    on_signal is told of each when it is made. Trades reach the strategies one by one; books conflated, the latest
    usable touch.
    """

    def __init__(
        self,
        market_data: MarketData,
        strategies: Sequence[SignalStrategy],
        execute: Execute,
        on_signal: Callable[[Signal, str], None] | None = None,
    ) -> None:
        self.lost = 0
        self._market_data = market_data
        self._strategies = tuple(strategies)
        self._execute = execute
        self._on_signal = on_signal
        self._queues = [_Queue(strategy) for strategy in self._strategies]

    async def run(self) -> None:
        """Until cancelled. What execute raises ends it; what a strategy raises goes to the loop's exception handler."""
        ends = [end for queue in self._queues for end in self._show_market_to(queue)]
        try:
            async with asyncio.TaskGroup() as group:
                for queue in self._queues:
                    group.create_task(self._execute_all(queue), name=f"signals of {queue.strategy.name}")
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            for end in ends:
                end()

    async def _execute_all(self, queue: "_Queue") -> None:
        while True:
            await queue.wake.wait()
            queue.wake.clear()
            while queue.waiting:
                await self._execute(queue.waiting.popleft(), queue.strategy.name)

    def _show_market_to(self, queue: "_Queue") -> list[Callable[[], None]]:
        strategy = queue.strategy
        wanted = frozenset(strategy.instruments)

        def on_trade(trade: PublicTrade) -> None:
            if trade.instrument_id in wanted:
                self._take(strategy.on_trade(trade), queue)

        def on_change(instrument_id: str, change: MarketChange) -> None:
            if change is not MarketChange.BOOK or instrument_id not in wanted:
                return
            view = self._market_data.book(instrument_id)
            if view is not None and self._market_data.book_refusal(instrument_id) is None:
                self._take(strategy.on_book(view), queue)

        return [self._market_data.subscribe_trades(on_trade), self._market_data.subscribe(on_change)]

    def _take(self, signal: Signal | None, queue: "_Queue") -> None:
        if signal is None:
            return
        if self._on_signal is not None:
            self._on_signal(signal, queue.strategy.name)
        if len(queue.waiting) >= WAITING_MAX:
            self.lost += 1
            return
        queue.waiting.append(signal)
        queue.wake.set()


class _Queue:
    """The signals of one strategy that wait for their execution."""

    def __init__(self, strategy: SignalStrategy) -> None:
        self.strategy = strategy
        self.waiting: deque[Signal] = deque()
        self.wake = asyncio.Event()
