"""The stream under load: fifty clients at a hundred events a second, what placing an order takes beside them, and a
client that is killed again and again.

The clients are the websockets library in a process of their own. Delay is from the event's own instant, which is before
its commit, to the client's having it.
"""

import asyncio
import contextlib
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import lives
import websockets

from app.api.stream.paths import SOCKET
from app.main import create_app, server
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams
from app.system import System

CLIENTS = 50
EVENTS_PER_ORDER = 3
EVENTS_PER_SECOND = 100
SECONDS = 10.0
KILLS = 500
TOLD = "channels=orders,fills"

Figures = dict[str, float]


async def listen(url: str, delays: list[float], seqs: list[int]) -> None:
    async with websockets.connect(f"{url}?{TOLD}", proxy=None, compression=None) as socket:
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "event":
                delays.append(time.time() - datetime.fromisoformat(message["at"]).timestamp())
                seqs.append(message["seq"])


async def clients(url: str) -> None:
    """The child's side: it listens until a line comes on stdin, and tells its delays and whether all heard the same."""
    delays, seqs = list[float](), [list[int]() for _ in range(CLIENTS)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(listen(url, delays, each)) for each in seqs]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for task in tasks:
            task.cancel()
    begun = max(each[0] for each in seqs)
    alike = len({tuple(seq for seq in each if begun <= seq <= seqs[0][-1]) for each in seqs})
    print(
        json.dumps({"p99": statistics.quantiles(delays, n=100)[98], "count": len(delays), "alike": alike}), flush=True
    )


@contextlib.asynccontextmanager
async def served(system: System) -> AsyncIterator[str]:
    running = server(create_app(system), system.settings.model_copy(update={"port": 0}))
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    try:
        yield f"ws://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}{SOCKET}"
    finally:
        running.should_exit = True
        await task


async def place(system: System, number: int) -> float:
    side = OrderSide.SELL if number % 2 else OrderSide.BUY
    params = OrderParams(
        instrument_id=lives.INSTRUMENT, side=side, order_type=OrderType.MARKET, size=Decimal("0.001"),
    )  # fmt: skip
    begun = time.perf_counter()
    order = await system.executor.place_order(params)
    taken = time.perf_counter() - begun
    assert not order.reasons, order.reasons
    return taken


async def paced(system: System, seconds: float) -> list[float]:
    """Orders as many as make the events, each at its time; what each took."""
    count, began = int(seconds * EVENTS_PER_SECOND / EVENTS_PER_ORDER), time.perf_counter()
    times = list[float]()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number * EVENTS_PER_ORDER / EVENTS_PER_SECOND - time.perf_counter()))
        times.append(await place(system, number))
    return times


async def beside_clients(system: System, url: str, seconds: float) -> tuple[list[float], dict[str, Any]]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, __file__, url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    await child.stdout.readline()
    await asyncio.sleep(1)
    times = await paced(system, seconds)
    await asyncio.sleep(1)
    child.stdin.write(b"enough\n")
    told = json.loads(await child.stdout.readline())
    await child.wait()
    return times, told


async def killed(system: System, url: str, kills: int) -> int:
    """How many events a client misses, or gets twice, that is killed so often while orders are placed."""
    placing = asyncio.create_task(paced(system, kills / 40))
    seen, last, head = list[int](), 0, 0
    for number in range(kills * 10):
        if number >= kills and placing.done():
            await system.ledger.writer.drain()
            head = head or await newest(url)
            if last >= head:
                break
        async with websockets.connect(f"{url}?after={last}&{TOLD}", proxy=None, compression=None) as socket:
            while (message := json.loads(await socket.recv()))["type"] != "event":
                if message["type"] == "heartbeat":
                    break
            else:
                seen.append(message["seq"])
                last = message["seq"]
            socket.transport.abort()
    await placing
    whole = [seq async for seq in everything(url, last)]
    return len(set(whole) ^ set(seen)) + len(seen) - len(set(seen))


async def everything(url: str, last: int) -> AsyncIterator[int]:
    async with websockets.connect(f"{url}?after=0&{TOLD}", proxy=None, compression=None) as socket:
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "event":
                yield message["seq"]
                if message["seq"] >= last:
                    return


async def newest(url: str) -> int:
    """The newest event that the channels show."""
    found = 0
    async with websockets.connect(f"{url}?after=0&{TOLD}", proxy=None, compression=None) as socket:
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "event":
                found = message["seq"]
            elif message["type"] == "heartbeat":
                return found
    return found


async def measured(seconds: float, rounds: int, kills: int) -> Figures:
    alone, beside, tells = list[float](), list[float](), list[dict[str, Any]]()
    async with lives.running("") as (system, exchange), served(system) as url:
        await paced(system, 1)
        missed = await killed(system, url, kills)
        assert missed == 0, f"a client that was killed {kills} times missed {missed} events, or got them twice"
        for _ in range(rounds):
            exchange.set_book(lives.INSTRUMENT, lives.BID, lives.ASK, lives.DEPTH)  # it is believed for 90 s
            alone += await paced(system, seconds)
            times, told = await beside_clients(system, url, seconds)
            beside += times
            tells.append(told)
    assert all(told["alike"] == 1 for told in tells), "the clients were not told the same"
    return {
        "stream.delay_p99_ms": max(told["p99"] for told in tells) * 1e3,
        "stream.events_told": sum(told["count"] for told in tells),
        "stream.killed_client_missed": missed,
        "stream.place_alone_p50_us": statistics.median(alone) * 1e6,
        "stream.place_beside_p50_us": statistics.median(beside) * 1e6,
        "stream.place_ratio": statistics.median(beside) / statistics.median(alone),
    }


def run(seconds: float = SECONDS, rounds: int = 3, kills: int = KILLS) -> Figures:
    return lives.run(measured(seconds, rounds, kills))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(clients(sys.argv[1]))
    else:
        print(json.dumps(run(4, 1, 100), indent=1))
