"""Strategies of one's own in processes of their own: what they are shown, what they ask for, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SystemClock
from app.domain.orders import PositionKey
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from app.exchanges.port import AccountConfig
from app.services.strategies import running
from app.services.strategies.hosted import HostedStrategies, StrategyView
from app.services.strategies.inline import InlineHost
from app.services.strategies.process import HostProcess, OnAnswer, OnEnd, StartHost
from app.services.strategies.running import Standing
from app.services.strategies.schedule import DAYS
from app.store import queries
from app.strategies.messages import Batch, Begin, Begun
from app.strategies.signals import Signal, SignalType
from app.system import System
from tests.support.api_world import RISK, TIMING
from tests.support.demo_run import environment
from tests.support.systems import system_in

D = Decimal
BTC = "BTC-USDT"

BUYS_ONCE = """
from trading_executor.strategies import Signal, SignalType, Strategy

class Mine(Strategy):
    def on_book(self, book):
        if not self.state.get("asked"):
            self.state["asked"] = True
            return Signal(SignalType.BUY, book.instrument_id, size="0.01")

    def on_fill(self, fill):
        self.state["fills"] = [*self.state.get("fills", []), fill.trade_id]
        self.state["held"] = str(fill.held)
"""
BUYS_AT_ONCE = """
from trading_executor.strategies import Signal, SignalType, Strategy

class Mine(Strategy):
    def on_start(self):
        return Signal(SignalType.BUY, "BTC-USDT", size="0.01")
"""
HANGS = """
from trading_executor.strategies import Strategy

class Mine(Strategy):
    def on_book(self, book):
        while True:
            pass
"""
RAISES = """
from trading_executor.strategies import Strategy

class Mine(Strategy):
    def on_book(self, book):
        raise ValueError("no idea")
"""
TELLS_ITS_WORLD = """
import os
from trading_executor.strategies import Strategy

class Mine(Strategy):
    def on_start(self):
        self.state["names"] = sorted(os.environ)
        self.state["nice"] = os.nice(0)
        self.state["oom"] = open("/proc/self/oom_score_adj").read().strip()
        self.state["descriptors"] = sorted(int(each) for each in os.listdir("/proc/self/fd"))
"""


def written(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return f"{path}:Mine"


@asynccontextmanager
async def system(
    folder: Path, exchange: MemoryExchange | None = None, *, start_host: StartHost = HostProcess, **strategies: Any
) -> AsyncIterator[System]:
    clock = SystemClock()
    venue = exchange or MemoryExchange(clock, balances={"USDT": D(1_000_000)})
    venue.set_book(BTC, D("49999.9"), D("50000.1"), D(1000))
    tables = {name: {"instruments": [BTC], **table} for name, table in strategies.items()}
    made = system_in(folder, venue, clock, timing=TIMING, risk=RISK, strategies=tables, start_host=start_host)
    await made.start()
    venue.set_book(BTC, D("49999.8"), D("50000.2"), D(1000))  # an exchange from before quotes no follower anew
    try:
        yield made
    finally:
        await made.stop()


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  a process of its own sets no event of ours
            await asyncio.sleep(0.02)


def kept(made: System, name: str = "mine") -> dict[str, Any]:
    row = queries.strategy_state(made.database, made.ledger.account, name)
    return {} if row is None else json.loads(row["state"])


async def begun(made: System, name: str) -> StrategyView:
    return await made.strategies.begin(await made.strategies.read(name), "api:legacy")


def told(made: System, kind: str) -> list[str]:
    return [row["payload"] for row in queries.events(made.database, made.ledger.account, kind=kind)]


async def test_a_signal_becomes_an_order_and_its_fill_is_told_once_also_after_a_restart(tmp_path: Path):
    exchange = MemoryExchange(SystemClock(), balances={"USDT": D(1_000_000)})
    mine = {"file": written(tmp_path, BUYS_ONCE)}
    async with system(tmp_path, exchange, mine=mine) as made:
        await until(lambda: len(kept(made).get("fills", [])) == 1)
        view = made.strategies.view("mine")
        assert (view.standing, view.held) == (Standing.RUNNING, {BTC: D("0.00999")})
        (order,) = queries.order_history(made.database, made.ledger.account).rows
        assert order.request.strategy_id == "mine"
        before = kept(made)
    async with system(tmp_path, exchange, mine=mine) as made:
        await until(lambda: made.strategies.view("mine").batches > 0)
        assert kept(made) == before
        assert before["held"] == "0.00999"  # the fee was taken in coins


async def test_a_host_that_is_killed_gets_each_fill_once(tmp_path: Path):
    async with system(tmp_path, mine={"file": written(tmp_path, BUYS_ONCE)}) as made:
        await until(lambda: kept(made).get("fills"))
        pid = made.strategies.view("mine").pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: made.strategies.view("mine").restarts == 1)
        await until(lambda: made.strategies.view("mine").standing is Standing.RUNNING)
        await made.executor.execute_signal(buy(), strategy_id="mine")
        await until(lambda: len(kept(made)["fills"]) == 2)
        assert len(set(kept(made)["fills"])) == 2


def buy() -> Signal:
    return Signal(SignalType.BUY, BTC, size=D("0.01"))


async def test_a_handler_over_its_bound_is_killed_and_told_and_trading_goes_on(tmp_path: Path):
    late = {"file": written(tmp_path, HANGS, "late.py"), "handler_seconds": 0.3}
    good = {"file": written(tmp_path, BUYS_ONCE, "good.py")}
    async with system(tmp_path, late=late, good=good) as made:
        await until(lambda: told(made, "strategy.failed"))
        assert "did not answer within 0.3 s and was killed" in told(made, "strategy.failed")[0]
        await until(lambda: kept(made, "good").get("fills"))
        assert made.ready


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (RAISES, "on_book raised ValueError: no idea"),
        ("import nothing_of_that_name", "import raised ModuleNotFoundError"),
        ("Mine = 1", "must be a subclass of trading_executor.strategies.Strategy"),
        ("x = 1", "is no class of the file"),
        ("def (", "import raised SyntaxError"),
    ],
)
async def test_one_that_raises_is_stopped_and_told_and_the_others_go_on(tmp_path: Path, text: str, reason: str):
    bad, good = {"file": written(tmp_path, text, "bad.py")}, {"file": written(tmp_path, BUYS_ONCE, "good.py")}
    async with system(tmp_path, bad=bad, good=good) as made:
        await until(lambda: told(made, "strategy.failed"))
        view = made.strategies.view("bad")
        assert view.standing is Standing.FAILED
        assert reason in view.reason
        await until(lambda: kept(made, "good").get("fills"))
        assert made.strategies.view("good").standing is Standing.RUNNING


async def test_a_host_has_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOME_SECRET", "x")
    async with system(tmp_path, mine={"file": written(tmp_path, TELLS_ITS_WORLD)}) as made:
        await until(lambda: kept(made))
        assert set(kept(made)["names"]) <= {"PATH", "LANG", "LC_ALL", "TZ", "LC_CTYPE"}
        assert (kept(made)["nice"], kept(made)["oom"]) == (min(os.nice(0) + 5, 19), "1000")  # the executor goes last
        assert len(kept(made)["descriptors"]) <= 5  # three to nowhere, the socket, and the listing itself


async def test_a_file_that_others_may_write_is_not_run(tmp_path: Path):
    said = written(tmp_path, BUYS_ONCE)
    (tmp_path / "mine.py").chmod(0o666)
    async with system(tmp_path, mine={"file": said}) as made:
        view = made.strategies.view("mine")
        assert view.standing is Standing.FAILED
        assert "others may write it" in view.reason
        (tmp_path / "mine.py").chmod(0o600)
        await begun(made, "mine")
        await until(lambda: kept(made).get("fills"))


async def test_one_that_a_person_stopped_stays_stopped(tmp_path: Path):
    exchange = MemoryExchange(SystemClock(), balances={"USDT": D(1_000_000)})
    mine = {"file": written(tmp_path, BUYS_ONCE)}
    async with system(tmp_path, exchange, mine=mine) as made:
        await until(lambda: kept(made).get("fills"))
        await made.strategies.end("mine", "api:legacy", "enough")
    async with system(tmp_path, exchange, mine=mine) as made:
        view = made.strategies.view("mine")
        assert (view.standing, view.reason) == (Standing.STOPPED, "enough")
        before = kept(made)
        await made.strategies.end("mine", "api:legacy", "enough of it")
        assert (await begun(made, "mine")).standing is not Standing.STOPPED
        await until(lambda: made.strategies.view("mine").batches)
        assert kept(made) == before


async def test_a_budget_refuses_what_would_put_more_at_risk(tmp_path: Path):
    mine = {"file": written(tmp_path, BUYS_ONCE), "budget": 400}
    async with system(tmp_path, start_host=InlineHost, mine=mine) as made:
        await until(lambda: made.strategies.view("mine").signals_refused == 1)
        assert "is above 400, the budget of strategy mine" in made.strategies.view("mine").last_refusal
        assert made.strategies.view("mine").held == {}


ASKS_AGAIN_AND_AGAIN = """
from dataclasses import dataclass
from trading_executor.strategies import Parameters, Signal, SignalType, Strategy, flag

@dataclass(frozen=True)
class Config(Parameters):
    enter: bool = flag(True, "or get out")

class Mine(Strategy):
    Config = Config
    timer_seconds = "0.1"

    def on_timer(self):
        return Signal(SignalType.BUY if self.config.enter else SignalType.CLOSE, "BTC-USDT", size="0.01")
"""


def far_days() -> list[str]:
    """Neither today nor near it."""
    return [DAYS[(datetime.now(UTC).weekday() + days) % 7] for days in (3, 4)]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"schedule": {"days": far_days()}}, "signal=buy: is not in the hours of strategy mine"),
        ({"config": {"enter": False}}, "signal=close: strategy mine holds nothing of BTC-USDT and has no order in it"),
        ({"signals_per_minute": 1, "budget": 1}, "signal=buy: is one more than 1 a minute"),
    ],
)
async def test_what_it_asks_for_in_vain_again_and_again_is_told_once_a_minute(
    tmp_path: Path, settings: dict[str, Any], said: str
):
    async with system(
        tmp_path, start_host=InlineHost, mine={"file": written(tmp_path, ASKS_AGAIN_AND_AGAIN), **settings}
    ) as made:
        await until(lambda: made.strategies.view("mine").signals_refused > 4)
        assert made.strategies.view("mine").last_refusal.startswith(said)
        assert len([each for each in told(made, "request.refused") if said.partition(": ")[2] in each]) == 1
        assert queries.order_history(made.database, made.ledger.account).rows == ()


async def test_out_of_its_hours_what_lowers_the_risk_passes(tmp_path: Path):
    mine = {"file": written(tmp_path, BUYS_ONCE), "schedule": {"days": far_days()}}
    async with system(tmp_path, start_host=InlineHost, mine=mine) as made:
        await made.executor.execute_signal(buy(), strategy_id="mine")
        await until(lambda: made.strategies.view("mine").held)
        wishes = made.strategies._all["mine"].wishes
        wishes.add([{"type": "sell", "instrument_id": BTC, "size": "0.005"}], None, first=None)
        wishes.add([{"type": "close", "instrument_id": BTC}], None, first=None)
        await until(lambda: made.strategies.view("mine").signals_taken == 2)


IN_TWICE_AND_OUT = """
from trading_executor.strategies import Signal, SignalType, Strategy

class Mine(Strategy):
    def on_start(self):
        return [Signal(SignalType.BUY, "BTC-USDT", size="0.01")] * 2

    def on_fill(self, fill):
        if fill.held > 0.019 and not self.state.get("out"):
            self.state["out"] = True
            return Signal(SignalType.SELL, "BTC-USDT", size="0.0199")
"""


async def test_a_size_that_lowers_the_risk_passes_whatever_the_largest_order_is(tmp_path: Path):
    mine = {"file": written(tmp_path, IN_TWICE_AND_OUT), "max_order": 600, "budget": 1_010}
    async with system(tmp_path, start_host=InlineHost, mine=mine) as made:
        await until(lambda: made.strategies.view("mine").signals_taken == 3)
        assert made.strategies.view("mine").last_refusal == ""


BOTH_SIDES = """
from trading_executor.strategies import PositionSide, Signal, SignalType, Strategy

SWAP = "BTC-USDT-SWAP"

class Mine(Strategy):
    def on_start(self):
        self.state["found"] = str(self.holding(SWAP, PositionSide.SHORT))
        if not self.held:
            return [Signal(SignalType.BUY, SWAP, size="3"), Signal(SignalType.SELL, SWAP, size="2")]

    def on_fill(self, fill):
        told = [fill.position_side.value, str(fill.held_side)]
        self.state["told"] = [*self.state.get("told", []), told]
        self.state["sides"] = [str(self.holding(SWAP, side)) for side in (None, PositionSide.LONG, PositionSide.SHORT)]
"""


async def test_on_an_account_with_long_and_short_sides_it_knows_each_of_its_own(tmp_path: Path):
    """Together they are at risk too: neither pays for the other."""
    account = AccountConfig("memory-1", "memory", True, "2", frozenset({"read_only", "trade"}))
    exchange = MemoryExchange(SystemClock(), balances={"USDT": D(1_000_000)}, account=account)
    exchange.set_book("BTC-USDT-SWAP", D("49999.9"), D("50000.1"), D(100_000))
    mine = {"file": written(tmp_path, BOTH_SIDES), "instruments": ["BTC-USDT-SWAP"]}
    async with system(tmp_path, exchange, start_host=InlineHost, mine=mine) as made:
        await until(lambda: len(kept(made).get("told", [])) == 2)
        view = made.strategies.view("mine")
        assert (view.held, kept(made)["sides"]) == ({"BTC-USDT-SWAP": D(1)}, ["1", "3", "-2"])
        assert view.at_risk == 5 * D("0.01") * D("50000.1")
        await begun(made, "mine")
        await until(lambda: kept(made)["found"] == "-2")


async def test_a_budget_is_held_against_nothing_while_something_held_has_no_price(tmp_path: Path):
    mine = {"file": written(tmp_path, BUYS_ONCE), "budget": 10_000, "instruments": [BTC, "ETH-USDT"]}
    async with system(tmp_path, start_host=InlineHost, mine=mine) as made:
        await until(lambda: made.strategies.view("mine").held)
        made.ledger.strategy_sizes["mine", PositionKey("ETH-USDT")] = D(1)
        wishes = made.strategies._all["mine"].wishes
        wishes.add([{"type": "buy", "instrument_id": BTC, "size": "0.001"}], None, first=None)
        await until(lambda: made.strategies.view("mine").signals_refused)
        said = "instrument_id=ETH-USDT: has no price to hold a budget against"
        assert made.strategies.view("mine").last_refusal.endswith(said)


async def test_a_budget_for_instruments_that_are_quoted_differently_is_refused(tmp_path: Path):
    """500 of what? The others go on."""
    listed = (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS)
    venue = MemoryExchange(SystemClock(), listed, balances={"USDT": D(1_000_000)})
    mixed = {"file": written(tmp_path, BUYS_ONCE), "budget": 500, "instruments": [BTC, "ETH-BTC"]}
    alike = {"file": written(tmp_path, BUYS_ONCE, "alike.py"), "budget": 100_000}
    async with system(tmp_path, venue, start_host=InlineHost, mixed=mixed, alike=alike) as made:
        await until(lambda: made.strategies.view("mixed").reason)
        rule = "strategies.mixed.budget=500: is in one currency, and these instruments are quoted in BTC, USDT"
        assert made.strategies.view("mixed").reason.startswith(rule)
        assert told(made, "strategy.failed")
        await until(lambda: made.strategies.view("alike").held)


async def test_what_it_asks_for_as_it_starts_is_done(tmp_path: Path):
    async with system(tmp_path, start_host=InlineHost, mine={"file": written(tmp_path, BUYS_AT_ONCE)}) as made:
        await until(lambda: made.strategies.view("mine").signals_taken == 1)
        assert made.strategies.view("mine").held


async def test_a_file_that_cannot_be_read_for_ever_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As one on a file system that hangs: a pipe that nobody writes into."""
    monkeypatch.setattr(running, "READ_SECONDS", 0.1)
    os.mkfifo(tmp_path / "hangs.py", 0o600)
    hangs, good = {"file": f"{tmp_path}/hangs.py:Mine"}, {"file": written(tmp_path, BUYS_ONCE, "good.py")}
    try:
        async with system(tmp_path, hangs=hangs, good=good) as made:
            assert made.strategies.view("hangs").reason == "no answer within 0.1 s"
            assert (await begun(made, "hangs")).reason == "an earlier call has not come back"
            assert made.strategies.view("good").standing is not Standing.FAILED
    finally:
        os.close(os.open(tmp_path / "hangs.py", os.O_RDWR))  # the thread ends


ENDS_WITH_US = """
import asyncio, sys
from app.services.strategies.process import HostProcess
from app.strategies.messages import Begin

async def main():
    host = HostProcess(print, print)
    await host.connect()
    source = "open(sys_told, 'w').close()\\nwhile True: pass"
    host.begin(Begin("mine", "mine.py", source, "Mine", "{}", (), "{}", {}, 1))
    print(host.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def test_a_host_whose_handler_never_returns_ends_with_a_killed_executor(tmp_path: Path):
    began = tmp_path / "began"
    script = ENDS_WITH_US.replace("sys_told", repr(str(began)))
    executor = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment())
    assert executor.stdout is not None
    host = int(executor.stdout.readline())
    ends = time.monotonic() + 20
    while not began.exists():
        assert time.monotonic() < ends
        time.sleep(0.02)
    executor.kill()
    executor.wait(20)
    while lives(host):
        assert time.monotonic() < ends
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """A zombie, which waits for a init that a container may not have, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class FakeHost:
    """Never begins by itself; `alive` has those that were not killed."""

    pid = 1
    alive: list[FakeHost]

    def __init__(self, on_answer: OnAnswer, on_end: OnEnd) -> None:
        self.on_answer, self.on_end = on_answer, on_end
        self.alive.append(self)

    def begin(self, begin: Begin) -> None:
        self.on_answer(Begun((), "{}", None, None, ()))

    def handle(self, batch: Batch) -> None:
        raise AssertionError(batch)

    def kill(self) -> None:
        if self in self.alive:
            self.alive.remove(self)


async def test_one_that_dies_while_it_is_loaded_anew_has_one_host_afterwards(tmp_path: Path):
    """Two would ask for everything twice."""
    FakeHost.alive = []
    async with system(tmp_path) as made:
        parts = (made.ledger, made.database, made.market, made.clock, made.inlets.intake, made.follow)
        said = {"mine": {"file": written(tmp_path, BUYS_ONCE), "instruments": [BTC]}}
        hosted = HostedStrategies(said, *parts, made.parents.open_of, FakeHost)
        await hosted.start()
        (first,) = FakeHost.alive
        mine = await hosted.read("mine")
        first.on_end("its process ended")
        await asyncio.gather(*(hosted.begin(mine, "api:legacy") for _ in range(3)))
        await asyncio.sleep(0)
        assert (len(FakeHost.alive), hosted.view("mine").standing) == (1, Standing.RUNNING)
        await hosted.stop()
        assert FakeHost.alive == []
