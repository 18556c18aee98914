"""A bracket killed at every boundary: nothing is got in twice, what was got in is got out, once (INVARIANTS S4, P1)."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.market import PublicTrade
from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus
from app.services.trading.schemas import OrderParams
from app.store import queries
from tests.simulation.parent_stack import ACCOUNT, BTC, Fuse, Process, World, buy, in_virtual_time

D = Decimal
Moves = tuple[tuple[float, str, str], ...]
OUT = {"take_profit": "50100", "stop_loss": "49900", "trigger_by": "book", "timeout": 8}


async def move(world: World, moves: Moves) -> None:
    for second, bid, ask in moves:
        await world.clock.sleep(max(0, second - world.now()))
        world.exchange.set_book(BTC, D(bid), D(ask), D(100))
        at_ns = world.clock.now_ns()
        world.exchange.trade(PublicTrade(BTC, str(second), D(bid), D(1), False, at_ns))


async def live(world: World, params: OrderParams, moves: Moves, fuses: list[Fuse]) -> list[str]:
    """Start the bracket, die at each fuse in turn, start again, until both of its parents are over."""
    market = asyncio.create_task(move(world, moves))
    deaths: list[str] = []
    process = await world.process(fuses[0])
    working: asyncio.Task[object] = asyncio.create_task(begin(process, params))
    for following in [*fuses[1:], Fuse()]:
        blown = asyncio.create_task(process.fuse.blown.wait())
        await asyncio.wait({working, blown}, return_when=asyncio.FIRST_COMPLETED)
        if not process.fuse.blown.is_set():
            blown.cancel()
            break
        deaths.append(process.fuse.where)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await process.kill()
        await world.clock.sleep(0.7)
        process = Process(world, following)
        working = asyncio.create_task(go_on(process))
    await working
    market.cancel()
    check(world)
    await process.stop()
    return deaths


async def begin(process: Process, params: OrderParams) -> None:
    await process.parents.start("bracket", OUT, params)
    await until_over(process)


async def go_on(process: Process) -> None:
    await process.start()
    await until_over(process)


async def until_over(process: Process) -> None:
    for _ in range(2000):
        if not process.parents.open_count:
            return
        await process.world.clock.sleep(0.25)
    raise AssertionError(f"not over after 500 s: {process.parents.history(open_only=True)}")


def check(world: World) -> None:
    rows = queries.parents(world.database, ACCOUNT)
    assert len(world.placed) == len(set(world.placed)), "one client order id, one send"
    assert not world.exchange.venue.open
    if not rows:
        assert world.placed == []  # it died before it was durable
        return
    assert len(rows) == 2, "both are made in one turn"
    found = {row["strategy"]: queries.parent(world.database, ACCOUNT, row["parent_id"]) for row in rows}
    entry, out = found["bracket"], found["oco"]
    assert entry is not None
    assert out is not None
    got_in, got_out = (sum(order.filled for order in each.children) for each in (entry, out))
    sides = {side: sum(f.size for f in world.exchange.venue.fills if f.side is side) for side in OrderSide}
    assert (got_in, got_out) == (sides[OrderSide.BUY], sides[OrderSide.SELL])
    assert got_in == got_out, (entry.row["reason"], out.row["reason"])
    ended = ParentStatus(out.row["status"])
    assert ended is (ParentStatus.COMPLETED if got_in else ParentStatus.CANCELED), out.row["reason"]


def run(path: Path, params: OrderParams, moves: Moves, fuses: list[Fuse]) -> list[str]:
    async def work() -> list[str]:
        world = World(path)
        deaths = await live(world, params, moves, fuses)
        world.close()
        return deaths

    return in_virtual_time(work())


CASES: dict[str, tuple[OrderParams, Moves]] = {
    "stopped": (buy("0.1"), ((4, "49890", "49890.1"),)),
    "in profit": (buy("0.1"), ((4, "50110", "50110.1"),)),
    "rests, fills, is stopped": (buy("0.1", "49990"), ((3, "49980", "49980.1"), (6, "49000", "49000.1"))),
    "comes to nothing": (buy("0.1", "49950"), ((20, "49000", "49000.1"),)),
}


@pytest.mark.parametrize("name", CASES)
def test_killed_at_every_boundary(name: str, tmp_path: Path) -> None:
    deaths: list[str] = []
    for boundary in range(1, 200):
        died = run(tmp_path / f"{boundary}.db", *CASES[name], [Fuse(boundary)])
        if not died:
            break
        deaths += died
    else:
        raise AssertionError("it never ran to its end")
    assert {"before commit", "after commit", "before submit", "after submit"} <= set(deaths)


@pytest.mark.parametrize("name", CASES)
def test_killed_again_and_again(name: str, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    for attempt in range(4):
        fuses = [Fuse(draw.randint(1, 20)) for _ in range(3)]
        run(tmp_path / f"{attempt}.db", *CASES[name], fuses)
