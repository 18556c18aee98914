"""The order path in random worlds: two hundred seeds a run, each with its own faults, crashes and clients.

SEEDS=n runs n of them, SEED=n one alone (and prints what happens). Each seed draws its kind of world (odd_worlds) and
which faults there are at all; a fault that no seed reached fails the run.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.orders import OrderSide, OrderType
from app.exchanges.port import BillKind
from app.services.trading.schemas import OrderParams
from app.strategies.signals import Signal, SignalType
from tests.simulation.faults import DISK_FAULTS, FAULTS, SEND_FAULTS
from tests.simulation.odd_worlds import drawn
from tests.simulation.world import World, in_virtual_time
from tests.simulation.world_checks import check_end, check_step

SEEDS = int(os.environ.get("SEEDS", "200"))
ACTS = (10, 40, 40, 120)
FLOWS = 0.05
"""How likely money comes or goes, each moment, in a world where it does."""
SECONDS_OF_QUIET = 75.0
"""Two audits and the time that a difference must stand."""

CHANCE = dict.fromkeys(FAULTS, 0.05) | dict.fromkeys(SEND_FAULTS, 0.08) | dict.fromkeys(DISK_FAULTS, 0.004)
CHANCE |= {"read_fails": 0.08, "read_slow": 0.1, "push_lost": 0.15, "push_twice": 0.2, "push_late": 0.2}
CHANCE |= {"orders_seen_late": 0.3, "fills_seen_late": 0.3, "crash": 0.01, "stop": 0.01, "stream_break": 0.02}
CHANCE |= {
    "disk_slow": 0.1,
    "stall": 0.01,
    "clock_step": 0.02,
    "foreign_order": 0.05,
    "foreign_id_again": 0.03,
    "venue_cancel": 0.05,
}


def chances(draw: random.Random) -> dict[str, float]:
    """A swarm: every seed breaks some things only, or rare mixtures would never come about."""
    share = draw.choice((0.0, 0.1, 0.3, 0.6))
    return {kind: CHANCE[kind] for kind in FAULTS if draw.random() < share}


async def live(world: World) -> None:
    """Clients, market and faults for a while; then quiet; then everything must agree."""
    if world.seed % 5 == 1:
        await earlier(world)
    await world.boot()
    if not world.traits.balances:
        world.exchange.move_cash(BillKind.TRANSFER, "USDT", Decimal(250_000))
    for _ in range(world.draw.choice(ACTS)):
        await happen(world)
        check_step(world)
        await asyncio.sleep(world.draw.uniform(0, world.pace))
    await calm(world)
    check_end(world)
    if world.seed % 4 == 0:
        await world.stop()
        await world.boot()
        await asyncio.sleep(1)
        check_end(world)


async def earlier(world: World) -> None:
    """Others have traded on the account before our first start, up to its last moment; some orders filled in part."""
    for _ in range(world.draw.randint(2, 12)):
        world.foreign_order(lots=80)
        await asyncio.sleep(world.draw.choice((0, 0.1, 3)))
        for instrument_id in world.units:
            world.quote(instrument_id, world.draw.randint(-9, 9))


async def happen(world: World) -> None:
    """One thing."""
    draw, process = world.draw, world.process
    world.heartbeat()
    for instrument_id in world.units:
        if draw.random() < 0.3:
            world.quote(instrument_id, draw.randint(-6, 6))
    if world.strike(("crash",)):
        world.crash()
    if process is None or process.dead:
        await asyncio.sleep(draw.uniform(0, 3))
        await world.boot()
        return
    if world.strike(("stop",)):
        await asyncio.wait([world.loop.create_task(world.stop())])
        return
    venue_acts(world)
    act = draw.random()
    if act < 0.45:
        place(world)
    elif act < 0.6:
        cancel(world)
    elif act < 0.72:
        modify(world)
    elif act < 0.74:
        world.client(process.system.executor.cancel_all(draw.choice((None, *world.units)), principal="client"))
    elif act < 0.78:
        switch(world)
    elif act < 0.82:
        again(world)


def venue_acts(world: World) -> None:
    exchange = world.exchange
    if world.strike(("stream_break",)) and exchange.connected:
        exchange.break_streams()
        world.loop.call_later(world.draw.uniform(0.2, 6), restore, world)
    if world.strike(("stall",)):
        world.stall(world.draw.choice((1.5, 6, 20)))
    if world.strike(("clock_step",)):
        world.step_clock()
    if world.strike(("foreign_order",)):
        world.foreign_order()
    if world.traits.flows and world.draw.random() < FLOWS:
        world.move_money()
    if world.strike(("foreign_id_again",)) and "manual" not in exchange.venue._open_by_client_id:
        world.foreign_order("manual")
    if world.strike(("venue_cancel",)) and exchange.venue.open:
        exchange.cancel_by_venue(world.draw.choice(sorted(exchange.venue.open)), "20")


def restore(world: World) -> None:
    if not world.exchange.connected:
        world.exchange.restore_streams()


def place(world: World) -> None:
    draw = world.draw
    instrument_id = draw.choice(list(world.units))
    kind = draw.choice(list(OrderType))
    offset = draw.randint(-12, 12)
    params = OrderParams(
        instrument_id=instrument_id,
        side=draw.choice(list(OrderSide)),
        order_type=kind,
        size=world.units[instrument_id] * draw.randint(1, 20),
        price=world.price(instrument_id, offset) if kind.has_price else None,
        **world.position(instrument_id),
        strategy_id=draw.choice((None, "one", "two")),
    )
    executor = world.process.system.executor  # type: ignore[union-attr]
    if draw.random() < 0.2:
        signal = Signal(SignalType(params.side.value), instrument_id, params.price, params.size)
        world.client(executor.execute_signal(signal, strategy_id="three"))
        return
    key = f"key{len(world.keys)}" if draw.random() < 0.3 else None
    if key is not None:
        world.keys[key] = (params, None)
    for _ in range(draw.choice((1, 1, 3)) if key else 1):
        world.client(executor.place_order(params, principal="client", idempotency_key=key), key)


def again(world: World) -> None:
    """A client repeats a request, perhaps long after, perhaps after a crash."""
    if world.keys:
        key = world.draw.choice(sorted(world.keys))
        executor = world.process.system.executor  # type: ignore[union-attr]
        world.client(executor.place_order(world.keys[key][0], principal="client", idempotency_key=key), key)


def cancel(world: World) -> None:
    system = world.process.system  # type: ignore[union-attr]
    if (found := system.ledger.open_orders()) and (order := world.draw.choice(found)):
        world.client(system.executor.cancel_order(order.order_id, principal="client"))


def modify(world: World) -> None:
    draw, system = world.draw, world.process.system  # type: ignore[union-attr]
    resting = [o for o in system.ledger.open_orders() if o.request.order_type.rests and not o.request.external]
    if not resting:
        return
    order = draw.choice(resting)
    instrument_id = order.request.instrument_id
    size = order.size + world.units[instrument_id] * draw.randint(-3, 5) if draw.random() < 0.7 else None
    price = world.price(instrument_id, draw.randint(-9, 9)) if draw.random() < 0.7 else None
    if size is None or size > 0:
        world.client(system.executor.modify_order(order.order_id, new_size=size, new_price=price, principal="client"))


def switch(world: World) -> None:
    executor = world.process.system.executor  # type: ignore[union-attr]
    if not world.process.system.ledger.kill_switch.engaged:  # type: ignore[union-attr]
        world.client(executor.engage_kill_switch("drill", principal="client"))
    else:
        world.client(executor.release_kill_switch("drill over", principal="client"))


async def calm(world: World) -> None:
    """No more faults; the market stands still but talks."""
    world.chances.clear()
    restore(world)
    until = world.loop.time() + SECONDS_OF_QUIET
    while world.loop.time() < until:
        if world.process is None or world.process.dead:
            await world.boot()
        world.heartbeat()
        await asyncio.sleep(1.8)
        check_step(world)
    if world.process is not None and world.process.system.ledger.kill_switch.engaged:
        await world.process.system.executor.release_kill_switch("all is well")


def run_seed(seed: int, folder: Path, *, quiet: bool = True) -> Counter[str]:
    traits = drawn(random.Random(f"world:{seed}"), busiest=0)
    try:
        world = in_virtual_time(
            seed, folder / "world.db", live, chances(random.Random(~seed)), quiet=quiet, traits=traits
        )
    except BaseException:
        print(f"\nseed {seed} ({traits}) fails; replay: SEED={seed} python -m pytest {__file__} -s")
        raise
    finally:
        for name in folder.glob("world.db*"):
            name.unlink()
    world.struck["orders sent"] = len(world.wire.places)
    world.struck["fills"] = len(world.exchange.venue.fills)
    return world.struck + Counter({"told " + what: count for what, count in world.told.items()})


@pytest.mark.timeout(3600)
def test_orders_in_random_worlds(tmp_path: Path) -> None:
    one = os.environ.get("SEED")
    if one is not None:
        print(run_seed(int(one), tmp_path, quiet=False))
        return
    struck: Counter[str] = Counter()
    began = time.perf_counter()
    for seed in range(SEEDS):
        struck += run_seed(seed, tmp_path)
    took = time.perf_counter() - began
    print(f"{SEEDS} seeds in {took:.1f} s: {dict(struck.most_common())}")
    assert [kind for kind in FAULTS if not struck[kind]] == [], "faults that no seed reached"
