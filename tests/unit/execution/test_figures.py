"""How a parent stands: known answers for schedule, slippage, maker share, participation and expected end."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.clock import utc
from app.domain.arrivals import Arrival
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import Fill, Liquidity, OrderSide
from app.domain.parents import ParentOrder
from app.domain.tca.worth import average_price
from app.services.trading.execution_strategies import MarketExecution, POVExecution, TWAPExecution
from app.services.trading.parents.figures import figures, slippage_bps
from tests.unit.execution.world import BTC, SECOND, START, Profile, World

D = Decimal
INVERSE = Instrument(
    "BTC-USD-SWAP", InstrumentKind.SWAP, "BTC", "USD", "BTC", D("0.1"), D(1), D(1), contract_value=D(100), inverse=True
)


def fill(price: str, size: str) -> Fill:
    return Fill("BTC-USDT", "t", "v", OrderSide.BUY, D(price), D(size), START)


def arrived(parent: ParentOrder, bid: str = "49999.9", ask: str = "50000.1") -> ParentOrder:
    return replace(parent, arrival=Arrival(D(bid), D(1), D(ask), D(1), START, START))


def test_the_average_is_by_size_and_of_inverse_contracts_by_worth() -> None:
    fills = [fill("50000", "1"), fill("25000", "1")]
    assert average_price(BTC, fills) == D("37500")
    # One hundred dollars at 50,000 and at 25,000 are 0.002 and 0.004 BTC: 200 for 0.006.
    assert round(average_price(INVERSE, fills) or 0, 4) == D("33333.3333")
    assert average_price(BTC, []) is None


@pytest.mark.parametrize(("side", "bps"), [(OrderSide.BUY, "2"), (OrderSide.SELL, "-2")])
def test_slippage_is_positive_when_it_is_worse(side: OrderSide, bps: str) -> None:
    world = World(MarketExecution(None), D(1), side)
    assert slippage_bps(world.parent, D(50_000), D(50_010)) == D(bps)
    assert slippage_bps(world.parent, None, D(50_010)) is None
    assert slippage_bps(world.parent, D(50_000), None) is None


def test_a_schedule_in_time_behind_and_ahead() -> None:
    """Ten slices of 0.1 in 100 s. Nothing filled at 35 s: four are due, the first 35 s ago. All of it: six to go."""
    strategy = TWAPExecution(None, {"duration": 100, "num_slices": 10})
    world = World(strategy, D(1))
    behind = figures(world.parent, world.progress(), strategy, world.market(), START + 35 * SECOND)
    assert (behind.scheduled_size, behind.ahead_size, behind.ahead_seconds) == (D("0.4"), D("-0.4"), D(-35))
    assert behind.expected_end == utc(START + 100 * SECOND)
    told = {look.at: look.size for look in behind.schedule}
    assert [told[utc(START + seconds * SECOND)] for seconds in (0, 35, 95, 100)] == [D("0.1"), D("0.4"), D(1), D(1)]
    world.run()
    ahead = figures(world.parent, world.progress(), strategy, world.market(), START + 35 * SECOND)
    assert (ahead.scheduled_size, ahead.ahead_size, ahead.ahead_seconds) == (D("0.4"), D("0.6"), D(60))
    on_time = figures(world.parent, world.progress(), strategy, world.market(), START + 99 * SECOND)
    assert (on_time.ahead_size, on_time.ahead_seconds) == (0, 0)


def test_what_a_parent_cost_against_its_arrival() -> None:
    world = World(MarketExecution(None), D(1))
    world.parent = arrived(world.parent)
    world.run()
    found = figures(world.parent, world.progress(), world.strategy, world.market(), world.now)
    assert (found.arrival_price, found.average_price) == (D(50_000), D("50000.1"))
    assert found.slippage_bps == D("0.02")
    assert (found.maker_share, found.fees) == (0, {})
    assert [(child.reason, child.filled_size) for child in found.children] == [("market, attempt 1", D(1))]
    assert (found.scheduled_size, found.ahead_size, found.ahead_seconds, found.schedule) == (None, None, None, ())
    assert found.participation == 1  # the tape has its own print alone


def test_a_parent_without_an_arrival_says_so() -> None:
    world = World(MarketExecution(None), D(1))
    found = figures(world.parent, world.progress(), world.strategy, None, world.now)
    assert (found.arrival_price, found.average_price, found.slippage_bps, found.maker_share) == (None,) * 4


def test_pov_expects_its_end_by_what_the_others_trade() -> None:
    """Others trade one a second: with a fifth of the whole, a quarter of theirs, 25 more take 100 seconds."""
    strategy = POVExecution(None, {"participation": "0.2", "window": 60})
    world = World(strategy, D(25), profile=Profile())
    for second in range(30):
        world.now = START + second * SECOND
        world.print_trade(D(1), D(50_000))
    world.now = START + 30 * SECOND
    found = figures(world.parent, world.progress(), strategy, world.market(), world.now)
    assert found.expected_end == utc(world.now) + timedelta(seconds=100)
    assert found.participation == 0


def test_maker_share_and_fees_are_of_the_fills() -> None:
    world = World(MarketExecution(None), D(1))
    world.run()
    row = world.rows["c1"]
    ((key, one),) = row.order.fills.items()
    paid = replace(one, liquidity=Liquidity.MAKER, fee=D("-0.5"), fee_currency="USDT")
    row.order = replace(row.order, fills={key: paid})
    found = figures(world.parent, world.progress(), world.strategy, world.market(), world.now)
    assert (found.maker_share, found.fees) == (1, {"USDT": D("-0.5")})
