"""The whole system trades on the simulated exchange for a long time, under faults, with restarts, in an odd world.

Virtual time, WebSocket orders, real SQLite: `python -m tests.simulation.soak` (make soak) gives every fault profile an
hour of market time and ends with the exit code 1 if the ledger differs from the exchange's own truth in anything. The
seed draws the world too (odd_worlds): kind of account, what is listed, how positions are kept, how slow answers are.
`--worlds n` goes through n seeds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.cli import reconciling
from app.cli.output import print_table
from app.clock import NS_PER_SECOND, SimulatedClock, VirtualTimeLoop
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeError
from app.exchanges.okx import OkxExchange
from app.services.trading.errors import TradingError
from app.services.trading.schemas import OrderResponse
from app.settings import load_settings
from app.simulator import Config
from app.simulator.faults import PROFILES
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.system import System
from tests.simulation.faults import CLOCK_STEPS
from tests.simulation.odd_worlds import Traits, drawn
from tests.simulation.soak_clients import Clients, Outside, never_began
from tests.simulation.soak_process import Line, Process
from tests.simulation.soak_truth import findings, worth_findings
from tests.simulation.world import silent
from tests.support.databases import fresh_database
from tests.support.disks import MortalDisk
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.trading_world import SteppedClock

D = Decimal
QUIET_SECONDS = 100.0
"""Three audits, and the time that a difference must stand."""

AUDIT_SECONDS = 45.0
"""An audit, and what it takes to act on it."""

FUNDING_NS = 1_767_254_400 * NS_PER_SECOND
"""08:00 UTC of 2026-01-01, in the middle of a run: the exchange settles funding."""

STEPS = 0.01
"""How likely somebody sets the machine's clock, each moment, in a world whose clock steps."""

FLOWS = 0.06
"""How likely money comes or goes, each moment, in a world where it does."""

AWAY = 0.3
AWAY_SECONDS = 900
"""How likely a process comes back only after up to so long: ends pass meanwhile, and nobody looks."""

PAUSES = 0.03
"""How likely a market is suspended, each moment, in a world where they are."""

MIXED: dict[str, dict[str, Any]] = {
    **PROFILES["chaos"],
    "late_push": {"probability": 0.03, "value": 1500},
    "batch_row_lost": {"probability": 0.05},
    "batch_rows_reversed": {"probability": 0.3},
    "wrong_reply_id": {"probability": 0.005},
    "unknown_enum": {"probability": 0.01},
    "outage": {"probability": 0.01},
    "busy": {"probability": 0.01},
    "upgrade_notice": {"probability": 0.0005, "value": 20_000},
}
ALL: dict[str, dict[str, dict[str, Any]]] = {**PROFILES, "mixed": MIXED}

EXPECTED = (InvalidValue, TradingError, StoreError, ExchangeError, TimeoutError)


@dataclass
class Report:
    """What a run came to. differences: rows of `trading-executor reconcile`; findings: what the deeper look found."""

    profile: str
    seed: int
    seconds: float
    traits: Traits
    did: Counter[str]
    fired: dict[str, int]
    differences: list[dict[str, Any]]
    findings: list[str]
    took_seconds: float = 0.0

    @property
    def clean(self) -> bool:
        return not self.differences and not self.findings


class Soak:
    """One run, from one seed."""

    def __init__(self, profile: str, seed: int, seconds: float, folder: Path, flow_rate: float, traits: Traits) -> None:
        self.profile, self.seed, self.seconds, self.traits = profile, seed, seconds, traits
        self.draw = random.Random(f"soak:{profile}:{seed}")
        self.clock = SimulatedClock(FUNDING_NS - round(seconds / 2) * NS_PER_SECOND, seed)
        self.machine = SteppedClock(FUNDING_NS - round(seconds / 2) * NS_PER_SECOND, seed)
        self.loop = asyncio.get_running_loop()
        mode = "long_short_mode" if traits.hedged else "net_mode"
        account = replace(MAIN, balances=traits.balances, position_mode=mode, account_mode=traits.level)
        config = Config((account,), traits.instruments, seed=seed, flow_rate=flow_rate, depth_levels=20)
        self.venue = SimulatedVenue(self.clock, replace(config, entry=traits.latency, response=traits.latency))
        risk = {"max_order_size": "1e15", "max_order_value": "10000000", "max_position_value_pct": "10"}
        self.settings = load_settings(
            database_url=fresh_database(folder / "soak.db"), data_dir=folder, risk=risk,
            okx_api_key=MAIN.api_key, okx_secret_key=MAIN.secret, okx_passphrase=MAIN.passphrase,
        )  # fmt: skip
        self.did: Counter[str] = Counter()
        self.bugs: list[str] = []
        self._asked = 0
        self.process: Process | None = None
        self.clients = Clients(self.venue, traits, self.draw, self.did, self.client)
        self.outside = Outside(self.venue, traits, self.draw, self.did)
        self._mine: set[asyncio.Task[Any]] = {t for t in (asyncio.current_task(),) if t}

    async def run(self) -> Report:
        try:
            return await self._live()
        finally:
            if self.process and not self.process.dead:
                await self.crash()

    async def _live(self) -> Report:
        await self.boot()
        if not self.traits.balances:
            self.outside.fund()
        self.venue.set_faults(ALL[self.profile], profile="none")
        ends = self.loop.time() + self.seconds
        restart = self.loop.time() + self.draw.uniform(0.2, 0.4) * min(self.seconds, 900)
        while self.loop.time() < ends and not self.bugs:
            await asyncio.sleep(self.draw.expovariate(1.0))
            self.did["moments"] += 1
            self.did["moments not ready"] += not self.system.ready
            if self.loop.time() > restart:
                await self.restart()
                restart = self.loop.time() + self.draw.uniform(0.2, 1.0) * min(self.seconds, 900)
            if self.traits.clock_steps and self.draw.random() < STEPS:
                self.step_clock()
            if self.traits.flows and self.draw.random() < FLOWS:
                self.outside.act()
            if self.traits.pauses and self.draw.random() < PAUSES:
                self.outside.pause(self.loop)
            self.clients.act(self.system)
        fired = {name: knob["fired"] for name, knob in self.venue.exchange.faults.describe().items()}
        self.venue.set_faults({}, profile="none")
        self.outside.open_all()
        await self._settle()
        return await self._report(fired)

    def step_clock(self) -> None:
        """Somebody sets the machine's clock, and somebody sets it right again (FAULTS E15)."""
        ahead_ns = self.draw.choice(CLOCK_STEPS) * NS_PER_SECOND
        self.did["clock steps"] += 1
        self.machine.ahead_ns += ahead_ns

        def right() -> None:
            self.machine.ahead_ns -= ahead_ns

        self.loop.call_later(self.draw.uniform(0.1, 20), right)

    async def _settle(self) -> None:
        """Parents end, half of what rests for itself is cancelled, and nothing is asked for a while."""
        system = self.system
        await system.parents.cancel_all(reason="the soak ends")
        rests = (order for order in system.ledger.open_orders() if not order.terminal)
        resting = [order for order in rests if order.request.parent_id is None]  # a parent sees to its own
        for order in resting[::2]:
            self.client(system.executor.cancel_order(order.order_id, principal="client"))
        await asyncio.sleep(QUIET_SECONDS)

    async def _report(self, fired: dict[str, int]) -> Report:
        system = self.system
        differences, found = await self._compared()
        if differences or found:
            # What filled a moment ago on a connection that a fault has made mute is found by the next audit.
            await asyncio.sleep(AUDIT_SECONDS)
            differences, found = await self._compared()
        found, truth = [*self.bugs, *found], self.venue.ledger(MAIN.name)
        if self.seconds >= LONG_SECONDS:
            found += [f"no parent of strategy {name} ever began" for name in never_began(self.did)]
        if self.profile == "none":
            given_up = [each for each in system.parents.history(limit=500) if "undecided" in each.parent.reason]
            found += [f"parent {each.parent.parent_id} was given up without a fault" for each in given_up]
        self.did["orders at the exchange"] = len(truth["orders"])
        self.did["fills"] = len(truth["fills"])
        self.did["funding payments"] = sum(row["type"] == "8" for row in truth["bills"])
        for event in queries.events(system.database, system.ledger.account, kind="kill_switch.on"):
            self.did[f"kill switch: {event['payload']}"] += 1
        await system.stop()
        assert self.process is not None
        self.process.dead = True
        return Report(self.profile, self.seed, self.seconds, self.traits, self.did, fired, differences, found)

    async def _compared(self) -> tuple[list[dict[str, Any]], list[str]]:
        """What `reconcile` says, and what the deeper look finds."""
        system = self.system
        began_ns = system.ledger.opening.began_ns
        differences = await reconciling.compared(system.exchange, system.database, system.ledger.account, began_ns)
        truth = self.venue.ledger(MAIN.name)
        return differences, [*findings(system, truth), *worth_findings(system, self.venue, truth)]

    # --- processes ---

    @property
    def system(self) -> System:
        assert self.process is not None
        return self.process.system

    async def _open_disk(self, database: Database) -> MortalDisk:
        assert self.process is not None
        disk = MortalDisk(database)
        self.process.disks.append(disk)
        return disk

    async def boot(self) -> None:
        """Start a process, again and again until one is up; RuntimeError when none comes up for a long time."""
        until, refused = self.loop.time() + START_SECONDS, ""
        while self.loop.time() < until:
            line = Line(self.venue)
            exchange = OkxExchange(okx_config(), self.machine, line)
            system = System(
                self.settings, clock=self.machine, exchange=exchange, disk=self._open_disk, progress=lambda _: None
            )
            self.process = Process(system, line)
            try:
                await system.start()
                return
            except EXPECTED as error:
                refused = f"{type(error).__name__}: {error}"
                self.did[f"start refused: {type(error).__name__}"] += 1
                self.process.dead = True
                await line.cut()
            await asyncio.sleep(1.0)
        raise RuntimeError(f"{self.profile}, seed {self.seed}, {self.traits}: no start came to its end: {refused}")

    async def restart(self) -> None:
        """An orderly end or a kill, a pause, and the next process."""
        if self.draw.random() < 0.5:
            self.did["killed"] += 1
            await self.crash()
        else:
            self.did["stopped"] += 1
            await self.system.stop()
            assert self.process is not None
            self.process.dead = True
        for _ in range(self.traits.busy):
            self.outside.order()
            await asyncio.sleep(0.05)
        away = self.draw.random() < AWAY
        self.did["away for minutes"] += away
        longest = min(self.seconds / 4, AWAY_SECONDS) if away else 20
        await asyncio.sleep(self.draw.uniform(0, longest))
        await self.boot()

    async def crash(self) -> None:
        """As kill -9: nothing more reaches the disk or the wire."""
        process = self.process
        assert process is not None
        process.dead = True
        for disk in process.disks:
            disk.dead = True
        await process.line.cut()
        doomed = sorted((task for task in asyncio.all_tasks(self.loop) if task not in self._mine), key=_name)
        for task in doomed:
            task.cancel()
        await asyncio.gather(*doomed, return_exceptions=True)
        for disk in process.disks:
            disk.cut()
        process.system.journal.close()
        process.system.database.close()

    # --- clients ---

    def client(self, asking: Awaitable[Any]) -> None:
        """A request that runs inside the process, and dies with it."""
        process = self.process

        async def ask() -> None:
            try:
                answer = await asking
                for refusal in answer.reasons if isinstance(answer, OrderResponse) else ():
                    self.did[f"denied by {refusal.check}"] += 1
            except EXPECTED as error:
                self.did[f"told {type(error).__name__}"] += 1
            except Exception as error:
                if process is not None and not process.dead:
                    self.bugs.append(f"client: {type(error).__name__}: {error}")

        self._asked += 1
        self.loop.create_task(ask(), name=f"client {self._asked:06d}")


def _name(task: asyncio.Task[Any]) -> str:
    return task.get_name()


LONG_SECONDS = 1_800
START_SECONDS = 900.0
"""In which some start must come to its end, whatever breaks."""


def soak(profile: str, seed: int, seconds: float, *, flow_rate: float = 4.0, traits: Traits | None = None) -> Report:
    """Run one profile; everything of it follows from the seed, the world too unless its traits are given."""
    traits = traits or drawn(random.Random(f"world:{seed}"), busiest=300 if seconds < LONG_SECONDS else 3_000)
    shared = Path("/dev/shm")
    where = shared if os.access(shared, os.W_OK) else None
    began = time.perf_counter()

    async def run(folder: Path) -> Report:
        return await Soak(profile, seed, seconds, folder, flow_rate, traits).run()

    with (
        tempfile.TemporaryDirectory(prefix="soak-", dir=where) as folder,
        silent(),
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        report = runner.run(run(Path(folder)))
    report.took_seconds = time.perf_counter() - began
    return report


def show(report: Report) -> None:
    minutes = report.seconds / 60
    print(f"profile {report.profile}, seed {report.seed}: {minutes:g} minutes of market in {report.took_seconds:.0f} s")
    print(f"  {report.traits}")
    print(f"  done: {dict(report.did.most_common())}")
    print(f"  faults: {({k: v for k, v in sorted(report.fired.items()) if v}) or 'none'}")
    print_table(report.differences, ("what", "which", "here", "exchange"), empty="  no differences")
    for finding in report.findings[:40]:
        print(f"  {finding}")
    if not report.clean:
        print(f"  replay: python -m tests.simulation.soak {report.profile} --seed {report.seed} --minutes {minutes:g}")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when any profile ends with a difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak", description=__doc__)
    parser.add_argument("profiles", nargs="*", help=f"which (all): {', '.join(ALL)}")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--minutes", type=float, default=60.0, help="market time for each profile")
    parser.add_argument("--worlds", type=int, default=1, help="how many seeds, one after the other")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.profiles if name not in ALL]:
        parser.error(f"no such profile: {', '.join(unknown)}; there are {', '.join(ALL)}")
    failed = False
    for seed in range(options.seed, options.seed + options.worlds):
        for profile in options.profiles or ALL:
            report = soak(profile, seed, options.minutes * 60)
            show(report)
            failed |= not report.clean
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
