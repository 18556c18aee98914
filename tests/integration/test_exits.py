"""Getting out: what is sold is what is there and what the book takes, piece by piece, and what is left is named.

Whole systems in virtual time over an exchange in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.parents import ParentStatus
from app.exchanges.port import BillKind
from app.models.trading import OrderSide
from app.services.trading.parent_records import ParentResponse
from tests.support.trading_world import SWAP, D, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

WIDE = {"max_order_value": 1_000_000, "max_order_size": 100, "max_position_value_pct": 5}
SLICES = {"duration": 60, "num_slices": 6}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000)}) as made:
        yield made


async def over(world: TradingWorld, parent_id: str, seconds: int = 600) -> ParentResponse:
    """The parent when it is over."""
    for _ in range(seconds):
        parent = world.system.parents.get(parent_id)
        if parent.status.terminal:
            return parent
        await world.clock.sleep(1)
    raise AssertionError(f"parent {parent_id} is still {parent.status}: {parent.waiting_for}")


class TestWhatIsThere:
    """A parent sells what is there, and ends completed with the difference named."""

    async def test_the_fee_was_taken_in_base(self, world: TradingWorld) -> None:
        await world.buy("0.1")  # 0.0999 arrive
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.1"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))
        assert ended.reason == "0.0999 of 0.1: the rest was not there any more (0 is left)"
        assert world.system.ledger.balances["BTC"] == 0

    async def test_a_part_was_sold_by_hand_meanwhile(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(15)
        await world.sell("0.05")
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0499"))

    async def test_a_part_was_transferred_out_meanwhile(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(15)
        world.exchange.venue.move_cash(BillKind.TRANSFER, "BTC", D("-0.03"))
        await world.system.reconciler.run()
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0699"))

    async def test_what_is_too_small_for_an_order_is_named(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        started = await world.system.parents.start("market", {}, market(OrderSide.SELL, "0.11"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))

    async def test_a_contract_that_only_reduces(self, world: TradingWorld) -> None:
        await world.buy("5", instrument_id=SWAP, trade_mode="cross")
        reducing = market(OrderSide.SELL, "5", instrument_id=SWAP, trade_mode="cross", reduce_only=True)
        started = await world.system.parents.start("twap", SLICES, reducing)
        await world.clock.sleep(15)
        await world.sell("2", instrument_id=SWAP, trade_mode="cross")
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D(3))
        assert world.positions.get_all_positions() == []

    async def test_what_other_orders_hold_is_waited_for(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        resting = await world.executor.place_order(limit("52000", "0.0999", OrderSide.SELL))
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(5)
        now = world.system.parents.get(started.parent_id)
        assert (now.status, now.waiting_for) == (
            ParentStatus.RUNNING, "what is there is held by other open orders",
        )  # fmt: skip
        await world.executor.cancel_order(resting.order_id)
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))

    async def test_what_other_orders_hold_to_the_end_is_left(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        await world.executor.place_order(limit("52000", "0.0999", OrderSide.SELL))
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.PARTIAL_EXPIRED, D(0))

    async def test_nothing_at_all_is_there(self, world: TradingWorld) -> None:
        started = await world.system.parents.start("market", {}, market(OrderSide.SELL, "0.1"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.reason) == (
            ParentStatus.FAILED, "0 of 0.1: the rest was not there any more (0 is left)",
        )  # fmt: skip

    async def test_what_is_just_arriving_is_waited_for(self, world: TradingWorld) -> None:
        started = await world.system.parents.start("market", {}, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(1)
        await world.buy("0.1")
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))
