"""The whole System over the OKX adapter and the simulator, in one process and virtual time, with clocks that step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.orders import TradeMode
from app.exchanges.okx import OkxExchange
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams, OrderResponse
from app.simulator import Config
from app.system import System
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import system_in
from tests.support.trading_world import SteppedClock

D = Decimal
BTC, ETH, SWAP = "BTC-USDT", "ETH-USDT", "BTC-USDT-SWAP"


class OkxSystem:
    """`venue` is the simulator, `system` ours. `start` and `stop` may be called in turns: the database stays."""

    def __init__(self, folder: Path, config: Config | None = None, **venue: Any) -> None:
        self.clock = SteppedClock(seed=1)
        self.true_clock = SteppedClock(seed=2)
        self.venue = SimulatedVenue(self.true_clock, config or Config(accounts=(MAIN,), flow_rate=0.0, **venue))
        self._folder = folder
        self.system: System = None  # type: ignore[assignment]  # start() makes it
        self.exchange: OkxExchange = None  # type: ignore[assignment]

    async def start(self, *, stp_mode: str = "cancel_maker", **settings: Any) -> System:
        self.exchange = OkxExchange(okx_config(stp_mode=stp_mode), self.clock, self.venue.transport())
        self.system = system_in(self._folder, self.exchange, self.clock, **settings)
        await self.system.start()
        return self.system

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: the world goes on, our wall clock with it, and our monotonic clock stands still."""
        self.true_clock.ahead_seconds += seconds
        self.clock.ahead_seconds += seconds

    async def place(
        self, instrument_id: str = BTC, side: OrderSide = OrderSide.BUY, size: str = "0.01", price: str | None = None
    ) -> OrderResponse:
        """At the market without a price; to its end, or until it rests."""
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        params = OrderParams(
            instrument_id=instrument_id,
            side=side,
            order_type=kind,
            size=D(size),
            price=None if price is None else D(price),
            trade_mode=TradeMode.CROSS if instrument_id == SWAP else TradeMode.CASH,
        )
        order = await self.system.executor.place_order(params)
        return order if price is not None else await self.system.executor.wait_for(order.order_id, 10)

    async def until(self, condition: Callable[[], object], seconds: float = 10) -> float:
        """How long it took to come about, in seconds, to a twentieth."""
        loop = asyncio.get_running_loop()
        began, passed = loop.time(), 0.0
        while not condition():
            assert passed < seconds, "it did not come about in time"
            await asyncio.sleep(max(0.05, passed / 20))
            passed = loop.time() - began
        return passed


@asynccontextmanager
async def okx_system(folder: Path, config: Config | None = None, **venue: Any) -> AsyncIterator[OkxSystem]:
    """A running one, with two markets followed."""
    world = OkxSystem(folder, config, **venue)
    await world.start()
    try:
        for instrument_id in (BTC, ETH):
            await world.system.follow(instrument_id)
        await asyncio.sleep(1)
        yield world
    finally:
        await world.system.stop()
