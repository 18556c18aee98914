"""What the examples run in: a whole system over an exchange in memory, in simulated time, in a folder that goes away.

Five minutes of trading take a moment; against a real exchange the same code takes five minutes.
"""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import structlog

from app.clock import SimulatedClock, VirtualTimeLoop
from app.exchanges.memory.exchange import MemoryExchange
from app.services.trading.tasks import TaskGroup
from app.settings import load_settings
from app.store.disks import this_process
from app.system import System

T = TypeVar("T")

INSTRUMENT = "BTC-USDT"
STEPS = [Decimal(step) for step in (0, 3, 5, 4, 8, 6, 2, -1, -4, -2, 1)]


def run(main: Callable[[System], Awaitable[T]]) -> T:
    """Run main(system) over a fresh account with 100,000 USDT and half a bitcoin; gives back what main gives back."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner, tempfile.TemporaryDirectory() as folder:
        return runner.run(_run(main, Path(folder)))


def program(main: Callable[[System], Awaitable[T]]) -> T:
    """The same as run, without the log: for an example that is started by itself."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return run(main)


async def _run(main: Callable[[System], Awaitable[T]], folder: Path) -> T:
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": Decimal(100_000), "BTC": Decimal("0.5")})
    _quote(exchange, Decimal(0))
    settings = load_settings(data_dir=folder, database_url=f"sqlite:///{folder / 'example.db'}")
    system = System(settings, clock=clock, exchange=exchange, disk=this_process, progress=lambda _: None)
    await system.start()
    tasks = TaskGroup()
    tasks.spawn(_market(exchange, clock), "market")
    try:
        return await main(system)
    finally:
        await tasks.stop()
        await system.stop()


async def _market(exchange: MemoryExchange, clock: SimulatedClock) -> None:
    """A quote twice a second, going up and down a little around 50,000."""
    turn = 0
    while True:
        _quote(exchange, STEPS[turn % len(STEPS)])
        turn += 1
        await clock.sleep(0.5)


def _quote(exchange: MemoryExchange, step: Decimal) -> None:
    exchange.set_book(INSTRUMENT, Decimal("49999.9") + step, Decimal("50000.1") + step, Decimal(5))
