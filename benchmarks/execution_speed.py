"""Parent orders at speed: what a decision takes, 500 of them of a core, a million book events with 50 of them.

A whole system in virtual time over the exchange in memory, in one process, whose CPU time is counted: the other guests
of a shared machine have no part in it, and it is more than what the executor's process takes in service, where the
database's writer and the exchange are elsewhere. `python -m benchmarks execution.speed` prints it.
"""

import asyncio
import contextlib
import gc
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

import structlog

from app.cli.serving import spare_the_collector
from app.clock import SimulatedClock, VirtualTimeLoop
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookAction, BookUpdate, PublicTrade
from app.domain.orders import OrderSide, OrderType
from app.exchanges.memory.exchange import MemoryExchange
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy
from app.services.trading.schemas import OrderParams
from app.settings import load_settings
from app.store.disks import this_process
from app.system import System

PARENTS, EVENTS = 500, 1_000_000
CHILD_EVERY_SECONDS = 10
MIXED_PARENTS = 50
EVENTS_A_SECOND = 2_000
"""Of all ten instruments: two hundred each, twice what OKX's fastest channel of a book pushes."""

CHUNK = 10_000
"""Events are drawn so many at a time, beside the measuring."""

QUOTE_EVERY = 10
"""Of so many events of a book the exchange in memory, which fills orders, follows one."""

STATES, ROUNDS = 600, 9
FIRST = 100
TICK, LOT = Decimal("0.01"), Decimal("0.0001")
START, DEPTH = Decimal(100), 50
INSTRUMENTS = tuple(
    Instrument(
        f"C{k}-USDT", InstrumentKind.SPOT, base=f"C{k}", quote="USDT", settle="USDT", tick=TICK, lot=LOT, min_size=LOT
    )
    for k in range(10)
)  # fmt: skip
RISK = {
    "max_daily_notional": None, "max_position_value_pct": 10, "max_order_value": 10_000_000,
    "max_order_size": 1_000_000, "max_open_orders": 10_000,
}  # fmt: skip
LONG = {"duration": 7_200, "num_slices": 720}
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "market": {"timeout": 3_600},
    "limit": {"timeout": 7_200},
    "twap": LONG | {"would_price": "95"},
    "adaptive": LONG,
    "iceberg": {"visible_pct": "0.01"},
    "vwap": LONG | {"volume_curve": list(range(1, 169))},
    "pov": {"participation": "0.1"},
    "implementation_shortfall": LONG | {"risk_aversion": "0.001"},
    "sniper": {"timeout": 7_200, "take_pct": "0.01"},
    "chase": {"timeout": 7_200},
    "scale": {"price_from": "99", "price_to": "90", "levels": 20},
    "stop": {},
    "take_profit": {},
    "trailing_stop": {"distance": "30"},
    "oco": {},
    "bracket": {"timeout": 7_200},
    "exit": {"timeout": 7_200},
}
"""Of each registered strategy one that works for the whole of it: all look at a moving market, or often at a clock."""

Watched = dict[str, list[tuple[ExecutionStrategy, tuple[Any, ...]]]]


class Market:
    """Books of DEPTH levels a side that walk by a tick at a time, and trades on them."""

    def __init__(self, system: System, exchange: MemoryExchange) -> None:
        self._system, self._exchange = system, exchange
        self._draw = random.Random(20261129)
        self._ticks = {item.instrument_id: 0 for item in INSTRUMENTS}
        self._sequence = 0

    def snapshot(self, instrument_id: str) -> None:
        bids, asks = (tuple((START + sign * k * TICK, Decimal(50)) for k in range(1, DEPTH + 1)) for sign in (-1, 1))
        self._system.market.on_book(BookUpdate(instrument_id, BookAction.SNAPSHOT, bids, asks, 0, 0))

    def draw(self, instrument_id: str) -> tuple[BookUpdate, int]:
        """One message of a book, and where its middle then is: most change sizes near the touch, some move it."""
        draw, ticks = self._draw, self._ticks[instrument_id]
        mid, up = START + ticks * TICK, 0
        if draw.random() < 0.2:
            up = 1 if draw.random() < 0.5 + (0.1 if ticks < 0 else -0.1) else -1
            self._ticks[instrument_id] = ticks + up
            joined = (mid, Decimal(50)), (mid - up * DEPTH * TICK, Decimal(0))
            left = (mid + up * TICK, Decimal(0)), (mid + up * (DEPTH + 1) * TICK, Decimal(50))
            bids, asks = (joined, left) if up > 0 else (left, joined)
        else:
            size = Decimal(draw.randint(1, 100))
            bids, asks = ((mid - draw.randint(1, 20) * TICK, size),), ((mid + draw.randint(1, 20) * TICK, size),)
        self._sequence += 1
        return BookUpdate(instrument_id, BookAction.UPDATE, bids, asks, 0, self._sequence), ticks + up

    def play(self, update: BookUpdate, ticks: int) -> None:
        self._system.market.on_book(update)
        if update.sequence % QUOTE_EVERY == 0:
            self._follow(update.instrument_id, START + ticks * TICK, update.sequence)

    def _follow(self, instrument_id: str, mid: Decimal, number: int) -> None:
        self._exchange.venue.set_quote(instrument_id, mid - TICK, mid + TICK, Decimal(50))
        self._exchange.venue.match_resting(instrument_id)
        at_ns, bought = self._system.clock.now_ns(), number % (2 * QUOTE_EVERY) == 0
        self._system.market.on_trade(PublicTrade(instrument_id, str(number), mid, Decimal("0.1"), bought, at_ns))


@contextlib.asynccontextmanager
async def world(strategies: Mapping[str, type[ExecutionStrategy]] = STRATEGIES) -> AsyncIterator[tuple[System, Market]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    clock = SimulatedClock()
    balances = {item.base: Decimal(1_000_000) for item in INSTRUMENTS} | {"USDT": Decimal(1_000_000_000)}
    exchange = MemoryExchange(clock, INSTRUMENTS, balances, fee_rate=Decimal(0), history_max=1_000)
    for item in INSTRUMENTS:
        exchange.venue.set_quote(item.instrument_id, START - TICK, START + TICK, Decimal(50))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        settings = load_settings(data_dir=Path(folder), database_url=url, risk=RISK)
        system = System(
            settings, clock=clock, exchange=exchange, disk=this_process, strategies=strategies, progress=lambda _: None
        )
        await system.start()
        market = Market(system, exchange)
        for item in INSTRUMENTS:
            await system.follow(item.instrument_id)
            market.snapshot(item.instrument_id)
        try:
            yield system, market
        finally:
            await system.stop()


async def events(market: Market, count: int, rate: int) -> float:
    """So many events, evenly over the time, of all instruments at once; the CPU seconds that they took."""
    spent, together = 0.0, len(INSTRUMENTS)
    for begin in range(0, count, CHUNK):
        names = [item.instrument_id for item in INSTRUMENTS] * (min(CHUNK, count - begin) // together)
        drawn = [market.draw(name) for name in names]
        began = time.process_time()
        for place in range(0, len(drawn), together):
            for update, ticks in drawn[place : place + together]:
                market.play(update, ticks)
            await asyncio.sleep(together / rate)
        spent += time.process_time() - began
    return spent


async def start(system: System, name: str, config: Mapping[str, Any], place: int, size: str) -> None:
    side = OrderSide.BUY if place % 2 == 0 or name == "scale" else OrderSide.SELL
    beyond, before = (str(START + sign * 30) for sign in (side.sign, -side.sign))
    waits_for = {
        "stop": {"trigger_price": beyond},
        "take_profit": {"trigger_price": before},
        "oco": {"stop_loss": beyond, "take_profit": before},
        "bracket": {"stop_loss": before, "take_profit": beyond},
    }
    price = {"sniper": START - side.sign * 5, "limit": START - side.sign * 5, "bracket": START - side.sign * 5}.get(
        name
    )
    params = OrderParams(
        instrument_id=INSTRUMENTS[place % len(INSTRUMENTS)].instrument_id,
        side=side,
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        size=Decimal(size),
        price=price,
    )
    await system.parents.start(name, {**config, **waits_for.get(name, {})}, params)


async def core_share(parents: int, seconds: int) -> float:
    """CPU seconds of a second of market in which each of so many TWAPs, half of them resting, places a child every ten
    seconds, over books that change ten times a second."""
    async with world() as (system, market):
        slices = 7_200 // CHILD_EVERY_SECONDS
        for place in range(parents):
            config = {"duration": 7_200, "num_slices": slices, "use_limit_orders": place % 4 < 2, "price_offset_pct": 0}
            await start(system, "twap", config, place, "7.2")
            await asyncio.sleep(CHILD_EVERY_SECONDS / parents)
        await events(market, 10 * 100, 100)
        placed = children(system)
        spent = await events(market, seconds * 100, 100)
        placed = children(system) - placed
        assert system.parents.open_count == parents
        assert placed >= parents * seconds // CHILD_EVERY_SECONDS * 0.95, placed
        return spent / seconds


def children(system: System) -> int:
    return sum(len(system.parents.orders(parent.parent.parent_id)) for parent in system.parents.history(limit=PARENTS))


async def million(count: int, watched: Watched) -> float:
    """CPU seconds of so many events with MIXED_PARENTS parents of every strategy."""
    async with world(_watching(watched, every=max(count // 20_000, 1))) as (system, market):
        names = cycle(STRATEGIES)
        for place in range(MIXED_PARENTS):
            name = next(names)
            await start(system, name, CONFIGS[name], place, "5000")
        return await events(market, count, EVENTS_A_SECOND)


def _watching(watched: Watched, every: int) -> dict[str, type[ExecutionStrategy]]:
    """The strategies: each keeps its FIRST states that it decides on, then one in `every`, STATES at most."""

    def watching(name: str, strategy: type[ExecutionStrategy]) -> type[ExecutionStrategy]:
        kept, asked, decide = watched.setdefault(name, []), iter(range(10**12)), strategy.next_step

        def next_step(self: ExecutionStrategy, *state: Any) -> Any:
            if (len(kept) < FIRST or next(asked) % every == 0) and len(kept) < STATES:
                kept.append((self, state))
            return decide(self, *state)

        return type(strategy.__name__, (strategy,), {"next_step": next_step})

    return {name: watching(name, strategy) for name, strategy in STRATEGIES.items()}


def decide_p99_us(watched: Watched) -> Iterator[tuple[str, float]]:
    """Of each strategy, of the states that it met: each decision at the least of ROUNDS, which take turns."""
    for name, met in watched.items():
        decide: Any = STRATEGIES[name].next_step
        least = [float("inf")] * len(met)
        gc.disable()
        for _ in range(ROUNDS):
            for place, (strategy, state) in enumerate(met):
                began = time.perf_counter_ns()
                decide(strategy, *state)
                least[place] = min(least[place], time.perf_counter_ns() - began)
        gc.enable()
        yield name, statistics.quantiles(least, n=100)[98] / 1_000


def virtually(main: Callable[[], Coroutine[Any, Any, float]]) -> float:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


def run(*, quick: bool = False) -> dict[str, float]:
    spare_the_collector()
    count, seconds, repeats = (20_000, 10, 1) if quick else (EVENTS, 60, 3)
    watched: Watched = {}
    spent = virtually(lambda: million(count, watched))
    decisions = dict(decide_p99_us(watched))
    figures = {f"execution.decide_p99_us.{name}": value for name, value in decisions.items()}
    figures["execution.decide_p99_us"] = max(decisions.values())
    figures["execution.million_book_events_seconds"] = spent * EVENTS / count
    figures["execution.parents_500_core_share"] = min(
        virtually(lambda: core_share(PARENTS, seconds)) for _ in range(repeats)
    )
    return figures


if __name__ == "__main__":
    for key, value in run(quick=True).items():
        print(f"{key:<50} {value:10.2f}")
