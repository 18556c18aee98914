"""Parent orders over the real services in virtual time: schedules, lost answers, late fills, commands, restarts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parents import Amend, Cancel, ParentStatus, Place, Progress, Step, Wait
from app.domain.refusals import InvalidValue, Refusal, RefusalClass
from app.exchanges.port import OutcomeKind, Stream, StreamState
from app.market_data.view import MarketView
from app.services.trading.errors import NotReady, ParentNotFound, ParentOver
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy, TWAPExecution
from app.services.trading.parents.records import Record, record_from_rows
from app.services.trading.schemas import ParentResponse
from app.services.trading.venue.cancels import Cancels
from app.store import queries
from tests.simulation.parent_stack import ACCOUNT, BTC, Process, World, buy, in_virtual_time

D = Decimal
Scenario = Callable[[World, Process], Awaitable[None]]


def play(
    tmp_path: Path, scenario: Scenario, *, min_order_size: str = "", **strategies: type[ExecutionStrategy]
) -> None:
    async def work() -> None:
        risk = {"min_order_size": min_order_size} if min_order_size else {}
        world = World(tmp_path / "parents.db", strategies={**STRATEGIES, **strategies}, risk=risk)
        process = await world.process()
        await scenario(world, process)
        world.close()

    in_virtual_time(work())


async def over(process: Process, parent_id: str) -> ParentResponse:
    for _ in range(4000):
        parent = process.parents.get(parent_id)
        if parent.status in (ParentStatus.SUSPENDED, *TERMINAL):
            return parent
        await process.world.clock.sleep(0.25)
    raise AssertionError(f"not over after 1000 s: {process.parents.get(parent_id)}")


TERMINAL = [status for status in ParentStatus if status.terminal]


def sizes(process: Process, parent_id: str) -> list[tuple[float, str, Decimal]]:
    start = process.parents.get(parent_id).parent.start_ns
    return [
        (round((order.created_at.timestamp() - start / 1e9), 1), order.order_type.value, order.size)
        for order in process.parents.orders(parent_id)
    ]


def test_the_specifications_call_works_an_order_to_its_end(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        twap = TWAPExecution(process.executor, {"duration": 300, "num_slices": 10})
        orders = await twap.execute(buy("0.1"))
        assert [order.size for order in orders] == [D("0.01")] * 10
        assert [order.status for order in orders] == [OrderStatus.FILLED] * 10
        began = orders[0].created_at
        assert [round((order.created_at - began).total_seconds()) for order in orders] == [30 * k for k in range(10)]
        assert world.filled == D("0.1")
        (row,) = queries.parents(world.database, ACCOUNT)
        parent = process.parents.get(row["parent_id"])
        assert (parent.status, parent.filled_size, parent.unsent_size) == (ParentStatus.COMPLETED, D("0.1"), 0)
        assert process.parents.history() == [parent]
        loaded = queries.parent(world.database, ACCOUNT, row["parent_id"])
        assert loaded is not None
        assert json.loads(loaded.steps[3]["content"])["reason"] == "slice 4/10"
        events = [event["kind"] for event in queries.events(world.database, ACCOUNT)]
        assert [events.count(kind) for kind in ("parent.changed", "parent.step", "order.intent")] == [2, 10, 10]

    play(tmp_path, scenario)


def test_lost_answers_are_never_doubled(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        world.exchange.answer_next("place", OutcomeKind.UNKNOWN, taken=True)
        world.exchange.answer_next("place", OutcomeKind.UNKNOWN, taken=False)
        world.exchange.answer_next("place", OutcomeKind.REJECTED, code="50011", refusal=RefusalClass.PASSING)
        started = await process.parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.4"))
        assert world.filled == world.most_possible == D("0.4")
        assert len(world.placed) == len(set(world.placed))

    play(tmp_path, scenario)


def test_a_fill_that_arrives_late_is_waited_for(tmp_path: Path) -> None:
    """The cancel is confirmed at the venue, but its news and the fill before it are held back."""

    async def scenario(world: World, process: Process) -> None:
        config = {"timeout": 10, "fallback_to_market": True}
        started = await process.parents.start("limit", config, buy("0.1", "49990"))
        await world.clock.sleep(9.9)
        world.exchange.hold_pushes = True
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.04"))  # fills 0.04 of it, unheard
        world.exchange.set_book(BTC, D("50000"), D("50000.1"), D(100))
        await world.clock.sleep(1.5)
        assert len(process.parents.orders(started.parent_id)) == 1
        world.exchange.release_pushes()
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.COMPLETED
        assert world.most_possible == world.filled == D("0.1")
        assert [size for *_, size in sizes(process, started.parent_id)] == [D("0.1"), D("0.06")]

    play(tmp_path, scenario)


def test_pause_resume_and_cancel(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        parents = process.parents
        started = await parents.start("iceberg", {"visible_pct": "0.25"}, buy("0.1", "49990"))
        await world.clock.sleep(1)
        assert parents.get(started.parent_id).working_size == D("0.025")
        paused = await parents.pause(started.parent_id, principal="api:me", reason="lunch")
        assert (paused.status, paused.reason) == (ParentStatus.PAUSED, "lunch")
        await world.clock.sleep(1)
        assert not world.exchange.venue.open
        with pytest.raises(ParentOver, match="cannot become paused, it is paused"):
            await parents.pause(started.parent_id)
        await parents.resume(started.parent_id)
        await world.clock.sleep(1)
        assert len(world.exchange.venue.open) == 1
        world.exchange.set_book(BTC, D("49980"), D("49989"), D("0.01"))
        await world.clock.sleep(1)
        await parents.cancel(started.parent_id, principal="api:me", reason="enough")
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.reason) == (ParentStatus.CANCELED, "enough")
        assert 0 < ended.filled_size == world.filled < D("0.1")
        assert not world.exchange.venue.open
        with pytest.raises(ParentOver, match="it is canceled"):
            await parents.resume(started.parent_id)
        with pytest.raises(ParentNotFound, match="nobody"):
            parents.get("nobody")

    play(tmp_path, scenario)


def test_a_child_that_a_person_cancels_is_not_placed_again(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("iceberg", {}, buy("0.1", "49990"))
        await world.clock.sleep(1)
        (child,) = process.parents.get(started.parent_id).open_children
        await process.executor.cancel_order(child, principal="api:me")
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.SUSPENDED
        assert ended.reason == f"child {child} (step 1) was canceled by somebody else"
        await process.parents.resume(started.parent_id)
        await world.clock.sleep(1)
        assert len(world.exchange.venue.open) == 1

    play(tmp_path, scenario)


def test_cancel_all_ends_every_parent_of_an_instrument(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        first = await process.parents.start("iceberg", {}, buy("0.1", "49990"))
        second = await process.parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        await world.clock.sleep(1)
        assert await process.parents.cancel_all("ETH-USDT") == []
        canceled = await process.parents.cancel_all(BTC, principal="api:me", reason="all")
        assert [parent.parent_id for parent in canceled] == [first.parent_id, second.parent_id]
        for parent in canceled:
            assert (await over(process, parent.parent_id)).status is ParentStatus.CANCELED
        assert not world.exchange.venue.open
        assert world.filled == D("0.1")

    play(tmp_path, scenario)


def test_the_executors_cancel_all_ends_a_parent_that_is_between_two_slices(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        other = await process.parents.start("iceberg", {}, buy("0.1", "49990"))
        await world.clock.sleep(1)
        assert await process.executor.cancel_all("ETH-USDT") == []
        assert process.parents.open_count == 2
        canceled = await process.executor.cancel_all(BTC, principal="api:me")
        assert [order.status for order in canceled] == [OrderStatus.CANCELED]
        for parent_id in (started.parent_id, other.parent_id):
            ended = await over(process, parent_id)
            assert (ended.status, ended.reason) == (ParentStatus.CANCELED, "cancel all")
        await world.clock.sleep(60)
        assert len(world.placed) == 2
        assert not world.exchange.venue.open

    play(tmp_path, scenario)


def test_flatten_ends_parents_before_it_closes(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        await world.clock.sleep(1)
        (closing,) = await process.executor.flatten(BTC, principal="api:me")
        assert (closing.side, closing.filled_size) == (OrderSide.SELL, D("0.1"))
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.reason, ended.filled_size) == (ParentStatus.CANCELED, "flatten", D("0.1"))
        await world.clock.sleep(60)
        assert len(world.placed) == 2

    play(tmp_path, scenario)


@pytest.mark.parametrize("strategy", ["iceberg", "limit", "twap"])
def test_rows_give_the_same_progress_as_memory(strategy: str, tmp_path: Path) -> None:
    """What a restart would decide is what the running process decides, at every moment."""
    configs: dict[str, dict[str, Any]] = {
        "iceberg": {"visible_pct": "0.4", "max_refresh_time": 2, "timeout": 60},
        "limit": {"timeout": 5},
        "twap": {"duration": 20, "num_slices": 4, "use_limit_orders": True, "price_offset_pct": "0.0005"},
    }

    async def scenario(world: World, process: Process) -> None:
        world.exchange.answer_next("place", OutcomeKind.UNKNOWN, taken=True)
        started = await process.parents.start(strategy, configs[strategy], buy("0.1"))
        compared = 0
        for tick in range(400):
            await world.clock.sleep(0.1)
            bid = D("50000") + D(min(tick, 100) - 3 * max(tick - 100, 0))
            world.exchange.set_book(BTC, bid, bid + D("0.1"), D("0.01"))
            record = process.parents._running.get(started.parent_id)
            loaded = queries.parent(world.database, ACCOUNT, started.parent_id)
            assert loaded is not None
            if record is None:
                break
            if not process.ledger.writer.pending:
                rebuilt = record_from_rows(loaded, record.strategy)
                process.parents._standings.refresh(record)
                in_memory = process.parents._standings.progress(record)
                rebuilt.looked(in_memory.driven_ns)  # by one that began to look when this one did
                assert process.parents._standings.progress(rebuilt) == in_memory
                assert rebuilt.next_step == record.next_step
                compared += 1
        assert compared > 40

    play(tmp_path, scenario)


def test_restart_policy_cancel(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        config = {"visible_pct": "0.25", "on_restart": "cancel"}
        started = await process.parents.start("iceberg", config, buy("0.1", "49990"))
        await world.clock.sleep(1)
        await process.kill()
        again = await world.process()
        ended = await over(again, started.parent_id)
        assert (ended.status, ended.reason) == (ParentStatus.CANCELED, "restart")
        assert not world.exchange.venue.open

    play(tmp_path, scenario)


def test_stop_and_start_goes_on_with_the_same_schedule(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        twap = TWAPExecution(process.executor, {"duration": 40, "num_slices": 4})
        waiting = asyncio.create_task(twap.execute(buy("0.4")))
        await world.clock.sleep(15)
        await process.stop()
        with pytest.raises(NotReady, match="goes on at the next start"):
            await waiting
        (row,) = queries.parents(world.database, ACCOUNT, open_only=True)
        again = await world.process()
        ended = await over(again, row["parent_id"])
        assert ended.status is ParentStatus.COMPLETED
        assert sizes(again, row["parent_id"]) == [(10.0 * k, "ioc", D("0.1")) for k in range(4)]

    play(tmp_path, scenario)


def test_a_paused_parent_stays_paused_over_a_restart(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("iceberg", {}, buy("0.1", "49990"))
        await process.parents.pause(started.parent_id)
        await world.clock.sleep(1)
        await process.kill()
        again = await world.process()
        await world.clock.sleep(5)
        assert again.parents.get(started.parent_id).status is ParentStatus.PAUSED
        assert not world.exchange.venue.open

    play(tmp_path, scenario)


@pytest.mark.parametrize(
    ("check", "status"), [("lot_size", ParentStatus.FAILED), ("max_order_size", ParentStatus.SUSPENDED)]
)
def test_risk_refuses_a_child(check: str, status: ParentStatus, tmp_path: Path) -> None:
    """What is wrong with the request ends the parent; a limit that stands in its way lays it aside."""

    async def scenario(world: World, process: Process) -> None:
        process.refuse(Refusal(check, "size", "0.01", "is too much"))
        (order,) = await TWAPExecution(process.executor).execute(buy("0.1"))
        assert (order.status, order.reasons[0].check) == (OrderStatus.DENIED, check)
        (row,) = queries.parents(world.database, ACCOUNT)
        assert row["status"] == status
        assert row["reason"].endswith(f"denied: {check} size=0.01: is too much")
        assert world.placed == []

    play(tmp_path, scenario)


def test_kill_switch_lays_a_parent_aside_until_it_is_resumed(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        await world.clock.sleep(1)
        await process.executor.engage_kill_switch("by me")
        suspended = await over(process, started.parent_id)
        assert suspended.status is ParentStatus.SUSPENDED
        await process.executor.release_kill_switch("checked")
        await process.parents.resume(started.parent_id)
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.COMPLETED
        assert world.filled == D("0.4")

    play(tmp_path, scenario)


def test_refusals_at_the_door_are_journalled_and_change_nothing(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        start = process.parents.start
        with pytest.raises(InvalidValue, match="below minimum size"):
            await start("twap", {}, buy("0.000001"))
        with pytest.raises(InvalidValue, match="multiple of tick"):
            await start("twap", {}, buy("0.1", "50000.05"))
        with pytest.raises(InvalidValue, match="strategy=snake: must be one of market, limit, twap, iceberg"):
            await start("snake", {}, buy("0.1"))
        with pytest.raises(InvalidValue, match="slices=3: unknown key"):
            await start("twap", {"slices": 3}, buy("0.1"))
        refused = queries.events(world.database, ACCOUNT, kind="request.refused")
        assert len(refused) == 2
        assert queries.parents(world.database, ACCOUNT) == []
        assert process.parents.open_count == 0

    play(tmp_path, scenario)


def test_a_market_that_goes_dark_holds_crossing_children_back(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        await world.clock.sleep(5)
        world.market_alive = False
        await world.clock.sleep(10)
        waiting = process.parents.get(started.parent_id)
        assert "was confirmed" in waiting.waiting_for
        world.market_alive = True
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.COMPLETED
        assert [at for at, *_ in sizes(process, started.parent_id)][1] < 17

    play(tmp_path, scenario)


def test_nothing_is_placed_while_the_gate_is_closed(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        await world.clock.sleep(5)
        listener = world.exchange._listener
        assert listener is not None
        listener.on_stream(Stream.EXECUTION, StreamState.DOWN, "broken by test")
        await world.clock.sleep(20)
        waiting = process.parents.get(started.parent_id).waiting_for
        assert waiting == "not ready: execution_stream=down: order news from the exchange is not being heard"
        listener.on_stream(Stream.EXECUTION, StreamState.UP, "restored by test")
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.COMPLETED
        assert [size for *_, size in sizes(process, started.parent_id)] == [D("0.1"), D("0.2"), D("0.1")]

    play(tmp_path, scenario)


def test_a_slice_that_risk_would_find_too_small_is_not_made(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        with pytest.raises(InvalidValue, match=r"num_slices=10: must be at most 4 slices of at least 0\.001 BTC"):
            await process.parents.start("twap", {"duration": 10, "num_slices": 10}, buy("0.0045"))
        orders = await TWAPExecution(process.executor, {"duration": 10}).execute(buy("0.0045"))
        assert [order.size for order in orders] == [D("0.00112500")] * 4
        with pytest.raises(InvalidValue, match=r"below minimum size 0\.001"):
            await process.parents.start("market", {}, buy("0.0005"))

    play(tmp_path, scenario, min_order_size="0.001")


def test_a_failed_store_is_reloaded_and_the_parent_goes_on(tmp_path: Path) -> None:
    """The commit of a step fails: nothing of it is sent, memory is dropped, the rows say where to go on."""

    async def scenario(world: World, process: Process) -> None:
        twap = TWAPExecution(process.executor, {"duration": 40, "num_slices": 4})
        waiting = asyncio.create_task(twap.execute(buy("0.4")))
        await world.clock.sleep(5)
        process.disk_full = True
        await world.clock.sleep(6)
        assert len(world.placed) == 1
        process.disk_full = False
        orders = await waiting
        assert [order.size for order in orders] == [D("0.1")] * 4
        assert world.filled == D("0.4")

    play(tmp_path, scenario)


@pytest.mark.parametrize("rounds", range(16))
def test_a_cancel_holds_though_it_comes_while_parents_are_taken_up_anew(rounds: int, tmp_path: Path) -> None:
    """The store failed and is back: what a person commands until all parents are driven again is not forgotten."""

    async def scenario(world: World, process: Process) -> None:
        parents = process.parents
        first = await parents.start("twap", {"duration": 40, "num_slices": 4, "on_restart": "cancel"}, buy("0.4"))
        second = await parents.start("twap", {"duration": 40, "num_slices": 4}, buy("0.4"))
        await world.clock.sleep(5)
        process.disk_full = True
        await world.clock.sleep(7)
        assert len(world.placed) == 2, "the second slices were due, and could not be written"
        process.disk_full = False
        process.opened.clear()
        await process.opened.wait()
        for _ in range(rounds):
            await asyncio.sleep(0)
        await parents.cancel(second.parent_id)
        filled = world.filled
        assert filled <= D("0.3"), "a slice that was due may have been placed before the cancel"
        await world.clock.sleep(60)
        states = {parents.get(each.parent_id).status for each in (first, second)}
        assert states == {ParentStatus.CANCELED}
        assert world.filled == filled

    play(tmp_path, scenario)


# --- policies of a test's own ---


@dataclass
class Scripted(ExecutionStrategy):
    """Takes the steps of `script`, one each time it is asked, then waits."""

    name: ClassVar[str] = "scripted"
    script: ClassVar[Callable[[Progress], Step]]

    def __init__(self, executor: Any, config: Any = None) -> None:
        ExecutionStrategy.__init__(self, executor, config)

    def end_ns(self, start_ns: int) -> int | None:
        return None

    def decide(self, progress: Progress, market: MarketView | None, now_ns: int) -> Step:
        return type(self).script(progress)


def scripted(script: Callable[[Progress], Step]) -> type[ExecutionStrategy]:
    return type("Made", (Scripted,), {"script": staticmethod(script)})


def test_amend_is_a_step_like_any_other(tmp_path: Path) -> None:
    def policy(progress: Progress) -> Step:
        if not progress.children:
            return Place(D("0.1"), OrderType.LIMIT, D("49990"), "rest")
        child = progress.children[0]
        if child.status is OrderStatus.LIVE and child.price == D("49990"):
            return Amend(child.order_id, None, D("49995"), "nearer")
        return Wait(None, "for the fill")

    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("scripted", {}, buy("0.1"))
        await world.clock.sleep(3)
        world.exchange.set_book(BTC, D("49980"), D("49992"), D(1))
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.COMPLETED
        loaded = queries.parent(world.database, ACCOUNT, started.parent_id)
        assert loaded is not None
        assert [step["kind"] for step in loaded.steps] == ["place", "amend"]
        assert process.parents.orders(started.parent_id)[0].price == D("49995")

    play(tmp_path, scenario, scripted=scripted(policy))


def test_a_step_is_looked_at_again_when_the_executor_had_to_wait(tmp_path: Path) -> None:
    """The executor waits for a book before its turn; when the parent is paused meanwhile, nothing is placed."""

    waits, asked = True, 0

    def policy(progress: Progress) -> Step:
        nonlocal asked
        if waits or progress.children:
            return Wait(None, "", on_market=True)
        asked += 1
        return Place(D("0.1"), OrderType.LIMIT, D("49990"), "rest")

    async def scenario(world: World, process: Process) -> None:
        nonlocal waits
        started = await process.parents.start("scripted", {}, buy("0.1"))
        world.market_alive = False
        await world.clock.sleep(3)
        waits = False
        while not asked:
            await world.clock.sleep(0.01)
        await world.clock.sleep(0.1)
        await process.parents.pause(started.parent_id)
        world.market_alive = True
        await world.clock.sleep(5)
        assert (world.placed, process.parents.orders(started.parent_id)) == ([], [])
        await process.parents.resume(started.parent_id)
        await world.clock.sleep(1)
        assert len(world.placed) == 1

    play(tmp_path, scenario, scripted=scripted(policy))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Place(D("0.2"), OrderType.LIMIT, D("49990"), "too much"), "above the 0.1 that remain"),
        (Cancel("nobody", "whose"), "is no child of parent"),
    ],
)
def test_an_impossible_step_lays_the_parent_aside(tmp_path: Path, step: Step, said: str) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("scripted", {}, buy("0.1"))
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.SUSPENDED
        assert said in ended.reason
        assert world.placed == []
        await process.ledger.writer.drain()
        anomalies = queries.events(world.database, ACCOUNT, kind="anomaly")
        assert [event["payload"] for event in anomalies if "parent_failed" in event["payload"]]
        await process.parents.cancel(started.parent_id)
        assert (await over(process, started.parent_id)).status is ParentStatus.CANCELED

    play(tmp_path, scenario, scripted=scripted(lambda _: step))


def test_a_policy_that_raises_has_its_children_taken_back(tmp_path: Path) -> None:
    def policy(progress: Progress) -> Step:
        if not progress.children:
            return Place(D("0.1"), OrderType.LIMIT, D("49990"), "rest")
        raise ZeroDivisionError("a bug")

    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("scripted", {}, buy("0.1"))
        await world.clock.sleep(5)
        aside = process.parents.get(started.parent_id)
        assert (aside.status, aside.reason) == (ParentStatus.SUSPENDED, "needs operator: ZeroDivisionError: a bug")
        assert not world.exchange.venue.open

    play(tmp_path, scenario, scripted=scripted(policy))


@pytest.mark.parametrize("wire_fails", [False, True])
def test_a_bug_that_keeps_it_from_being_looked_at_at_all_leaves_nothing_resting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wire_fails: bool
) -> None:
    def policy(progress: Progress) -> Step:
        return Wait(None, "") if progress.children else Place(D("0.1"), OrderType.LIMIT, D("49990"), "rest")

    async def scenario(world: World, process: Process) -> None:
        def broken(*_: Any, **__: Any) -> Any:
            raise ZeroDivisionError("a bug")

        started = await process.parents.start("scripted", {}, buy("0.1"))
        await world.clock.sleep(1)
        assert len(world.exchange.venue.open) == 1
        monkeypatch.setattr(Record, "progress", broken)
        if wire_fails:
            monkeypatch.setattr(Cancels, "many", broken)
        await world.clock.sleep(120)
        monkeypatch.undo()
        ended = process.parents.get(started.parent_id)
        assert (ended.status, ended.reason) == (ParentStatus.FAILED, "needs operator: ZeroDivisionError: a bug")
        assert bool(world.exchange.venue.open) is wire_fails

    play(tmp_path, scenario, scripted=scripted(policy))
