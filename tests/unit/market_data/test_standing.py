"""For how long a price has been there: by a plain walk over all that was, and of what is kept."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SimulatedClock, VirtualTimeLoop
from app.domain.market import BookAction, BookUpdate
from app.domain.orders import OrderSide
from app.market_data.feeds import MarketData
from app.market_data.standing import Standing, stood_ns

D = Decimal
prices = st.one_of(st.none(), st.integers(1, 9).map(D))


@given(st.lists(st.tuples(st.integers(1, 5), prices), min_size=1, max_size=60), st.sampled_from([1, -1]))
def test_it_is_as_a_walk_over_all_that_was(told: list[tuple[int, Decimal | None]], sign: int) -> None:
    standing, now, history = Standing(sign), 0, []
    for after, best in told:
        now += after
        standing.note(best, now)
        history.append((now, best))
    now += 1
    best = history[-1][1]
    if best is None:
        return
    since = now
    for at, before in reversed(history):
        if before is None or sign * (before - best) > 0:
            break
        since = at
    assert stood_ns(standing.seen, best, sign, now) == now - since


def test_a_clock_that_was_set_back_begins_anew() -> None:
    standing = Standing(1)
    standing.note(D(2), 100)
    standing.note(D(1), 200)
    standing.note(D(1), 50)
    assert stood_ns(standing.seen, D(1), 1, 60) == 10


@pytest.mark.parametrize(("side", "price"), [(OrderSide.BUY, D(101)), (OrderSide.SELL, D(99))])
def test_the_feed_tells_it_and_a_lost_book_breaks_it(side: OrderSide, price: Decimal) -> None:
    async def scenario() -> None:
        clock = SimulatedClock(seed=1)
        market = MarketData(clock)

        def told(action: BookAction, sequence: int) -> int:
            bids, asks = ((D(99), D(1)),), ((D(101), D(1)),)
            if action is BookAction.INVALID:
                bids, asks = (), ()
            market.on_book(BookUpdate("X", action, bids, asks, sequence=sequence, venue_time_ns=clock.now_ns()))
            return market.view("X", clock.now_ns()).stood_ns(side, price)

        assert told(BookAction.SNAPSHOT, 1) == 0
        await clock.sleep(5)
        assert told(BookAction.SNAPSHOT, 2) == 5_000_000_000
        told(BookAction.INVALID, 3)
        await clock.sleep(1)
        assert told(BookAction.SNAPSHOT, 4) == 0

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())
