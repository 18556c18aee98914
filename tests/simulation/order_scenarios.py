"""Scenarios: one order path, one fault put where it belongs, a world without dice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.exchanges.port import Outcome, OutcomeKind
from app.services.trading.schemas import OrderParams, OrderResponse
from app.store import queries
from app.store.transaction import Writes
from app.system import System
from tests.simulation.faults import Link, never
from tests.simulation.world import BTC, World, in_virtual_time
from tests.simulation.world_checks import check_end, check_step
from tests.support.disks import events_of

D = Decimal
S = OrderStatus
UNKNOWN = OutcomeKind.UNKNOWN
Scenario = Callable[[World, System], Coroutine[Any, Any, None]]


def play(tmp_path: Path, scenario: Scenario, *, settle: bool = True) -> World:
    """Run a scenario; afterwards (settle) the world must come to rest with everything exactly as at the venue."""

    async def whole(world: World) -> None:
        await world.boot()
        world.spawn(beat(world))
        await scenario(world, system(world))
        if settle:
            world.exchange.reads_fail_with = None
            await asyncio.sleep(75)
            check_end(world)

    return in_virtual_time(7, tmp_path / "world.db", whole)


async def beat(world: World) -> None:
    """The market connection lives."""
    while True:
        world.heartbeat()
        check_step(world)
        await asyncio.sleep(1)


async def until(condition: Callable[[], object], pause: float = 0, rounds: int = 100_000) -> None:
    """Let the others run until something is so."""
    for _ in range(rounds):
        if condition():
            return
        await asyncio.sleep(pause)
    raise AssertionError("it never came about")


def system(world: World) -> System:
    assert world.process is not None
    return world.process.system


def link(world: World) -> Link:
    assert world.process is not None
    return world.process.link


def limit(price: str = "49000", size: str = "0.1", side: OrderSide = OrderSide.BUY) -> OrderParams:
    return OrderParams(instrument_id=BTC, side=side, order_type=OrderType.LIMIT, size=D(size), price=D(price))


def market(size: str = "0.001") -> OrderParams:
    return OrderParams(instrument_id=BTC, side=OrderSide.BUY, order_type=OrderType.MARKET, size=D(size))


def answer(world: World, *outcomes: Outcome | BaseException, taken: bool, late: float = 0) -> None:
    """What the next sends are told; taken: the venue does them all the same, `late` seconds from now."""
    the_link, left = link(world), list(outcomes)
    real = the_link._send

    async def send(act: Callable[[], Outcome]) -> Outcome:
        if not left:
            return await real(act)
        outcome = left.pop(0)
        if taken:
            arrived = world.act_later(late, act)
            if not late:
                await arrived
        await asyncio.sleep(3 if late else 0.05)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    the_link._send = send  # type: ignore[method-assign]


def lose(world: World) -> None:
    """The venue's pushes are lost until hear()."""
    world.exchange.drop_pushes = 1_000_000


def hear(world: World) -> None:
    world.exchange.drop_pushes = 0


async def now(world: World, order: OrderResponse) -> OrderResponse:
    return system(world).orders.get_order(order.order_id)


def events(world: World, kind: str) -> list[Any]:
    return list(queries.events(system(world).database, "main", kind=kind))


def kill_at(world: World, boundary: str) -> None:
    assert world.process is not None
    disk, the_link = world.process.disks[-1], link(world)
    real_commit, real_send = disk._commit, the_link._send

    def commit(writes: Writes) -> None:
        placing = any(event.kind == "order.intent" for event in events_of(writes))
        if placing and boundary == "before commit":
            world.crash()
        real_commit(writes)
        if placing and boundary == "after commit":
            world.crash()
            raise OSError("killed")

    async def send(act: Callable[[], Outcome]) -> Outcome:
        if boundary == "on the wire":
            world.act_later(0.01, act)
            world.crash()
            await never()
        outcome = await real_send(act)
        if boundary == "after the answer":
            world.crash()
            await never()
        return outcome

    disk._commit = commit  # type: ignore[method-assign]
    the_link._send = send  # type: ignore[method-assign]
