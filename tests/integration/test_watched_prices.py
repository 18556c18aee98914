"""Conditional orders by the mark and the index price of a contract, held here and at the exchange.

The whole system over the OKX adapter and the simulated exchange, where the mark is the middle of the contract's book
and the index that of the spot pair's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.conditions import Watched
from app.domain.orders import OrderSide, OrderType, TradeMode
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.journal.audit import audit
from app.services.trading import OrderParams
from app.simulator import AccountConfig, Config
from tests.support.okx_system import BTC, SWAP, D, OkxSystem
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

BUY, SELL = OrderSide.BUY, OrderSide.SELL
MOVER = AccountConfig("mover", "key2", "secret2", "pass2", balances={"USDT": D(10**8), "BTC": D(1000)})
WIDE = {"max_price_deviation": "0.3", "max_order_value": 1_000_000, "max_position_value_pct": 5}
WAITS, DONE = ParentStatus.RUNNING, ParentStatus.COMPLETED


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


class World(OkxSystem):
    """Ours has bought a contract's worth; another account moves the prices."""

    def bids(self, instrument: str) -> list[tuple[Decimal, Decimal]]:
        market = self.venue.exchange.markets[instrument]
        return [(market.inst.price(price), market.inst.size(size)) for price, size, _ in market.book.levels(1)]

    async def sweep(self, instrument: str, levels: int) -> None:
        """Sell so many whole levels of bids away."""
        size = sum((size for _, size in self.bids(instrument)[:levels]), D(0))
        spot = {"tdMode": "cash", "tgtCcy": "base_ccy"} if instrument == BTC else {"tdMode": "cross"}
        body = {"instId": instrument, "ordType": "market", "sz": str(size), "side": "sell", **spot}
        self.venue.act("order", account="mover", params=body)
        await asyncio.sleep(5)

    async def stop(self, trigger: Decimal, by: str, held: str) -> str:
        params = swap(SELL, reduce_only=True)
        config = {"trigger_price": trigger, "trigger_by": by, "held": held}
        started = await self.system.parents.start("stop", config, params)
        return started.parent_id

    def statuses(self, *parents: str) -> list[ParentStatus]:
        return [self.system.parents.get(parent_id).status for parent_id in parents]


def swap(side: OrderSide, **changes: Any) -> OrderParams:
    given: dict[str, Any] = {"instrument_id": SWAP, "order_type": OrderType.MARKET, "trade_mode": TradeMode.CROSS}
    return OrderParams(side=side, size=D(1), **{**given, **changes})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, Config(accounts=(replace(MAIN, balances={"USDT": D(10**6)}), MOVER), flow_rate=0.0))
    await made.start(risk=WIDE)
    for instrument in (BTC, SWAP):
        await made.system.follow(instrument)
    await asyncio.sleep(2)
    await made.place(SWAP, BUY, "10")
    yield made
    await made.system.stop()
    report = audit(made.system.database, "main", made.system.ledger.instruments)
    assert report.clean, [str(finding) for finding in report.findings]


@pytest.mark.parametrize("held", ["here", "exchange"])
async def test_each_fires_by_its_own_price(world: World, held: str) -> None:
    """Six levels of the contract's bids go: its last price falls by six levels, its mark by three, the index not."""
    trigger = world.bids(SWAP)[4][0]
    last, mark, index = [await world.stop(trigger, by, held) for by in ("last", "mark", "index")]
    await asyncio.sleep(1)
    assert world.statuses(last, mark, index) == [WAITS] * 3
    await world.sweep(SWAP, 6)
    assert world.statuses(last, mark, index) == [DONE, WAITS, WAITS]
    await world.sweep(SWAP, 8)
    assert world.statuses(mark, index) == [DONE, WAITS]
    await world.sweep(BTC, 30)
    assert world.statuses(index) == [DONE]


@pytest.mark.parametrize("held", ["here", "exchange"])
async def test_what_is_watched_is_amended_and_outlives_a_restart(world: World, held: str) -> None:
    trigger = world.bids(SWAP)[4][0]
    stop = await world.stop(trigger, "last", held)
    await asyncio.sleep(1)
    await world.system.parents.amend(stop, config={"trigger_by": "index"})
    await asyncio.sleep(3)
    await world.sweep(SWAP, 14)
    assert world.statuses(stop) == [WAITS]
    await world.system.stop()
    await world.start(risk=WIDE)
    await asyncio.sleep(5)
    index = world.system.market.view(SWAP, world.clock.now_ns()).prices[Watched.INDEX]
    said = {"here": f"index is {index}", "exchange": f"at the exchange, for trigger_price {trigger}"}
    assert said[held] in world.system.parents.get(stop).waiting_for
    await world.sweep(BTC, 30)
    assert world.statuses(stop) == [DONE]


async def test_while_the_exchange_is_silent_it_waits_for_the_price(world: World) -> None:
    stop = await world.stop(world.bids(SWAP)[4][0], "mark", "here")
    world.venue.reachable = False
    world.venue.cut_all()
    await asyncio.sleep(2)
    assert world.system.parents.get(stop).waiting_for == "for the exchange's mark price"
    world.venue.reachable = True
    await asyncio.sleep(200)  # nothing moves meanwhile, and the exchange says so
    assert "mark is" in world.system.parents.get(stop).waiting_for


async def test_what_is_there_already_is_refused_by_the_price_that_is_watched(world: World) -> None:
    above = world.bids(BTC)[0][0] + 500
    with pytest.raises(InvalidValue, match=f"trigger_price={above}: is reached already"):
        await world.stop(above, "index", "here")


async def test_behind_the_mark_the_exchange_follows_nothing(world: World) -> None:
    config = {"distance": 100, "trigger_by": "mark", "held": "exchange"}
    with pytest.raises(InvalidValue, match="trigger_by=mark: must be last"):
        await world.system.parents.start("trailing_stop", config, swap(SELL, reduce_only=True))


@pytest.mark.parametrize("by", ["mark", "index"])
async def test_spot_and_an_exchange_without_such_prices_are_refused_by_field(tmp_path: Path, by: str) -> None:
    async with trading_world(tmp_path) as world:
        stop = {"trigger_price": 40_000, "trigger_by": by}
        spot = OrderParams(instrument_id=BTC, side=SELL, order_type=OrderType.MARKET, size=D("0.1"))
        with pytest.raises(InvalidValue, match=f"trigger_by={by}: must be last or book: BTC-USDT is spot"):
            await world.system.parents.start("stop", stop, spot)
        with pytest.raises(InvalidValue, match=f"trigger_by={by}: must be last or book: exchange 'memory' tells no"):
            await world.system.parents.start("stop", stop, swap(SELL))
        assert world.system.parents.history() == []
