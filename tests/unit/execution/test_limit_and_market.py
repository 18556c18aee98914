"""What a limit order may be told about where and how it rests, and a market order about how deep and dear it may be."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Done, ParentStatus, Place
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies import LimitExecution, MarketExecution
from tests.unit.execution.world import BTC, SECOND, START, World

D = Decimal
LIMIT, POST, IOC = OrderType.LIMIT, OrderType.POST_ONLY, OrderType.IOC


def placed(world: World) -> list[tuple[float, Decimal, OrderType, Decimal | None]]:
    return [((at - START) / SECOND, p.size, p.order_type, p.price) for at, p in world.places]


# --- limit ---


@pytest.mark.parametrize(
    ("side", "offset", "price"),
    [
        (OrderSide.BUY, "0.001", "49950"),
        (OrderSide.SELL, "0.001", "50050.2"),
        (OrderSide.BUY, "0", "50000"),
        (OrderSide.BUY, "-0.001", "50050"),
    ],
)
def test_a_limit_may_be_so_far_from_its_own_touch(side: OrderSide, offset: str, price: str) -> None:
    world = World(LimitExecution(None, {"peg_offset_pct": offset}), D("0.1"), side)
    step = world.strategy.next_step(world.progress(), world.market(), START)
    assert isinstance(step, Place)
    assert (step.order_type, step.price) == (LIMIT, D(price))


def test_two_ways_of_saying_its_price_are_refused() -> None:
    (refusal,) = LimitExecution(None, {"peg_offset_pct": "0.001"}).refusals(D("0.1"), D("50000"), BTC)
    assert (refusal.field, refusal.rule) == ("peg_offset_pct", "goes not with a price: give one of them")


@pytest.mark.parametrize(("price", "rests_at"), [("49990", "49990"), ("50020", "50000")])
def test_post_only_rests_at_its_price_or_where_it_would_cross_at_the_touch(price: str, rests_at: str) -> None:
    world = World(LimitExecution(None, {"post_only": True, "timeout": 5}), D("0.1"), limit_price=D(price))
    world.run()
    assert placed(world)[0] == (0, D("0.1"), POST, D(rests_at))


def test_a_limit_follows_the_touch_in_its_last_time_and_then_crosses() -> None:
    strategy = LimitExecution(None, {"timeout": 30, "chase_time": 20})
    world = World(strategy, D("0.1"), limit_price=D("49990"))
    world.at(15, lambda: world.set_book("50010", "50010.1"))
    world.at(20, lambda: world.fill("c3", D("0.04")))
    outcome = world.run()
    assert placed(world) == [
        (0, D("0.1"), LIMIT, D("49990")),
        (10, D("0.1"), POST, D("50000")),
        (15, D("0.1"), POST, D("50010")),
        (30, D("0.06"), IOC, D("50510.2")),
    ]
    assert outcome.done.status is ParentStatus.COMPLETED


def test_a_limit_that_is_not_to_cross_follows_no_farther_than_its_price_and_its_distance() -> None:
    config = {"timeout": 30, "chase_time": 20, "fallback_to_market": False, "max_chase_pct": "0.0001"}
    capped = World(LimitExecution(None, config), D("0.1"), limit_price=D("49990"))
    assert capped.run().done.status is ParentStatus.PARTIAL_EXPIRED
    assert {price for *_, price in placed(capped)} == {D("49990")}
    free = World(LimitExecution(None, config), D("0.1"))
    free.at(12, lambda: free.set_book("50100", "50100.1"))
    free.run()
    assert placed(free)[-1] == (12, D("0.1"), POST, D("50005"))


def test_a_chase_that_is_all_of_its_time_is_refused() -> None:
    with pytest.raises(InvalidValue, match="below the timeout 60") as caught:
        LimitExecution(None, {"chase_time": 60})
    assert caught.value.refusal.field == "chase_time"


# --- market ---


def steep(world: World) -> tuple[tuple[Decimal, Decimal], ...]:
    """A tenth at each dollar."""
    return tuple((world.ask + k, D("0.1")) for k in range(10))


@pytest.mark.parametrize(
    ("levels", "limit", "price"), [(3, None, "50002.1"), (3, "50001", "50001"), (50, None, "50500.1")]
)
def test_a_market_order_goes_no_deeper_than_its_levels(levels: int, limit: str | None, price: str) -> None:
    strategy = MarketExecution(None, {"max_levels": levels})
    world = World(strategy, D("1"), limit_price=None if limit is None else D(limit))
    step = strategy.next_step(world.progress(), replace(world.market(), asks=steep(world)), START)
    assert isinstance(step, Place)
    assert (step.size, step.price) == (D("1"), D(price))


def test_a_market_order_that_would_be_too_dear_sends_nothing() -> None:
    """Half a coin from a tenth a dollar costs two dollars a coin and half the spread: 0.000041 of the mid."""
    dear = MarketExecution(None, {"max_cost_pct": "0.00004"})
    world = World(dear, D("0.5"))
    market = replace(world.market(), asks=steep(world))
    (refusal,) = dear.market_refusals(world.progress(), market)
    assert (refusal.field, refusal.value) == ("max_cost_pct", "0.00004")
    assert refusal.rule == "is below the cost by the book now, 0.000041 of the mid 50000.05"
    assert dear.next_step(world.progress(), market, START) == Done(ParentStatus.FAILED, f"nothing was sent: {refusal}")
    fair = MarketExecution(None, {"max_cost_pct": "0.000042"})
    assert isinstance(fair.next_step(world.progress(), market, START), Place)


def test_a_market_order_that_the_visible_book_cannot_fill_has_no_known_cost() -> None:
    strategy = MarketExecution(None, {"max_cost_pct": "0.5"})
    world = World(strategy, D("10"))
    (refusal,) = strategy.market_refusals(world.progress(), world.market())
    assert refusal.rule == "cannot be told: the visible book holds only 5 of 10"


def test_what_the_exchange_takes_at_once_leaves_no_rest_that_it_takes_never() -> None:
    """Of 0.011 a first child of 0.0105, the most at once, would leave 0.0005, of which no order can be made."""
    instrument = replace(BTC, max_limit_size=D("0.0105"))
    world = World(MarketExecution(None, {"timeout": 20}), D("0.011"), instrument=instrument)
    assert world.run().done.status is ParentStatus.COMPLETED
    assert [place.size for _, place in world.places] == [D("0.01"), D("0.001")]
