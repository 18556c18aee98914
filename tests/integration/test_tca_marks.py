"""What was seen of the market after a fill is kept, whatever the market does and whenever the process ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.exchanges.memory.exchange import MemoryExchange
from tests.integration.test_tca import WIDE, D, cost, marks
from tests.support.trading_world import VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.mark.parametrize("period", [1.0, 35.0])
async def test_a_market_that_changes_fast_is_remembered_for_as_long_as_marks_of_it_are_to_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, period: float
) -> None:
    """Four thousand changes of the mid in forty seconds, where a few are kept at least. period: in seconds, from a look
    to the next, for one that waits for the exchange is long."""
    monkeypatch.setattr("app.services.trading.running.cost_capture.PERIOD_SECONDS", period)
    for name in ("SEEN_MAX", "QUIET_MAX"):
        monkeypatch.setattr(f"app.services.trading.running.market_tape.{name}", 4)
    async with trading_world(tmp_path, risk=WIDE) as world:
        await world.clock.sleep(2)
        order = await world.buy("0.1")
        await world.clock.sleep(0.01)
        for number in range(1, 4_001):
            await world.clock.sleep(0.01)
            world.quote(str(50_000 + number), str(50_001 + number))
        await world.clock.sleep(5)
        seen = [mid for _, mid, _, _ in marks(cost(world, order.order_id))][:4]
        assert [int(mid or 0) for mid in seen] == pytest.approx([50_010, 50_100, 50_500, 51_000], abs=2)


async def test_an_orderly_end_before_marks_are_written_keeps_those_that_were_seen(tmp_path: Path) -> None:
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(2)
        order = await world.buy("0.1")
        await world.clock.sleep(0.5)
        world.quote("50099.9", "50100.1")
        await world.clock.sleep(2.5)
    await clock.sleep(20)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(320)
        seen = marks(cost(world, order.order_id))
        assert [(mid, source) for _, mid, source, _ in seen[:2]] == [(50_000, "book"), (50_100, "book")]
        assert [(mid, source) for _, mid, source, _ in seen[2:4]] == [(None, "")] * 2
        assert [source for _, _, source, _ in seen[4:]] == ["book"] * 3


async def test_an_orderly_end_amid_the_writing_loses_no_market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written one row a turn, and stopped with the first of them."""
    monkeypatch.setattr("app.services.trading.running.cost_capture.ROWS_AT_ONCE", 1)
    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(2)
        orders = [await world.buy("0.01") for _ in range(4)]
        begun = asyncio.Event()
        world.system.ledger.subscribe(lambda group: begun.set() if group.tca_windows else None)
        await asyncio.wait_for(begun.wait(), 30)
        await world.system.stop()
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        await world.clock.sleep(2)
        assert [cost(world, each.order_id).arrival.price for each in orders] == [D(50_000)] * 4
