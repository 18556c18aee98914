"""Memo: cheap answers are always fresh, dear ones rest, equal requests share one computation."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.api.memo import DEAR_SECONDS, ENTRIES_MAX, FRESH_SECONDS, REST_FACTOR, Memo
from app.clock import NS_PER_SECOND, SystemClock


class HandClock(SystemClock):
    """Monotonic time that moves when the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def monotonic_ns(self) -> int:
        return int(self.seconds * NS_PER_SECOND)


class Computation:
    def __init__(self, clock: HandClock, takes_seconds: float) -> None:
        self.calls = 0
        self._clock = clock
        self._takes = takes_seconds

    def __call__(self) -> int:
        self.calls += 1
        self._clock.seconds += self._takes
        return self.calls


async def test_a_cheap_answer_is_never_older_than_the_journal() -> None:
    clock = HandClock()
    memo, cheap = Memo(clock), Computation(clock, DEAR_SECONDS / 2)
    assert [await memo.get("a", seq, cheap) for seq in (1, 1, 2, 2, 3)] == [1, 1, 2, 2, 3]
    clock.seconds += FRESH_SECONDS
    assert await memo.get("a", 3, cheap) == 4


async def test_a_dear_answer_rests_for_a_multiple_of_what_it_took() -> None:
    clock = HandClock()
    memo, dear = Memo(clock), Computation(clock, 2.0)
    assert await memo.get("a", 1, dear) == 1
    clock.seconds += REST_FACTOR * 2.0 - 0.1
    assert await memo.get("a", 2, dear) == 1
    clock.seconds += 0.2
    assert await memo.get("a", 2, dear) == 2


async def test_equal_requests_share_one_computation() -> None:
    clock, gate = HandClock(), threading.Event()
    memo, calls = Memo(clock), list[int]()

    def slow() -> int:
        calls.append(1)
        gate.wait(5)
        return len(calls)

    asked = [asyncio.ensure_future(memo.get("a", 1, slow)) for _ in range(5)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*asked) == [1] * 5
    assert await memo.get("b", 1, slow) == 2


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    memo = Memo(HandClock())

    def failing() -> int:
        raise ValueError("no")

    answers = await asyncio.gather(*(memo.get("a", 1, failing) for _ in range(3)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["no"] * 3
    assert await memo.get("a", 1, lambda: 7) == 7


async def test_entries_are_bounded() -> None:
    memo = Memo(HandClock())
    for key in range(ENTRIES_MAX * 2):
        await memo.get(key, 1, lambda: 0)
    with pytest.raises(ZeroDivisionError):
        await memo.get(0, 1, lambda: 1 // 0)
