"""A market that is paused, or not listed for a while, ends no parent: it waits, says so, and goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus
from tests.simulation.parent_stack import BTC, Process, World, buy, in_virtual_time

TWAP = {"duration": 60, "num_slices": 6}


def told(process: Process, parent_id: str) -> tuple[ParentStatus, str]:
    found = process.parents.get(parent_id)
    return found.status, found.waiting_for or found.parent.reason


def test_a_paused_market_lays_no_parent_aside(tmp_path: Path) -> None:
    async def work() -> None:
        world = World(tmp_path / "w.db")
        process = await world.process()
        goes_on = await process.parents.start("twap", TWAP, buy("0.06"), principal="me")
        ends = await process.parents.start("twap", TWAP | {"duration": 15}, buy("0.06"), principal="me")
        await asyncio.sleep(12)
        listed = world.exchange.venue.instruments[BTC]
        for live, seconds in ((False, 25), (True, 50)):
            world.exchange.venue.instruments[BTC] = replace(listed, live=live)
            process.system.listener.on_instrument(world.exchange.venue.instruments[BTC])
            await asyncio.sleep(seconds)
            if not live:
                paused = (ParentStatus.RUNNING, "not ready: BTC-USDT is not open for trading at the exchange")
                assert told(process, goes_on.parent_id) == paused
        assert told(process, goes_on.parent_id) == (ParentStatus.COMPLETED, "all filled")
        assert told(process, ends.parent_id)[0] is ParentStatus.PARTIAL_EXPIRED
        await process.stop()
        world.close()

    in_virtual_time(work())


def test_parents_of_a_market_that_a_start_does_not_find_listed_wait_for_it(tmp_path: Path) -> None:
    """An answer of the exchange that lacks a row takes no protection away for good."""

    async def work() -> None:
        world = World(tmp_path / "w.db")
        world.exchange.set_book("BTC-USDT-SWAP", Decimal(50_000), Decimal("50000.1"), Decimal(100))
        process = await world.process()
        started = [
            await process.parents.start("twap", TWAP, buy("0.06"), principal="me"),
            await process.parents.start(
                "stop", {"trigger_price": "49000"}, buy("0.5", side=OrderSide.SELL), principal="me"
            ),
            await process.parents.start("iceberg", {"visible_pct": "0.1"}, buy("0.5", "49900"), principal="me"),
        ]
        twap, stop, iceberg = (parent.parent_id for parent in started)
        await asyncio.sleep(12)
        await process.kill()
        listed = world.exchange.venue.instruments.pop(BTC)
        process = await world.process()
        await asyncio.sleep(5)
        assert all(process.parents.get(each).status is ParentStatus.RUNNING for each in (twap, stop, iceberg))
        await process.parents.cancel(iceberg)
        await asyncio.sleep(2)
        assert told(process, iceberg)[0] is ParentStatus.CANCELED
        assert not world.exchange.venue.open
        world.exchange.venue.instruments[BTC] = listed
        process.system.listener.on_instrument(listed)
        await asyncio.sleep(60)
        assert told(process, twap) == (ParentStatus.COMPLETED, "all filled")
        assert told(process, stop)[1].startswith("for trigger_price 49000")
        await process.parents.cancel_all(reason="the test is over")
        await asyncio.sleep(2)
        await process.stop()
        world.close()

    in_virtual_time(work())
