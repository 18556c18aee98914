"""INVARIANTS S16 on the whole system: a partial fill and an amend that the exchange stamps alike, or backwards."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from app.domain.orders import AmendOutcome, OrderReport, OrderSide, OrderStatus, Source, VenueState
from app.journal.audit import audit
from app.services.trading import OrderResponse
from tests.support.trading_world import BTC, TradingWorld, VirtualTimePolicy, limit, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
ROOM = {"max_order_value": 1_000_000}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def told(order: OrderResponse, filled: str, size: str, price: str, at_ns: int, amended: str = "") -> OrderReport:
    return OrderReport(
        BTC,
        Source.STREAM,
        order.client_order_id,
        order.exchange_order_id or "",
        VenueState.PARTIALLY_FILLED,
        D(filled),
        D(size),
        D(price),
        venue_time_ns=at_ns,
        amend_request_id=amended,
        amend_outcome=AmendOutcome.DONE if amended else None,
        side=OrderSide.SELL,
    )


@pytest.mark.parametrize("step_ms", [0, -1, -4_000])
@pytest.mark.parametrize("arrival", list(permutations(range(3))))
async def test_the_books_show_the_amended_terms_whatever_comes_first(
    tmp_path: Path, arrival: tuple[int, ...], step_ms: int
) -> None:
    async with trading_world(tmp_path, balances={"USDT": D(100_000), "BTC": D(5)}, risk=ROOM) as world:
        world.quote("63999.9", "64000.1")
        order = await world.executor.place_order(limit("64136.2", "2.6", OrderSide.SELL))
        assert order.status is OrderStatus.LIVE, order.error_message
        world.exchange.drop_pushes = 10_000
        await world.executor.modify_order(order.order_id, new_size=D("2.2"), new_price=D("64020.8"))
        (asked,) = world.system.ledger.orders[order.order_id].amendments
        at_ns = world.clock.now_ns()
        later_ns = at_ns + step_ms * 1_000_000
        history = [
            told(order, "1", "2.6", "64136.2", at_ns),
            told(order, "1", "2.2", "64020.8", later_ns, asked.request_id),
            told(order, "1.5", "2.2", "64020.8", later_ns),
        ]
        for number in (*arrival, *arrival):
            world.system.listener.on_order(history[number])
        await world.system.ledger.writer.drain()
        shown = world.orders.get_order(order.order_id)
        assert (shown.size, shown.price) == (D("2.2"), D("64020.8"))
        assert_replays(world)


def assert_replays(world: TradingWorld) -> None:
    """The journal folds to the same terms, byte for byte."""
    report = audit(world.system.database, world.system.ledger.account, world.system.ledger.instruments)
    assert [finding for finding in report.findings if "order" in finding.subject] == []
