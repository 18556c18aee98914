"""What waits at the exchange, killed at every boundary: fired there once, booked here once, and sent once an id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.parents import ParentStatus
from app.exchanges.okx import OkxExchange
from app.exchanges.port import CancelRequest, CommittedIntent, Listener, Outcome
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams
from app.services.trading.schemas import ParentResponse
from app.settings import load_settings
from app.simulator import AccountConfig, Config
from app.store import migrating
from app.store.committer import Disk
from app.store.database import Database
from app.system import System
from tests.simulation.parent_stack import Ear, Fuse, FusedDisk
from tests.support.databases import fresh_database
from tests.support.okx_system import BTC, SWAP, D
from tests.support.postgres import PostgresServer
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time
from tests.support.trading_world import SteppedClock

MOVER = AccountConfig("mover", "key2", "secret2", "pass2", balances={"USDT": D(10**7), "BTC": D(100)})
SIZE, CONTRACTS = D("0.02"), D(5)


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

    def __init__(self, folder: Path, url: str, venue: SimulatedVenue, fuse: Fuse) -> None:
        self.fuse, self.disk_full = fuse, False
        self._disks: list[FusedDisk] = []
        clock = SteppedClock(seed=1)
        self.exchange = FusedOkx(okx_config(), clock, venue.transport())
        self.exchange.fuse = fuse
        hedged = venue.config.accounts[0].position_mode == "long_short_mode"
        settings = load_settings(data_dir=folder, database_url=url, okx_expected_hedged=hedged)
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


Work = Callable[[Life, SimulatedVenue], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Case:
    """What is held before, and what is then done. waits: in its configuration as long as it is not to fire. parts: of
    so many orders the exchange makes it, a second apart."""

    work: Work
    coins: str = "0"
    positions: Mapping[str, str] = field(default_factory=dict[str, str])
    waits: str = "nothing"
    parts: int = 1

    def venue(self) -> SimulatedVenue:
        hedged = bool(self.positions.keys() - {"net"})
        mode = "long_short_mode" if hedged else "net_mode"
        main = replace(MAIN, position_mode=mode, balances={"USDT": D(10_000), "BTC": D(self.coins)})
        made = SimulatedVenue(SteppedClock(seed=2), Config(accounts=(main, MOVER), flow_rate=0.0))
        if self.parts > 1:
            made.set_faults({"split_algo": {"probability": 1.0, "value": self.parts}})
        for side, size in self.positions.items():
            order = {"instId": SWAP, "tdMode": "cross", "ordType": "market", "sz": size, "posSide": side}
            made.act("order", account="main", params={**order, "side": "sell" if side == "short" else "buy"})
        return made

    def trade(self, venue: SimulatedVenue, size: str) -> None:
        """Another account sells so many bitcoin."""
        of_it = {"instId": BTC, "sz": size, "tgtCcy": "base_ccy", "tdMode": "cash"}
        if self.positions:
            of_it = {"instId": SWAP, "sz": str(D(size) * 100), "tdMode": "cross"}
        venue.act("order", account="mover", params={**of_it, "ordType": "market", "side": "sell"})

    def held(self, venue: SimulatedVenue) -> Decimal:
        """What is there to be protected."""
        now = venue.ledger()
        if not self.positions:
            return D(now["cash"].get("BTC", "0"))
        return sum((D(row["pos"]) for row in now["positions"] if row["posSide"] != "short"), D(0))


async def begin(life: Life, instrument_id: str) -> None:
    await life.system.start()
    await life.system.follow(instrument_id)
    await asyncio.sleep(1)


def selling(instrument_id: str = BTC, size: Decimal = SIZE, side: str = "net") -> OrderParams:
    contracts = instrument_id == SWAP
    return OrderParams(
        instrument_id=instrument_id,
        side=OrderSide.SELL,
        order_type=OrderType.MARKET,
        size=size,
        trade_mode="cross" if contracts else "cash",
        position_side=side,
        reduce_only=contracts and side == "net",
    )


async def amended(life: Life, name: str, params: OrderParams, first: dict[str, Any], then: dict[str, Any]) -> None:
    """Hold it there, and give it other terms."""
    await begin(life, params.instrument_id)
    started = await life.system.parents.start(name, {**first, "held": "exchange"}, params)
    await asyncio.sleep(2)
    await life.system.parents.amend(started.parent_id, config=then)
    await asyncio.sleep(4)


async def spot(life: Life, venue: SimulatedVenue) -> None:
    await amended(life, "stop", selling(), {"trigger_price": 49_000}, {"trigger_price": 49_999})


async def swap(life: Life, venue: SimulatedVenue) -> None:
    params = selling(SWAP, CONTRACTS)
    await amended(life, "stop", params, {"trigger_price": 49_000}, {"trigger_price": 49_999})


async def trailing(life: Life, venue: SimulatedVenue) -> None:
    """Taken back and placed anew, for it cannot be amended."""
    await amended(life, "trailing_stop", selling(), {"distance": 500}, {"distance": D("0.1")})


async def hedged(life: Life, venue: SimulatedVenue) -> None:
    """The short beside it stays."""
    await begin(life, SWAP)
    config = {"take_profit": 52_000, "stop_loss": 49_999, "held": "exchange"}
    await life.system.parents.start("oco", config, selling(SWAP, CONTRACTS, "long"))
    await asyncio.sleep(2)


async def crossed(life: Life, venue: SimulatedVenue) -> None:
    """Taken back in the moment in which it fires."""
    await begin(life, BTC)
    config = {"trigger_price": 49_999, "held": "exchange"}
    started = await life.system.parents.start("stop", config, selling())
    await asyncio.sleep(2)
    await life.system.parents.cancel(started.parent_id)


async def bracket(life: Life, venue: SimulatedVenue) -> None:
    """Gets in by two fills, with which the exits grow, and a last one that fires them."""
    await begin(life, BTC)
    price = D("49999.9")
    params = replace(selling(), side=OrderSide.BUY, order_type=OrderType.LIMIT, price=price)
    config = {"stop_loss": price - 1, "take_profit": price + 500, "held": "exchange", "timeout": 60}
    await life.system.parents.start("bracket", config, params)
    for _ in range(2):
        await asyncio.sleep(2)
        CASES["bracket"].trade(venue, "0.004")
    await asyncio.sleep(3)


CASES = {
    "spot": Case(spot, str(SIZE), waits='"49000"'),
    "swap": Case(swap, positions={"net": "5"}, waits='"49000"'),
    "trailing": Case(trailing, str(SIZE), waits='"500"'),
    "hedged": Case(hedged, positions={"long": "5", "short": "3"}),
    "crossed": Case(crossed, str(SIZE)),
    "bracket": Case(bracket),
    "spot in parts": Case(spot, str(SIZE), waits='"49000"', parts=3),
    "swap in parts": Case(swap, positions={"net": "5"}, waits='"49000"', parts=2),
    "crossed in parts": Case(crossed, str(SIZE), parts=3),
}


async def lives(folder: Path, url: str, case: Case, fuse: Fuse) -> str:
    venue = case.venue()
    life = Life(folder, url, venue, fuse)
    before = case.held(venue)
    working = asyncio.create_task(case.work(life, venue))
    blown = asyncio.create_task(fuse.blown.wait())
    await asyncio.wait({working, blown}, return_when=asyncio.FIRST_COMPLETED)
    died = fuse.where
    case.trade(venue, "6")  # it fires, whether anybody lives or not
    await asyncio.sleep(1 if fuse.blown.is_set() else 3)
    if fuse.blown.is_set():
        died = fuse.where
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await life.kill()
        life = Life(folder, url, venue, Fuse())
        await life.system.start()
    blown.cancel()
    await working if not working.done() else None
    parents = life.system.parents
    for _ in range(20):
        case.trade(venue, "0.01")
        await asyncio.sleep(10)
        if not parents.open_count:
            break
    check(case, venue, before, parents.history())
    await life.system.stop()
    report = audit(life.system.database, "main", life.system.ledger.instruments)
    assert report.clean, [str(finding) for finding in report.findings]
    return died


def check(case: Case, venue: SimulatedVenue, before: Decimal, history: list[ParentResponse]) -> None:
    algos = venue.exchange.algos
    every = [*algos.live.values(), *algos.ended.values()]
    names = [str(algo.params["algoClOrdId"]) for algo in every]
    assert len(names) == len(set(names)), "one client order id, one send"
    short = [D(row["pos"]) for row in venue.ledger()["positions"] if row["posSide"] == "short"]
    assert short == [D(size) for side, size in case.positions.items() if side == "short"]
    gone = before - case.held(venue)
    if not history:
        assert (names, gone) == ([], 0), "it died before it was durable"
        return
    last = history[-1]
    if case.work is bracket:
        check_bracket(venue, history)
    elif case.waits in last.parent.config:
        # It died before the amendment was durable: it waits for what it was asked to wait for.
        assert (last.status, len(algos.live), gone) == (ParentStatus.RUNNING, 1, 0)
        return
    elif case.work is crossed:
        assert last.status in (ParentStatus.CANCELED, ParentStatus.COMPLETED), last.waiting_for
        assert last.filled_size == gone
        assert gone in (0, before) or case.parts > 1, "a part of it may have traded before the cancel came"
    else:
        assert (last.status, last.filled_size, gone) == (ParentStatus.COMPLETED, before, before), last.waiting_for
    assert not algos.live


def check_bracket(venue: SimulatedVenue, history: list[ParentResponse]) -> None:
    entry, out = sorted(history, key=lambda each: each.parent.entry_id or "")
    assert (entry.status.terminal, out.status) == (True, ParentStatus.COMPLETED), (entry, out)
    bought, sold = (
        sum((D(fill["fillSz"]) for fill in venue.ledger()["fills"] if fill["side"] == side), D(0))
        for side in ("buy", "sell")
    )
    assert (entry.filled_size, out.filled_size) == (bought, sold)
    assert 0 <= bought - sold < D("0.001") * bought + D("0.00001"), "all but the fee"


@pytest.mark.parametrize(
    ("name", "first", "step"), [("spot", 1, 1), *((name, 1 + 2 * at % 5, 5) for at, name in enumerate(list(CASES)[1:]))]
)
def test_killed_at_every_boundary(name: str, first: int, step: int, tmp_path: Path) -> None:
    """Of the first case at every one, of the others at every fifth."""
    deaths: list[str] = []
    for boundary in range(first, 100, step):
        folder = tmp_path / str(boundary)
        folder.mkdir()
        died = in_virtual_time(lives(folder, fresh_database(folder / "executor.db"), CASES[name], Fuse(boundary)))
        if not died:
            break
        deaths.append(died)
    else:
        raise AssertionError("it never ran to its end")
    whole = {"before commit", "after commit", "before submit", "after submit", "before amend"}
    assert whole <= set(deaths) if step == 1 else deaths, deaths


def test_killed_on_postgresql(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """While it is sent, and while its amendment is written."""

    def migrate(url: str) -> None:
        database = Database(url)
        migrating.upgrade(database)
        database.close()

    postgres_server.template("migrated", migrate)
    for boundary in (7, 13):
        with postgres_server.fresh_database(template="migrated") as url:
            assert in_virtual_time(lives(tmp_path, url, CASES["spot"], Fuse(boundary))), "it died"
