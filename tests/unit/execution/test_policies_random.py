"""Every policy in random worlds: the parent's cap holds at each step, and it ends in time and with a reason."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.orders import OrderSide, OrderType
from app.domain.parents import ParentStatus, Place, Progress, Step
from app.services.trading.execution_strategies import (
    AdaptiveExecution,
    ChaseExecution,
    ExecutionStrategy,
    IcebergExecution,
    ImplementationShortfallExecution,
    LimitExecution,
    MarketExecution,
    POVExecution,
    ScaleExecution,
    SniperExecution,
    TWAPExecution,
    VWAPExecution,
)
from app.services.trading.execution_strategies.chase_execution import Finish
from app.services.trading.execution_strategies.iceberg_execution import IcebergConfig
from tests.unit.execution.world import START, Outcome, Profile, World

D = Decimal

profiles = st.builds(
    Profile,
    latency_max=st.sampled_from([0.0, 0.05, 1.0, 4.0]),
    reject=st.sampled_from([0.0, 0.0, 0.1, 0.5]),
    reject_codes=st.sampled_from([("50011",), ("50011", "51008"), ("50013",)]),
    lost=st.sampled_from([0.0, 0.0, 0.1, 0.5]),
    resolve_after=st.sampled_from([5.0, 12.0, 90.0]),
    partial=st.sampled_from([0.0, 0.3, 0.9]),
    resting_fill_per_second=st.sampled_from([0.0, 0.1, 0.6]),
    cancel_lost=st.sampled_from([0.0, 0.3]),
    move_ticks=st.sampled_from([0, 3, 300]),
    dark=st.sampled_from([0.0, 0.02]),
    away=st.sampled_from([None, None, None, (1.0, 3_600.0), (9.0, 40.0)]),
)
sizes = st.integers(10, 4000).map(lambda lots: lots * D("0.0001"))
limits = st.sampled_from([None, None, "49990", "50000", "50000.1", "50010"])
sides = st.sampled_from(list(OrderSide))
seeds = st.integers(0, 2**32)


def said(config: dict[str, Any]) -> dict[str, Any]:
    """As it can be: a style goes not with use_limit_orders."""
    return {**config, "use_limit_orders": config["use_limit_orders"] and config["style"] is None}


manners = {
    "use_limit_orders": st.booleans(),
    "style": st.sampled_from([None, None, "passive", "passive_then_cross", "taker"]),
    "cross_after": st.sampled_from(["0.05", "0.5", "0.95"]),
    "reprice_ticks": st.sampled_from([1, 20]),
    "min_rest": st.sampled_from(["0.25", "3"]),
}
twaps = st.fixed_dictionaries(
    {
        "duration": st.integers(1, 120),
        "num_slices": st.integers(1, 40),
        **manners,
        "price_offset_pct": st.sampled_from(["0.001", "0", "-0.0005"]),
        "time_jitter": st.sampled_from(["0", "0.8"]),
        "size_jitter": st.sampled_from(["0", "0.2"]),
        "completion": st.sampled_from(["force", "cancel_residual"]),
        "would_price": st.sampled_from([None, None, "49900"]),
    }
).map(lambda config: TWAPExecution(None, said(config)))
limit_orders = st.fixed_dictionaries(
    {
        "timeout": st.integers(1, 60),
        "fallback_to_market": st.booleans(),
        "post_only": st.booleans(),
        "chase_time": st.sampled_from(["0", "0", "0.5"]),
        "max_chase_pct": st.sampled_from(["0", "0.0002", "0.01"]),
    }
).map(lambda config: LimitExecution(None, config))
icebergs = st.fixed_dictionaries(
    {
        "visible_pct": st.sampled_from(["0.05", "0.1", "0.4", "1"]),
        "max_refresh_time": st.sampled_from(["0.5", "5", "30"]),
        "use_limit_orders": st.booleans(),
        "timeout": st.integers(5, 300),
        "size_jitter": st.sampled_from(["0", "0.5"]),
        "refresh_delay": st.sampled_from(["0", "4"]),
        "layers": st.sampled_from([1, 1, 3]),
        "peg": st.booleans(),
    }
).map(lambda config: IcebergExecution(None, config))
slices = {
    "duration": st.integers(1, 120),
    "num_slices": st.integers(1, 40),
    **manners,
    "time_jitter": st.sampled_from(["0", "0.5"]),
    "max_participation": st.sampled_from([None, None, "0.2"]),
    "participation_window": st.sampled_from([10, 300]),
}
curves = st.lists(st.integers(0, 9), min_size=24, max_size=24)
vwaps = st.fixed_dictionaries(
    {**slices, "volume_curve": curves, "curve_unit": st.sampled_from([None, "0.5", "500"])}
).map(lambda config: VWAPExecution(None, said(config)))
shortfalls = st.fixed_dictionaries(
    {**slices, "urgency": st.sampled_from(["low", "medium", "high"]), "risk_aversion": st.sampled_from([None, "1e-5"])}
).map(lambda config: ImplementationShortfallExecution(None, said(config)))
adaptives = st.fixed_dictionaries(
    {
        "duration": st.integers(1, 120),
        "num_slices": st.integers(1, 40),
        "cross_imbalance": st.sampled_from(["0.5", "0.9", "1"]),
        "patience": st.sampled_from(["0.1", "1", "3"]),
        "reprice_ticks": st.sampled_from([1, 20]),
        "min_rest": st.sampled_from(["0.25", "3"]),
        "max_participation": st.sampled_from([None, None, "0.2"]),
        "completion": st.sampled_from(["force", "cancel_residual"]),
        "would_price": st.sampled_from([None, None, "49900"]),
    }
).map(lambda config: AdaptiveExecution(None, config))
povs = st.fixed_dictionaries(
    {
        "participation": st.sampled_from(["0.05", "0.3", "0.5"]),
        "max_participation": st.sampled_from([None, None, "0.5"]),
        "window": st.integers(10, 60),
        "interval": st.integers(1, 20),
        "duration": st.integers(5, 120),
        "force_completion": st.booleans(),
    }
).map(lambda config: POVExecution(None, config))
chases = st.fixed_dictionaries(
    {
        "timeout": st.integers(1, 120),
        "max_chase_pct": st.sampled_from(["0", "0.0002", "0.01"]),
        "min_rest": st.sampled_from(["0.25", "3"]),
        "reprice_ticks": st.sampled_from([1, 20]),
        "finish": st.sampled_from(["cancel", "cross"]),
    }
).map(lambda config: ChaseExecution(None, config))
snipers = st.fixed_dictionaries(
    {"timeout": st.integers(1, 120), "take_pct": st.sampled_from(["0.01", "1"]), "cooldown": st.integers(1, 9)}
).map(lambda config: SniperExecution(None, config))
scales = st.fixed_dictionaries(
    {
        "price_from": st.sampled_from(["49990", "50010"]),
        "price_to": st.sampled_from(["49900", "50100"]),
        "levels": st.integers(2, 5),
        "size_skew": st.sampled_from(["0.5", "1", "3"]),
        "timeout": st.integers(1, 120),
    }
).map(lambda config: ScaleExecution(None, config))
markets = st.fixed_dictionaries(
    {
        "timeout": st.integers(1, 60),
        "max_levels": st.sampled_from([None, 1]),
        "max_cost_pct": st.sampled_from([None, None, "0.0001"]),
    }
).map(lambda config: MarketExecution(None, config))


def one_at_a_time(world: World, progress: Progress, step: Step) -> None:
    """No child is placed while a resting one is not over and settled, at the venue and in our books; of an iceberg,
    while it has as many as layers."""
    if isinstance(step, Place):
        config = world.strategy.config
        most = config.layers if isinstance(config, IcebergConfig) else 1
        assert len([child for child in progress.children if child.order_type.rests and child.open]) < most
        assert len([order for order in world.venue.values() if order.open and order.request.order_type.rests]) < most


def check(outcome: Outcome, world: World) -> None:
    parent, done = world.parent, outcome.done
    assert parent.end_ns is not None
    assert outcome.now_ns <= world.over_by()
    assert not world.left_alone()
    assert done.status.terminal or done.status is ParentStatus.SUSPENDED
    assert done.reason
    assert outcome.filled <= parent.size
    assert outcome.progress.filled <= outcome.filled
    still_open = [order for order in world.venue.values() if order.open]
    if "needs operator" not in done.reason:
        assert not still_open
        assert not outcome.progress.open_children
        assert outcome.progress.filled == outcome.filled  # nothing filled that the parent does not know of
    if done.status is ParentStatus.COMPLETED:
        assert outcome.filled == parent.size
    if done.status is ParentStatus.COMPLETED_WITH_DUST:
        assert 0 < parent.size - outcome.filled < world.instrument.min_size


def drive(
    strategy: ExecutionStrategy, size: Decimal, side: OrderSide, limit: str | None, profile: Profile, seed: int
) -> Outcome:
    price = None if limit is None else D(limit)
    world = World(strategy, size, side, price, profile, seed, each_step=one_at_a_time)
    outcome = world.run()
    check(outcome, world)
    return outcome


@given(markets, sizes, sides, limits, profiles, seeds)
def test_market(
    strategy: MarketExecution, size: Decimal, side: OrderSide, limit: str | None, profile: Profile, seed: int
) -> None:
    drive(strategy, size, side, limit, profile, seed)


@given(limit_orders, sizes, sides, limits, profiles, seeds)
def test_limit(
    strategy: LimitExecution, size: Decimal, side: OrderSide, limit: str | None, profile: Profile, seed: int
) -> None:
    drive(strategy, size, side, limit, profile, seed)


@settings(max_examples=150)
@given(st.one_of(twaps, adaptives), sizes, sides, limits, profiles, seeds)
def test_twap_and_adaptive(
    strategy: TWAPExecution | AdaptiveExecution,
    size: Decimal,
    side: OrderSide,
    limit: str | None,
    profile: Profile,
    seed: int,
) -> None:
    outcome = drive(strategy, size, side, limit, profile, seed)
    schedule = strategy.schedule(outcome.progress)
    largest = strategy.config.max_catch_up * max(schedule.normal(k) for k in range(len(schedule.targets)))
    by_schedule = [(at, place) for at, place in outcome.places if "would be done" not in place.reason]
    assert all(place.size < largest + BTC_MIN for _, place in by_schedule)
    if not profile.lost:
        # Without lost answers, what is under way is never ahead of the schedule by as much as a minimum.
        for now, place in by_schedule:
            if now < schedule.begins_ns(len(schedule.targets)):
                assert place.size < schedule.target(now) + BTC_MIN


@given(icebergs, sizes, sides, limits, profiles, seeds)
def test_iceberg(
    strategy: IcebergExecution, size: Decimal, side: OrderSide, limit: str | None, profile: Profile, seed: int
) -> None:
    outcome = drive(strategy, size, side, limit, profile, seed)
    visible = strategy.visible_size(outcome.progress) * (1 + strategy.config.size_jitter)
    assert all(place.size < visible + BTC_MIN for _, place in outcome.places)


@given(st.one_of(vwaps, shortfalls), sizes, sides, limits, profiles, seeds)
def test_other_schedules(
    strategy: VWAPExecution, size: Decimal, side: OrderSide, limit: str | None, profile: Profile, seed: int
) -> None:
    outcome = drive(strategy, size, side, limit, profile, seed)
    schedule = strategy.schedule(outcome.progress)
    normal = max(schedule.normal(k) for k in range(len(schedule.targets)))
    assert schedule.targets[-1] == size
    if strategy.config.max_participation is not None:
        assert outcome.places == [], "nobody else trades in this world, and a part of nothing is nothing"
    assert all(place.size < strategy.config.max_catch_up * normal + BTC_MIN for _, place in outcome.places)


@given(povs, sizes, sides, limits, profiles, seeds, st.sampled_from([0.0, 0.05, 1.0]))
def test_pov(
    strategy: POVExecution,
    size: Decimal,
    side: OrderSide,
    limit: str | None,
    profile: Profile,
    seed: int,
    others: float,
) -> None:
    """Whatever happens, before its end it takes no more than its part of what others traded, but for less than a
    minimum in each of the windows that follow each other."""
    config, price = strategy.config, None if limit is None else D(limit)
    world = World(strategy, size, side, price, replace(profile, others=others), seed, each_step=one_at_a_time)
    outcome = world.run()
    check(outcome, world)
    end_ns = outcome.progress.parent.end_ns
    assert end_ns is not None
    in_time = [child for child in outcome.progress.children if child.placed_ns < end_ns]
    windows = int(config.duration / config.window) + 2
    most = config.max_participation or config.participation
    part = most / (1 - most) * world.others
    assert sum(child.filled for child in in_time) <= part + windows * BTC_MIN


@given(chases, sizes, sides, limits, profiles, seeds)
def test_chase(
    strategy: ChaseExecution, size: Decimal, side: OrderSide, limit: str | None, profile: Profile, seed: int
) -> None:
    outcome = drive(strategy, size, side, limit, profile, seed)
    resting = [place for _, place in outcome.places if place.order_type is OrderType.POST_ONLY]
    assert resting or not outcome.places or strategy.config.finish is Finish.CROSS
    for place in resting:
        assert place.price is not None
        assert resting[0].price is not None
        farthest = resting[0].price * (1 + side.sign * strategy.config.max_chase_pct)
        assert side.sign * (place.price - farthest) <= 0


@given(snipers, sizes, sides, st.sampled_from(["49990", "50000", "50010"]), profiles, seeds)
def test_sniper(
    strategy: SniperExecution, size: Decimal, side: OrderSide, limit: str, profile: Profile, seed: int
) -> None:
    outcome = drive(strategy, size, side, limit, profile, seed)
    assert all(place.order_type is OrderType.IOC for _, place in outcome.places)


@given(scales, sizes, sides, limits, profiles, seeds)
def test_scale(
    strategy: ScaleExecution, size: Decimal, side: OrderSide, limit: str | None, profile: Profile, seed: int
) -> None:
    world = World(strategy, size, side, None if limit is None else D(limit), profile, seed)
    if strategy.refusals(size, world.limit_price, world.instrument):
        return
    outcome = world.run()
    check(outcome, world)
    rungs = strategy.rungs(size, side, world.instrument)
    assert sum(part for _, part in rungs) == size
    for number, (_, part) in enumerate(rungs, start=1):
        children = [c for c in outcome.progress.children if c.reason == f"rung {number}/{len(rungs)}"]
        assert sum(child.filled for child in children) <= part


@given(
    st.one_of(markets, limit_orders, twaps, adaptives, icebergs, vwaps, shortfalls, povs, chases),
    sizes,
    sides,
    profiles,
    seeds,
    st.integers(0, 100),
)
def test_cancel_pause_and_resume_at_any_time(
    strategy: ExecutionStrategy, size: Decimal, side: OrderSide, profile: Profile, seed: int, second: int
) -> None:
    world = World(strategy, size, side, None, profile, seed, each_step=one_at_a_time)
    world.at(second / 3, lambda: world.set_status(ParentStatus.PAUSED, "by a person"))
    world.at(second / 2, lambda: world.set_status(ParentStatus.RUNNING))
    world.at(second, lambda: world.set_status(ParentStatus.CANCELING, "by a person"))
    outcome = world.run()
    check(outcome, world)
    if outcome.now_ns >= START + second * 1_000_000_000 and outcome.done.status is ParentStatus.CANCELED:
        assert outcome.filled < size


BTC_MIN = D("0.001")
