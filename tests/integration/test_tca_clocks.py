"""What orders cost where the machine's clock and the exchange's are apart, and where ours is set meanwhile.

Whole systems over the OKX adapter and the simulator, in virtual time, each way 20 ms.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import to_ns
from app.domain.orders import OrderSide
from app.services.trading.execution_strategies.conditions import is_parent
from app.services.trading.reports.cost_views import ExecutionCost
from app.services.trading.reports.costs import execution_cost, order_cost
from app.simulator import Config, LatencyLeg
from tests.integration.test_tca import WIDE, cost
from tests.support.okx_system import BTC, OkxSystem
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import SteppedClock, VirtualTimePolicy, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
WAY = LatencyLeg(20_000_000)


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def _cost(world: OkxSystem, subject_id: str) -> ExecutionCost:
    ledger, of = world.system.ledger, execution_cost if is_parent(subject_id) else order_cost
    return of(world.system.database, ledger.account, subject_id, ledger.instruments.get)


def _in(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


async def _traded(folder: Path, ahead_seconds: float) -> list[ExecutionCost]:
    """An order and a TWAP on the same moving market, whatever the machine's clock says."""
    world = OkxSystem(folder, Config(accounts=(MAIN,), flow_rate=4.0, entry=WAY, response=WAY))
    world.clock.ahead_seconds = ahead_seconds
    await world.start()
    try:
        await world.system.follow(BTC)
        await asyncio.sleep(5)
        order = await world.place(BTC, OrderSide.BUY, "0.05")
        config = {"duration": 20, "num_slices": 4}
        parent = await world.system.parents.start("twap", config, market(OrderSide.BUY, "0.1"))
        await asyncio.sleep(40)
        return [_cost(world, order.order_id), _cost(world, parent.parent_id)]
    finally:
        await world.system.stop()


def _told(found: ExecutionCost) -> dict[str, Any]:
    """What no clock may change."""
    window = found.market
    assert window is not None
    return {
        "shortfall": found.shortfall,
        "marks": [[mark.mid for mark in fill.marks] for fill in found.fills],
        "after_end": [mark.mid for mark in found.after_end],
        "volume": (window.volume, window.volume_without_own, window.participation),
        "vwap": (window.vwap, window.vwap_without_own),
        "target and done": [(look.target, look.filled) for look in found.schedule],
        "schedule_error": found.schedule_error,
        "missing": found.missing,
    }


@pytest.mark.parametrize("ahead_seconds", [0.9, -3])
async def test_a_machine_whose_clock_is_off_tells_the_same_costs(tmp_path: Path, ahead_seconds: float) -> None:
    """A mark is of so long after the fill, a print of ours within our window, and nothing fills before it is sent."""
    right, off = await _traded(_in(tmp_path, "right"), 0), await _traded(_in(tmp_path, "off"), ahead_seconds)
    for ours, theirs in zip(off, right, strict=True):
        assert _told(ours) == _told(theirs)
        assert theirs.fills
        assert theirs.market is not None
        assert theirs.market.participation
        assert ours.first_fill is not None
        assert ours.acknowledgement is not None
        assert 0 < ours.first_fill.p50 <= ours.acknowledgement.p99 + 1
        assert [round(step.seconds, 1) for step in ours.time_to_fill] == [
            round(step.seconds, 1) for step in theirs.time_to_fill
        ]
        filled = to_ns(ours.fills[0].at) + round(ahead_seconds * 10**9)
        seen = ours.fills[0].marks[0].at
        assert seen is not None
        assert abs(to_ns(seen) - filled - 10**8) < 10**7, "a tenth of a second after it, by our clock"


async def test_a_stop_that_fires_after_our_clock_was_set_back_says_that_it_fired(tmp_path: Path) -> None:
    clock = SteppedClock()
    async with trading_world(tmp_path, clock=clock, risk=WIDE) as world:
        await world.buy("0.1")
        config = {"trigger_price": 49_000, "trigger_by": "book"}
        stop = await world.system.parents.start("stop", config, market(OrderSide.SELL, "0.05"))
        await world.clock.sleep(20)
        clock.ahead_seconds = -60
        await world.clock.sleep(10)
        world.quote("48949.9", "48950.1")
        await world.clock.sleep(20)
        found = cost(world, stop.parent_id)
        assert found.fills
        assert (found.arrival.price, found.arrival.source) == (D(48_950), "the book when it fired")
