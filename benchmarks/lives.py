"""Complete order lives against the exchange in memory: signal, risk, intent, ack, fill, trade, position, events.

The whole system runs, database and the writer's process included; only the exchange answers without a network.
"""

import asyncio
import contextlib
import gc
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import structlog
from uvicorn.loops.auto import auto_loop_factory

from app.cli.serving import spare_the_collector
from app.clock import SystemClock
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.port import CommittedIntent, Outcome
from app.settings import load_settings
from app.strategies.signals import Signal, SignalType
from app.system import System

T = TypeVar("T")

BLOCKS = 5
"""Measured one after another, the best of them counted: what the machine's other guests do is not ours to measure."""

INSTRUMENT = "BTC-USDT"
BID, ASK, DEPTH = Decimal("49999.9"), Decimal("50000.1"), Decimal(1_000_000)
SIZE = Decimal("0.001")
BALANCES = {"USDT": Decimal(1_000_000_000), "BTC": Decimal(1_000)}
RISK = {
    "max_daily_notional": None,
    "max_position_value_pct": 1,
    "max_order_value": 10_000,
    "max_book_age_seconds": 3600,
}


@dataclass(frozen=True, slots=True)
class Lives:
    """count lives in `seconds`; rss_mb: resident memory at the end."""

    count: int
    seconds: float
    rss_mb: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


class TimedExchange(MemoryExchange):
    """Notes when each send reaches the transport."""

    reached_ns: int = 0

    async def submit(self, intent: CommittedIntent) -> Outcome:
        self.reached_ns = time.perf_counter_ns()
        return await super().submit(intent)


@contextlib.asynccontextmanager
async def running(database_url: str, **more: Any) -> AsyncIterator[tuple[System, TimedExchange]]:
    """A system on the exchange in memory, ready for orders. more: settings."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    clock = SystemClock()
    exchange = TimedExchange(clock, balances=BALANCES, history_max=1_000)
    exchange.set_book(INSTRUMENT, BID, ASK, DEPTH)
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite:///{Path(folder) / 'bench.db'}"
        settings = load_settings(data_dir=Path(folder), database_url=url, risk=RISK, **more)
        system = System(settings, clock=clock, exchange=exchange, progress=lambda _: None)
        await system.start()
        beating = asyncio.create_task(_beat(system))
        try:
            yield system, exchange
        finally:
            beating.cancel()
            await system.stop()


async def _beat(system: System) -> None:
    """The book stands still; its connection is alive all the same."""
    while True:
        system.market.on_heartbeat()
        await asyncio.sleep(0.5)


async def live(system: System, count: int, in_flight: int) -> float:
    """`count` lives, `in_flight` at a time; seconds until the last is filled, settled and durable."""
    todo = iter(range(count))
    account = await system.executor.account()

    async def worker() -> None:
        for number in todo:
            side = SignalType.BUY if number % 2 == 0 else SignalType.SELL
            signal = Signal(type=side, instrument_id=INSTRUMENT, size=SIZE, confidence=0.9)
            order = await system.executor.execute_signal(signal, account, "bench")
            assert order is not None
            assert not order.reasons, order.reasons

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    while system.ledger.open_count:  # noqa: ASYNC110  the last fills are a few rounds of the loop away
        await asyncio.sleep(0)
    await system.ledger.writer.drain()
    return time.perf_counter() - began


def rss_mb() -> float:
    """Resident memory of this process and its children, the writer's among them."""
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in (me, *children)]
    return sum(int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) for status in statuses) / 1024


async def order_life(database_url: str = "", count: int = 25_000, in_flight: int = 64, warm_up: int = 1_000) -> Lives:
    """The best of BLOCKS blocks of lives, together `count`, on one database ("" is a fresh SQLite file)."""
    async with running(database_url) as (system, _):
        await live(system, warm_up, in_flight)
        size = count // BLOCKS
        seconds = min([await live(system, size, in_flight) for _ in range(BLOCKS)])
        gc.collect()
        return Lives(size, seconds, rss_mb())


async def rss_growth(first: int = 10_000, second: int = 100_000, in_flight: int = 64) -> float:
    """Megabytes of resident memory gained between the first and the second number of lives."""
    async with running("") as (system, _):
        await live(system, first, in_flight)
        gc.collect()
        before = rss_mb()
        await live(system, second - first, in_flight)
        gc.collect()
        return rss_mb() - before


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run as `trading-executor serve` does: its event loop, its setting of the collector."""
    spare_the_collector()
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(main)


if __name__ == "__main__":
    import sys

    result = run(order_life(sys.argv[1] if len(sys.argv) > 1 else ""))
    print(f"{result.per_second:.0f} lives a second, {result.rss_mb:.0f} MB")
