"""Resting at the touch and crossing when it must be: the styles of the schedules, and adaptive."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Cancel, Done, ParentStatus, Place, Progress, Step, Wait
from app.services.trading.execution_strategies import AdaptiveExecution, TWAPExecution
from tests.unit.execution.world import SECOND, START, Profile, World

D = Decimal
Seen = tuple[float, Decimal, OrderType, Decimal | None, str]
POST, IOC = OrderType.POST_ONLY, OrderType.IOC


def placed(world: World) -> list[Seen]:
    return [((at - START) / SECOND, p.size, p.order_type, p.price, p.reason) for at, p in world.places]


def twap(**config: object) -> TWAPExecution:
    return TWAPExecution(None, {"duration": 40, "num_slices": 2, "style": "passive_then_cross", **config})


def adaptive(**config: object) -> AdaptiveExecution:
    return AdaptiveExecution(None, {"duration": 40, "num_slices": 4, **config})


# --- passive, then cross ---


def test_a_slice_rests_at_the_touch_and_crosses_for_its_rest_in_its_own_time() -> None:
    world = World(twap(), D("0.2"))
    world.at(5, lambda: world.fill("c1", D("0.04")))
    outcome = world.run()
    assert placed(world) == [
        (0, D("0.1"), POST, D("50000"), "slice 1/2, at the touch"),
        (16, D("0.06"), IOC, D("50500.1"), "slice 1/2: its rest"),
        (20, D("0.1"), POST, D("50000"), "slice 2/2, at the touch"),
        (36, D("0.1"), IOC, D("50500.1"), "slice 2/2: its rest"),
    ]
    assert outcome.done == Done(ParentStatus.COMPLETED, "all filled")


def test_nothing_crosses_before_the_resting_order_is_over_and_its_late_fill_counts() -> None:
    world = World(twap(), D("0.2"), profile=Profile(latency_max=2), seed=3)
    world.at(16, lambda: world.fill("c1", D("0.03")))
    outcome = world.run()
    crossing = [(at, place) for at, place in world.places if place.order_type is IOC]
    cancel = next(at for at, step in outcome.steps if isinstance(step, Cancel))
    assert cancel == START + 16 * SECOND
    assert crossing[0][0] > cancel
    assert crossing[0][1].size == D("0.07")
    assert outcome.done.status is ParentStatus.COMPLETED


def test_a_passive_slice_never_crosses_and_moves_its_rest_on() -> None:
    world = World(twap(style="passive", completion="cancel_residual"), D("0.2"))
    world.at(5, lambda: world.fill("c1", D("0.04")))
    outcome = world.run()
    assert placed(world) == [
        (0, D("0.1"), POST, D("50000"), "slice 1/2, at the touch"),
        (20, D("0.16"), POST, D("50000"), "slice 2/2, catch-up, at the touch"),
    ]
    assert outcome.done == Done(ParentStatus.PARTIAL_EXPIRED, "0.16 left at the end of the schedule")


def test_it_follows_the_touch_when_that_is_far_enough_and_it_has_rested() -> None:
    """Two ticks are not three; what moved away at once is followed after five seconds, not before."""
    world = World(twap(reprice_ticks=3, min_rest=5), D("0.2"), OrderSide.SELL)
    world.at(1, lambda: world.set_book("50000", "50000.3"))
    world.at(2, lambda: world.set_book("49999", "49999.1"))
    world.at(12, lambda: world.set_book("49999", "49999.3"))
    world.run()
    assert placed(world)[:3] == [
        (0, D("0.1"), POST, D("50000.1"), "slice 1/2, at the touch"),
        (5, D("0.1"), POST, D("49999.1"), "slice 1/2, at the touch"),
        (16, D("0.1"), IOC, D("49499.1"), "slice 1/2: its rest"),
    ]


def test_beyond_the_cap_it_rests_at_the_cap_and_crosses_nothing() -> None:
    world = World(twap(), D("0.2"), limit_price=D("49990"))
    outcome = world.run()
    assert {(place.order_type, place.price) for _, place in world.places} == {(POST, D("49990"))}
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED


def test_what_the_book_overtakes_steps_back_and_then_crosses() -> None:
    """Each post-only order finds the ask at its own price: a tick back each time, after three it crosses."""
    world = World(twap(), D("0.1"))

    def overtake(world: World, progress: Progress, step: Step) -> None:
        if isinstance(step, Place) and step.price is not None and step.order_type is POST:
            world.bid, world.ask = step.price - D("0.1"), step.price
        elif not progress.open_children:
            world.bid, world.ask = D("50000"), D("50000.1")

    world.each_step = overtake
    outcome = world.run()
    assert [(order_type, price) for _, _, order_type, price, _ in placed(world)][:4] == [
        (POST, D("50000")),
        (POST, D("49999.9")),
        (POST, D("49999.8")),
        (IOC, D("50500.1")),
    ]
    assert world.places[3][0] < START + 16 * SECOND
    assert outcome.done.status is ParentStatus.COMPLETED


def test_it_is_taken_back_when_the_market_is_out_of_sight() -> None:
    world = World(twap(duration=400), D("0.2"))
    world.at(5, lambda: setattr(world, "dark_until", START + 50 * SECOND))
    outcome = world.run()
    first = next(at for at, step in outcome.steps if isinstance(step, Cancel))
    assert (first - START) / SECOND == pytest.approx(14.5)
    assert placed(world)[1][:3] == (50, D("0.1"), POST)


def test_it_keeps_to_its_part_of_the_market_when_it_crosses_too() -> None:
    world = World(twap(max_participation="0.1"), D("10"), profile=Profile(others=1.0), seed=5)
    outcome = world.run()
    assert 0 < outcome.filled <= world.others / 9


# --- adaptive ---


def test_adaptive_rests_and_takes_what_is_a_slice_late() -> None:
    world = World(adaptive(), D("0.4"))
    world.at(5, lambda: world.fill("c1", D("0.04")))
    outcome = world.run()
    assert placed(world) == [
        (0, D("0.1"), POST, D("50000"), "slice 1/4, at the touch"),
        (10, D("0.06"), IOC, D("50500.1"), "slice 2/4: it is late"),
        (10, D("0.1"), POST, D("50000"), "slice 2/4, at the touch"),
        (20, D("0.1"), IOC, D("50500.1"), "slice 3/4: it is late"),
        (20, D("0.1"), POST, D("50000"), "slice 3/4, at the touch"),
        (30, D("0.1"), IOC, D("50500.1"), "slice 4/4: it is late"),
        (30, D("0.1"), POST, D("50000"), "slice 4/4, at the touch"),
        (40, D("0.1"), IOC, D("50500.1"), "final sweep"),
    ]
    assert outcome.done == Done(ParentStatus.COMPLETED, "all filled")


@pytest.mark.parametrize(("side", "bid_size", "ask_size"), [(OrderSide.BUY, 9, 1), (OrderSide.SELL, 1, 9)])
def test_adaptive_crosses_when_the_book_leans_away(side: OrderSide, bid_size: int, ask_size: int) -> None:
    """Only after it has rested a while, and for no more than the other side shows."""
    strategy = adaptive(min_rest=3)
    world = World(strategy, D("8"), side)
    rested = strategy.next_step(world.progress(), world.market(), START)
    assert isinstance(rested, Place)
    world._act(rested)
    world._wait(Wait(START + SECOND // 10, ""))
    for seconds, expected in ((1, "where it belongs"), (3, "the book leans away")):
        world.now = START + seconds * SECOND
        world.book_ns = world.now
        market = world.market()
        assert market.book is not None
        leaning = replace(market, book=replace(market.book, bid_size=D(bid_size), ask_size=D(ask_size)))
        step = strategy.next_step(world.progress(), leaning, world.now)
        assert expected in step.reason


def test_adaptive_does_not_see_its_own_order_as_the_books_weight() -> None:
    """All but a little of the bid is its own: without it the book is even."""
    strategy = adaptive(min_rest="0.25")
    world = World(strategy, D("40"))
    first = strategy.next_step(world.progress(), world.market(), START)
    assert isinstance(first, Place)
    world._act(first)
    world._wait(Wait(START + SECOND // 10, ""))
    world.now += SECOND
    world.book_ns = world.now
    market = world.market()
    assert market.book is not None
    for bid, expected in ((D("10.5"), "where it belongs"), (D("16"), "the book leans away")):
        seen = replace(market, book=replace(market.book, bid_size=bid, ask_size=D("0.5")))
        assert expected in strategy.next_step(world.progress(), seen, world.now).reason


def test_adaptive_takes_its_would_price_ahead_of_its_schedule() -> None:
    world = World(adaptive(would_price=49000), D("0.4"))
    world.at(5, lambda: world.set_book("48999", "49000"))
    outcome = world.run()
    assert world.venue["c1"].filled == D("0.1"), "what rested was met as well"
    assert placed(world)[1] == (5, D("0.3"), IOC, D("49000"), "at 49000 or better it would be done")
    assert outcome.done == Done(ParentStatus.COMPLETED, "all filled")
