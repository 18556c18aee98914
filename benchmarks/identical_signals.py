"""A thousand identical POSTs of a signal at once, over sockets, by a client that asks again on 503: one order."""

import asyncio
import contextlib
import logging
import tempfile
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import structlog

from app.clock import SystemClock
from app.exchanges.memory.exchange import MemoryExchange
from app.main import create_app, server
from app.settings import load_settings
from app.system import System
from trading_executor.client import AsyncClient

INSTRUMENT = "BTC-USDT"
TIMING = {"book_age_max_seconds": 3600}
RISK = {"max_book_age_seconds": 3600}

Figures = dict[str, float]


@contextlib.asynccontextmanager
async def served(system: System) -> AsyncIterator[str]:
    running = server(create_app(system), system.settings.model_copy(update={"port": 0}))
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    finally:
        running.should_exit = True
        await task


async def measured(count: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        exchange = MemoryExchange(clock, balances={"USDT": Decimal(1_000_000)})
        exchange.record_sends = True
        exchange.set_book(INSTRUMENT, Decimal("49999.9"), Decimal("50000.1"), Decimal(1000))
        settings = load_settings(data_dir=Path(folder), timing=TIMING, risk=RISK)
        system = System(settings, clock=clock, exchange=exchange)
        await system.start()
        try:
            await system.follow(INSTRUMENT)
            async with served(system) as url, AsyncClient(url) as client:
                asked = [client.send_signal("buy", INSTRUMENT, size="0.001", idempotency_key="k") for _ in range(count)]
                begun = time.perf_counter()
                answers = await asyncio.gather(*asked)
                seconds = time.perf_counter() - begun
        finally:
            await system.stop()
        orders = {answer.order.order_id for answer in answers if answer.order is not None}
        assert len(orders) == len(exchange.sends), "what was told is what was sent"
    return {"signals.identical_orders": float(len(orders)), "signals.identical_seconds": seconds}


def run(count: int = 1_000) -> Figures:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return asyncio.run(measured(count))


if __name__ == "__main__":
    print(run())
