"""A process killed at every boundary while it takes a signal: repeated with its key, one signal is one order."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import utc
from app.domain.access import OF_LOCAL
from app.services.signals.feeds import Feeds
from app.services.signals.intake import SignalRefused, Taken
from app.services.signals.wishes import Wish
from app.services.trading.errors import NotReady
from app.store.errors import StoreError
from tests.simulation.parent_stack import BTC, Fuse, Killed, Process, World, at_every_boundary, in_virtual_time

WISHES: dict[str, dict[str, Any]] = {
    "order": {"size": "0.1"},
    "amount": {"size": "5000", "size_in": "quote"},
    "execution": {"size": "0.1", "strategy": "twap", "config": {"duration": 10, "num_slices": 2}},
    "bracket": {"size": "0.1", "take_profit": "60000"},
    "close": {"type": "close", "size": "0.1"},
}


async def asked(process: Process, wish: Wish) -> Taken:
    """As a client does: again with the same key, while there is no answer."""
    for _ in range(50):
        with suppress(NotReady):
            return await process.system.inlets.intake.take(wish, OF_LOCAL, "k")
        await process.world.clock.sleep(1)
    raise AssertionError("never answered")


async def life(world: World, process: Process, wish: Wish) -> bool:
    """One life that asks, until it has its answer or dies; whether it lives."""
    work = asyncio.create_task(asked(process, wish))
    dead = asyncio.create_task(process.fuse.blown.wait())
    await asyncio.wait((work, dead), return_when=asyncio.FIRST_COMPLETED)
    alive = not process.fuse.blown.is_set()
    if not alive:
        work.cancel()
    with suppress(Killed, StoreError, NotReady, asyncio.CancelledError):
        await work
    dead.cancel()
    return alive


@pytest.mark.parametrize("name", WISHES)
def test_one_signal_is_one_order_whenever_the_process_dies(name: str, tmp_path: Path) -> None:
    async def killed_at(boundary: int, folder: Path) -> int:
        world = World(folder / "signals.db")
        process = await world.process()
        wish = Wish(**{"type": "buy", "instrument_id": BTC, **WISHES[name]})
        if name == "close":
            await process.executor.execute_signal(Wish(type="buy", instrument_id=BTC, size="1").signal(Decimal(1)))  # type: ignore[arg-type]
        held, sent = world.filled, len(world.placed)
        process.fuse.passed, process.fuse.at = 0, boundary
        alive = await life(world, process, wish)
        passed = process.fuse.passed
        if not alive:
            await process.kill()
            process = await world.process()
        taken = await asked(process, wish)
        await world.clock.sleep(60)
        again = await asked(process, wish)
        went, works = world.filled - held, name in ("execution", "bracket")
        assert again.size == taken.size
        assert len(process.parents.history()) == {"execution": 1, "bracket": 2}.get(name, 0)
        if works:
            assert taken.size is not None
            assert (taken.parent and taken.parent.parent_id) == (again.parent and again.parent.parent_id)
            assert Decimal(0) <= went <= taken.size, "what a parent does over a kill, test_parent_crashes knows"
        else:
            assert taken.order is not None
            assert again.order is not None
            assert again.order.order_id == taken.order.order_id
            assert len(world.placed) - sent <= 1
            # Of an order that was on its way when the process died, nobody but the exchange knows; it is told as it is.
            assert again.order.filled_size == went
            assert went == taken.size or (not alive and again.order.status.terminal)
        await process.stop()
        world.close()
        return passed if alive else 0

    at_every_boundary(tmp_path, killed_at)


def test_a_signal_that_was_taken_but_not_begun_is_not_done_when_it_is_too_old(tmp_path: Path) -> None:
    async def work() -> None:
        world = World(tmp_path / "signals.db")
        process = await world.process(Fuse())
        until = utc(world.clock.now_ns()) + timedelta(seconds=20)
        wish = Wish(type="buy", instrument_id=BTC, size="0.1", expires_at=until)  # type: ignore[arg-type]
        process.fuse.at = process.fuse.passed + 1  # the order's own commit; the wish is durable
        assert not await life(world, process, wish)
        await process.kill()
        await world.clock.sleep(30)
        process = await world.process()
        with pytest.raises(SignalRefused, match="expires_at"):
            await process.system.inlets.intake.take(wish, OF_LOCAL, "k")
        assert world.placed == []
        await process.stop()
        world.close()

    in_virtual_time(work())


def test_a_file_is_one_order_whenever_the_process_dies(tmp_path: Path) -> None:
    """The folder gives it again until it has moved; what had not left goes out in the next life, once."""

    async def killed_at(boundary: int, path: Path) -> int:
        world = World(path / "signals.db")
        folder = path / "signals"
        folder.mkdir(mode=0o700)
        file = folder / "a.json"
        file.write_text(json.dumps({"type": "buy", "instrument_id": BTC, "size": "0.1"}))
        os.utime(file, ns=(world.clock.now_ns(), world.clock.now_ns()))
        process = await world.process()
        process.fuse.passed, process.fuse.at = 0, boundary
        feeding = feed(process, folder)
        dead, settled = process.fuse.blown, asyncio.create_task(moved(world, folder))
        died = asyncio.create_task(dead.wait())
        await asyncio.wait((died, settled), return_when=asyncio.FIRST_COMPLETED)
        passed = 0 if dead.is_set() else process.fuse.passed
        died.cancel()
        await ended(feeding)
        if dead.is_set():
            await process.kill()
            process = await world.process()
            feeding = feed(process, folder)
        await settled
        await world.clock.sleep(30)
        await ended(feeding)
        told = json.loads((folder / "done" / "a.json.result.json").read_text())
        order = await process.executor.wait_for(told["order_id"], 60)
        assert len(world.placed) <= 1
        assert order.filled_size == world.filled
        assert world.filled in (Decimal(0), Decimal("0.1"))
        assert world.filled or boundary > 1
        await process.stop()
        world.close()
        return passed

    at_every_boundary(tmp_path, killed_at)


def feed(process: Process, folder: Path) -> asyncio.Task[None]:
    declared = {"desk": {"kind": "directory", "path": str(folder)}}
    system = process.system
    feeds = Feeds(declared, system.inlets.intake, system.keys, system.clock)
    return asyncio.create_task(feeds.follow(*feeds.sources[0]))


async def moved(world: World, folder: Path) -> None:
    for _ in range(1_000):
        if (folder / "done" / "a.json").exists():
            return
        await world.clock.sleep(0.25)
    raise AssertionError("it lies there still")


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
