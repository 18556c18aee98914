"""Whole systems over one MemoryExchange in virtual time, killed at any boundary and started again.

A Fuse counts the boundaries (before and after each commit, place, amend and cancel); when it blows, nothing more of
that process reaches the disk or the wire. The exchange outlives every process, and so does the machine, whose clock
may be set to any time: a process lives by two of three clocks, as the system does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from app.clock import NS_PER_SECOND, SimulatedClock
from app.domain.orders import OrderSide, OrderType
from app.domain.refusals import Refusal
from app.exchanges.memory import MemoryExchange
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.exchanges.port import CancelRequest, CommittedIntent, Listener, Outcome, Stream
from app.journal.audit import audit
from app.services.strategies.inline import InlineHost
from app.services.trading.execution_risk import Decision, ExecutionRiskControl
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy
from app.services.trading.schemas import OrderParams
from app.store.committer import Disk
from app.store.database import Database
from app.store.transaction import Writes
from app.system import System
from tests.support.databases import fresh_database, shared_database
from tests.support.disks import Died, MortalDisk, events_of
from tests.support.systems import in_virtual_time as in_virtual_time
from tests.support.systems import settings_of
from tests.support.trading_world import SteppedClock

ACCOUNT = "main"
BTC = "BTC-USDT"
START_NS = 1_767_225_600 * NS_PER_SECOND
OPEN_RISK = {
    "max_order_size": "1e15",
    "min_order_size": "0.00000001",
    "max_order_value": "1e12",
    "max_position_value_pct": "10",
    "max_price_deviation": "1",
}
"""Whatever is not what a test is about goes out."""
TIMING = {"clock_offset_stop_seconds": 86_400}
"""Clocks that are off hold nothing back here; that they do is tried in test_clock_steps."""


class Killed(Died):
    """The process died here. What it still does sees a disk that fails and a wire that hangs."""


@dataclass
class Fuse:
    """Blows at boundary number `at` (from 1); 0 never blows. every_commit: those count too that are of no order."""

    at: int = 0
    passed: int = 0
    where: str = ""
    blown: asyncio.Event = field(default_factory=asyncio.Event)
    every_commit: bool = False

    def check(self, where: str, *, counts: bool = True) -> None:
        if self.blown.is_set():
            raise Killed
        self.passed += counts
        if counts and self.passed == self.at:
            self.where = where
            self.blown.set()
            raise Killed

    async def check_wire(self, where: str) -> None:
        """As check, but the dead process hangs instead: nobody learns of it."""
        try:
            self.check(where)
        except Killed:
            await asyncio.Event().wait()


class FusedDisk(MortalDisk):
    """Boundaries around each commit of orders and parents; none is taken while the process's disk is full."""

    def __init__(self, database: Database, process: Process) -> None:
        super().__init__(database)
        self._process = process

    def commit(self, writes: Writes) -> None:
        # Renewed leases, days and watermarks are no parent's: dying there is dying between two of its boundaries.
        counts = self._process.fuse.every_commit
        counts |= any(event.order_id or event.parent_id for event in events_of(writes, self._sqlite))
        self._process.fuse.check("before commit", counts=counts)
        if self._process.disk_full:
            raise OSError("disk full")
        super().commit(writes)
        self._process.fuse.check("after commit", counts=counts)


class Ear:
    """What the exchange says to one process, for as long as it lives."""

    def __init__(self, listener: Listener, fuse: Fuse) -> None:
        self._to, self._fuse = listener, fuse

    def __getattr__(self, name: str) -> Any:
        return (lambda *_: None) if self._fuse.blown.is_set() else getattr(self._to, name)


class FusedExchange:
    """The sends of the exchange with boundaries around them; what it tells is heard until the process is dead."""

    def __init__(self, world: World, fuse: Fuse) -> None:
        self._world, self._exchange = world, world.exchange
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    async def start(self, listener: Listener) -> None:
        await self._exchange.start(Ear(listener, self._fuse))  # type: ignore[arg-type]

    async def stop(self) -> None:
        if not self._fuse.blown.is_set():
            await self._exchange.stop()

    async def submit(self, intent: CommittedIntent) -> Outcome:
        return await self._around("submit", lambda: self._exchange.submit(intent))

    async def amend(self, intent: CommittedIntent) -> Outcome:
        return await self._around("amend", lambda: self._exchange.amend(intent))

    async def cancel(self, request: CancelRequest) -> Outcome:
        return await self._around("cancel", lambda: self._exchange.cancel(request))

    async def _around(self, what: str, send: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
        await self._fuse.check_wire(f"before {what}")
        outcome = await send()
        self._world.note_exposure()
        await self._fuse.check_wire(f"after {what}")
        return outcome


class Process:
    """One life of the executor, from start to stop or kill."""

    def __init__(self, world: World, fuse: Fuse) -> None:
        self.world, self.fuse = world, fuse
        self.disk_full = False
        self.opened = asyncio.Event()
        """Set each time that the account's disk is opened."""
        self._disks: list[FusedDisk] = []
        exchange: Any = FusedExchange(world, fuse)
        self.system = System(
            world.settings,
            database=world.database,
            disk=self._open_disk,
            exchange=exchange,
            clock=world.wall,
            strategies=world.strategies,
            progress=lambda _: None,
            start_host=InlineHost,
        )
        self.executor, self.parents, self.ledger = self.system.executor, self.system.parents, self.system.ledger
        self.tasks, self.follow = self.system.tasks, self.system.follow

    async def _open_disk(self, database: Database) -> Disk:
        self._disks.append(FusedDisk(database, self))
        self.opened.set()
        return self._disks[-1]

    async def start(self) -> None:
        self.world.exchange._followed.clear()  # subscriptions are the connection's
        await self.system.start()

    async def stop(self) -> None:
        await self.system.stop()

    def refuse(self, *refusals: Refusal) -> None:
        """Risk refuses every order for these reasons; without any, it decides again."""
        real, risk = ExecutionRiskControl.approve, self.system.risk

        def approve(*given: Any, **named: Any) -> Decision:
            decision = real(risk, *given, **named)
            return replace(decision, result=replace(decision.result, passed=not refusals, reasons=refusals))

        risk.approve = approve  # type: ignore[method-assign]

    async def kill(self) -> None:
        """Nothing is said, nothing is written; the database's connection goes with the process. The lease stays, and
        is taken over at once: its owner, this very process of the tests, is the same."""
        self.fuse.blown.set()
        self.world.exchange._listener = None
        await self.system.strategies.stop()
        await self.system.sends.stop()
        await self.system.tasks.stop()
        self.system.journal.close()
        for disk in self._disks:
            disk.dead = True
            disk.cut()


class World:
    """The exchange, the database and the clocks, which outlive processes. clock: the true time, and the exchange's;
    wall: the machine's. risk: what is narrower than wide open."""

    def __init__(
        self,
        path: Path,
        seed: int = 0,
        strategies: Mapping[str, type[ExecutionStrategy]] = STRATEGIES,
        risk: Mapping[str, object] | None = None,
    ) -> None:
        self.clock = SimulatedClock(START_NS, seed)
        self.wall = SteppedClock(START_NS, seed)
        url = fresh_database(path)
        self.database = shared_database(url)
        limits = {**OPEN_RISK, **(risk or {})}
        self.settings = settings_of(database_url=url, data_dir=path.parent, risk=limits, timing=TIMING)
        self.strategies = strategies
        self.exchange = MemoryExchange(
            self.clock, balances={"USDT": Decimal(10_000_000), "BTC": Decimal(100)}, fee_rate=Decimal(0)
        )
        self.exchange.record_sends = True
        self.exchange.set_book(BTC, Decimal("50000"), Decimal("50000.1"), Decimal(100))
        self.market_alive = True
        self.most_possible = Decimal(0)
        self._beating = asyncio.create_task(self._beat())

    async def process(self, fuse: Fuse | None = None) -> Process:
        made = Process(self, fuse or Fuse())
        await made.start()
        return made

    async def _beat(self) -> None:
        """The market connection lives; each book is told again before it counts as silent."""
        for beat in count(1):
            await self.clock.sleep(0.5)
            listener = self.exchange._listener
            if self.market_alive and listener is not None and self.exchange.connected:
                listener.on_heartbeat(Stream.MARKET)
                for instrument_id in self.exchange._followed if beat % 60 == 0 else ():
                    listener.on_book(self.exchange._book(instrument_id))

    @property
    def placed(self) -> list[str]:
        """Client order ids of every place that reached the exchange."""
        return [client_order_id for operation, client_order_id in self.exchange.sends if operation == "place"]

    @property
    def filled(self) -> Decimal:
        """What has filled at the exchange."""
        return sum((fill.size for fill in self.exchange.venue.fills), Decimal(0))

    def note_exposure(self) -> None:
        """Keep the most that could ever have filled at the exchange at one moment (INVARIANTS S4)."""
        open_size = sum((order.size - order.filled for order in self.exchange.venue.open.values()), Decimal(0))
        self.most_possible = max(self.most_possible, self.filled + open_size)

    def now(self) -> float:
        return (self.clock.now_ns() - START_NS) / NS_PER_SECOND

    def close(self) -> None:
        """The end of a world; its journal gives every row that it left."""
        self._beating.cancel()
        instruments = {instrument.instrument_id: instrument for instrument in DEFAULT_INSTRUMENTS}
        report = audit(self.database, ACCOUNT, instruments)
        self.database.close()
        assert report.clean, [str(finding) for finding in report.findings]


def at_every_boundary(folder: Path, killed_at: Callable[[int, Path], Coroutine[Any, Any, int]]) -> None:
    """killed_at(boundary, a folder of its own) for one boundary after the other, until it says that its process lived
    through them all, by how many there were."""

    async def work() -> None:
        boundary, last = 1, 0
        while not last:
            own = folder / str(boundary)
            own.mkdir()
            last = await killed_at(boundary, own)
            boundary += 1
        assert boundary > 3

    in_virtual_time(work())


def buy(size: str, price: str | None = None, side: OrderSide = OrderSide.BUY) -> OrderParams:
    order_type = OrderType.MARKET if price is None else OrderType.LIMIT
    return OrderParams(
        instrument_id=BTC,
        side=side,
        order_type=order_type,
        size=Decimal(size),
        price=None if price is None else Decimal(price),
    )
