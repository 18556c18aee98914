"""What waits at the exchange, killed at every boundary: fired there once, booked here once, and sent once an id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.domain.parents import ParentStatus
from app.exchanges.okx import OkxExchange
from app.exchanges.port import CancelRequest, CommittedIntent, Listener, Outcome
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams
from app.settings import load_settings
from app.simulator import AccountConfig, Config
from app.store.committer import Disk
from app.store.database import Database
from app.system import System
from tests.simulation.parent_stack import Ear, Fuse, FusedDisk
from tests.support.databases import fresh_database
from tests.support.okx_system import BTC, D
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time
from tests.support.trading_world import SteppedClock

MOVER = AccountConfig("mover", "key2", "secret2", "pass2", balances={"USDT": D(10**7), "BTC": D(100)})
SIZE = D("0.02")


class FusedOkx(OkxExchange):
    """The adapter with boundaries around its sends; what it tells is heard until the process is dead."""

    fuse: Fuse

    async def start(self, listener: Listener) -> None:
        await super().start(Ear(listener, self.fuse))  # type: ignore[arg-type]

    async def submit(self, intent: CommittedIntent) -> Outcome:
        return await self._around("submit", lambda: super(FusedOkx, self).submit(intent))

    async def amend(self, intent: CommittedIntent) -> Outcome:
        return await self._around("amend", lambda: super(FusedOkx, self).amend(intent))

    async def cancel(self, request: CancelRequest) -> Outcome:
        return await self._around("cancel", lambda: super(FusedOkx, self).cancel(request))

    async def _around(self, what: str, send: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
        await self.fuse.check_wire(f"before {what}")
        outcome = await send()
        await self.fuse.check_wire(f"after {what}")
        return outcome


class Life:
    """One process, from start to stop or kill."""

    def __init__(self, folder: Path, venue: SimulatedVenue, fuse: Fuse) -> None:
        path = folder / "executor.db"
        url = f"sqlite:///{path}" if path.exists() else fresh_database(path)
        self.fuse, self.disk_full = fuse, False
        self._disks: list[FusedDisk] = []
        clock = SteppedClock(seed=1)
        self.exchange = FusedOkx(okx_config(), clock, venue.transport())
        self.exchange.fuse = fuse
        settings = load_settings(data_dir=folder, database_url=url)
        self.system = System(settings, disk=self._open, exchange=self.exchange, clock=clock, progress=lambda _: None)

    async def _open(self, database: Database) -> Disk:
        self._disks.append(FusedDisk(database, self))  # type: ignore[arg-type]
        return self._disks[-1]

    async def kill(self) -> None:
        """Nothing is said and nothing is written any more."""
        self.fuse.blown.set()
        await self.system.sends.stop()
        await self.system.tasks.stop()
        await self.exchange.stop()
        self.system.journal.close()
        for disk in self._disks:
            disk.dead = True
            disk.cut()


def trade(venue: SimulatedVenue, size: str) -> None:
    """Another account sells."""
    body = {"instId": BTC, "ordType": "market", "sz": size, "tgtCcy": "base_ccy", "side": "sell", "tdMode": "cash"}
    venue.act("order", account="mover", params=body)


async def protect(life: Life) -> None:
    """Buy, hold a stop at the exchange, and give it another trigger."""
    system = life.system
    await system.start()
    await system.follow(BTC)
    await asyncio.sleep(1)
    params = OrderParams(instrument_id=BTC, side=OrderSide.SELL, order_type=OrderType.MARKET, size=SIZE)
    started = await system.parents.start("stop", {"trigger_price": 49_000, "held": "exchange"}, params)
    await asyncio.sleep(2)
    await system.parents.amend(started.parent_id, config={"trigger_price": 49_999})
    await asyncio.sleep(2)


async def lives(folder: Path, fuse: Fuse) -> str:
    main = replace(MAIN, balances={"USDT": D(10_000), "BTC": SIZE})
    venue = SimulatedVenue(SteppedClock(seed=2), Config(accounts=(main, MOVER), flow_rate=0.0))
    life = Life(folder, venue, fuse)
    working = asyncio.create_task(protect(life))
    blown = asyncio.create_task(fuse.blown.wait())
    await asyncio.wait({working, blown}, return_when=asyncio.FIRST_COMPLETED)
    died = fuse.where
    trade(venue, "6")  # it fires, whether anybody lives or not
    await asyncio.sleep(1 if fuse.blown.is_set() else 3)
    if fuse.blown.is_set():
        died = fuse.where
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await life.kill()
        life = Life(folder, venue, Fuse())
        await life.system.start()
    blown.cancel()
    await working if not working.done() else None
    parents = life.system.parents
    for _ in range(20):
        trade(venue, "0.001")
        await asyncio.sleep(10)
        if not parents.open_count:
            break
    check(venue, life.system)
    await life.system.stop()
    report = audit(life.system.database, "main", life.system.ledger.instruments)
    assert report.clean, [str(finding) for finding in report.findings]
    return died


def check(venue: SimulatedVenue, system: System) -> None:
    algos = venue.exchange.algos
    every = [*algos.live.values(), *algos.ended.values()]
    names = [str(algo.params["algoClOrdId"]) for algo in every]
    assert len(names) == len(set(names)), "one client order id, one send"
    sold = SIZE - D(venue.ledger()["cash"].get("BTC", "0"))
    history = system.parents.history()
    if not history:
        assert (names, sold) == ([], 0), "it died before it was durable"
        return
    (parent,) = history
    if '"49000"' in parent.parent.config:
        # It died before the amendment was durable: it waits for the price that it was asked to wait for.
        assert (parent.status, len(algos.live), sold) == (ParentStatus.RUNNING, 1, 0)
        return
    assert (parent.status, parent.filled_size, sold) == (ParentStatus.COMPLETED, SIZE, SIZE), parent.waiting_for
    assert not algos.live


def test_killed_at_every_boundary(tmp_path: Path) -> None:
    deaths: list[str] = []
    for boundary in range(1, 100):
        folder = tmp_path / str(boundary)
        folder.mkdir()
        died = in_virtual_time(lives(folder, Fuse(boundary)))
        if not died:
            break
        deaths.append(died)
    else:
        raise AssertionError("it never ran to its end")
    assert {"before commit", "after commit", "before submit", "after submit", "before amend"} <= set(deaths), deaths
