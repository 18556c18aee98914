"""Parents of opposite sides whose orders would trade with each other, over the simulated exchange."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.child_views import MET_OWN
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parents import ParentStatus
from app.journal.audit import audit
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.steps import FAILURES_MAX
from app.services.trading.schemas import OrderParams
from tests.support.okx_system import BTC, OkxSystem
from tests.support.trading_world import VirtualTimePolicy

D = Decimal
SIZE = D("0.1")
SLICES = 12
pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


@pytest.mark.parametrize("mode", ["cancel_maker", "cancel_taker", "cancel_both"])
async def test_parents_of_opposite_sides_never_trade_with_each_other_and_both_go_on(tmp_path: Path, mode: str) -> None:
    """A bid inside the spread, and a TWAP that sells into it: more often than cancels by others lay a parent aside."""
    world = OkxSystem(tmp_path)
    await world.start(stp_mode=mode)
    try:
        await world.system.follow(BTC)
        await asyncio.sleep(1)
        book = world.system.market.book(BTC)
        assert book is not None
        assert book.ask is not None
        inside = book.ask - D("0.1")
        executor = world.system.executor
        rests = await STRATEGIES["limit"](executor, {"timeout": 3600}).start(order(OrderSide.BUY, inside))
        await asyncio.sleep(1)
        crosses = await STRATEGIES["twap"](executor, {"duration": 200, "num_slices": SLICES}).start(
            order(OrderSide.SELL)
        )
        await asyncio.sleep(240)
        buyer, seller = rests.figures, crosses.figures
        assert (rests.state.status, rests.state.filled_size) == (ParentStatus.RUNNING, 0), "it goes on, and bought none"
        met = [child for figures in (buyer, seller) for child in figures.children if child.ended]
        assert {(child.status, child.ended) for child in met} == {(OrderStatus.CANCELED, MET_OWN)}
        assert len(met) > FAILURES_MAX
        assert world.system.orders.get_order(met[0].order_id).error_message == MET_OWN
        if mode == "cancel_maker":
            assert (crosses.state.status, crosses.state.filled_size) == (ParentStatus.COMPLETED, SIZE)
            assert all(child in buyer.children for child in met)
        if mode == "cancel_taker":
            assert (crosses.state.status, crosses.state.filled_size) == (ParentStatus.PARTIAL_EXPIRED, 0)
            assert (len(buyer.children), MET_OWN in crosses.state.reason) == (1, True)
        await rests.cancel("done")
        await asyncio.sleep(60)
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()
    finally:
        await world.system.stop()


def order(side: OrderSide, price: Decimal | None = None) -> OrderParams:
    kind = OrderType.MARKET if price is None else OrderType.LIMIT
    return OrderParams(instrument_id=BTC, side=side, order_type=kind, size=SIZE, price=price)
