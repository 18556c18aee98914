"""One account in one process, in virtual time, from one seed: clients, a venue, a disk, and whatever may break.

The whole System of production runs over faults.Link and faults.Disk. A crash drops it as kill -9 would; the next
process finds the same database and the same venue.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import structlog

from app.clock import NS_PER_SECOND, SimulatedClock, VirtualTimeLoop
from app.domain.instruments import InstrumentKind
from app.domain.orders import Order, OrderReport, OrderRequest, OrderSide, OrderStatus, OrderType, TradeMode
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeError
from app.exchanges.memory import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS, MemoryExchange
from app.exchanges.port import AccountConfig, BillKind, Outcome, Stream
from app.services.trading.errors import TradingError
from app.services.trading.schemas import OrderParams, OrderResponse
from app.settings import Settings
from app.store.database import Database
from app.store.errors import StoreError
from app.system import System
from tests.simulation.faults import (
    CLOCK_STEPS,
    FAULTS,
    FILL_LAG_SECONDS,
    ORDER_LAG_SECONDS,
    Disk,
    Link,
    Wire,
)
from tests.simulation.odd_worlds import AIRDROPS, EVERYTHING, USUAL, Traits, start_price, unit
from tests.support.databases import fresh_database, shared_database
from tests.support.systems import settings_of, stall
from tests.support.trading_world import SteppedClock
from tests.unit.domain.builders import INVERSE

D = Decimal
BTC, ETH, SWAP = "BTC-USDT", "ETH-USDT", "BTC-USDT-SWAP"
UNITS = {BTC: D("0.001"), ETH: D("0.01"), SWAP: D("0.1")}
"""What orders of the usual world come in."""
LISTED = {each.instrument_id: each for each in (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS, INVERSE)}

EXPECTED = (InvalidValue, TradingError, StoreError, ExchangeError, TimeoutError)
"""What a client of the executor may be told."""


REFUSED = (OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NOT_SENT)
"""What a key may be tried anew after: a refusal of the moment is nobody's final answer."""


@dataclass
class Process:
    """One life of the system. ready: its start came to its end."""

    system: System
    link: Link
    disks: list[Disk] = field(default_factory=list)
    ready: bool = False
    dead: bool = False


@dataclass
class Promise:
    """What a client was told, which no crash may take back."""

    order: OrderResponse
    key: str | None


class World:
    """Everything of one seed. `clock` is the true time and the venue's, `machine` the process's. `chances`: per fault,
    how likely it strikes where it can; empty: nothing breaks."""

    def __init__(
        self,
        seed: int,
        path: Path,
        loop: VirtualTimeLoop,
        chances: dict[str, float] | None = None,
        traits: Traits | None = None,
    ) -> None:
        """traits: of an odd world; without them it is the usual one, with two pairs in USDT and a swap."""
        self.odd, self.traits = traits is not None, traits or USUAL
        self.seed, self.path, self.loop = seed, path, loop
        self.draw = random.Random(seed)
        self.clock = SimulatedClock(seed=seed)
        self.machine = SteppedClock(seed=seed)
        names = [name for name in self.traits.names if name in LISTED] if self.odd else list(UNITS)
        self.units = {name: unit(EVERYTHING[name]) if self.odd else UNITS[name] for name in names}
        self.ticks = {name: LISTED[name].tick for name in names}
        account = AccountConfig("memory-1", "memory", self.traits.hedged, "2", frozenset({"read_only", "trade"}))
        balances = self.traits.balances if self.odd else {"USDT": D(1_000_000), "BTC": D(2)}
        self.exchange = MemoryExchange(self.clock, [LISTED[name] for name in names], balances, account=account)
        self.chances = dict(chances or {})
        self.struck: Counter[str] = Counter()
        self.pace = self.draw.choice((0.05, 0.2, 0.6))
        self.wire = Wire()
        self.settings = settings_for(path)
        self.process: Process | None = None
        self.promises: dict[str, Promise] = {}
        self.keys: dict[str, tuple[OrderParams, str | None]] = {}
        self.errors: list[str] = []
        self.told: Counter[str] = Counter()
        self.verified: dict[str, Order] = {}
        self.markets = {name: int(start_price(EVERYTHING[name]) / self.ticks[name]) for name in names}
        """The middle of each, in ticks."""
        self._own_tasks: set[asyncio.Task[Any]] = set()
        self._lags: dict[str, int] = {}
        self._foreign = 0
        for instrument_id in self.units:
            self.quote(instrument_id)

    # --- faults ---

    def strike(self, kinds: Sequence[str]) -> str | None:
        """Which of these faults happens now, if any; counted."""
        if not self.chances:
            return None
        for kind in kinds:
            chance = self.chances.get(kind)
            if chance and self.draw.random() < chance:
                self.struck[kind] += 1
                return kind
        return None

    def shows(self, venue_order_id: str) -> bool:
        """Whether the venue's reads know an order yet (INVARIANTS X4)."""
        return self._visible(
            "orders_seen_late", f"order {venue_order_id}", self._created(venue_order_id), ORDER_LAG_SECONDS
        )

    def shows_fill(self, report: OrderReport) -> bool:
        fill = report.fill
        assert fill is not None
        return self._visible("fills_seen_late", f"fill {fill.trade_id}", fill.time_ns, FILL_LAG_SECONDS)

    def _visible(self, kind: str, key: str, since_ns: int, lag_max: int) -> bool:
        lag = self._lags.get(key)
        if lag is None:
            lag = int(self.draw.uniform(0, lag_max) * NS_PER_SECOND) if self.strike((kind,)) else 0
            self._lags[key] = lag
        return self.clock.now_ns() >= since_ns + lag

    def _created(self, venue_order_id: str) -> int:
        order = self.exchange.venue.find("", venue_order_id)
        return order.created_ns if order is not None else 0

    # --- processes ---

    async def boot(self) -> Process:
        """Start a process, again and again until one is up."""
        while True:
            link = Link(self)
            self.exchange._followed.clear()
            process = self.process = Process(
                System(
                    self.settings,
                    database=shared_database(self.settings.database_url.get_secret_value()),
                    disk=self.open_disk,
                    exchange=link,
                    clock=self.machine,
                ),
                link,
            )
            start = self.loop.create_task(self._start(process))
            await asyncio.wait([start])
            if process.ready:
                return process
            await asyncio.sleep(0.2)

    async def _start(self, process: Process) -> None:
        try:
            await process.system.start()
            process.ready = not process.dead
        except EXPECTED as error:
            self.told[type(error).__name__] += 1
        except Exception as error:
            if not process.dead:
                self.errors.append(f"start: {type(error).__name__}: {error}")

    async def open_disk(self, database: Database) -> Disk:
        """The `disk=` of every process here; one each time that an account is loaded."""
        process = self.process
        assert process is not None
        disk = Disk(self, database)
        disk.dead = process.dead
        process.disks.append(disk)
        return disk

    def crash(self) -> None:
        """The process is gone at once; its tasks and connections go in the next round of the loop."""
        process = self.process
        if process is None or process.dead:
            return
        process.dead, process.ready, process.link.dead = True, False, True
        for disk in process.disks:
            disk.dead = True
        self.loop.call_soon(self._bury, process)

    def _bury(self, process: Process) -> None:
        for task in asyncio.all_tasks(self.loop):
            if task not in self._own_tasks:
                task.cancel()
        for disk in process.disks:
            disk.cut()
        process.system.journal.close()
        process.system.database.close()

    async def stop(self) -> None:
        """An orderly end of the process that runs."""
        process = self.process
        assert process is not None
        process.ready = False
        try:
            await process.system.stop()
        except StoreError:
            self.told["StoreFailed"] += 1
        process.dead = process.link.dead = True

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task of the world itself, which outlives processes."""
        task = self.loop.create_task(work)
        self._own_tasks.add(task)
        task.add_done_callback(self._own_tasks.discard)
        return task

    def act_later(self, seconds: float, act: Callable[[], Outcome]) -> asyncio.Future[Outcome]:
        """Something arrives at the venue; nobody can stop it."""
        arrived: asyncio.Future[Outcome] = self.loop.create_future()

        def arrive() -> None:
            outcome = act()
            if not arrived.done():
                arrived.set_result(outcome)

        self.loop.call_later(seconds, arrive)
        return arrived

    # --- clients ---

    def client(self, asking: Awaitable[Any], key: str | None = None) -> asyncio.Task[Any]:
        """A request that runs inside the process, and dies with it."""

        async def run() -> Any:
            process = self.process
            try:
                answer = await asking
            except EXPECTED as error:
                self.told[type(error).__name__] += 1
                return None
            except Exception as error:
                if process is not None and not process.dead:
                    self.errors.append(f"client: {type(error).__name__}: {error}")
                return None
            if isinstance(answer, OrderResponse) and process is not None and not process.dead:
                self._promised(answer, key)
            return answer

        return self.loop.create_task(run())

    def _promised(self, order: OrderResponse, key: str | None) -> None:
        if key is not None:
            params, before = self.keys[key]
            refused = before in self.promises and self.promises[before].order.status in REFUSED
            if before is not None and before != order.order_id and not refused:
                self.errors.append(f"S14: key {key} gave {before}, then {order.order_id}")
            self.keys[key] = (params, order.order_id)
        self.promises[order.order_id] = Promise(order, key)

    # --- the venue's own life ---

    def quote(self, instrument_id: str, move: int = 0) -> None:
        self.markets[instrument_id] += move
        tick, middle = self.ticks[instrument_id], self.markets[instrument_id]
        size = self.units[instrument_id] * self.draw.randint(1, 40)
        self.exchange.set_book(instrument_id, tick * (middle - 2), tick * (middle + 2), size)

    def heartbeat(self) -> None:
        listener = self.exchange._listener
        if listener is not None and self.exchange.connected:
            listener.on_heartbeat(Stream.MARKET)

    def foreign_order(self, client_order_id: str = "", lots: int = 5) -> None:
        """Somebody else trades on the account."""
        self._foreign += 1
        instrument_id = self.draw.choice(list(self.units))
        side = self.draw.choice(list(OrderSide))
        kind = self.draw.choice((OrderType.MARKET, OrderType.LIMIT))
        offset = self.draw.randint(-30, 30)
        instrument = self.exchange.venue.instruments[instrument_id]
        request = OrderRequest(
            order_id="",
            account="",
            client_order_id=client_order_id or f"hand{self._foreign}",
            instrument_id=instrument_id,
            side=side,
            order_type=kind,
            size=self.units[instrument_id] * self.draw.randint(1, lots),
            size_unit=instrument.size_unit,
            price=None if kind is OrderType.MARKET else self.price(instrument_id, offset),
            created_ns=self.clock.now_ns(),
            **self.position(instrument_id),
        )
        self.exchange.venue.place(request)

    def way(self, least: float, most: float) -> float:
        """How long one way of an answer takes, where the exchange is not slow."""
        slowest = self.traits.answer_seconds[1]
        if slowest:
            least, most = self.traits.answer_seconds[0] / 2, slowest / 2
        return self.draw.uniform(least, most) if most > least else least

    def price(self, instrument_id: str, offset: int) -> Decimal:
        """So many ticks from the middle."""
        return self.ticks[instrument_id] * (self.markets[instrument_id] + offset)

    def position(self, instrument_id: str) -> dict[str, Any]:
        """Mode and side that an order names."""
        if LISTED[instrument_id].kind is InstrumentKind.SPOT:
            return {"trade_mode": TradeMode.CASH}
        return {
            "trade_mode": self.draw.choice(self.traits.modes),
            "position_side": self.draw.choice(self.traits.sides),
        }

    def move_money(self) -> None:
        """Somebody sends money in, also such as no market knows, or takes a part of what is free out."""
        venue = self.exchange.venue
        currency = self.draw.choice((*AIRDROPS, *sorted({*venue.ledger.total, "USDT"})))
        free = venue.ledger.available(currency)
        if free > 0 and self.draw.random() < 0.5:
            amount = -(free * D(self.draw.choice(("0.02", "0.3", "0.9")))).quantize(D("0.0001"), ROUND_DOWN)
        else:
            amount = D(self.draw.randint(1, 200)) * self.sent.get(currency, D(100))
        if amount:
            self.exchange.move_cash(BillKind.TRANSFER, currency, amount)

    @property
    def sent(self) -> dict[str, Decimal]:
        """A unit of each coin, as somebody would send it."""
        return {LISTED[name].base: size for name, size in self.units.items()}

    def stall(self, seconds: float) -> None:
        """The event loop does nothing for a while (FAULTS E5)."""
        stall(self.loop, seconds)

    def step_clock(self) -> None:
        """Somebody sets the machine's clock, and somebody sets it right again (FAULTS E15)."""
        ahead_ns = self.draw.choice(CLOCK_STEPS) * NS_PER_SECOND
        self.machine.ahead_ns += ahead_ns

        def right() -> None:
            self.machine.ahead_ns -= ahead_ns

        self.loop.call_later(self.draw.uniform(0.1, 20), right)


def settings_for(path: Path) -> Settings:
    """Of an empty database. risk as wide as it goes: it is not what is tested here."""
    risk = {"max_order_size": "1e15", "max_order_value": "10000000", "max_position_value_pct": "10"}
    return settings_of(database_url=fresh_database(path), data_dir=path.parent, risk=risk)


@contextmanager
def silent() -> Iterator[None]:
    """Nobody reads the log of a thousand worlds."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)


def in_virtual_time(
    seed: int,
    path: Path,
    scenario: Callable[[World], Coroutine[Any, Any, None]],
    chances: dict[str, float] | None = None,
    *,
    quiet: bool = True,
    traits: Traits | None = None,
) -> World:
    """Run a scenario in a world of its own; give the world back."""
    loop = VirtualTimeLoop()
    asyncio.set_event_loop(loop)
    worlds: list[World] = []

    async def run() -> None:
        world = World(seed, path, loop, chances, traits)
        worlds.append(world)
        this = asyncio.current_task()
        assert this is not None
        world._own_tasks.add(this)
        try:
            await scenario(world)
        finally:
            world.chances.clear()
            world.crash()
            for task in world._own_tasks - {this}:
                task.cancel()
            await asyncio.sleep(0.01)

    try:
        if quiet:
            with silent():
                loop.run_until_complete(run())
        else:
            loop.run_until_complete(run())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return worlds[0]


__all__ = ["BTC", "ETH", "FAULTS", "SWAP", "D", "World", "in_virtual_time"]
