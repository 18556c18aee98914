"""Fifty orders at once without an answer: the lists that settle them are read once for all, not three times each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import NS_PER_SECOND, SimulatedClock
from app.domain.orders import OrderReport, OrderStatus
from app.exchanges.memory import MemoryExchange
from app.exchanges.port import OutcomeKind
from tests.simulation.order_scenarios import until
from tests.support.trading_world import VirtualTimePolicy, limit, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
MANY = 50


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


class Limited(MemoryExchange):
    """Each list takes a third of a second, one after the other, as OKX's limit of reads makes it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.read: Counter[str] = Counter()
        self._one = asyncio.Lock()

    async def _list(self, name: str) -> None:
        async with self._one:
            self.read[name] += 1
            await asyncio.sleep(1 / 3)

    async def open_orders(self) -> Sequence[OrderReport]:
        await self._list("pending")
        return await super().open_orders()

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]:
        await self._list("history")
        return await super().order_history(since_ns)

    async def fills(self, since_ns: int, **of: Any) -> Sequence[OrderReport]:
        await self._list("fills")
        return await super().fills(since_ns, **of)


async def unknowns(world: Any, exchange: Limited) -> list[str]:
    for _ in range(MANY):
        exchange.answer_next("place", OutcomeKind.UNKNOWN, code="50004")
    placed = await asyncio.gather(*(world.executor.place_order(limit(size="0.001")) for _ in range(MANY)))
    assert {order.status for order in placed} <= {OrderStatus.UNKNOWN, OrderStatus.LIVE}
    exchange.read.clear()
    return [order.order_id for order in placed]


async def test_fifty_orders_that_were_never_accepted_share_the_lists(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = Limited(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, timing={"audit_period_seconds": 3600}) as world:
        order_ids = await unknowns(world, exchange)
        began = clock.monotonic_ns()
        await until(lambda: not [o for o in world.system.ledger.open_orders() if o.status is OrderStatus.UNKNOWN], 0.5)
        seconds = (clock.monotonic_ns() - began) / NS_PER_SECOND
        assert {world.orders.get_order(each).status for each in order_ids} == {OrderStatus.NEVER_ACCEPTED}
        assert seconds < 20, "expTime, the margins, and two reads"
        assert max(exchange.read.values()) <= seconds + 1, "one read of the lists a round, for all"


async def test_a_start_with_fifty_orders_without_an_answer_reads_the_lists_once_more(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = Limited(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock) as world:
        await unknowns(world, exchange)
    exchange.read.clear()
    async with trading_world(tmp_path, exchange=exchange, clock=clock):
        assert exchange.read["history"] == 2, "one for the comparison, one for what it did not list"
