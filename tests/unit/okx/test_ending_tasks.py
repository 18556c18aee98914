"""Tasks of the adapter that end before they began, or cannot begin: whoever waits for them is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from app.clock import SimulatedClock
from app.exchanges.okx.batches import Batches
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.rest import Reply
from app.exchanges.okx.ways import PLACE, Entry
from app.exchanges.port import OutcomeKind
from tests.support.systems import in_virtual_time
from tests.unit.okx.fake_venue import Stage, play

UNKNOWN, NOT_SENT, ACCEPTED = OutcomeKind.UNKNOWN, OutcomeKind.NOT_SENT, OutcomeKind.ACCEPTED


@pytest.mark.parametrize(
    ("fates", "answer"),
    [
        (("runs", "none"), NOT_SENT),
        (("runs", "cancelled"), UNKNOWN),
        (("cancelled",), NOT_SENT),
        (("runs", "runs"), ACCEPTED),
    ],
)
def test_each_send_is_answered_and_the_next_one_finds_a_queue(fates: tuple[str, ...], answer: OutcomeKind) -> None:
    """fates: of the task that goes through the queue, and of the one that sends: cancelled is before it began."""
    left = list(fates)

    def spawn(work: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Task[Any] | None:
        fate = left.pop(0) if left else "runs"
        if fate == "none":
            return None
        task = asyncio.ensure_future(work())
        if fate == "cancelled":
            task.cancel()
        return task

    async def write(*_: object) -> Reply:
        return Reply(ACCEPTED)

    async def scenario() -> None:
        clock = SimulatedClock()
        batches = Batches(clock, RateLimits(clock), spawn, write, lambda *_: None, 1.0)
        entry = Entry({"clOrdId": "c1", "sz": "1"}, "c1", "", "")
        async with asyncio.timeout(60):
            assert (await batches.send(PLACE, "BTC-USDT", entry)).kind is answer
            assert (await batches.send(PLACE, "BTC-USDT", entry)).kind is ACCEPTED

    in_virtual_time(scenario())


def test_a_stop_ends_although_a_task_fails_at_it() -> None:
    async def scenario(stage: Stage) -> None:
        async def fails_at_its_end() -> None:
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError:
                raise RuntimeError("a bug in the adapter") from None

        stage.exchange._group.create_task(fails_at_its_end())  # type: ignore[union-attr]
        await stage.settle(1)
        async with asyncio.timeout(60):
            await stage.exchange.stop()

    play(scenario)


def test_the_time_is_asked_for_again_after_a_question_that_never_began() -> None:
    async def scenario(stage: Stage) -> None:
        keeping = stage.exchange._time_keeping
        keeping.doubt()
        asking = [task for task in asyncio.all_tasks() if "TimeKeeping._read" in repr(task)]
        assert len(asking) == 1
        asking[0].cancel()
        await stage.settle(1)
        keeping.doubt()
        assert [task for task in asyncio.all_tasks() if "TimeKeeping._read" in repr(task)]

    play(scenario)
