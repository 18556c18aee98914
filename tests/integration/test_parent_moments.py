"""A parent's row says the moment of its event, and memory says what the rows do, also when they cannot be written.

Whole systems in virtual time on a clock of which no two readings are the same, as on any machine.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.events import EventKind
from app.domain.parents import ParentStatus
from app.services.trading.execution_strategies.terms import PauseClock
from app.store.writer import StoreFailed
from tests.support.trading_world import SteppedClock, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal


class TickingClock(SteppedClock):
    """Every reading is a microsecond later than the one before."""

    readings = 0

    def monotonic_ns(self) -> int:
        self.readings += 1_000
        return super().monotonic_ns() + self.readings


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path, clock=TickingClock()) as made:
        yield made


async def test_what_a_row_of_a_parent_says_happened_with_its_event_happened_at_its_moment(world: TradingWorld) -> None:
    parents = world.system.parents
    started = await parents.start("twap", {"duration": 600}, market(size="0.1"))
    await parents.start("bracket", {"stop_loss": 48000, "timeout": 3600}, limit("49000", "0.1"))
    await parents.pause(started.parent_id, clock=PauseClock.FROZEN)
    await parents.amend(started.parent_id, size=D("0.2"))
    await parents.resume(started.parent_id)
    told: dict[str, list[dict[str, Any]]] = {}
    for event in world.events(EventKind.PARENT_CHANGED.value):
        row = json.loads(event["payload"])
        assert row["updated_ns"] == event["at_ns"]
        parts = json.loads(row["params"]) | json.loads(row["state"])
        told.setdefault(row["parent_id"], []).append({**row, **parts, "at_ns": event["at_ns"]})
    assert len(told) == 3, "the bracket is two"
    for rows in told.values():
        first = min(rows, key=lambda row: row["at_ns"])
        assert first["created_ns"] == first["start_ns"] == first["status_ns"] == first["at_ns"]
    frozen = {row["frozen_ns"] for row in told[started.parent_id] if row["status"] == ParentStatus.PAUSED.value}
    paused = {row["at_ns"] for row in told[started.parent_id] if row["status"] == ParentStatus.PAUSED.value}
    assert min(paused) in frozen
    assert frozen <= paused


async def test_what_cannot_be_written_is_not_so_in_memory_either(world: TradingWorld) -> None:
    parents, ledger = world.system.parents, world.system.ledger
    started = await parents.start("limit", {"timeout": 600}, limit("49000", "0.1"))
    await world.clock.sleep(1)
    await world.executor.engage_kill_switch("a test")
    await world.clock.sleep(1)
    ledger.kill_switch = replace(ledger.kill_switch, engaged=False)
    before = parents.get(started.parent_id)
    assert before.parent.status is ParentStatus.SUSPENDED
    ledger.writer.failed = StoreFailed("no disk")
    for control in (parents.resume, parents.cancel, parents.pause):
        with pytest.raises(StoreFailed):
            await control(started.parent_id)
    with pytest.raises(StoreFailed):
        await parents.amend(started.parent_id, size=D("0.2"))
    with pytest.raises(StoreFailed):
        await parents.start("twap", {"duration": 600}, market(size="0.1"))
    ledger.writer.failed = None
    assert parents.get(started.parent_id) == before
    assert parents.open_count == 1
    async with asyncio.timeout(1):  # it is laid aside still, and who waits for it is told so
        assert [order.order_id for order in await parents.wait(started.parent_id)]


async def test_what_is_not_written_counts_not_against_a_keys_day(world: TradingWorld) -> None:
    ledger = world.system.ledger
    charged: list[str] = []
    turn = ledger.turn("api:someone")
    turn.event(EventKind.ANOMALY, {"code": "a test"})
    turn.also(lambda: charged.append("once"))
    ledger.writer.failed = StoreFailed("no disk")
    with pytest.raises(StoreFailed):
        turn.commit()
    ledger.writer.failed = None
    assert charged == []
    await turn.commit()
    assert charged == ["once"]
