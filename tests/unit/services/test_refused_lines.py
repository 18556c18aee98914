"""So many lines of refused requests a minute and principal, and a count of the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from app.clock import SimulatedClock, VirtualTimeLoop
from app.domain.access import UNKNOWN
from app.domain.refusals import Refusal
from app.services.trading.account.refused_lines import (
    LINES_MAX,
    PRINCIPALS_MAX,
    UNKNOWN_LINES_MAX,
    WINDOW_SECONDS,
    RefusedLines,
)

WHY = (Refusal("input", "size", "x", "must be a decimal"),)


def run(story: Callable[[RefusedLines], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(story(RefusedLines(SimulatedClock())))


def test_the_last_line_of_a_minute_says_so_and_the_next_one_how_many_there_were() -> None:
    run(_a_loop_of_one_key)


async def _a_loop_of_one_key(lines: RefusedLines) -> None:
    told = [lines.told("api:bot", WHY) for _ in range(LINES_MAX + 7)]
    assert told[: LINES_MAX - 1] == [WHY] * (LINES_MAX - 1)
    last = told[LINES_MAX - 1]
    assert last is not None
    assert (last[:-1], last[-1].check, last[-1].value) == (WHY, "journal", str(LINES_MAX))
    assert told[LINES_MAX:] == [None] * 7
    assert lines.told("api:other", WHY) == WHY, "each has his own"
    await asyncio.sleep(WINDOW_SECONDS - 1)
    assert lines.told("api:bot", WHY) is None
    await asyncio.sleep(1)
    after = lines.told("api:bot", WHY)
    assert after is not None
    assert (after[:-1], after[-1].check, after[-1].value) == (WHY, "journal", "8")
    assert lines.told("api:bot", WHY) == WHY
    assert lines.dropped == 8


def test_unknown_keys_share_more_lines_and_forgotten_principals_begin_anew() -> None:
    run(_many_keys)


async def _many_keys(lines: RefusedLines) -> None:
    assert sum(lines.told(UNKNOWN, WHY) is not None for _ in range(UNKNOWN_LINES_MAX + 1)) == UNKNOWN_LINES_MAX
    for number in range(PRINCIPALS_MAX):
        lines.told(f"api:{number}", WHY)
    assert lines.told(UNKNOWN, WHY) == WHY
    assert lines.dropped == 1
