"""A parent of every execution strategy on the simulated exchange, whose cost is explained to the last basis point.

Over the OKX adapter, in virtual time, on a market that moves; decided at a price of its own.
"""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from pathlib import Path

import pytest

from app.api.encoding import json_ready
from app.api.pages.costs import order_page
from app.domain.money import ZERO
from app.domain.orders import OrderSide, OrderType
from app.domain.tca.slippage import BPS
from app.journal.audit import audit
from app.services.trading import OrderParams
from app.services.trading.execution_strategies import STRATEGIES, waits_for_price
from app.services.trading.execution_strategies.terms import ParentTerms
from app.services.trading.reports.cost_views import ExecutionCost, PriceAt
from app.services.trading.reports.costs import execution_cost
from app.simulator import Config
from tests.integration.test_tca import drawings
from tests.simulation.sample_parents import PRICED, Around, sample
from tests.support.okx_system import BTC, OkxSystem
from tests.support.simulated_okx import MAIN
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


async def test_every_strategy_is_explained_to_the_last_basis_point(tmp_path: Path) -> None:
    world = OkxSystem(tmp_path, Config(accounts=(MAIN,), flow_rate=2.0))
    system = await world.start(risk={"max_open_orders": 200})
    try:
        await system.follow(BTC)
        await asyncio.sleep(40)
        book = system.market.book(BTC)
        assert book is not None
        assert book.mid is not None
        tick = system.ledger.instruments[BTC].tick
        around = Around(random.Random(5), round(book.mid / tick) * tick, tick, OrderSide.SELL)
        decided = around.last * D("1.0001")
        started: dict[str, str] = {}
        for name in STRATEGIES:
            price = around.last - 20 * tick if name in PRICED else None
            kind = OrderType.MARKET if price is None else OrderType.LIMIT
            params = OrderParams(
                instrument_id=BTC, side=around.side, order_type=kind, size=D("0.02"), price=price, strategy_id=name
            )
            terms = ParentTerms(decision_price=decided)
            begun = await system.parents.start(name, sample(name, around), params, terms=terms)
            started[name] = begun.parent_id
        await asyncio.sleep(240)
        for parent in system.parents.history(open_only=True):
            await system.parents.cancel(parent.parent_id)
        await asyncio.sleep(320)
        found = {name: _cost(world, parent_id) for name, parent_id in started.items()}
        assert [name for name, each in found.items() if each.filled_size] != []
        for name, cost in found.items():
            _explained(name, cost, decided)
        filled = {name for name, each in found.items() if each.filled_size == each.size}
        assert {"market", "twap", "vwap", "implementation_shortfall", "adaptive", "iceberg", "take_profit"} <= filled
        assert audit(system.database, "main", system.ledger.instruments).clean
    finally:
        await world.system.stop()


def _cost(world: OkxSystem, parent_id: str) -> ExecutionCost:
    ledger = world.system.ledger
    return execution_cost(world.system.database, ledger.account, parent_id, ledger.instruments.get)


def _explained(name: str, cost: ExecutionCost, decided: Decimal) -> None:
    """The parts sum to what the paper portfolio made more, which is reckoned here from the fills alone."""
    assert cost.over, name
    if waits_for_price(name) and not cost.fills:
        assert cost.arrival == PriceAt(None, None, "it has not fired"), name
        assert cost.shortfall is None, name
        return
    assert cost.shortfall is not None, name
    money, bps, sign = cost.shortfall.money, cost.shortfall.bps, cost.side.sign
    assert cost.end.price is not None, (name, cost.missing)
    assert cost.decision.price == decided, name
    done = sum((fill.size for fill in cost.fills), ZERO)
    spent = sum((fill.size * fill.price for fill in cost.fills), ZERO)
    fees = sum((fill.fee or ZERO for fill in cost.fills), ZERO)
    paper = sign * cost.size * (cost.end.price - decided)
    real = sign * (done * cost.end.price - spent) - fees
    assert money.total == paper - real, name
    assert money.delay is not None, name
    assert money.opportunity is not None, name
    assert money.total == money.delay + money.spread + money.execution + money.opportunity + money.fees, name
    assert bps.delay is not None, name
    assert bps.opportunity is not None, name
    assert bps.total == bps.delay + bps.spread + bps.execution + bps.opportunity + bps.fees, name
    assert bps.total is not None, name
    assert money.total is not None, name
    assert abs(bps.total - money.total / (cost.size * decided) * BPS) <= D("5e-8"), name
    assert cost.shortfall.spread_known == done, (name, cost.missing)
    assert [mark.why for fill in cost.fills for mark in fill.marks if mark.mid is None] == [], name
    assert drawings(order_page(json_ready(cost))), name
