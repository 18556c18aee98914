"""When a parent order starts and ends, what it met, whose words it bears; its clock, and its plan once amended."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import utc
from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.services.trading.errors import ParentOver
from app.services.trading.execution_strategies import TWAPExecution
from app.services.trading.execution_strategies.terms import ParentTerms, PauseClock
from app.services.trading.schemas import ParentResponse
from app.store import queries
from tests.simulation.parent_stack import ACCOUNT, BTC, Process, World, buy
from tests.simulation.test_parent_life import over, play, sizes

D = Decimal
TWAP = {"duration": 40, "num_slices": 4}


def after(world: World, seconds: float) -> Any:
    return utc(world.clock.now_ns()) + timedelta(seconds=seconds)


def controlled(world: World) -> list[tuple[str, dict[str, Any]]]:
    events = queries.events(world.database, ACCOUNT)
    return [(e["principal"], json.loads(e["payload"])) for e in events if e["kind"] == "parent.controlled"]


async def begins(process: Process, seconds: float, **more: Any) -> ParentResponse:
    terms = ParentTerms(start_at=after(process.world, seconds))
    return await process.parents.start("twap", TWAP, buy("0.4"), terms=terms, **more)


# --- its start ---


def test_one_that_starts_later_does_nothing_before(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await begins(process, 60)
        assert (started.status, started.parent.created_ns) == (ParentStatus.SCHEDULED, world.clock.now_ns())
        assert started.parent.end_ns == started.parent.start_ns + 40_000_000_000
        await world.clock.sleep(59)
        waiting = process.parents.get(started.parent_id)
        assert (waiting.status, waiting.waiting_for) == (ParentStatus.SCHEDULED, "for its start")
        assert world.placed == []
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.4"))
        assert sizes(process, started.parent_id) == [(10.0 * k, "ioc", D("0.1")) for k in range(4)]

    play(tmp_path, scenario)


@pytest.mark.parametrize(("down", "first"), [(30, 60.0), (75, 15.7)])
def test_a_restart_neither_forgets_nor_hurries_one_that_starts_later(down: int, first: float, tmp_path: Path) -> None:
    """Down over its start it begins when the system is back, and no more than its bounded catch-up at once."""

    async def scenario(world: World, process: Process) -> None:
        started = await begins(process, 60)
        await process.kill()
        await world.clock.sleep(down)
        again = await world.process()
        found = again.parents.get(started.parent_id)
        assert found.parent.start_ns == started.parent.start_ns
        ended = await over(again, started.parent_id)
        assert (ended.status, world.filled) == (ParentStatus.COMPLETED, D("0.4"))
        placed = sizes(again, started.parent_id)
        assert max(size for *_, size in placed) <= D("0.2")
        assert placed[0][0] == pytest.approx(0.0 if down == 30 else 15, abs=1)

    play(tmp_path, scenario)


def test_one_that_waits_for_its_start_is_paused_amended_and_canceled(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        parents = process.parents
        started = await begins(process, 60)
        with pytest.raises(ParentOver, match="before its start"):
            await parents.resume(started.parent_id)
        await parents.amend(started.parent_id, size=D("0.8"), config={"num_slices": 8})
        assert parents.get(started.parent_id).status is ParentStatus.SCHEDULED
        await parents.pause(started.parent_id)
        assert (await parents.resume(started.parent_id)).status is ParentStatus.SCHEDULED
        await parents.pause(started.parent_id, clock=PauseClock.FROZEN)
        await world.clock.sleep(80)
        resumed = await parents.resume(started.parent_id)
        assert (resumed.status, resumed.parent.frozen_total_ns) == (ParentStatus.RUNNING, 20_000_000_000)
        assert (await over(process, started.parent_id)).filled_size == D("0.8")
        assert sizes(process, started.parent_id) == [(20.0 + 5 * k, "ioc", D("0.1")) for k in range(8)]
        other = await begins(process, 60)
        await parents.cancel(other.parent_id, reason="not today")
        canceled = await over(process, other.parent_id)
        assert (canceled.status, canceled.reason, canceled.filled_size) == (ParentStatus.CANCELED, "not today", 0)

    play(tmp_path, scenario)


def test_an_end_is_an_instant_or_a_duration(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        terms = ParentTerms(start_at=after(world, 10), end_at=after(world, 50))
        started = await process.parents.start("twap", {"num_slices": 4}, buy("0.4"), terms=terms)
        assert started.parent.end_ns == started.parent.start_ns + 40_000_000_000
        assert json.loads(started.parent.config)["duration"] == "40"
        bad: list[tuple[dict[str, Any], dict[str, Any], str]] = [
            ({"end_at": after(world, -1)}, {}, "end_at=.*must be after its start"),
            ({"start_at": after(world, 50), "end_at": after(world, 50)}, {}, "end_at=.*must be after its start"),
            ({"end_at": after(world, 9)}, {"duration": 40}, "end_at=.*goes not with config.duration"),
            ({"end_at": after(world, 604_801)}, {}, r"end_at=.*at most 604800 \(duration\)"),
            ({"start_at": after(world, -1)}, {}, "start_at=.*must not be over"),
            ({"start_at": after(world, 400 * 86_400)}, {}, "start_at=.*must be within 366 days"),
            ({"decision_at": after(world, 90)}, {}, "decision_at=.*must not lie in the future"),
        ]
        for given, config, said in bad:
            with pytest.raises(InvalidValue, match=said):
                await process.parents.start("twap", config, buy("0.4"), terms=ParentTerms(**given))
        await process.parents.cancel(started.parent_id)

    play(tmp_path, scenario)


# --- what it met, and whose it is ---


def test_what_it_met_and_what_was_decided_is_kept_for_ever(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        decided = after(world, -5)
        terms = ParentTerms(decision_at=decided, decision_price=D("49900"), tags=["rebalance", "desk:a"])
        twap = TWAPExecution(process.executor, TWAP)
        started = (await twap.start(buy("0.4"), terms=terms)).state
        world.exchange.set_book(BTC, D("50100"), D("50100.1"), D(100))
        await process.kill()
        again = await world.process()
        kept = again.parents.get(started.parent_id).parent
        assert kept.arrival == started.parent.arrival
        assert kept.arrival is not None
        assert (kept.arrival.mid, kept.arrival.microprice) == (D("50000.05"), D("50000.05"))
        assert (kept.arrival.bid_depth, kept.arrival.ask_depth) == (D(100), D(100))
        assert (utc(kept.decision_ns or 0), kept.decision_price) == (decided, D("49900"))
        other = await again.parents.start("market", {}, buy("0.1"), terms=ParentTerms(tags=["rebalance_2"]))
        history = again.parents.history
        assert [p.parent_id for p in history(tag="rebalance")] == [started.parent_id]
        assert [p.parent_id for p in history(tag="desk:a")] == [started.parent_id]
        assert [p.parent_id for p in history(tag="rebalance_2")] == [other.parent_id]
        assert history(tag="rebalancex2") == history(tag="plan_ns") == history(tag="%") == []
        await over(again, started.parent_id)

    play(tmp_path, scenario)


@pytest.mark.parametrize("bad", ["", "Rebalance", 'a"b', "x" * 33, " a"])
def test_a_tag_is_a_short_word(bad: str) -> None:
    with pytest.raises(InvalidValue, match=r"tags=.*must be 1 to 32 lower-case letters"):
        ParentTerms(tags=[bad])
    with pytest.raises(InvalidValue, match="twice"):
        ParentTerms(tags=["a", "a"])


@pytest.mark.parametrize(("side", "offset", "cap"), [("buy", "0.002", "50100"), ("sell", "-0.002", "50100.1")])
def test_a_limit_may_be_so_far_from_the_arrival(side: str, offset: str, cap: str, tmp_path: Path) -> None:
    """Made once, on the tick, at accept; the market that moves on does not move it."""

    async def scenario(world: World, process: Process) -> None:
        terms = ParentTerms(limit_offset_pct=D(offset))
        order = buy("0.4", side=OrderSide(side))
        started = await process.parents.start("twap", TWAP, order, terms=terms)
        assert (started.parent.limit_price, started.parent.limit_offset) == (D(cap), D(offset))
        if side == "sell":
            await process.parents.stop()
            return
        await world.clock.sleep(15)
        away = "51000" if side == "buy" else "49000"
        world.exchange.set_book(BTC, D(away), D(away) + D("0.1"), D(100))
        await process.kill()
        again = await world.process()
        ended = await over(again, started.parent_id)
        assert ended.status is ParentStatus.PARTIAL_EXPIRED
        assert ended.parent.limit_price == D(cap)
        with pytest.raises(InvalidValue, match=r"limit_offset_pct=.*goes not with price"):
            await again.parents.start("twap", TWAP, buy("0.4", "50000"), terms=terms)

    play(tmp_path, scenario)


# --- its clock ---


def test_a_pause_with_a_frozen_clock_moves_the_schedule_and_the_end_by_its_length(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", TWAP, buy("0.4"))
        await world.clock.sleep(15)
        paused = await process.parents.pause(started.parent_id, clock=PauseClock.FROZEN, principal="api:me")
        assert paused.parent.frozen_ns == world.clock.now_ns()
        await world.clock.sleep(100)  # far beyond what was its end
        figures = process.parents.figures(started.parent_id)
        assert figures.scheduled_size == D("0.2")
        await process.kill()
        again = await world.process()
        assert again.parents.get(started.parent_id).status is ParentStatus.PAUSED
        resumed = await again.parents.resume(started.parent_id, reason="news is out", principal="api:me")
        stood = world.clock.now_ns() - (paused.parent.frozen_ns or 0)
        assert resumed.parent.end_ns == (started.parent.end_ns or 0) + stood
        ended = await over(again, started.parent_id)
        assert (ended.status, world.filled) == (ParentStatus.COMPLETED, D("0.4"))
        seconds = stood / 1e9
        expected = [0.0, 10.0, round(20 + seconds, 1), round(30 + seconds, 1)]
        assert [at for at, *_ in sizes(again, started.parent_id)] == pytest.approx(expected, abs=0.11)
        assert controlled(world) == [
            ("api:me", {"control": "pause", "why": "", "clock": "frozen"}),
            ("api:me", {"control": "resume", "why": "news is out"}),
        ]

    play(tmp_path, scenario)


def test_a_pause_with_a_kept_clock_leaves_the_end(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", TWAP, buy("0.4"))
        await world.clock.sleep(5)
        await process.parents.pause(started.parent_id)
        await world.clock.sleep(20)
        await process.parents.resume(started.parent_id)
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.parent.end_ns) == (ParentStatus.COMPLETED, started.parent.end_ns)
        assert [at for at, *_ in sizes(process, started.parent_id)] == [0.0, 25.0, 30.0]
        held = await process.parents.start("twap", TWAP, buy("0.4"))
        await process.parents.pause(held.parent_id)
        expired = await over(process, held.parent_id)
        assert (expired.status, expired.reason) == (ParentStatus.PARTIAL_EXPIRED, "paused over its end")

    play(tmp_path, scenario)


def test_pauses_of_a_frozen_clock_add_up_within_a_slice_and_over_many(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        config = {"duration": 400, "num_slices": 40}
        started = await process.parents.start("twap", config, buy("0.4"))
        for _ in range(30):
            await world.clock.sleep(4.3)
            await process.parents.pause(started.parent_id, clock=PauseClock.FROZEN)
            await world.clock.sleep(7)
            await process.parents.resume(started.parent_id)
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.parent.frozen_total_ns) == (ParentStatus.COMPLETED, 30 * 7_000_000_000)
        assert len(ended.parent.freezes) <= 20
        placed = sizes(process, started.parent_id)
        assert [size for *_, size in placed] == [D("0.01")] * 40
        # Slice k is due after 10 k seconds of its own time, of which the first 129 came with a pause after each 4.3.
        expected = [10 * k + 7 * min(int(10 * k / 4.3), 30) for k in range(40)]
        assert [at for at, *_ in placed] == pytest.approx(expected, abs=0.2)

    play(tmp_path, scenario)


# --- other terms ---


def test_an_amended_end_spreads_what_is_left_over_what_is_left(tmp_path: Path) -> None:
    """Not as if it had begun so: what has been done early is not waited for."""

    async def scenario(world: World, process: Process) -> None:
        config = {"duration": 100, "num_slices": 10}
        started = await process.parents.start("twap", config, buy("1"))
        await world.clock.sleep(75)
        amended = await process.parents.amend(
            started.parent_id, end_at=utc(started.parent.start_ns) + timedelta(seconds=130), reason="slower"
        )
        assert amended.parent.end_ns == started.parent.start_ns + 130_000_000_000
        ended = await over(process, started.parent_id)
        assert (ended.status, world.filled) == (ParentStatus.COMPLETED, D("1"))
        placed = sizes(process, started.parent_id)
        assert placed[:8] == [(10.0 * k, "ioc", D("0.1")) for k in range(8)]
        # From the eighth slice on 0.3 of it are left: five slices in sixty seconds, of which the first has had more.
        assert placed[8:] == [(82.0, "ioc", D("0.02")), *((94.0 + 12 * k, "ioc", D("0.06")) for k in range(3))]
        assert controlled(world)[0][1]["end_at"].startswith("2026-01-01T00:02:10")

    play(tmp_path, scenario)


def test_amending_again_and_again_hurries_nothing(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", {"duration": 100, "num_slices": 10}, buy("1"))
        await world.clock.sleep(33)
        for number in range(20):
            await process.parents.amend(started.parent_id, price=D(50600 + number))
            await world.clock.sleep(0.2)
        assert world.filled == D("0.4")
        ended = await over(process, started.parent_id)
        assert ended.status is ParentStatus.COMPLETED
        assert sizes(process, started.parent_id) == [(10.0 * k, "ioc", D("0.1")) for k in range(10)]

    play(tmp_path, scenario)


def test_what_is_frozen_is_amended_as_if_it_went_on_now(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", TWAP, buy("0.4"))
        await world.clock.sleep(15)
        await process.parents.pause(started.parent_id, clock=PauseClock.FROZEN)
        await world.clock.sleep(50)
        wanted = after(world, 60)
        amended = await process.parents.amend(started.parent_id, end_at=wanted, size=D("0.6"))
        assert (amended.status, amended.parent.end_ns) == (ParentStatus.PAUSED, int(wanted.timestamp()) * 10**9)
        await world.clock.sleep(30)
        resumed = await process.parents.resume(started.parent_id)
        assert resumed.parent.end_ns == (amended.parent.end_ns or 0) + 30_000_000_000
        ended = await over(process, started.parent_id)
        assert (ended.status, world.filled) == (ParentStatus.COMPLETED, D("0.6"))

    play(tmp_path, scenario)


def test_terms_that_cannot_be_are_refused_when_amended(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        parents = process.parents
        started = await parents.start("twap", TWAP, buy("0.4"))
        await world.clock.sleep(11)
        for bad, said in [
            ({"size": D("0.1")}, "size=0.1: must be at least 0.2, what has filled or may still fill"),
            ({"end_at": after(world, -1)}, "end_at=.*must be after"),
            ({"end_at": after(world, 9), "config": {"duration": 60}}, "end_at=.*goes not with config.duration"),
            ({"config": {"duration": 5}}, "config.duration=.*is over"),
            ({"limit_offset_pct": D("0.01"), "price": D(50000)}, "limit_offset_pct=.*goes not with price"),
            ({"limit_offset_pct": D(2)}, "limit_offset_pct=2: must be from -0.5 to 0.5"),
        ]:
            with pytest.raises(InvalidValue, match=said):
                await parents.amend(started.parent_id, **bad)  # type: ignore[arg-type]
        assert controlled(world) == []
        amended = await parents.amend(started.parent_id, limit_offset_pct=D("0.001"))
        assert amended.parent.limit_price == D("50050")
        ladder = {"price_from": "49990", "price_to": "49970", "levels": 3}
        scaled = await parents.start("scale", ladder, buy("0.3"))
        with pytest.raises(InvalidValue, match="levels=5: cannot be amended"):
            await parents.amend(scaled.parent_id, config={"levels": 5})
        for parent_id in (started.parent_id, scaled.parent_id):
            await parents.cancel(parent_id)
            await over(process, parent_id)

    play(tmp_path, scenario)
