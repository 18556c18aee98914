"""What people do with parent orders: resume, amend, be refused at the door, settle an overfill."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.orders import Fill as VenueFill
from app.domain.orders import OrderReport, OrderSide, OrderStatus, Source
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue, RefusalClass
from app.exchanges.port import OutcomeKind
from app.journal.audit import audit
from app.services.trading.errors import ParentOver
from app.services.trading.parents.records import parent_row
from app.services.trading.schemas import ParentResponse
from app.store import queries
from app.store.rows import parent_from_row
from app.store.writer import StoreFailed
from tests.simulation.parent_stack import ACCOUNT, BTC, DEFAULT_INSTRUMENTS, Process, World, buy
from tests.simulation.test_parent_life import over, play
from tests.support.trading_world import TradingWorld, VirtualTimePolicy, limit, trading_world

D = Decimal
TWAP = {"duration": 40, "num_slices": 4}


@pytest.fixture(scope="module")
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


async def until(world: TradingWorld, parent_id: str, *statuses: ParentStatus) -> ParentResponse:
    for _ in range(2000):
        parent = world.system.parents.get(parent_id)
        if parent.status in statuses:
            return parent
        await world.clock.sleep(0.25)
    raise AssertionError(f"not over: {world.system.parents.get(parent_id)}")


@pytest.mark.parametrize("filled_before", [True, False])
async def test_the_kill_switch_suspends_a_parent_at_once_and_it_can_be_resumed(
    filled_before: bool, tmp_path: Path
) -> None:
    """Between two slices, or before anything has filled (a resting child that nothing meets)."""
    async with trading_world(tmp_path) as world:
        parents = world.system.parents
        if filled_before:
            started = await parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.1"))
        else:
            started = await parents.start("limit", {"timeout": 60}, buy("0.1", "49000"))
        await world.clock.sleep(1)
        await world.executor.engage_kill_switch("spreads look wrong")
        await world.clock.sleep(1)
        suspended = parents.get(started.parent_id)
        assert suspended.status is ParentStatus.SUSPENDED
        assert suspended.reason == "kill switch: spreads look wrong"
        assert (suspended.filled_size > 0) is filled_before
        assert suspended.working_size == 0
        with pytest.raises(InvalidValue, match="kill_switch=engaged: must be released"):
            await parents.resume(started.parent_id)
        await world.executor.release_kill_switch("checked")
        await world.clock.sleep(5)
        assert parents.get(started.parent_id).status is ParentStatus.SUSPENDED
        await parents.resume(started.parent_id)
        ended = await until(world, started.parent_id, ParentStatus.COMPLETED)
        assert ended.filled_size == D("0.1")


async def test_a_parent_started_while_the_kill_switch_is_on_waits_for_a_person(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        await world.executor.engage_kill_switch("spreads look wrong")
        started = await world.system.parents.start("twap", TWAP, buy("0.1"))
        suspended = await until(world, started.parent_id, ParentStatus.SUSPENDED)
        assert suspended.reason == "kill switch: spreads look wrong"
        assert world.system.parents.orders(started.parent_id) == []


async def test_a_suspended_parent_is_amended_past_its_end_and_resumed(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        parents = world.system.parents
        started = await parents.start("twap", TWAP, buy("0.1"))
        await world.clock.sleep(1)
        await world.executor.engage_kill_switch("lunch")
        await world.clock.sleep(30)
        amended = await parents.amend(started.parent_id, size=D("0.16"), config={"duration": 120}, principal="api:me")
        assert (amended.status, amended.reason) == (ParentStatus.SUSPENDED, "kill switch: lunch")
        assert amended.parent.end_ns == amended.parent.start_ns + 120_000_000_000
        await world.executor.release_kill_switch("back")
        await world.clock.sleep(30)
        await parents.resume(started.parent_id)
        ended = await until(world, started.parent_id, ParentStatus.COMPLETED)
        assert ended.filled_size == D("0.16")
        assert ended.parent.updated_ns >= started.parent.start_ns + 90_000_000_000


def test_what_rests_is_placed_anew_on_amended_terms(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        parents = process.parents
        started = await parents.start("iceberg", {"visible_pct": "0.25"}, buy("0.1", "49990"))
        await world.clock.sleep(1)
        amended = await parents.amend(started.parent_id, size=D("0.2"), price=D("49995"), principal="api:me")
        assert (amended.status, amended.reason) == (ParentStatus.RUNNING, "amended by api:me")
        await world.clock.sleep(1)
        (clip,) = world.exchange.venue.open.values()
        assert (clip.price, clip.size) == (D("49995"), D("0.05"))
        assert world.most_possible <= D("0.2")
        for bad, said in [
            ({}, "nothing would change"),
            ({"size": D("0.01")}, "must be at least 0.05, what has filled or may still fill"),
            ({"price": D("49995.05")}, "multiple of tick"),
            ({"config": {"visible": "0.1"}}, "unknown key"),
        ]:
            with pytest.raises(InvalidValue, match=said):
                await parents.amend(started.parent_id, **bad)
        await parents.cancel(started.parent_id)
        await over(process, started.parent_id)
        with pytest.raises(ParentOver, match="cannot be amended, it is canceled"):
            await parents.amend(started.parent_id, size=D("0.3"))

    play(tmp_path, scenario)


@pytest.mark.parametrize("terms", [{"new_size": D("0.2")}, {"new_size": D("0.01")}, {"new_price": D("49999")}])
def test_a_hand_on_an_order_that_a_parent_works_neither_overfills_it_nor_passes_its_limit(
    terms: dict[str, Any], tmp_path: Path
) -> None:
    async def scenario(world: World, process: Process) -> None:
        parents, executor = process.parents, process.executor
        started = await parents.start("limit", {"timeout": 60}, buy("0.1", "49990"))
        child_id = await parents.first_child(started.parent_id)
        await world.clock.sleep(1)
        assert child_id is not None
        with pytest.raises(InvalidValue, match=f"is worked by parent order {started.parent_id}: amend that one"):
            await executor.modify_order(child_id, principal="api:me", **terms)
        (resting,) = world.exchange.venue.open.values()
        assert (resting.size, resting.price) == (D("0.1"), D("49990"))
        assert parents.get(started.parent_id).status is ParentStatus.RUNNING
        ended = await over(process, started.parent_id)
        assert (ended.filled_size, world.most_possible) == (D("0.1"), D("0.1"))

    play(tmp_path, scenario)


def test_an_amendment_survives_a_restart(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", TWAP, buy("0.1"))
        await world.clock.sleep(1)
        await process.parents.amend(started.parent_id, size=D("0.2"), config={"duration": 80})
        await process.kill()
        again = await world.process()
        found = again.parents.get(started.parent_id)
        assert (found.parent.size, found.parent.amended_step) == (D("0.2"), 2)
        ended = await over(again, started.parent_id)
        assert (ended.status, ended.filled_size, world.filled) == (ParentStatus.COMPLETED, D("0.2"), D("0.2"))

    play(tmp_path, scenario)


@pytest.mark.parametrize("strategy", ["twap", "market", "limit", "iceberg"])
async def test_an_over_large_size_is_refused_at_the_start(strategy: str, tmp_path: Path) -> None:
    """By what one order may be, by the account's money or by what a position may be; nothing is begun."""
    async with trading_world(tmp_path) as world:
        for size in ("1000000", "1000", "30"):
            with pytest.raises(InvalidValue) as refused:
                await world.system.parents.start(strategy, {}, buy(size))
            assert refused.value.refusal.check in ("max_order_size", "max_order_value", "balance", "max_position_value")
        assert world.system.parents.history() == []
        assert len(world.events("request.refused")) == 3
        assert world.events("order.denied") == []


async def test_many_small_slices_of_more_than_a_position_may_be_are_refused(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        with pytest.raises(InvalidValue, match="max_position_value_pct"):
            await world.system.parents.start("twap", {"num_slices": 500, "duration": 5000}, buy("5"))
        started = await world.system.parents.start("twap", {"num_slices": 50, "duration": 5000}, buy("0.5"))
        with pytest.raises(InvalidValue, match="max_position_value_pct"):
            await world.system.parents.amend(started.parent_id, size=D(5))


def report_of_late_fill(world: World, order: Any, size: str) -> OrderReport:
    fill = VenueFill(BTC, "late1", order.exchange_order_id, OrderSide.BUY, D(49990), D(size), world.clock.now_ns())
    return OrderReport(BTC, Source.STREAM, order.client_order_id, order.exchange_order_id, filled=D(size), fill=fill)


def test_an_overfill_by_a_late_fill_is_settled_by_an_operator_and_the_audit_passes(tmp_path: Path) -> None:
    """The resting child was canceled with nothing filled, its place was taken, and then its fill is told after all."""

    async def scenario(world: World, process: Process) -> None:
        parents = process.parents
        started = await parents.start("limit", {"timeout": 5}, buy("0.1", "49990"))
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.1"))
        first, _ = parents.orders(started.parent_id)
        assert first.status is OrderStatus.CANCELED
        process.system.tracker.receive(report_of_late_fill(world, first, "0.04"))
        await world.clock.sleep(1)
        shown = parents.get(started.parent_id)
        assert (shown.filled_size, shown.parent.overfilled) == (D("0.14"), D("0.04"))
        assert shown.reason == "needs operator: overfilled by a late fill: 0.14 of 0.1"
        assert [parent.filled_size for parent in parents.history()] == [D("0.14")]
        listed = {i.instrument_id: i for i in DEFAULT_INSTRUMENTS}
        found = audit(world.database, ACCOUNT, listed).findings
        assert [str(finding) for finding in found] == [
            f"[S4] parent {started.parent_id}: its children may fill 0.14, but its size is 0.1"
        ]
        with pytest.raises(InvalidValue, match="why"):
            await parents.settle(started.parent_id, principal="operator:me", why="")
        settled = await parents.settle(started.parent_id, principal="operator:me", why="ticket 7")
        assert settled.reason == "overfilled: 0.14 of 0.1; accepted by operator:me: ticket 7"
        assert (settled.status, settled.parent.overfilled) == (ParentStatus.COMPLETED, 0)
        assert audit(world.database, ACCOUNT, listed).clean
        assert parents.get(started.parent_id) == settled
        with pytest.raises(InvalidValue, match="is not overfilled"):
            await parents.settle(started.parent_id, principal="operator:me", why="again")
        await process.kill()
        again = await world.process()
        assert again.parents.get(started.parent_id).parent == settled.parent

    play(tmp_path, scenario)


def test_the_row_of_a_parent_begun_by_an_earlier_version_keeps_its_bytes_and_its_rules(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", TWAP, buy("0.1"))
        old = parent_row(replace(started.parent, rules=1), 1)
        assert '"rules"' not in old["params"]
        assert set(json.loads(old["state"])) == {"filled", "status_ns"}
        read = parent_from_row(old)
        assert read.rules == 1
        assert parent_row(read, 1) == old
        assert '"rules":2' in parent_row(started.parent, 1)["params"]
        await process.parents.cancel(started.parent_id)

    play(tmp_path, scenario)


def test_an_order_that_was_refused_is_laid_aside_and_resumed(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        world.exchange.answer_next("place", OutcomeKind.REJECTED, code="x1", refusal=RefusalClass.STANDING)
        started = await process.parents.start("twap", TWAP, buy("0.1"))
        suspended = await over(process, started.parent_id)
        assert (suspended.status, suspended.filled_size) == (ParentStatus.SUSPENDED, 0)
        await process.parents.resume(started.parent_id)
        assert (await over(process, started.parent_id)).status is ParentStatus.COMPLETED
        (row,) = queries.parents(world.database, ACCOUNT)
        assert row["status"] == "completed"

    play(tmp_path, scenario)


async def test_a_rejected_orders_class_is_kept_with_it(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        world.exchange.answer_next("place", OutcomeKind.REJECTED, code="x1", refusal=RefusalClass.PASSING)
        order = await world.executor.place_order(limit())
        assert (order.status, order.refusal) == (OrderStatus.REJECTED, RefusalClass.PASSING)
        with world.system.database.reading() as connection:
            assert connection.execute(sa.text("SELECT refusal FROM orders")).scalars().all() == ["passing"]
        (event,) = world.events("order.rejected")
        assert '"refusal":"passing"' in event["payload"]


def test_an_amendment_that_the_disk_refused_is_not_written_down_by_a_pause(tmp_path: Path) -> None:
    """The account is loaded again, and the exchange does not answer yet: whoever pauses then pauses what is durable."""

    async def scenario(world: World, process: Process) -> None:
        answers, asked = asyncio.Event(), world.exchange.open_orders

        async def silent(*given: Any, **named: Any) -> Any:
            await answers.wait()
            return await asked(*given, **named)

        started = await process.parents.start("twap", {"duration": 600, "num_slices": 10}, buy("0.1"))
        await world.clock.sleep(5)
        process.disk_full = True
        world.exchange.open_orders = silent  # type: ignore[method-assign]
        with pytest.raises(StoreFailed):
            await process.parents.amend(started.parent_id, size=D("0.5"))
        process.disk_full = False
        while process.ledger.writer_failed:
            await world.clock.sleep(0.25)
        assert process.parents.get(started.parent_id).parent.size == D("0.1")
        paused = await process.parents.pause(started.parent_id)
        assert (paused.status, paused.parent.size) == (ParentStatus.PAUSED, D("0.1"))
        answers.set()
        await world.clock.sleep(30)
        await process.parents.resume(started.parent_id)
        await world.clock.sleep(900)
        (row,) = queries.parents(world.database, ACCOUNT)
        assert (row["status"], world.filled) == (ParentStatus.COMPLETED, D("0.1"))

    play(tmp_path, scenario)
