"""What becomes of the rest at the end, how large a child may be, and what cannot be worked at all."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import OrderType
from app.domain.parents import ParentStatus, Place, Progress, Step
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies import STRATEGIES, ImplementationShortfallExecution, TWAPExecution
from tests.simulation.parent_stack import BTC, Fuse, Process, World, buy
from tests.simulation.test_parent_crashes import Case, run
from tests.simulation.test_parent_life import over, play, sizes
from tests.unit.execution.world import Profile
from tests.unit.execution.world import World as UnitWorld

D = Decimal
SCHEDULE = {"duration": 40, "num_slices": 4}


def dear(world: World) -> None:
    world.exchange.set_book(BTC, D("50500"), D("50500.1"), D(100))


def usual(world: World) -> None:
    world.exchange.set_book(BTC, D("50000"), D("50000.1"), D(100))


# --- completion ---


def test_extend_goes_on_in_slices_until_it_is_done(tmp_path: Path) -> None:
    """The market was through the cap for most of the schedule; what that left is worked on, slice by slice."""

    async def scenario(world: World, process: Process) -> None:
        config = {**SCHEDULE, "max_catch_up": 1, "completion": "extend", "extend_seconds": 60}
        started = await process.parents.start("twap", config, buy("0.4", "50100"))
        assert started.parent.end_ns == started.parent.start_ns + 100_000_000_000
        await world.clock.sleep(5)
        dear(world)
        await world.clock.sleep(30.5)
        usual(world)
        ended = await over(process, started.parent_id)
        assert (ended.status, world.filled) == (ParentStatus.COMPLETED, D("0.4"))
        placed = sizes(process, started.parent_id)
        assert [size for *_, size in placed] == [D("0.1")] * 4
        assert [round(at) for at, *_ in placed[2:]] == [40, 50]
        reasons = [child.reason for child in process.parents.figures(started.parent_id).children]
        assert reasons[2:] == ["extension, slice 1", "extension, slice 2"]

    play(tmp_path, scenario)


def test_amended_in_its_extension_it_goes_on_in_slices_of_the_same_length(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        config = {**SCHEDULE, "max_catch_up": 1, "completion": "extend", "extend_seconds": 60}
        started = await process.parents.start("twap", config, buy("0.4", "50100"))
        await world.clock.sleep(5)
        dear(world)
        await world.clock.sleep(40)
        await process.parents.amend(started.parent_id, size=D("0.3"), principal="test")
        usual(world)
        ended = await over(process, started.parent_id)
        assert (ended.status, world.filled) == (ParentStatus.COMPLETED, D("0.3"))
        placed = sizes(process, started.parent_id)
        assert [size for *_, size in placed] == [D("0.1"), D("0.06666667"), D("0.06666666"), D("0.06666667")]
        assert [round(at) for at, *_ in placed[1:]] == [45, 50, 60]

    play(tmp_path, scenario)


def test_extend_ends_with_what_is_left_named(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        config = {**SCHEDULE, "completion": "extend", "extend_seconds": 60}
        started = await process.parents.start("twap", config, buy("0.4", "50100"))
        await world.clock.sleep(15)
        dear(world)
        ended = await over(process, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.PARTIAL_EXPIRED, D("0.2"))
        assert ended.reason == "0.2 left at the end of the schedule"
        assert (ended.parent.end_ns or 0) <= ended.parent.updated_ns <= (ended.parent.end_ns or 0) + 1_000_000_000

    play(tmp_path, scenario)


def test_leave_passive_rests_once_at_the_touch_and_within_the_cap(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        config = {**SCHEDULE, "completion": "leave_passive", "extend_seconds": 300}
        started = await process.parents.start("twap", config, buy("0.4", "50100"))
        await world.clock.sleep(15)
        dear(world)
        await world.clock.sleep(27)
        (resting,) = world.exchange.venue.open.values()
        assert (resting.price, resting.size) == (D(50100), D("0.2"))
        world.exchange.set_book(BTC, D("50300"), D("50300.1"), D(100))
        await world.clock.sleep(60)
        assert list(world.exchange.venue.open.values()) == [resting]
        world.exchange.set_book(BTC, D("50099"), D("50099.9"), D(100))
        ended = await over(process, started.parent_id)
        assert (ended.status, world.filled) == (ParentStatus.COMPLETED, D("0.4"))
        last = process.parents.orders(started.parent_id)[-1]
        assert last.order_type is OrderType.POST_ONLY

    play(tmp_path, scenario)


@pytest.mark.parametrize("completion", ["extend", "leave_passive"])
def test_the_rest_survives_a_kill_at_every_boundary(completion: str, tmp_path: Path) -> None:
    config = {"duration": 10, "num_slices": 2, "completion": completion, "extend_seconds": 90}
    moves = (
        (3.0, "50500", "50500.1"),
        (14.0, "49000", "49000.1"),
        (40.0, "48900", "48900.1"),
        (60.0, "48000", "48000.1"),
    )
    case = Case("twap", config, buy("0.1", "50100"), moves)
    for boundary in range(1, 500):
        if not run(tmp_path / "parents.db", case, [Fuse(boundary)], in_time=True):
            return
    raise AssertionError("the parent never ran to its end")


# --- clips ---


@pytest.mark.parametrize("strategy", ["twap", "vwap", "implementation_shortfall", "pov", "iceberg", "market"])
def test_no_child_is_out_of_its_bounds_and_all_is_done(strategy: str, seed: int) -> None:
    draw = random.Random(seed)
    for attempt in range(10):
        config: dict[str, Any] = {"min_clip": D("0.02"), "max_clip": D("0.05")}
        if strategy in ("twap", "vwap", "implementation_shortfall"):
            config |= {"duration": 200, "num_slices": 10}
        if strategy == "market":
            config["max_attempts"] = 100
        if strategy == "pov":
            config |= {"participation": "0.5", "duration": 600, "force_completion": True}
        size = D(draw.randint(500, 5000)) / 10_000
        profile = Profile(partial=0.3, reject=0.1, others=1.0, resting_fill_per_second=0.5)
        world = UnitWorld(STRATEGIES[strategy](None, config), size, profile=profile, seed=seed + attempt)
        world.each_step = no_smaller
        outcome = world.run()
        assert max(place.size for _, place in world.places) <= D("0.05")
        if strategy != "market":  # which ends with what so many attempts have left
            # An order that a thin book takes a part of may leave less than the smallest one.
            assert outcome.done.status in (ParentStatus.COMPLETED, ParentStatus.COMPLETED_WITH_DUST), outcome.done
            assert size - outcome.filled < world.instrument.min_size


def no_smaller(world: UnitWorld, progress: Progress, step: Step) -> None:
    if isinstance(step, Place):
        assert step.size >= min(D("0.02"), progress.remaining)


def test_slices_are_as_large_as_the_smallest_clip() -> None:
    world = UnitWorld(TWAPExecution(None, {"duration": 100, "num_slices": 10, "min_clip": D("0.03")}), D("0.1"))
    assert world.run().done.status is ParentStatus.COMPLETED
    assert [place.size for _, place in world.places] == [D("0.0333"), D("0.0334"), D("0.0333")]


def test_a_clip_cuts_a_slice_but_changes_no_trajectory() -> None:
    config = {"duration": 100, "num_slices": 5, "urgency": "high"}
    whole = UnitWorld(ImplementationShortfallExecution(None, config), D(1))
    cut = UnitWorld(ImplementationShortfallExecution(None, {**config, "max_clip": D("0.1")}), D(1))
    for world in (whole, cut):
        assert world.run().done.status is ParentStatus.COMPLETED
    assert max(place.size for _, place in cut.places) == D("0.1")
    by_slice = [sum(place.size for _, place in world.places if place.reason == "slice 1/5") for world in (whole, cut)]
    assert by_slice[0] == by_slice[1] > D("0.5")


# --- what cannot be worked ---


@pytest.mark.parametrize(
    ("strategy", "config", "size", "said"),
    [
        ("twap", {"num_slices": 8}, "0.00007", "num_slices=8: must be at most 7 slices of at least 0.00001 BTC"),
        ("vwap", {"num_slices": 8, "min_clip": "0.02"}, "0.1", "at most 5 slices of at least 0.02 BTC"),
        ("twap", {"min_clip": 2}, "1", "min_clip=2: must be at most the whole size 1"),
        ("twap", {"min_clip": "0.2", "max_clip": "0.3"}, "1", "max_clip=0.3: must be at least 0.4, twice the smallest"),
        ("twap", {"max_clip": "0.001"}, "1", "max_clip=0.001: must be at least 0.00333334: one child a second"),
        ("market", {"max_clip": "0.1"}, "1", "max_attempts=5: must be at least 10, for 1 in children of 0.1"),
        ("twap", {"max_participation": "1.1"}, "1", "max_participation=1.1: must be at most 0.5"),
        ("pov", {"participation": "1.1"}, "1", "participation=1.1: must be at most 0.5"),
        (
            "twap",
            {"completion": "hope"},
            "1",
            "completion='hope': must be one of force, cancel_residual, extend, leave",
        ),
        ("twap", {}, "0.000015000001", "size=.*: must be a multiple of lot size 0.00000001 of BTC-USDT"),
        ("hope", {}, "1", "strategy=hope: must be one of market, limit"),
        ("twap", {"hope": 1}, "1", "hope=1: unknown key; known are"),
    ],
)
def test_what_cannot_be_worked_is_refused_with_what_would(
    strategy: str, config: dict[str, Any], size: str, said: str, tmp_path: Path
) -> None:
    async def scenario(world: World, process: Process) -> None:
        with pytest.raises(InvalidValue, match=said):
            await process.parents.start(strategy, config, buy(size))
        assert process.parents.history() == []

    play(tmp_path, scenario)


def test_a_number_of_slices_that_nobody_named_is_made_to_fit(tmp_path: Path) -> None:
    async def scenario(world: World, process: Process) -> None:
        started = await process.parents.start("twap", {"duration": 40}, buy("0.00007"))
        await over(process, started.parent_id)
        assert len(process.parents.orders(started.parent_id)) == 7
        other = await process.parents.start("twap", {"duration": 40}, buy("0.00007"))
        with pytest.raises(InvalidValue, match=r"num_slices=9: must be at most 7 slices of at least 0.00001 BTC"):
            await process.parents.amend(other.parent_id, config={"num_slices": 9})
        await process.parents.cancel(other.parent_id)
        await over(process, other.parent_id)

    play(tmp_path, scenario)
