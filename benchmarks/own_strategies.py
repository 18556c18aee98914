"""Twenty strategies of one's own on one account, each shown 200 book events a second: what of a core the executor's own
process takes, the exchange's pushes and the handing over of every event among it; the hosts are processes of their own.

Measured with all of them on one market, and with a market for each, where no event is read for more than one of them.
"""

import asyncio
import resource
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import lives
import structlog

from app.clock import SystemClock
from app.exchanges.memory import DEFAULT_INSTRUMENTS, MemoryExchange
from app.services.strategies.running import Standing
from app.settings import load_settings
from app.system import System

STRATEGIES = 20
EVENTS_PER_SECOND = 200
SECONDS = 10.0
STRATEGY = """
from decimal import Decimal
from trading_executor.strategies import Strategy

class Watches(Strategy):
    def on_book(self, book):
        self.seen = getattr(self, "seen", 0) + 1
        self.highest = max(getattr(self, "highest", Decimal(0)), book.bid)
"""

Figures = dict[str, float]


async def measured(markets: int, seconds: float) -> tuple[float, float]:
    """(share of a core, batches that a strategy was handed a second)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "watches.py"
        path.write_text(STRATEGY)
        path.chmod(0o600)
        spot = DEFAULT_INSTRUMENTS[0]
        listed = [replace(spot, instrument_id=f"C{number}-USDT", base=f"C{number}") for number in range(markets)]
        names = [each.instrument_id for each in listed]
        clock = SystemClock()
        exchange = MemoryExchange(clock, [spot, *listed], balances={"USDT": Decimal(1_000_000)})
        tables = {
            f"s{number}": {"file": f"{path}:Watches", "instruments": [names[number % markets]], "handler_seconds": 30}
            for number in range(STRATEGIES)
        }
        system = System(load_settings(data_dir=Path(folder), strategies=tables), clock=clock, exchange=exchange)
        quote(exchange, names, 0)
        await system.start()
        try:
            while any(view.standing is not Standing.RUNNING for view in system.strategies.views()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await paced(exchange, names, 1.0)
            before, began = cpu_seconds(), time.perf_counter()
            handed = sum(view.batches for view in system.strategies.views())
            await paced(exchange, names, seconds)
            used, lasted = cpu_seconds() - before, time.perf_counter() - began
            handed = sum(view.batches for view in system.strategies.views()) - handed
        finally:
            await system.stop()
    return used / lasted, handed / STRATEGIES / lasted


async def paced(exchange: MemoryExchange, names: list[str], seconds: float) -> None:
    """Every market quoted anew so often, at its time."""
    count, began = int(seconds * EVENTS_PER_SECOND), time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / EVENTS_PER_SECOND - time.perf_counter()))
        quote(exchange, names, number)


def quote(exchange: MemoryExchange, names: list[str], number: int) -> None:
    bid = Decimal(50_000) + number % 50
    for name in names:
        exchange.set_book(name, bid, bid + Decimal("0.1"), Decimal(1_000))


def cpu_seconds() -> float:
    """Of this process alone, its threads among it; not of its children."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(seconds: float = SECONDS) -> Figures:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    one, batches = lives.run(measured(1, seconds))
    each, _ = lives.run(measured(STRATEGIES, seconds))
    return {
        "strategies.twenty_core_share": one,
        "strategies.twenty_markets_core_share": each,
        "strategies.batches_per_second": batches,
    }


if __name__ == "__main__":
    print(run())
