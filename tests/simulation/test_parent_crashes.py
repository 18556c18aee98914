"""A process killed at every boundary of every strategy neither loses nor doubles a slice (INVARIANTS S4, P1, L5)."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import NS_PER_SECOND, utc
from app.domain.parents import ParentStatus
from app.services.trading.errors import ParentNotFound, ParentOver
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.terms import NO_TERMS, ParentTerms, PauseClock, SizeIn
from app.services.trading.schemas import OrderParams
from app.store import queries
from app.store.errors import StoreError
from app.store.rows import parent_from_row
from app.store.writer import StoreFailed
from tests.simulation.parent_stack import ACCOUNT, BTC, Fuse, Killed, Process, World, buy, in_virtual_time

D = Decimal
CLOCK_STEPS = (-86_400, -3_600, -5, -0.4, 0, 0.4, 5, 3_600, 86_400)
"""What the machine's clock is ahead, in seconds."""
MISSED_ONE = (40, "50020", "50020.1")
"""A move that comes and goes while no process lives is missed, and the condition goes on waiting: here for this."""


@dataclass(frozen=True)
class Case:
    """A parent that meets all kinds of steps in a few of them. moves: at second, (bid, ask). risk: what is narrower
    than wide open. starts: so many seconds later. pause: from second to second, with a frozen clock."""

    strategy: str
    config: dict[str, Any]
    params: OrderParams
    moves: tuple[tuple[float, str, str], ...] = ()
    risk: dict[str, object] = field(default_factory=dict[str, object])
    terms: ParentTerms = NO_TERMS
    starts: float = 0
    pause: tuple[float, float] | None = None

    @property
    def waits_for_ever(self) -> bool:
        """For its price: it has no end."""
        return self.strategy in ("stop", "take_profit", "trailing_stop", "oco")

    def asked(self, world: World) -> ParentTerms:
        if not self.starts:
            return self.terms
        return replace(self.terms, start_at=utc(world.clock.now_ns()) + timedelta(seconds=self.starts))


CASES = {
    "market": Case("market", {}, buy("0.1")),
    "twap that starts later": Case("twap", {"duration": 20, "num_slices": 3}, buy("0.1003"), starts=15),
    "twap whose clock is frozen": Case("twap", {"duration": 20, "num_slices": 3}, buy("0.1003"), pause=(8, 14)),
    "twap that is extended": Case(
        "twap",
        {"duration": 10, "num_slices": 3, "completion": "extend", "extend_seconds": 120},
        buy("0.1003", "50100"),
        ((2, "50500", "50500.1"), (20, "50000", "50000.1")),
    ),
    "limit": Case("limit", {"timeout": 10}, buy("0.1", "49990")),
    "limit follows": Case(
        "limit", {"timeout": 10, "chase_time": 8, "post_only": True}, buy("0.1"), ((4, "50010", "50010.1"),)
    ),
    "exit": Case("exit", {"timeout": 60}, buy("0.25"), risk={"max_order_size": "0.1", "max_price_deviation": "0.01"}),
    "twap": Case("twap", {"duration": 20, "num_slices": 4}, buy("0.1003")),
    "twap limit": Case(
        "twap",
        {"duration": 20, "num_slices": 3, "use_limit_orders": True, "price_offset_pct": "0.001"},
        buy("0.1"),
        ((7, "49900", "49900.1"),),
    ),
    "twap passive then cross": Case(
        "twap",
        {"duration": 20, "num_slices": 2, "style": "passive_then_cross", "min_rest": 2},
        buy("0.1"),
        ((3, "50010", "50010.1"), (14, "50009", "50010")),
    ),
    "adaptive": Case(
        "adaptive",
        {"duration": 20, "num_slices": 4, "patience": "0.5", "min_rest": 2},
        buy("0.1"),
        ((3, "50010", "50010.1"), (8, "49900", "49900.1")),
    ),
    "vwap": Case("vwap", {"duration": 20, "num_slices": 3, "volume_curve": list(range(1, 25))}, buy("0.1003")),
    "implementation shortfall": Case(
        "implementation_shortfall", {"duration": 20, "num_slices": 4, "urgency": "high"}, buy("0.1003")
    ),
    "pov": Case("pov", {"duration": 15, "participation": "0.5", "force_completion": True}, buy("0.1")),
    "sniper": Case("sniper", {"timeout": 60}, buy("0.1", "49990"), ((7, "49989.9", "49990"),)),
    "chase": Case("chase", {"timeout": 20, "finish": "cross", "min_rest": 2}, buy("0.1"), ((5, "50010", "50010.1"),)),
    "scale": Case(
        "scale",
        {"price_from": "49990", "price_to": "49970", "levels": 3, "size_skew": 2, "timeout": 200},
        buy("0.1003"),
        ((5, "49980", "49980.1"), (15, "49960", "49960.1"), (30, "49900", "49900.1")),
    ),
    "iceberg in layers": Case(
        "iceberg",
        {"visible_pct": "0.3", "layers": 2, "size_jitter": "0.2", "refresh_delay": 2, "peg": True, "timeout": 200},
        buy("0.1", "50000"),
        tuple((4 + 10 * k, str(49900 - 50 * k), str(D("49900.1") - 50 * k)) for k in range(12)),
    ),
    "stop": Case(
        "stop",
        {"trigger_price": "50010", "trigger_by": "book"},
        buy("0.25"),
        ((4, "50020", "50020.1"), (5, "49000", "49000.1"), MISSED_ONE),
        risk={"max_order_size": "0.1"},
    ),
    "stop that rests": Case(
        "stop",
        {"trigger_price": "50010", "trigger_by": "book"},
        buy("0.1", "50015"),
        ((4, "50020", "50020.1"), (20, "50010", "50010.1")),
        risk={"max_order_size": "0.1"},
    ),
    "take profit": Case(
        "take_profit",
        {"trigger_price": "49990", "trigger_by": "book"},
        buy("0.1"),
        ((4, "49980", "49980.1"),),
        risk={"max_order_size": "0.1"},
    ),
    "trailing stop": Case(
        "trailing_stop",
        {"distance": "20", "trigger_by": "book"},
        buy("0.1"),
        (
            (2, "49990", "49990.1"),
            (6, "49970", "49970.1"),
            (12, "49985", "49985.1"),
            (16, "49995", "49995.1"),
            MISSED_ONE,
        ),
        risk={"max_order_size": "0.1"},
    ),
    "oco": Case(
        "oco",
        {"take_profit": "49990", "stop_loss": "50010", "trigger_by": "book"},
        buy("0.25"),
        ((4, "50020", "50020.1"), (6, "49000", "49000.1")),
        risk={"max_order_size": "0.1"},
    ),
    "iceberg": Case(
        "iceberg",
        {"visible_pct": "0.4", "max_refresh_time": 5, "min_visible_size": "0.001", "timeout": 200},
        buy("0.1"),
        (
            (4, "50010", "50010.1"),
            (12, "49900", "49900.1"),
            (20, "49800", "49800.1"),
            *((30 + 10 * k, str(49700 - 50 * k), str(D("49700.1") - 50 * k)) for k in range(12)),
        ),
    ),
}


async def live(world: World, case: Case, fuses: list[Fuse], away: float = 0.7) -> tuple[Process, list[str]]:
    """Start the parent, die at each fuse in turn, start again after so many seconds, until it is over."""
    market = asyncio.create_task(move(world, case))
    deaths: list[str] = []
    process = await world.process(fuses[0])
    lives = [process]
    pausing = asyncio.create_task(pause(world, case, lives))
    starting = asyncio.create_task(
        process.parents.start(case.strategy, case.config, case.params, terms=case.asked(world))
    )
    started = True
    for following in [*fuses[1:], Fuse()]:
        over = asyncio.create_task(until_over(process, starting if started else None))
        blown = asyncio.create_task(process.fuse.blown.wait())
        await asyncio.wait({over, blown}, return_when=asyncio.FIRST_COMPLETED)
        if not process.fuse.blown.is_set():
            blown.cancel()
            await over
            break
        deaths.append(process.fuse.where)
        for task in (over, starting):
            task.cancel()
        await asyncio.gather(over, starting, return_exceptions=True)
        await process.kill()
        await world.clock.sleep(away)
        process = Process(world, following)
        lives.append(process)
        started = False
        starting = asyncio.create_task(process.start())
        await asyncio.wait({starting, asyncio.create_task(following.blown.wait())}, return_when="FIRST_COMPLETED")
    else:
        await until_over(process, starting if started else None)
    if starting.done() and not starting.cancelled() and starting.exception() is not None:
        raise AssertionError from starting.exception()
    market.cancel()
    pausing.cancel()
    return process, deaths


async def pause(world: World, case: Case, lives: list[Process]) -> None:
    """A person, who asks whatever process lives until it answers."""
    if case.pause is None:
        return
    for second, act in zip(case.pause, ("pause", "resume"), strict=True):
        await world.clock.sleep(max(0, second - world.now()))
        done = False
        while not done:
            await world.clock.sleep(0.3)
            done = await asked_for(lives[-1], act)


async def asked_for(process: Process, act: str) -> bool:
    """Whether it has been done, or there is nothing to do it to."""
    wanted = ParentStatus.PAUSED if act == "pause" else ParentStatus.RUNNING
    try:
        if process.ledger.writer_failed or process.parents._taken_up_by is not process.ledger.writer:
            return False  # what it shows of a parent before it has taken it up again need not be among the rows
        for parent in process.parents.history(open_only=True):
            if parent.status is not wanted:
                asking = process.parents.pause if act == "pause" else process.parents.resume
                more = {"clock": PauseClock.FROZEN} if act == "pause" else {}
                await asyncio.wait_for(asking(parent.parent_id, **more), 1)  # type: ignore[arg-type]
    except (AttributeError, ParentOver, ParentNotFound, StoreFailed, Killed, TimeoutError, StoreError):
        return False  # that process is dead, or only about to live
    return not process.fuse.blown.is_set()


async def until_over(process: Process, starting: asyncio.Task[Any] | None) -> None:
    if starting is not None:
        await starting
    for _ in range(4000):
        if not process.parents.open_count:
            return
        await process.world.clock.sleep(0.25)
    raise AssertionError("not over after 1000 s")


async def step(world: World, draw: random.Random | None) -> None:
    """Somebody sets the machine's clock, now and then."""
    while draw is not None:
        await world.clock.sleep(draw.uniform(0.5, 15))
        world.wall.ahead_ns = int(draw.choice(CLOCK_STEPS) * NS_PER_SECOND)


async def move(world: World, case: Case) -> None:
    for second, bid, ask in case.moves:
        await world.clock.sleep(max(0, second - world.now()))
        world.exchange.set_book(BTC, D(bid), D(ask), D(100))


def check(world: World, case: Case, *, in_time: bool) -> None:
    size, amount = case.params.size, case.terms.size_in is SizeIn.QUOTE
    if amount:
        spent = sum((fill.size * fill.price for fill in world.exchange.venue.fills), D(0))
        assert spent <= size, f"{spent} of {size} spent"
    else:
        assert world.most_possible <= size, f"{world.most_possible} of {size} could have filled"
    rows = queries.parents(world.database, ACCOUNT)
    assert len(world.placed) == len(set(world.placed)), "one client order id, one send"
    if not rows:
        assert world.placed == []  # it died before the parent was durable
        return
    loaded = queries.parent(world.database, ACCOUNT, rows[0]["parent_id"])
    assert loaded is not None
    assert len(rows) == 1
    status, reason = ParentStatus(loaded.row["status"]), loaded.row["reason"]
    assert reason
    if amount:
        assert status in (ParentStatus.COMPLETED, ParentStatus.COMPLETED_WITH_DUST), reason
        assert "USDT of 5000 left" in reason
    elif in_time:
        assert (status, world.filled) == (ParentStatus.COMPLETED, size), reason
    else:
        assert status is ParentStatus.COMPLETED or "left at" in reason or "timeout" in reason
    if in_time and case.pause is not None:
        assert parent_from_row(loaded.row).frozen_total_ns >= 4 * NS_PER_SECOND
    assert not world.exchange.venue.open
    known = {order.request.client_order_id for order in loaded.children}
    assert set(world.placed) <= known
    assert sum(order.filled for order in loaded.children) == world.filled == parent_from_row(loaded.row).filled
    assert [row["step"] for row in loaded.steps] == list(range(1, loaded.row["next_step"]))
    assert [r["order_id"] for r in loaded.steps if r["kind"] == "place"] == [o.order_id for o in by_step(loaded)]
    assert all(order.settled for order in loaded.children)


def by_step(loaded: queries.OpenParent) -> list[Any]:
    return sorted(loaded.children, key=lambda order: order.request.parent_step or 0)


def run(
    path: Path,
    case: Case,
    fuses: list[Fuse],
    *,
    in_time: bool,
    clock_steps: random.Random | None = None,
    away: float = 0.7,
) -> list[str]:
    async def work() -> list[str]:
        world = World(path, risk=case.risk)
        stepping = asyncio.create_task(step(world, clock_steps))
        process, deaths = await live(world, case, fuses, away)
        stepping.cancel()
        check(world, case, in_time=in_time)
        await process.stop()
        world.close()
        return deaths

    return in_virtual_time(work())


def test_every_registered_strategy_is_killed() -> None:
    """A bracket is two parents, and killed in test_bracket_crashes.py."""
    assert {case.strategy for case in CASES.values()} | {"bracket"} == set(STRATEGIES)


@pytest.mark.parametrize("name", CASES)
def test_killed_at_every_boundary(name: str, tmp_path: Path) -> None:
    deaths: list[str] = []
    for boundary in range(1, 500):
        died = run(tmp_path / "parents.db", CASES[name], [Fuse(boundary)], in_time=True)
        if not died:
            break
        deaths += died
    else:
        raise AssertionError("the parent never ran to its end")
    assert {"before commit", "after commit", "before submit", "after submit"} <= set(deaths)
    if name in ("limit", "twap limit", "twap passive then cross", "adaptive", "iceberg"):
        assert {"before cancel", "after cancel"} <= set(deaths)


@pytest.mark.parametrize("name", CASES)
def test_killed_again_and_again(name: str, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    for attempt in range(6):
        fuses = [Fuse(draw.randint(1, 25)) for _ in range(3)]
        # Several unknown children in a row may take longer than the parent has; then it says so.
        run(tmp_path / "parents.db", CASES[name], fuses, in_time=False, clock_steps=draw if attempt % 2 else None)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.waits_for_ever])
def test_dead_beyond_its_end_it_still_takes_back_what_rests_and_says_what_became_of_it(
    name: str, tmp_path: Path, seed: int
) -> None:
    for boundary in sorted(random.Random(seed).sample(range(2, 26), 3)):
        run(tmp_path / "parents.db", CASES[name], [Fuse(boundary)], in_time=False, away=300)


@pytest.mark.parametrize("name", CASES)
def test_a_clock_that_is_set_again_and_again_changes_nothing(name: str, tmp_path: Path, seed: int) -> None:
    run(tmp_path / "steps.db", CASES[name], [Fuse()], in_time=True, clock_steps=random.Random(seed))
