"""VWAP, implementation shortfall and POV in plain situations: what they place, when, and how much."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from math import acosh, exp, sinh

import pytest

from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Done, ParentStatus, Place, Wait
from app.domain.refusals import InvalidValue
from app.domain.volume_curves import HOUR_NS, MONDAY_NS, expected_volume
from app.market_data.mids import Mid, Mids, variance_a_second
from app.market_data.view import BookView, MarketView, VolumeBucket
from app.services.trading.execution_strategies import (
    ChaseExecution,
    ImplementationShortfallExecution,
    POVExecution,
    ScaleExecution,
    SniperExecution,
    TWAPExecution,
    VWAPExecution,
)
from tests.unit.execution.world import BTC, SECOND, START, Profile, World

D = Decimal


def sizes(world: World) -> list[tuple[float, Decimal]]:
    return [((at - START) / SECOND, place.size) for at, place in world.places]


# --- what every schedule may be told ---


def test_jitter_moves_slices_within_their_own_time_and_size_and_keeps_the_sum() -> None:
    config = {"duration": 100, "num_slices": 10, "time_jitter": "0.5", "size_jitter": "0.2"}
    world = World(TWAPExecution(None, config), D("1"), seed=11)
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    assert len(world.places) == 10
    for number, (at, size) in enumerate(sizes(world)):
        assert 10 * number <= at <= 10 * number + 5
        assert D("0.06") <= size <= D("0.14")
    again = World(TWAPExecution(None, config), D("1"), seed=11)
    assert again.run().places == outcome.places
    other = World(TWAPExecution(None, config), D("1"), seed=12)
    assert other.run().places != outcome.places


def test_would_price_takes_what_is_shown_there_at_once_and_no_more() -> None:
    config = {"duration": 100, "num_slices": 10, "would_price": 49000}
    world = World(TWAPExecution(None, config), D("2"))
    world.shown = D("0.5")
    world.at(15, lambda: world.set_book("48999", "49000"))
    world.at(17, lambda: world.set_book("50000", "50000.1"))
    outcome = world.run()
    taken = [(at, size, place.price) for (at, size), (_, place) in zip(sizes(world), world.places, strict=True)]
    assert taken[2][1:] == (D("0.5"), D(49000))
    assert 15 <= taken[2][0] < 17
    assert "it would be done" in world.places[2][1].reason
    assert outcome.done.status is ParentStatus.COMPLETED


def test_the_cap_holds_beside_a_would_price_beyond_it() -> None:
    config = {"duration": 20, "num_slices": 2, "would_price": 60000}
    world = World(TWAPExecution(None, config), D("1"), limit_price=D("50000"))
    outcome = world.run()
    assert outcome.places == []
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED


def test_no_schedule_is_more_than_its_part_of_the_market() -> None:
    """Others trade about one a second: a tenth of the whole leaves a ninth of theirs, and the rest is named."""
    config = {"duration": 200, "num_slices": 10, "max_participation": "0.1"}
    world = World(TWAPExecution(None, config), D("100"), profile=Profile(others=1.0), seed=5)
    world.shown = D(1_000)
    outcome = world.run()
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED
    assert 0 < outcome.filled <= world.others / 9
    assert outcome.filled > world.others / 12


@pytest.mark.parametrize(("window", "filled"), [(10, "1"), (60, "2"), (300, "6"), (900, "10")])
def test_the_part_of_the_market_is_that_of_its_window(window: int, filled: str) -> None:
    """Others trade once, a second after the start; slices of 1 come every 60 s for as long as that is in the window."""
    config = {"duration": 600, "num_slices": 10, "max_participation": "0.1", "participation_window": window}
    world = World(TWAPExecution(None, config), D("10"))
    world.at(1, lambda: world.print_trade(D(100), D(50_000)))
    assert world.run().filled == D(filled)


def test_a_schedule_that_is_not_to_complete_leaves_its_rest() -> None:
    config = {"duration": 100, "num_slices": 10, "completion": "cancel_residual"}
    world = World(TWAPExecution(None, config), D("1"))
    world.at(95, lambda: setattr(world, "dark_until", START + 300 * SECOND))
    world.at(85, lambda: setattr(world, "dark_until", START + 300 * SECOND))
    outcome = world.run()
    assert outcome.done == Done(ParentStatus.PARTIAL_EXPIRED, "0.1 left at the end of the schedule")
    assert all(at < START + 100 * SECOND for at, _ in world.places)


# --- vwap ---


def test_vwap_follows_its_curve_by_hour_of_day() -> None:
    """It begins at 00:00 UTC of 2026-01-01; four hours that trade 9, 9, 10 and 17 get so many hundredths of 45."""
    curve = [9, 9, 10, 17, *[1] * 20]
    world = World(VWAPExecution(None, {"duration": 4 * 3600, "num_slices": 4, "volume_curve": curve}), D("0.45"))
    outcome = world.run(seconds_max=5 * 3600)
    assert outcome.done.status is ParentStatus.COMPLETED
    assert sizes(world) == [(0, D("0.09")), (3600, D("0.09")), (7200, D("0.1")), (10800, D("0.17"))]


def test_vwap_spreads_an_hour_evenly_and_takes_each_part_of_two() -> None:
    """Slices of 40 minutes over hours that trade 30 and 60 a hour: 20, then 10 and 20, then 40."""
    strategy = VWAPExecution(None, {"duration": 7200, "num_slices": 3, "volume_curve": [30, 60, *[0] * 22]})
    world = World(strategy, D("0.9"))
    world.run(seconds_max=3 * 3600)
    assert sizes(world) == [(0, D("0.2")), (2400, D("0.3")), (4800, D("0.4"))]


@pytest.mark.parametrize("curve", [[], [0] * 24], ids=["no curve", "no volume"])
def test_vwap_without_volume_is_a_twap(curve: list[int]) -> None:
    config = {"duration": 60, "num_slices": 6}
    vwap = World(VWAPExecution(None, {**config, "volume_curve": curve}), D("0.5"))
    twap = World(TWAPExecution(None, config), D("0.5"))
    assert vwap.run().places == twap.run().places


def test_a_curve_of_the_week_begins_on_monday() -> None:
    week = [D(hour) for hour in range(168)]
    assert expected_volume(week, MONDAY_NS, MONDAY_NS + HOUR_NS) == 0
    assert expected_volume(
        week, MONDAY_NS + 52 * 168 * HOUR_NS + HOUR_NS, MONDAY_NS + 52 * 168 * HOUR_NS + 3 * HOUR_NS
    ) == ((1 + 2) * HOUR_NS)
    assert expected_volume(week, 0, HOUR_NS) == 3 * 24 * HOUR_NS  # 1970 began on a Thursday
    assert expected_volume(week, MONDAY_NS - HOUR_NS // 2, MONDAY_NS) == 167 * HOUR_NS // 2


@pytest.mark.parametrize(
    ("curve", "field", "rule"),
    [
        ([1] * 23, "volume_curve", "24 or 168"),
        ([1] * 23 + [-1], "volume_curve[23]", "at least 0"),
        ([1] * 23 + ["nan"], "volume_curve[23]", "finite"),
        ("1" * 24, "volume_curve", "list"),
    ],
)
def test_a_bad_curve_is_refused(curve: object, field: str, rule: str) -> None:
    with pytest.raises(InvalidValue, match=rule) as caught:
        VWAPExecution(None, {"volume_curve": curve})
    assert caught.value.refusal.field == field


# --- implementation shortfall ---


@pytest.mark.parametrize(
    ("config", "kappa_t"),
    [({"urgency": "low"}, 1), ({}, 3), ({"urgency": "high"}, 6), ({"half_life": 200}, 0.5), ({"half_life": 0.1}, 1000)],
)
def test_implementation_shortfall_hurries_as_its_urgency_says(config: dict[str, object], kappa_t: float) -> None:
    """x_j = sinh(κT (5 - j)/5) / sinh(κT), to the lot; with a half-life of no time, all at once."""
    world = World(ImplementationShortfallExecution(None, {"duration": 100, "num_slices": 5, **config}), D("1"))
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    held = [exp(-kappa_t * j / 5) * (1 - exp(-2 * kappa_t * (5 - j) / 5)) for j in range(6)]
    due = [D(str((before - after) / held[0])) for before, after in pairwise(held)]
    placed = dict(sizes(world))
    for number, expected in enumerate(due):
        assert abs(placed.get(20.0 * number, D(0)) - expected) <= BTC.lot


def test_implementation_shortfall_plans_anew_after_an_outage() -> None:
    """What is left goes on over the time that is left, and not as the parts that were missed at once."""
    strategy = ImplementationShortfallExecution(None, {"duration": 100, "num_slices": 10, "urgency": "medium"})
    world = World(strategy, D("1"))
    world.at(15, lambda: setattr(world, "dark_until", START + 55 * SECOND))
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    placed = sizes(world)
    assert [at for at, _ in placed] == [0, 10, 55, 60, 70, 80, 90]
    left = 1 - placed[0][1] - placed[1][1]
    shares = {0.3 * 5: placed[2][1] / left}
    for kappa_t, share in shares.items():
        assert abs(float(share) - (1 - sinh(kappa_t * 4 / 5) / sinh(kappa_t))) < 0.001


def seen(*changes: tuple[int, Decimal]) -> tuple[Mid, ...]:
    mids = Mids()
    for at_ns, mid in changes:
        mids.note(mid, at_ns)
    return mids.seen


def volatile(step: str) -> MarketView:
    """A book of 1 a level, a dollar apart, and a minute of mids `step` apart, up and down; trades that bounce between
    bid and ask say nothing."""
    mids = seen(*((START + k * SECOND, D(50_000) + (k % 2) * D(step)) for k in range(61)))
    volume = tuple(VolumeBucket(START + k * SECOND, D(1), D(0), D(50_000) + k % 2 * 7, 1) for k in range(61))
    asks = tuple((D(50_000) + k, D(1)) for k in range(1, 11))
    bids = tuple((D(50_000) - k, D(1)) for k in range(1, 11))
    book = BookView.of(BTC.instrument_id, bids[0], asks[0], received_ns=START + 60 * SECOND)
    return MarketView(BTC.instrument_id, START + 60 * SECOND, book, bids=bids, asks=asks, volume=volume, mids=mids)


def test_the_variance_is_of_a_second() -> None:
    now_ns = START + 60 * SECOND
    assert variance_a_second(volatile("2").mids, now_ns) == 4
    assert variance_a_second(volatile("0").mids, now_ns) == 0, "a mid that stands is known to stand"
    assert variance_a_second((), now_ns) is None
    short = seen((START, D(1)), (START + 28 * SECOND, D(3)))
    assert variance_a_second(short, START + 29 * SECOND) is None, "seen for too short a time"


def test_the_variance_is_of_the_last_minutes_and_of_the_time_in_which_it_stood() -> None:
    mids = seen((START, D(1)), (START + 100 * SECOND, D(90)), (START + 400 * SECOND, D(93)))
    assert variance_a_second(mids, START + 500 * SECOND) == D(9) / 300, "the leap is too long ago"
    assert variance_a_second(mids, START + 300 * SECOND + 100 * SECOND) == D(9) / 300
    assert variance_a_second(mids[:2], START + 200 * SECOND) == D(89 * 89) / 200


def test_a_market_that_stands_still_is_worked_evenly_by_risk_aversion() -> None:
    """λσ² = 0: no hurry at all, and not the urgency that stands in where nothing is known."""
    config = {"duration": 600, "num_slices": 10, "risk_aversion": "1", "max_catch_up": 100}
    strategy = ImplementationShortfallExecution(None, config)
    step = strategy.next_step(World(strategy, D("10")).progress(), volatile("0"), START + SECOND)
    assert isinstance(step, Place)
    assert step.size == 1


@pytest.mark.parametrize(("aversion", "step", "share"), [("1e-9", "2", 0.1), ("0.05", "2", None), ("1", "20", 1.0)])
def test_risk_aversion_weighs_volatility_against_the_books_slope(aversion: str, step: str, share: float | None) -> None:
    """10 BTC walk ten levels: 4.5 above the touch, so the slope is 0.45; ten slices of 60 seconds.

    κ̃²τ² = λσ²τ/slope = 0.05 · 4 · 60 / 0.45, and cosh κτ = 1 + half of it.
    """
    if share is None:
        kappa_tau = acosh(1 + 0.05 * 4 * 60 / 0.45 / 2)
        share = 1 - sinh(9 * kappa_tau) / sinh(10 * kappa_tau)
    config = {"duration": 600, "num_slices": 10, "risk_aversion": aversion, "max_catch_up": 100}
    strategy = ImplementationShortfallExecution(None, config)
    world = World(strategy, D("10"))
    step_ = strategy.next_step(world.progress(), volatile(step), START + SECOND)
    assert isinstance(step_, Place)
    assert abs(float(step_.size) / 10 - share) < 0.0005


def test_a_slice_is_decided_once_however_the_market_moves_meanwhile() -> None:
    strategy = ImplementationShortfallExecution(
        None, {"duration": 600, "num_slices": 10, "risk_aversion": "0.0001", "max_catch_up": 100}
    )
    world = World(strategy, D("10"))
    first = strategy.next_step(world.progress(), volatile("2"), START + SECOND)
    assert isinstance(first, Place)
    world.set_book("50000", "50001")
    world.shown = D(20)
    world._act(first)
    world._wait(Wait(START + 2 * SECOND, ""))
    again = strategy.next_step(world.progress(), volatile("200"), START + 5 * SECOND)
    assert again == Wait(START + 60 * SECOND, "slice 1/10 is under way")


def test_two_ways_of_saying_how_soon_are_refused() -> None:
    with pytest.raises(InvalidValue, match="half_life"):
        ImplementationShortfallExecution(None, {"half_life": 10, "risk_aversion": 1})


# --- pov ---


@pytest.mark.parametrize("rate", ["0.05", "0.2", "0.5"])
def test_pov_keeps_its_part_of_what_trades_its_own_prints_taken_out(rate: str) -> None:
    """Its own prints stand on the tape; were they counted as volume, it would follow itself and come out above."""
    strategy = POVExecution(None, {"participation": rate, "duration": 400, "window": 100, "interval": 5})
    world = World(strategy, D("10000"), profile=Profile(others=2.0), seed=3)
    world.shown = D(100)
    outcome = world.run()
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED
    assert len(world.places) > 20
    reached = outcome.filled / (outcome.filled + world.others)
    assert abs(reached / D(rate) - 1) < D("0.1")


def test_pov_without_volume_does_nothing_and_says_so() -> None:
    world = World(POVExecution(None, {"participation": "0.1", "duration": 60}), D("1"))
    outcome = world.run()
    assert outcome.places == []
    assert outcome.done.reason == "1 left at the end"
    reasons = Counter(step.reason for _, step in outcome.steps if isinstance(step, Wait))
    assert reasons.most_common(1)[0][0] == "for volume: others traded 0, this 0"


def test_pov_never_catches_up_a_time_without_a_book() -> None:
    """Three minutes dark: what traded more than a window ago is not made good, the rest not at once."""
    strategy = POVExecution(None, {"participation": "0.1", "window": 60, "duration": 400})
    world = World(strategy, D("1000"), profile=Profile(others=1.0), seed=4)
    world.shown = D(1_000)
    world.at(90, lambda: setattr(world, "dark_until", START + 270 * SECOND))
    world.run()
    before = [place.size for at, place in world.places if at < START + 90 * SECOND]
    after = [place.size for at, place in world.places if at >= START + 270 * SECOND]
    assert max(after) < 4 * sum(before) / len(before)
    assert sum(after) < world.others * D("0.1") / D("0.9") * D(200) / D(400)


def test_pov_that_is_to_complete_crosses_for_the_rest_at_the_end() -> None:
    strategy = POVExecution(None, {"participation": "0.1", "duration": 60, "force_completion": True})
    world = World(strategy, D("1"))
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    assert [(at, place.reason) for at, place in world.places] == [(START + 60 * SECOND, "final sweep")]


# --- sniper ---


def test_sniper_waits_until_enough_is_shown_at_its_price() -> None:
    strategy = SniperExecution(None, {"min_shown": 2, "take_pct": "0.5", "timeout": 60})
    world = World(strategy, D("3"), limit_price=D("50000"))
    world.at(5, lambda: world.set_book("49999.9", "50000"))
    world.at(5, lambda: setattr(world, "shown", D(1)))
    world.at(10, lambda: setattr(world, "shown", D(4)))
    outcome = world.run()
    assert [(at, size) for at, size in sizes(world)] == [(10, D(2)), (11, D(1))]
    assert {place.price for _, place in world.places} == {D("50000")}
    assert outcome.done.status is ParentStatus.COMPLETED


def test_sniper_does_not_shoot_at_a_flicker() -> None:
    """What is there for a moment only is left; what goes and comes again begins anew, what gets better does not."""
    strategy = SniperExecution(None, {"persist": 3, "timeout": 60})
    world = World(strategy, D("1"), limit_price=D("50000"))
    for second, ask in ((5, "50000"), (7, "50000.1"), (10, "49999.5"), (12, "50000"), (13, "49999")):
        world.at(second, lambda ask=ask: world.set_book("49990", ask))
    outcome = world.run()
    assert [at for at, _ in sizes(world)] == [13]
    assert outcome.done.status is ParentStatus.COMPLETED


def test_sniper_without_a_price_is_refused() -> None:
    (refusal,) = SniperExecution(None).refusals(D(1), None, BTC)
    assert (refusal.field, refusal.rule) == ("price", "is needed: a sniper waits for a price")


# --- chase ---


def test_chase_follows_the_touch_as_far_as_it_may() -> None:
    strategy = ChaseExecution(None, {"timeout": 60, "max_chase_pct": "0.0001", "min_rest": 2})
    world = World(strategy, D("1"))
    world.at(1, lambda: world.set_book("50003", "50003.1"))
    world.at(10, lambda: world.set_book("50020", "50020.1"))
    outcome = world.run()
    assert [
        (at, place.price, place.order_type) for at, place in zip((0, 2, 10), (p for _, p in world.places), strict=True)
    ] == [
        (0, D("50000"), OrderType.POST_ONLY),
        (2, D("50003"), OrderType.POST_ONLY),
        (10, D("50005"), OrderType.POST_ONLY),
    ]
    assert [(at - START) / SECOND for at, _ in world.places] == [0, 2, 10]
    assert outcome.done == Done(ParentStatus.PARTIAL_EXPIRED, "1 left at the end of the chase")


def test_chase_that_is_to_finish_crosses_for_the_rest() -> None:
    world = World(ChaseExecution(None, {"timeout": 10, "finish": "cross"}), D("1"))
    world.at(3, lambda: world.fill("c1", D("0.4")))
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    assert [(at, place.size, place.order_type) for at, place in world.places][1:] == [
        (START + 10 * SECOND, D("0.6"), OrderType.IOC)
    ]


def test_chase_never_stands_beyond_its_limit() -> None:
    world = World(ChaseExecution(None, {"timeout": 10}), D("1"), OrderSide.SELL, D("50000.5"))
    world.run()
    assert {place.price for _, place in world.places} == {D("50000.5")}


# --- scale ---


def test_scale_is_a_ladder_that_adds_up() -> None:
    config = {"price_from": 49990, "price_to": 49950, "levels": 5, "size_skew": 3, "timeout": 60}
    world = World(ScaleExecution(None, config), D("1.0003"))
    outcome = world.run()
    assert [(place.price, place.size, place.reason) for _, place in world.places] == [
        (D("49990"), D("0.1"), "rung 1/5"),
        (D("49980"), D("0.1501"), "rung 2/5"),
        (D("49970"), D("0.2"), "rung 3/5"),
        (D("49960"), D("0.2501"), "rung 4/5"),
        (D("49950"), D("0.3001"), "rung 5/5"),
    ]
    assert {at for at, _ in world.places} == {START}
    assert outcome.done == Done(ParentStatus.PARTIAL_EXPIRED, "1.0003 still stood in the ladder at the end")


def test_a_rung_that_filled_is_not_placed_again() -> None:
    config = {"price_from": 49990, "price_to": 49980, "levels": 2, "timeout": 60}
    world = World(ScaleExecution(None, config), D("1"))
    world.at(3, lambda: world.fill("c1", D("0.5")))
    outcome = world.run()
    assert len(world.places) == 2
    assert outcome.filled == D("0.5")


@pytest.mark.parametrize(
    ("config", "size", "field", "rule"),
    [
        ({}, "1", "price_from", "is needed"),
        ({"price_from": 100, "price_to": "100.2", "levels": 5}, "1", "levels", "ticks"),
        ({"price_from": 100, "price_to": 90, "levels": 10}, "0.005", "levels", "smallest order 0.001"),
    ],
)
def test_a_ladder_that_cannot_stand_is_refused(config: dict[str, object], size: str, field: str, rule: str) -> None:
    (refusal,) = ScaleExecution(None, config).refusals(D(size), None, BTC)
    assert refusal.field == field
    assert rule in refusal.rule


def test_half_a_ladder_is_refused() -> None:
    with pytest.raises(InvalidValue, match="price_to"):
        ScaleExecution(None, {"price_from": 100})
