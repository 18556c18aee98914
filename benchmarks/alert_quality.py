"""How good the rules of alerts are: the whole system over the simulated exchange in virtual time, with labelled faults.

    python benchmarks/alert_quality.py                    the tables of docs/alerts.md, a quarter of an hour
    python benchmarks/alert_quality.py --seeds 1 2 3      the training seeds: thresholds and labels were fixed by these
    python benchmarks/alert_quality.py --hours 0          without the fault-free time
    python benchmarks/alert_quality.py --only lost_push   one fault

A run trades for a minute or more, then one fault of the exchange is switched on for two, and half a one passes. Its
seed draws the market, how fast is traded, when the fault begins, and at which part of its chances, half of them or
more, it comes up. It is found if a rule of its label fires from its beginning on. What other rules fire then stands
beside: a fault has consequences. What fires before, in fault-free time, or for a fault that changes nothing, is
wrong. A run in which the fault never came up is none.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import structlog

from app.backtest.venue import REST_URL, WS_URL, LocalVenue
from app.clock import NS_PER_SECOND, SimulatedClock, VirtualTimeLoop
from app.domain.orders import OrderSide, TradeMode
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeError
from app.exchanges.okx import OkxConfig, OkxExchange
from app.models.trading import OrderType
from app.services.alerts.rules import RULES
from app.services.trading import OrderParams
from app.services.trading.errors import TradingError
from app.settings import load_settings
from app.simulator import AccountConfig, Config
from app.simulator.faults import KNOBS
from app.store import queries
from app.store.committer import ConnectionDisk, Disk
from app.store.database import Database
from app.system import System

START_NS = 1_767_225_600 * NS_PER_SECOND
WARM_SECONDS, FAULT_SECONDS, AFTER_SECONDS = 60, 120, 30
TRADE_SECONDS = (3.0, 5.0)
INTENSITY = (0.5, 1.0)
TRAINING = (1, 2, 3, 4)
SEEDS = (953258, 804743, 52505, 347908)
"""Drawn after thresholds and labels were fixed on TRAINING."""
HOURS = 24.0


@dataclass(frozen=True, slots=True)
class Fault:
    """label: the rules that are right to fire, first the one that is meant for it. nothing: why there is none to find.
    set_to: how its knob is set at the most. steady: it is there without a chance. plant: what a strategy of ours does,
    where there is no knob."""

    knob: str
    label: tuple[str, ...] = ()
    nothing: str = ""
    steady: bool = False
    plant: str = ""
    warm_seconds: int = WARM_SECONDS
    seconds: int = FAULT_SECONDS
    set_to: Mapping[str, Any] = field(default_factory=lambda: {"probability": 1})

    def drawn(self, draw: Random) -> Mapping[str, Any]:
        """set_to, of a fault that would come up at every chance at a part of them."""
        return {**self.set_to, "probability": self.set_to["probability"] * draw.uniform(*INTENSITY)}


UNANSWERED = ("unknown_rate", "unknown_order")
CUT = (*UNANSWERED, "flapping", "stream_down")
SEEN = "the streams tell it again, or the next comparison does"
BOOK = "at one update in twenty: the book is asked for anew, and back within a second"
LEARNED: Mapping[str, Any] = {"steady": True, "warm_seconds": 1_200, "seconds": 300}
"""By then it is known what is usual."""
SOME = {"probability": 0.05}
BAD_SIZE = {"probability": 1, "value": [{"where": "orders", "field": "accFillSz", "to": "many"}]}
FAULTS = {
    "drop_reply": Fault("drop_reply", UNANSWERED),
    "drop_request": Fault("drop_request", UNANSWERED),
    "delay_reply": Fault("delay_reply", UNANSWERED, set_to={"probability": 1, "value": 5_000}),
    "cut_after_accept": Fault("cut_after_accept", CUT),
    "cut_before_accept": Fault("cut_before_accept", CUT),
    "error_taken": Fault("error_taken", UNANSWERED),
    "error_not_taken": Fault("error_not_taken", UNANSWERED),
    "error_not_taken 51008": Fault("error_not_taken", ("reject_rate",), set_to={"probability": 1, "value": "51008"}),
    "wrong_reply_id": Fault("wrong_reply_id", UNANSWERED),
    "lost_push": Fault("lost_push", ("missed_fill", "drift")),
    "terminal_before_fill": Fault("terminal_before_fill", ("missed_fill",)),
    "empty_trade_id": Fault("empty_trade_id", ("missed_fill", "set_aside")),
    "unknown_enum": Fault("unknown_enum", ("anomaly", "set_aside")),
    "bad_field": Fault("bad_field", ("set_aside",), set_to=BAD_SIZE),
    "overfill": Fault("overfill", ("anomaly", "difference", "drift")),
    "silent_stream": Fault("silent_stream", ("missed_fill", "stream_silent", "stream_down", "book_stale")),
    "close_stream": Fault("close_stream", ("flapping", "stream_down"), set_to={"probability": 0.05}),
    "busy": Fault("busy", ("uncompared",)),
    "outage": Fault("outage", ("uncompared",)),
    "clock_skew": Fault("clock_skew", ("clock_offset",), steady=True, set_to={"probability": 1, "value": 3_000}),
    "foreign_order": Fault("foreign_order", ("stranger",), set_to={"probability": 0.2}),
    "liquidation": Fault("liquidation", ("stranger", "anomaly", "difference")),
    "orders poured out": Fault("", ("order_burst",), plant="pours", **LEARNED),
    "orders four times as large": Fault("", ("unlike_itself",), plant="larger", **LEARNED),
    "orders five times as often": Fault("", ("unlike_itself",), plant="faster", **LEARNED),
    "duplicate_push": Fault("duplicate_push", nothing="what is told twice is joined once"),
    "push_before_ack": Fault("push_before_ack", nothing="either may come first"),
    "late_push": Fault("late_push", nothing="any order of arrival comes to the same"),
    "amend_fails": Fault("amend_fails", nothing="a change that fails is an answer like another"),
    "seq_gap": Fault("seq_gap", nothing=BOOK, set_to=SOME),
    "seq_reset": Fault("seq_reset", nothing=BOOK, set_to=SOME),
    "crossed_book": Fault("crossed_book", nothing=BOOK, set_to=SOME),
    "read_lag": Fault("read_lag", nothing="no read of the present is needed while the streams tell"),
    "count_error": Fault("count_error", nothing="streams that stand are not subscribed"),
    "refused_channel": Fault(
        "refused_channel", nothing="nor are channels", steady=True, set_to={"probability": 1, "value": "books BTC-USDT"}
    ),
    "upgrade_notice": Fault(
        "upgrade_notice", nothing="one planned new connection", set_to={"probability": 1, "value": 5_000}
    ),
    "batch_row_lost": Fault("batch_row_lost", nothing="nothing is sent in batches while the rate limits have room"),
    "batch_rows_reversed": Fault("batch_rows_reversed", nothing="the same"),
}
assert {fault.knob for fault in FAULTS.values() if fault.knob} == set(KNOBS)


@dataclass(slots=True)
class Score:
    """Of a rule. right, beside: runs of its label, and of other faults, in which it fired. meant: of faults that it is
    meant for; missed: those of them that it did not find. delays: from a fault's beginning until it fired, in s."""

    right: int = 0
    beside: int = 0
    wrong: int = 0
    meant: int = 0
    missed: int = 0
    delays: list[float] = field(default_factory=list[float])


async def forgetful(database: Database) -> Disk:
    disk = ConnectionDisk(database)
    disk.connection.execute("PRAGMA synchronous=OFF").close()
    return disk


class World:
    def __init__(self, folder: Path, seed: int) -> None:
        self.clock = SimulatedClock(START_NS - round(asyncio.get_running_loop().time() * NS_PER_SECOND), seed)
        account = AccountConfig("bench", "key-bench", "secret-bench", "pass-bench")
        self.venue = LocalVenue(self.clock, Config((account,), seed=seed, flow_rate=2.0))
        access = OkxConfig(account.api_key, account.secret, account.passphrase, REST_URL, WS_URL)
        settings = load_settings(data_dir=folder, database_url=f"sqlite:///{folder / 'bench.db'}")
        exchange = OkxExchange(access, self.clock, self.venue.transport())
        self.resting, self.draw = "", Random(f"alert quality {seed}")
        self.pace, self.does = self.draw.uniform(*TRADE_SECONDS), ""
        self.system = System(settings, clock=self.clock, exchange=exchange, disk=forgetful, progress=lambda _: None)

    async def trade(self, seconds: float) -> None:
        """A taker in and out; a maker whose orders rest, are amended and cancelled; now and then a TWAP. A refusal is
        part of trading."""
        until_ns, turn = self.clock.monotonic_ns() + int(seconds * NS_PER_SECOND), 0
        while self.clock.monotonic_ns() < until_ns:
            turn += 1
            try:
                await self._take(turn) if turn % 2 else await self._make()
                if turn % 45 == 10:
                    side = OrderSide.BUY if turn // 45 % 2 else OrderSide.SELL
                    sliced = replace(order("BTC-USDT", side), strategy_id="slow")
                    await self.system.parents.start("twap", {"duration": 60, "num_slices": 3}, sliced)
            except (TradingError, InvalidValue, ExchangeError):
                self.resting = ""
            await self.clock.sleep(self.pace / 5 if self.does == "faster" else self.pace)

    async def _take(self, turn: int) -> None:
        side = OrderSide.BUY if turn % 4 < 2 else OrderSide.SELL
        wanted = order("BTC-USDT-SWAP" if turn % 3 == 0 else "BTC-USDT", side)
        if self.does == "larger":
            wanted = replace(wanted, size=wanted.size * 4)
        await self.system.executor.place_order(wanted, strategy_id="taker")
        for number in range(60 if self.does == "pours" else 0):
            far = order("BTC-USDT", OrderSide.BUY, Decimal(20_000 + number))
            await self.system.executor.place_order(far, strategy_id="taker")

    async def _make(self) -> None:
        executor, price = self.system.executor, self.system.market.reference_price("BTC-USDT")
        if self.resting:
            await executor.cancel_order(self.resting)
            self.resting = ""
        if price is not None:
            made = await executor.place_order(order("BTC-USDT", OrderSide.BUY, price), strategy_id="maker")
            self.resting = made.order_id
            await executor.modify_order(self.resting, new_price=round(price * Decimal("0.97"), 1))

    def faults(self, knobs: Mapping[str, Mapping[str, Any] | None]) -> None:
        body = json.dumps({"knobs": knobs}).encode()
        answer = self.venue.exchange.http("POST", "/simulator/v1/faults", {}, body, self.clock.now_ns())
        assert answer.status == 200, answer.body
        self.venue.pump()

    def came_up(self, knob: str) -> int:
        answer = self.venue.exchange.http("GET", "/simulator/v1/faults", {}, b"", self.clock.now_ns())
        return json.loads(answer.body)["knobs"][knob]["fired"]

    def fired(self) -> list[tuple[str, int]]:
        rows = queries.alerts(self.system.database, self.system.ledger.account, limit=10_000)
        return [(row["rule"], row["fired_ns"]) for row in rows]


def order(instrument_id: str, side: OrderSide, near: Decimal | None = None) -> OrderParams:
    swap = instrument_id.endswith("SWAP")
    return OrderParams(
        instrument_id=instrument_id,
        side=side,
        order_type=OrderType.MARKET if near is None else OrderType.LIMIT,
        size=Decimal(1) if swap else Decimal("0.001"),
        price=None if near is None else round(near * Decimal("0.98"), 1),
        trade_mode=TradeMode.CROSS if swap else TradeMode.CASH,
    )


def run(fault: Fault | None, seed: int, seconds: float) -> tuple[list[tuple[str, int]], int, int]:
    """What fired, when the fault began, and how often it came up."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(_run(fault, seed, seconds, Path(folder)))


async def _run(fault: Fault | None, seed: int, seconds: float, folder: Path) -> tuple[list[tuple[str, int]], int, int]:
    world = World(folder, seed)
    await world.system.start()
    try:
        for instrument_id in ("BTC-USDT", "BTC-USDT-SWAP"):
            await world.system.follow(instrument_id)
        await world.trade((fault.warm_seconds if fault else WARM_SECONDS) + world.draw.uniform(0, 60))
        began_ns, times = world.system.clock.now_ns(), 0
        world.does = fault.plant if fault else ""
        if fault is not None and fault.knob:
            world.faults({fault.knob: fault.drawn(world.draw)})
        await world.trade(seconds)
        world.does = ""
        if fault is not None and fault.knob:
            times = world.came_up(fault.knob)
            world.faults({fault.knob: None})
        await world.trade(AFTER_SECONDS)
        return world.fired(), began_ns, times
    finally:
        await world.system.stop()


@dataclass(slots=True)
class Found:
    """Of a fault: what found it in each run, and how often it came up in all."""

    by: list[str] = field(default_factory=list[str])
    times: int = 0


def measure(seeds: Sequence[int], hours: float, only: str) -> None:
    scores: defaultdict[str, Score] = defaultdict(Score)
    found: defaultdict[str, Found] = defaultdict(Found)
    for name, fault in FAULTS.items():
        for seed in seeds if not only or name.startswith(only) else ():
            fired, began_ns, times = run(fault, seed, fault.seconds)
            if not times and not fault.steady and fault.label:
                print(f"# {name} {seed}: never came up", flush=True)
                continue
            first = score(fault, fired, began_ns, scores)
            right = sorted((each for each in first if each in fault.label), key=first.__getitem__)
            found[name].by.append(", ".join(f"{rule} {first[rule]:.0f} s" for rule in right))
            found[name].times += times
            print(f"# {name} {seed}: came up {times}, {first}", flush=True)
    false = 0
    for seed in seeds if hours else ():
        fired, _, _ = run(None, seed, hours * 3_600 / len(seeds))
        print(f"# no fault {seed}: {fired}", flush=True)
        false += len(fired)
        for rule, _ in fired:
            scores[rule].wrong += 1
    tell(scores, found, hours, false)


def score(
    fault: Fault, fired: Sequence[tuple[str, int]], began_ns: int, scores: defaultdict[str, Score]
) -> Mapping[str, float]:
    """When each rule fired first, in seconds from the fault's beginning."""
    first: dict[str, float] = {}
    for rule, at_ns in sorted(fired, key=lambda each: each[1]):
        if at_ns < began_ns:
            scores[rule].wrong += 1
        else:
            first.setdefault(rule, (at_ns - began_ns) / NS_PER_SECOND)
    for rule, delay in first.items():
        each = scores[rule]
        each.right += rule in fault.label
        each.beside += bool(fault.label) and rule not in fault.label
        each.wrong += not fault.label
        if rule in fault.label:
            each.delays.append(delay)
    if fault.label:
        meant = scores[fault.label[0]]
        meant.meant += 1
        meant.missed += fault.label[0] not in first
    return first


def tell(scores: Mapping[str, Score], found: Mapping[str, Found], hours: float, false: int) -> None:
    print("| rule | right | beside | wrong | precision | recall | delay, median |\n|---|---|---|---|---|---|---|")
    silent: list[str] = []
    for name in RULES:
        each = scores.get(name, Score())
        if not each.right + each.beside + each.wrong + each.meant:
            silent.append(f"`{name}`")
            continue
        told = each.right + each.wrong
        precision = f"{each.right / told:.0%}" if told else ""
        recall = f"{(each.meant - each.missed) / each.meant:.0%} of {each.meant}" if each.meant else ""
        delay = f"{median(each.delays):.0f} s" if each.delays else ""
        print(f"| `{name}` | {each.right} | {each.beside} | {each.wrong} | {precision} | {recall} | {delay} |")
    print(f"\nNever fired, for there was nothing that they are for: {', '.join(silent)}.")
    print("\n| fault | found by, after |\n|---|---|")
    hits = runs = 0
    for name, each in found.items():
        if FAULTS[name].label:
            runs += len(each.by)
            hits += sum(map(bool, each.by))
            print(f"| `{name}` | {'; '.join(one or '**not found**' for one in each.by)} |")
    print(f"\nFound: {hits} of {runs} runs, {hits / max(runs, 1):.1%}.")
    print("\n| changes nothing that can be observed | came up | because |\n|---|---|---|")
    for name, each in found.items():
        if not FAULTS[name].label:
            print(f"| `{name}` | {each.times} | {FAULTS[name].nothing} |")
    if hours:
        print(f"\nFalse alarms in {hours:g} h of fault-free trading: {false}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--hours", type=float, default=HOURS, help="fault-free, over all seeds together")
    parser.add_argument("--only", default="", help="faults that begin so")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    measure(asked.seeds, asked.hours, asked.only)
