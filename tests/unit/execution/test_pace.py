"""Who waits for a market is woken in the order of coming, so that the same run is the same again."""

from __future__ import annotations

import asyncio

from app.clock import VirtualTimeLoop
from app.services.trading.parents.pace import MARKET_PACE_SECONDS, Pace

BTC = "BTC-USDT"


async def woken_in(number: int) -> list[int]:
    """The order in which so many are woken by one change."""
    pace, order = Pace(), list[int]()

    async def waits(name: int) -> None:
        await pace.wait(BTC, asyncio.Event(), 60)
        order.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name in range(number):
            tasks.create_task(waits(name))
        await asyncio.sleep(2 * MARKET_PACE_SECONDS)
        pace.moved(BTC)
    return order


def test_a_change_of_the_market_wakes_those_who_wait_in_the_order_of_their_coming() -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(woken_in(200)) == list(range(200))
