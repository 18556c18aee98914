"""SignalRunner: shows a live market to signal strategies and hands their signals, one at a time, to whoever executes.

Each strategy has subscriptions of its own, so that one that raises does not blind the others.
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
    """execute(signal, strategy name) is awaited before the next signal is taken.

    Signals wait in order, at most WAITING_MAX; beyond that new ones are dropped and counted in `lost`. on_signal is
    told of each when it is made. Trades reach the strategies one by one; books conflated, the latest usable touch.
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
        self._waiting: deque[tuple[Signal, str]] = deque()
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. What execute raises ends it; what a strategy raises goes to the loop's exception handler."""
        ends = [end for strategy in self._strategies for end in self._show_market_to(strategy)]
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    signal, name = self._waiting.popleft()
                    await self._execute(signal, name)
        finally:
            for end in ends:
                end()

    def _show_market_to(self, strategy: SignalStrategy) -> list[Callable[[], None]]:
        wanted = frozenset(strategy.instruments)

        def on_trade(trade: PublicTrade) -> None:
            if trade.instrument_id in wanted:
                self._take(strategy.on_trade(trade), strategy.name)

        def on_change(instrument_id: str, change: MarketChange) -> None:
            if change is not MarketChange.BOOK or instrument_id not in wanted:
                return
            view = self._market_data.book(instrument_id)
            if view is not None and self._market_data.book_refusal(instrument_id) is None:
                self._take(strategy.on_book(view), strategy.name)

        return [self._market_data.subscribe_trades(on_trade), self._market_data.subscribe(on_change)]

    def _take(self, signal: Signal | None, name: str) -> None:
        if signal is None:
            return
        if self._on_signal is not None:
            self._on_signal(signal, name)
        if len(self._waiting) >= WAITING_MAX:
            self.lost += 1
            return
        self._waiting.append((signal, name))
        self._wake.set()
