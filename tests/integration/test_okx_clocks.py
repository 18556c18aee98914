"""FAULTS D1, E5, E15 on the whole system: the exchange's clock or ours steps, or our machine was asleep."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.clock import NS_PER_SECOND
from app.domain.orders import OrderStatus
from app.simulator.config import LatencyLeg
from tests.support.okx_system import OkxSystem, okx_system
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def reasons(world: OkxSystem) -> str:
    return "; ".join(world.system.not_ready_reasons)


@pytest.mark.parametrize("step_seconds", [12, -12, 3600, -3600])
async def test_ready_follows_a_step_of_the_exchange_s_clock_and_its_return(tmp_path: Path, step_seconds: int) -> None:
    async with okx_system(tmp_path) as world:
        world.venue.set_faults({"clock_skew": {"value": step_seconds * 1000}})
        took = await world.until(lambda: not world.system.ready, 15)
        assert "clock_offset_seconds" in reasons(world)
        assert took < 11
        world.venue.set_faults({"clock_skew": None})
        assert await world.until(lambda: world.system.ready, 15) < 4
        assert (await world.place()).status is OrderStatus.FILLED


def times_asked(world: OkxSystem) -> int:
    return sum("public/time" in target for _, target in world.venue.requests)


async def test_an_order_refused_for_its_expiry_asks_for_the_time_at_once(tmp_path: Path) -> None:
    async with okx_system(tmp_path) as world:
        asked = times_asked(world)
        world.venue.set_faults({"clock_skew": {"value": 7_000}})
        first, second, third = [await world.place() for _ in range(3)]
        assert [each.status for each in (first, second, third)] == [
            OrderStatus.REJECTED,
            OrderStatus.DENIED,
            OrderStatus.DENIED,
        ], "the clocks are 7 s apart: the second is not sent any more"
        assert times_asked(world) == asked + 1


async def test_a_step_too_small_for_the_gate_costs_one_order_not_eighty_seconds_of_them(tmp_path: Path) -> None:
    """4.8 s of the 5 s that an order has, and the rest on the way, which is as long in both directions: one that is not
    would be half in the estimate of the time."""
    leg = LatencyLeg(base_ns=300_000_000)
    async with okx_system(tmp_path, entry=leg, response=leg) as world:
        world.venue.set_faults({"clock_skew": {"value": 4_800}})
        assert (await world.place()).status is OrderStatus.REJECTED
        await asyncio.sleep(1)  # the question that it led to is 0.6 s on its way
        for _ in range(3):
            assert (await world.place()).status is OrderStatus.FILLED
        world.venue.set_faults({"clock_skew": {"value": 0}})
        assert (await world.place()).status is OrderStatus.FILLED


async def test_refusals_for_the_clock_that_reading_it_does_not_mend_ask_now_and_then(tmp_path: Path) -> None:
    """Every request is answered 50102, whatever its time."""
    async with okx_system(tmp_path) as world:
        asked = times_asked(world)
        world.venue.set_faults({"error_not_taken": {"probability": 1, "value": "50102"}})
        for _ in range(100):
            assert (await world.place()).status is OrderStatus.REJECTED
            await asyncio.sleep(0.05)
        assert 4 <= times_asked(world) - asked <= 8, "in 5 seconds"


@pytest.mark.parametrize("seconds", [3, 20, 3600])
async def test_a_machine_that_was_asleep_reads_the_time_before_it_sends(tmp_path: Path, seconds: float) -> None:
    async with okx_system(tmp_path) as world:
        await world.place()
        world.suspend(seconds)
        if seconds > 5:
            assert not world.system.ready
        asked = times_asked(world)
        await asyncio.sleep(0.6)
        assert times_asked(world) > asked, "also when nobody wants anything"
        assert abs(world.system.gate.clock_offset_seconds()) < 0.01
        if seconds < 15:
            # Longer than that and the lease has to be had again first, which is another story.
            await world.until(lambda: world.system.ready, 30)
            assert (await world.place()).status is OrderStatus.FILLED


@pytest.mark.parametrize("seconds", [20, -20])
async def test_a_step_of_our_own_wall_clock_moves_no_estimate(tmp_path: Path, seconds: float) -> None:
    async with okx_system(tmp_path) as world:
        world.clock.ahead_seconds += seconds
        true_ns = world.true_clock.now_ns()
        assert abs(world.exchange.server_time_ns() - true_ns) < 2_000_000
        assert "clock_offset_seconds" in reasons(world)
        await asyncio.sleep(1)
        world.clock.ahead_seconds -= seconds
        assert "clock_offset_seconds" not in reasons(world)


@pytest.mark.parametrize("step_seconds", [0, -4, -12, -60])
async def test_an_order_is_never_accepted_only_once_the_exchange_s_own_clock_is_past_its_expiry(
    tmp_path: Path, step_seconds: int
) -> None:
    """The exchange's clock goes back after the send, so that the order stays good for longer than we thought."""
    async with okx_system(tmp_path) as world:
        world.venue.set_faults({"drop_request": {"at": [1]}, "clock_skew": {"value": 0}})
        asked = asyncio.ensure_future(world.place(price=await near(world)))
        await asyncio.sleep(0.1)
        world.venue.set_faults({"clock_skew": {"value": step_seconds * 1000}})
        order = await asked
        assert order.status is OrderStatus.UNKNOWN
        expires_ns = world.system.ledger.orders[order.order_id].request.expires_ns
        assert expires_ns is not None

        def status() -> OrderStatus:
            return world.system.orders.get_order(order.order_id).status

        await world.until(lambda: status() is not OrderStatus.UNKNOWN, 120)
        assert status() is OrderStatus.NEVER_ACCEPTED
        assert world.venue.exchange.now.shown_ns >= expires_ns + 7 * NS_PER_SECOND


async def near(world: OkxSystem) -> str:
    ticker = await world.exchange.ticker("BTC-USDT")
    assert ticker.bid is not None
    return str(ticker.bid - 100)
