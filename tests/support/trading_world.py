"""A whole system over an exchange in memory, in virtual time, with a market that keeps itself fresh."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.clock import NS_PER_SECOND, SimulatedClock, VirtualTimeLoop
from app.exchanges.memory.exchange import MemoryExchange
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams, OrderResponse
from app.services.trading.tasks import TaskGroup
from app.store import queries
from app.system import System
from tests.support.systems import system_in

D = Decimal
BTC = "BTC-USDT"
SWAP = "BTC-USDT-SWAP"


class SteppedClock(SimulatedClock):
    """A machine whose wall clock somebody sets: `ahead_ns`, or `ahead_seconds`, before the true time."""

    ahead_ns = 0

    @property
    def ahead_seconds(self) -> float:
        return self.ahead_ns / NS_PER_SECOND

    @ahead_seconds.setter
    def ahead_seconds(self, seconds: float) -> None:
        self.ahead_ns = round(seconds * NS_PER_SECOND)

    def now_ns(self) -> int:
        return super().now_ns() + self.ahead_ns


class TradingWorld:
    """`system` and the parts of it that the specification names; `exchange` is the venue's side."""

    def __init__(self, system: System, exchange: MemoryExchange, clock: SimulatedClock) -> None:
        self.system = system
        self.exchange = exchange
        self.clock = clock
        self.executor = system.executor
        self.orders = system.orders
        self.positions = system.positions
        self.tracker = system.tracker
        self.risk = system.risk
        self.recorder = system.recorder
        self.quotes: dict[str, tuple[Decimal, Decimal]] = {}
        self.quiet = False
        """While set, no quotes come: books grow old."""

    def quote(self, bid: str, ask: str, instrument_id: str = BTC) -> None:
        self.quotes[instrument_id] = (D(bid), D(ask))
        self.exchange.set_book(instrument_id, D(bid), D(ask), D(5))

    async def buy(self, size: str = "0.1", **changes: Any) -> OrderResponse:
        """A market buy of BTC-USDT, to its end."""
        return await self.trade(OrderSide.BUY, size, **changes)

    async def sell(self, size: str = "0.1", **changes: Any) -> OrderResponse:
        return await self.trade(OrderSide.SELL, size, **changes)

    async def trade(
        self, side: OrderSide, size: str, *, strategy_id: str | None = None, **changes: Any
    ) -> OrderResponse:
        order = await self.executor.place_order(market(side, size, **changes), strategy_id=strategy_id)
        return await self.executor.wait_for(order.order_id, 5)

    async def rest(self, price: str = "49000", size: str = "0.1") -> OrderResponse:
        """A limit buy that stays in the book."""
        return await self.executor.place_order(limit(price, size))

    def events(self, kind: str = "") -> list[Mapping[str, Any]]:
        return list(queries.events(self.system.database, self.system.ledger.account, kind=kind))

    async def _market(self) -> None:
        while True:
            await self.clock.sleep(0.5)
            for instrument_id, (bid, ask) in () if self.quiet else tuple(self.quotes.items()):
                self.exchange.set_book(instrument_id, bid, ask, D(5))


def market(side: OrderSide = OrderSide.BUY, size: str = "0.1", **changes: Any) -> OrderParams:
    given: dict[str, Any] = {"instrument_id": BTC, "order_type": OrderType.MARKET, **changes}
    return OrderParams(side=side, size=D(size), **given)


def limit(price: str = "49000", size: str = "0.1", side: OrderSide = OrderSide.BUY, **changes: Any) -> OrderParams:
    return market(side, size, **{"order_type": OrderType.LIMIT, "price": D(price), **changes})


class VirtualTimePolicy(asyncio.DefaultEventLoopPolicy):
    """For a module's event_loop_policy fixture: waiting costs nothing there."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return VirtualTimeLoop()


@asynccontextmanager
async def trading_world(
    folder: Path,
    *,
    exchange: MemoryExchange | None = None,
    seed: int = 0,
    balances: Mapping[str, Decimal] | None = None,
    clock: SimulatedClock | None = None,
    **settings: Any,
) -> AsyncIterator[TradingWorld]:
    """A running world with 100,000 USDT and one bitcoin at 49,999.9 / 50,000.1, or over an exchange from before.
    clock: the machine's; the exchange that is made here goes by it too."""
    clock = clock or SimulatedClock(seed=seed)
    venue = exchange or MemoryExchange(clock, balances=balances or {"USDT": D(100_000), "BTC": D(1)})
    system = system_in(folder, venue, clock, **settings)
    world = TradingWorld(system, venue, clock)
    world.quote("49999.9", "50000.1")
    world.quote("49999.9", "50000.1", SWAP)
    tasks = TaskGroup()
    try:
        await system.start()
        tasks.spawn(world._market(), "market")
        yield world
    finally:
        await tasks.stop()
        await system.stop()
