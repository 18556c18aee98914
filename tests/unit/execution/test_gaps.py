"""One that nobody looked after: since when it is looked after again, and what it does beyond its end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.child_views import ChildView
from app.domain.orders import OrderStatus, OrderType
from app.domain.parents import Cancel, Done, ParentStatus, Place, Progress, Wait
from app.services.trading.execution_strategies import LimitExecution
from app.services.trading.parents.children import expires
from app.services.trading.parents.records import Record
from tests.unit.execution.world import BTC, SECOND, START, World

D = Decimal
HOUR = 3_600 * SECOND


def child(number: int, order_type: OrderType, status: OrderStatus, cancel_ns: int | None = None) -> ChildView:
    return ChildView(
        step=number,
        order_id=f"c{number}",
        order_type=order_type,
        status=status,
        settled=False,
        size=D("0.05"),
        filled=D(0),
        max_possible=D("0.05"),
        price=D("49990"),
        placed_ns=START,
        cancels=0 if cancel_ns is None else 1,
        cancel_ns=cancel_ns,
    )


def progress(status: ParentStatus, *children: ChildView) -> Progress:
    """Of a limit order that ended 5 s after START; somebody looks again after an hour."""
    world = World(LimitExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49990"))
    world.set_status(status)
    return Progress(world.parent, BTC, children, driven_ns=START + HOUR)


@pytest.mark.parametrize("status", [ParentStatus.RUNNING, ParentStatus.PAUSED, ParentStatus.CANCELING])
def test_beyond_its_end_what_rests_is_taken_back_first_and_waited_for_30_seconds(status: ParentStatus) -> None:
    strategy, back = LimitExecution(None, {"timeout": 5}), START + HOUR
    unanswered = child(2, OrderType.IOC, OrderStatus.UNKNOWN)
    step = strategy.next_step(progress(status, child(1, OrderType.LIMIT, OrderStatus.LIVE), unanswered), None, back)
    assert isinstance(step, Cancel)
    assert step.order_id == "c1"
    asked = progress(status, child(1, OrderType.LIMIT, OrderStatus.LIVE, cancel_ns=back), unanswered)
    step = strategy.next_step(asked, None, back)
    assert isinstance(step, Wait)
    assert step.until_ns == back + 5 * SECOND, "a cancel that came to nothing is asked for again"
    only = progress(status, unanswered)
    step = strategy.next_step(only, None, back + 1)
    assert isinstance(step, Wait)
    assert step.until_ns == back + 30 * SECOND
    said = "needs operator: 1 children undecided (c2), 0.1 not known filled"
    assert strategy.next_step(only, None, back + 30 * SECOND) == Done(ParentStatus.FAILED, said)


@pytest.mark.parametrize(
    ("status", "done"),
    [
        (ParentStatus.RUNNING, Done(ParentStatus.PARTIAL_EXPIRED, "0.1 left at the end")),
        (ParentStatus.PAUSED, Done(ParentStatus.PARTIAL_EXPIRED, "paused over its end")),
        (ParentStatus.CANCELING, Done(ParentStatus.CANCELED, "canceled")),
    ],
)
def test_beyond_its_end_with_nothing_open_it_is_over_at_once(status: ParentStatus, done: Done) -> None:
    assert LimitExecution(None, {"timeout": 5}).next_step(progress(status), None, START + HOUR) == done


def test_a_start_a_sleep_and_a_clock_that_is_set_back_begin_the_looking_anew() -> None:
    world = World(LimitExecution(None, {"timeout": 5}), D("0.1"))
    record = Record(world.parent, world.strategy)
    driven: list[int] = []
    for seconds in (0, 60, 149, 240, 239, 300):
        record.looked(START + seconds * SECOND)
        driven.append((record.progress(BTC).driven_ns - START) // SECOND)
    assert driven == [0, 0, 0, 240, 239, 239]


def test_giving_up_is_a_matter_of_time_as_expiring_is() -> None:
    world = World(LimitExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49990"))
    record = Record(world.parent, world.strategy, children=world.rows)
    failed = Done(ParentStatus.FAILED, "of its request")
    assert not expires(failed, record)
    step = world.strategy.next_step(world.progress(), world.market(), START)
    assert isinstance(step, Place)
    world._place(step)
    assert expires(failed, record), "a clock that is wrong must not end it"
