"""FAULTS C8, C10: every callback hears its order's states in their order, and no callback delays another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.orders import OrderStatus
from app.services.trading import OrderResponse
from app.services.trading.callbacks import QUEUE_MAX, Callbacks
from app.services.trading.tasks import TaskGroup
from tests.support.trading_world import TradingWorld, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

Heard = list[tuple[str, float]]


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path) as world:
        yield world


def now() -> float:
    return asyncio.get_running_loop().time()


async def changes(world: TradingWorld, order: OrderResponse, count: int) -> None:
    """The order's price changes so many times, then it is cancelled."""
    for number in range(count):
        await world.executor.modify_order(order.order_id, new_price=order.price - 1 - number)  # type: ignore[operator]
    await world.executor.cancel_order(order.order_id)


async def test_a_slow_callback_hears_live_before_canceled_and_delays_nobody(world: TradingWorld) -> None:
    order = await world.rest()
    slow: Heard = []
    quick: Heard = []

    async def first_call_takes_long(state: OrderResponse) -> None:
        if not slow:
            slow.append(("begins", now()))
            await asyncio.sleep(3)
        slow.append((state.status.value, now()))

    world.tracker.start_tracking(order.order_id, first_call_takes_long)
    world.tracker.start_tracking(order.order_id, lambda state: quick.append((state.status.value, now())))
    began = now()
    await changes(world, order, 1)
    await asyncio.sleep(1)
    assert quick[-1][0] == OrderStatus.CANCELED.value
    assert quick[-1][1] - began < 1
    await asyncio.sleep(10)
    statuses = [status for status, _ in slow[1:]]
    assert statuses == [status for status, _ in quick], "the same states in the same order"
    assert "live" not in statuses[statuses.index("canceled") :]


async def test_a_callback_that_hangs_for_ever_loses_one_state_and_delays_nobody(world: TradingWorld) -> None:
    order = await world.rest()
    hung: list[str] = []
    quick: list[str] = []

    async def hangs_first(state: OrderResponse) -> None:
        hung.append(state.status.value)
        if len(hung) == 1:
            await asyncio.get_running_loop().create_future()

    world.tracker.start_tracking(order.order_id, hangs_first)
    world.tracker.start_tracking(order.order_id, lambda state: quick.append(state.status.value))
    await changes(world, order, 1)
    await asyncio.sleep(1)
    assert (len(hung), quick[-1]) == (1, "canceled")
    await asyncio.sleep(30)
    assert hung == quick
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "order callback"], "no task is left behind"


async def test_of_more_states_than_can_wait_the_last_ones_are_heard(world: TradingWorld) -> None:
    order = await world.rest()
    prices: list[object] = []
    quick: list[object] = []

    async def first_call_takes_long(state: OrderResponse) -> None:
        prices.append((state.status.value, state.price))
        if len(prices) == 1:
            await asyncio.sleep(4.9)

    world.tracker.start_tracking(order.order_id, first_call_takes_long)
    world.tracker.start_tracking(order.order_id, lambda state: quick.append((state.status.value, state.price)))
    began = now()
    await changes(world, order, QUEUE_MAX)
    assert now() - began < 4
    await asyncio.sleep(10)
    assert len(quick) > QUEUE_MAX + 1
    assert prices == [quick[0], *quick[-QUEUE_MAX:]]


async def test_what_was_stopped_hears_nothing_that_still_waited(world: TradingWorld) -> None:
    order = await world.rest()
    heard: list[str] = []

    async def slow(state: OrderResponse) -> None:
        heard.append(state.status.value)
        await asyncio.sleep(2)

    world.tracker.start_tracking(order.order_id, slow)
    await changes(world, order, 1)
    world.tracker.stop_tracking(order.order_id, slow)
    await asyncio.sleep(10)
    assert len(heard) <= 1


async def test_a_stop_in_the_moment_of_an_answer_ends_the_telling(world: TradingWorld) -> None:
    order = await world.rest()
    tasks, answer, heard = TaskGroup(), asyncio.get_running_loop().create_future(), list[OrderResponse]()
    callbacks = Callbacks(tasks)

    def answers_later(state: OrderResponse) -> asyncio.Future[None]:
        heard.append(state)
        return answer

    callbacks.add(order.order_id, answers_later)
    callbacks.tell(order, last=False)
    callbacks.tell(order, last=True)
    await asyncio.sleep(0)
    assert len(heard) == 1
    answer.set_result(None)
    await tasks.stop()
    assert len(heard) == 1


async def test_callbacks_end_with_the_system(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        order = await world.rest()

        async def hangs(state: OrderResponse) -> None:
            await asyncio.sleep(4)

        world.tracker.start_tracking(order.order_id, hangs)
        await changes(world, order, 1)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "order callback"]
