"""What a key costs a read: the same GET of the API with a named key and without one, in turns, beside a hundred keys.

Without a socket, which would make the read dearer and the key's part of it smaller.
"""

import asyncio
import logging
import statistics
import tempfile
import time
from pathlib import Path

import httpx2
import structlog

from app.clock import SystemClock
from app.domain.access import OF_CONTROL, ROLES
from app.exchanges.memory.exchange import MemoryExchange
from app.main import create_app
from app.services.trading.account.access_keys import Wanted
from app.settings import load_settings
from app.system import System

PATH = "/api/v1/trading/orders/active"
BURST = 20
OTHERS = 100
NETWORKS = ("127.0.0.0/8", "10.0.0.0/8")

Figures = dict[str, float]


async def measured(rounds: int) -> Figures:
    """Medians of the rounds, and the median of each round's ratio."""
    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        settings = load_settings(data_dir=Path(folder))
        system = System(settings, clock=clock, exchange=MemoryExchange(clock))
        await system.start()
        try:
            viewer = ROLES["viewer"]
            made = await system.access_keys.create(Wanted("bench", viewer, addresses=NETWORKS), OF_CONTROL)
            for number in range(OTHERS):
                await system.access_keys.create(Wanted(f"other-{number}", viewer), OF_CONTROL)
            transport = httpx2.ASGITransport(app=create_app(system))
            async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
                return await _in_turns(client, {"X-API-Key": made.secret}, rounds)
        finally:
            await system.stop()


async def _in_turns(client: httpx2.AsyncClient, key: dict[str, str], rounds: int) -> Figures:
    times: dict[bool, list[float]] = {False: [], True: []}
    for number in range(-2, rounds):
        for with_key in (False, True) if number % 2 else (True, False):
            begun = time.perf_counter()
            for _ in range(BURST):
                answer = await client.get(PATH, headers=key if with_key else {})
                assert answer.status_code == 200, answer.text
            if number >= 0:  # the first ones warm up
                times[with_key].append((time.perf_counter() - begun) / BURST)
    ratios = [dear / cheap for cheap, dear in zip(times[False], times[True], strict=True)]
    return {
        "api_auth.read_us": statistics.median(times[False]) * 1e6,
        "api_auth.read_with_key_us": statistics.median(times[True]) * 1e6,
        "api_auth.cost_ratio": statistics.median(ratios),
    }


def run(rounds: int = 200) -> Figures:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return asyncio.run(measured(rounds))


if __name__ == "__main__":
    print(run())
