"""What other systems get wrong and what a hostile book tries, over all kinds of lattices; and known answers."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus, Place, Progress, Step, Wait
from app.services.trading.execution_strategies import STRATEGIES, ImplementationShortfallExecution, TWAPExecution
from tests.unit.execution.world import BTC, SECOND, START, Profile, World

D = Decimal
SHIB = replace(BTC, instrument_id="SHIB-USDT", tick=D("0.000000001"), lot=D(1_000), min_size=D(5_000))
HALVES = replace(BTC, instrument_id="X-USDT", tick=D("0.5"), lot=D("0.3"), min_size=D(1))
BOOKS = {"BTC-USDT": ("50000", "50000.1"), "SHIB-USDT": ("0.000012345", "0.000012346"), "X-USDT": ("7.5", "8")}


@settings(max_examples=60)
@given(
    st.sampled_from([BTC, SHIB, HALVES]),
    st.integers(10, 3_000),
    st.integers(1, 50),
    st.integers(1, 20),
    st.sampled_from(["0", "0.2"]),
    st.integers(0, 2**32),
)
def test_a_twap_that_fills_is_never_more_than_a_slice_off_and_exact_at_its_end(
    instrument: Any, lots: int, slices: int, seconds: int, jitter: str, seed: int
) -> None:
    strategy = TWAPExecution(
        None, {"duration": seconds * slices, "num_slices": slices, "size_jitter": jitter, "max_slippage_pct": "0.5"}
    )
    bid, ask = BOOKS[instrument.instrument_id]

    def watch(world: World, progress: Progress, step: Step) -> None:
        schedule = strategy.schedule(progress)
        if isinstance(step, Wait) and not progress.open_children:
            normal = schedule.normal(max(schedule.index(world.now), 0))
            smallest = instrument.min_size + instrument.lot
            assert abs(progress.filled - schedule.target(world.now)) <= max(normal, smallest)

    size = lots * instrument.lot
    world = World(strategy, size, seed=seed, instrument=instrument, bid=D(bid), ask=D(ask), each_step=watch)
    outcome = world.run()
    assert (outcome.done.status, outcome.filled) == (ParentStatus.COMPLETED, size)
    assert all(place.size % instrument.lot == 0 for _, place in outcome.places)


def test_a_refused_slice_takes_none_of_the_others_with_it() -> None:
    """hummingbot keeps only the failed slot of its plan after one failure, and forgets what the others did."""
    world = World(TWAPExecution(None, {"duration": 100, "num_slices": 5}), D("0.5"))
    world.at(15, lambda: setattr(world.profile, "reject", 1))
    world.at(22, lambda: setattr(world.profile, "reject", 0))
    outcome = world.run()
    assert (outcome.done.status, outcome.filled) == (ParentStatus.COMPLETED, D("0.5"))
    done = {child.order_id for child in outcome.progress.children if child.filled}
    filled = [((at - START) // SECOND, place.size) for k, (at, place) in enumerate(world.places) if f"c{k + 1}" in done]
    assert [(at, size) for at, size in filled if at != filled[1][0]] == [
        (0, D("0.1")),
        (40, D("0.1")),
        (60, D("0.1")),
        (80, D("0.1")),
    ]
    assert 22 <= filled[1][0] < 30


CAPPED: dict[str, dict[str, Any]] = {
    "market": {},
    "limit": {"fallback_to_market": False, "timeout": 60, "chase_time": 20},
    "twap": {"duration": 60, "num_slices": 6},
    "vwap": {"duration": 60, "num_slices": 6, "style": "passive_then_cross"},
    "implementation_shortfall": {"duration": 60, "num_slices": 6, "style": "passive"},
    "adaptive": {"duration": 60, "num_slices": 6, "cross_imbalance": "0.5", "patience": "0.2"},
    "pov": {"participation": "0.5", "duration": 60, "force_completion": True},
    "iceberg": {"visible_pct": "0.3", "layers": 2, "peg": True, "timeout": 60},
    "sniper": {"timeout": 60},
    "chase": {"timeout": 60, "finish": "cross"},
    "bracket": {"stop_loss": "40000", "timeout": 60},
    "scale": {"price_from": "50010", "price_to": "49990", "timeout": 60},
}


@pytest.mark.parametrize("side", OrderSide)
@pytest.mark.parametrize("name", CAPPED)
def test_the_cap_holds_whatever_the_book_does(name: str, side: OrderSide) -> None:
    """The book jumps through the cap and back whenever an order is on its way, and takes what it can get."""
    cap, far = D("50000"), D(300) * side.sign
    strategy = STRATEGIES[name](None, CAPPED[name])
    profile = Profile(latency_max=0.5, partial=0.5, resting_fill_per_second=0.5, others=1.0, cancel_lost=0.2)
    world = World(strategy, D("2"), side, cap, profile, seed=8)

    def jump(world: World, progress: Progress, step: Step) -> None:
        moved = world.random.choice((-far, D("-0.1") * side.sign, D(0), far)) if isinstance(step, Place) else -far / 300
        if isinstance(step, Place) or world.random.random() < 0.3:
            world.bid, world.ask = cap + moved, cap + moved + D("0.1")

    world.each_step = jump
    outcome = world.run()
    fills = [fill for child in outcome.progress.children for fill in child.fills.values()]
    assert fills, "the case must come to something"
    assert all(side.sign * (fill.price - cap) <= 0 for fill in fills)
    assert all(place.price is not None and side.sign * (place.price - cap) <= 0 for _, place in outcome.places)


def test_every_strategy_with_a_cap_is_tried() -> None:
    """But those that work within the bounds of risk, which have worlds of their own (test_conditional.py)."""
    elsewhere = {name for name, strategy in STRATEGIES.items() if strategy.conditional or strategy.gets_out}
    assert set(CAPPED) | elsewhere == set(STRATEGIES)


def test_no_hurry_is_a_twap() -> None:
    """κ → 0: with a half-life of a year five minutes are even."""
    config = {"duration": 300, "num_slices": 7}
    calm = World(ImplementationShortfallExecution(None, {**config, "half_life": 31_536_000}), D("1.0003"))
    even = World(TWAPExecution(None, config), D("1.0003"))
    pairs = list(zip(calm.run().places, even.run().places, strict=True))
    assert all(a[0] == b[0] and abs(a[1].size - b[1].size) <= BTC.lot for a, b in pairs)


@pytest.mark.parametrize("urgency", ["low", "medium", "high"])
def test_solved_anew_at_each_slice_it_is_what_was_planned_at_first(urgency: str) -> None:
    """Time-consistent: each slice is solved from what is left, and together they are the first plan, to a lot each."""
    strategy = ImplementationShortfallExecution(None, {"duration": 300, "num_slices": 10, "urgency": urgency})
    world = World(strategy, D("10"))
    planned = strategy.schedule(world.progress()).targets
    outcome = world.run()
    done = D(0)
    by_slice = {(at - START) // (30 * SECOND): place.size for at, place in outcome.places}
    for k, target in enumerate(planned):
        done += by_slice.get(k, D(0))
        assert abs(done - target) <= 2 * BTC.lot + (BTC.min_size if by_slice.get(k) is None else 0)
    assert all(later >= earlier for earlier, later in pairwise(planned))
