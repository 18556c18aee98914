"""Each policy in plain situations, step by step; and the known defects of other systems' algorithms, as cases here."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from app.domain.child_views import ChildView
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parent_checks import violations
from app.domain.parents import Cancel, Done, ParentStatus, Place, Progress, Step, Wait
from app.domain.refusals import RefusalClass
from app.services.trading.execution_strategies import (
    ExecutionStrategy,
    IcebergExecution,
    LimitExecution,
    MarketExecution,
    TWAPExecution,
)
from tests.unit.execution.world import BTC, SECOND, START, Profile, World

D = Decimal


def placed(world: World) -> list[tuple[float, Decimal, OrderType, Decimal | None, str]]:
    return [((at - START) / SECOND, p.size, p.order_type, p.price, p.reason) for at, p in world.places]


# --- market ---


def test_market_is_one_capped_ioc() -> None:
    world = World(MarketExecution(None), D("0.1"))
    outcome = world.run()
    assert placed(world) == [(0, D("0.1"), OrderType.IOC, D("50500.1"), "market, attempt 1")]
    assert outcome.done == Done(ParentStatus.COMPLETED, "all filled")


def test_market_sells_down_to_the_collar_and_never_below_its_cap() -> None:
    world = World(MarketExecution(None), D("0.1"), OrderSide.SELL)
    world.run()
    assert world.places[0][1].price == D("49500")
    world = World(MarketExecution(None), D("0.1"), OrderSide.SELL, limit_price=D("49999"))
    world.run()
    assert world.places[0][1].price == D("49999")


def test_market_through_its_cap_sends_nothing_and_says_why() -> None:
    world = World(MarketExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49999.9"))
    outcome = world.run()
    assert outcome.places == []
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED
    reasons = {step.reason for _, step in outcome.steps if isinstance(step, Wait)}
    assert "market 50000.1 is through the cap 49999.9" in reasons


def test_market_waits_for_a_usable_book() -> None:
    world = World(MarketExecution(None), D("0.1"))
    world.bid = world.ask
    world.at(3, lambda: world.set_book("50000", "50000.1"))
    assert world.run().done.status is ParentStatus.COMPLETED
    assert placed(world)[0][0] == 3


def test_market_that_meets_nothing_gives_up_after_its_attempts() -> None:
    world = World(MarketExecution(None, {"max_attempts": 3}), D("0.1"), profile=Profile(partial=1), seed=5)
    outcome = world.run()
    assert len(world.places) == 3
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED
    assert [at for at, *_ in placed(world)] == [0, 1, 2]


# --- refusals ---


def test_a_wrong_request_fails_with_the_venues_code() -> None:
    world = World(MarketExecution(None), D("0.1"), profile=Profile(reject=1, reject_codes=("51000",)))
    outcome = world.run()
    assert len(world.places) == 1
    assert outcome.done == Done(ParentStatus.FAILED, "child c1 (step 1) rejected: 51000")


def test_a_refusal_of_the_account_lays_aside_and_can_be_resumed() -> None:
    world = World(MarketExecution(None), D("0.1"), profile=Profile(reject=1, reject_codes=("51008",)))
    outcome = world.run()
    assert len(world.places) == 1
    assert outcome.done == Done(ParentStatus.SUSPENDED, "child c1 (step 1) rejected: 51008")
    world.now += SECOND
    world.profile.reject = 0
    world.set_status(ParentStatus.RUNNING)
    assert world.run().done.status is ParentStatus.COMPLETED


@pytest.mark.parametrize(
    ("strategy", "tries", "longest"),
    [(MarketExecution(None), 6, 15), (TWAPExecution(None, {"duration": 3600, "num_slices": 2}), 55, 90)],
)
def test_refusals_that_pass_are_tried_again_to_the_windows_end(
    strategy: ExecutionStrategy, tries: int, longest: float
) -> None:
    """With a pause that grows to a bound; the reason names the last of them."""
    world = World(strategy, D("0.1"), profile=Profile(reject=1))
    outcome = world.run()
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED
    assert outcome.done.reason.endswith("rejected: 50011")
    times = [at for at, *_ in placed(world)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[:4] == sorted(gaps[:4])
    assert max(gaps) <= longest
    assert tries <= len(times) <= 2 * tries


def test_what_passes_in_the_sweep_is_still_done() -> None:
    """The venue refuses for the whole window, and takes orders again two seconds after it."""
    world = World(TWAPExecution(None, {"duration": 3600, "num_slices": 4}), D("0.1"), profile=Profile(reject=1))

    def open_up(world: World, progress: Progress, step: Step) -> None:
        if world.now >= START + 3602 * SECOND:
            world.profile.reject = 0

    world.each_step = open_up
    outcome = world.run()
    assert (outcome.done.status, outcome.filled) == (ParentStatus.COMPLETED, D("0.1"))


def test_resuming_forgives_earlier_failures() -> None:
    child = ChildView(
        1,
        "c1",
        OrderType.IOC,
        OrderStatus.DENIED,
        True,
        D("0.1"),
        D(0),
        D(0),
        D(1),
        START,
        START,
        error_code="x",
        refusal=RefusalClass.WRONG,
    )
    world = World(MarketExecution(None), D("0.1"))
    world.now = START + SECOND
    failed = Progress(world.parent, BTC, (child,))
    assert isinstance(world.strategy.next_step(failed, world.market(), world.now), Done)
    resumed = Progress(replace(world.parent, status_ns=START + 1), BTC, (child,))
    assert isinstance(world.strategy.next_step(resumed, world.market(), world.now), Place)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(RefusalClass.STANDING, ParentStatus.SUSPENDED), (RefusalClass.WRONG, ParentStatus.FAILED)],
)
def test_a_denied_child_lays_aside_or_fails_whatever_has_filled(refusal: RefusalClass, status: ParentStatus) -> None:
    done = ChildView(
        1, "c1", OrderType.IOC, OrderStatus.CANCELED, True, D("0.1"), D("0.05"), D("0.05"), D(1), START, START
    )
    denied = replace(
        done, step=2, order_id="c2", status=OrderStatus.DENIED, filled=D(0), max_possible=D(0), error_code="kill_switch"
    )
    world = World(MarketExecution(None), D("0.1"))
    for children in ((done, replace(denied, refusal=refusal)), (replace(denied, refusal=refusal),)):
        step = world.strategy.next_step(Progress(world.parent, BTC, children), world.market(), START)
        assert step == Done(status, "child c2 (step 2) denied: kill_switch")


# --- limit ---


def test_limit_fills_before_its_timeout() -> None:
    world = World(LimitExecution(None), D("0.1"), limit_price=D("49990"))
    world.at(10, lambda: world.fill("c1", D("0.04")))
    world.at(20, lambda: world.fill("c1", D("0.06")))
    outcome = world.run()
    assert placed(world) == [(0, D("0.1"), OrderType.LIMIT, D("49990"), "limit")]
    assert (outcome.done.status, outcome.now_ns) == (ParentStatus.COMPLETED, START + 20 * SECOND)


def test_limit_cancels_at_the_timeout_and_crosses_for_the_rest() -> None:
    world = World(LimitExecution(None), D("0.1"), limit_price=D("49990"))
    world.at(10, lambda: world.fill("c1", D("0.04")))
    outcome = world.run()
    assert placed(world) == [
        (0, D("0.1"), OrderType.LIMIT, D("49990"), "limit"),
        (60, D("0.06"), OrderType.IOC, D("50500.1"), "fallback to market"),
    ]
    assert outcome.done.status is ParentStatus.COMPLETED


def test_limit_without_fallback_expires() -> None:
    world = World(LimitExecution(None, {"fallback_to_market": False, "timeout": 5}), D("0.1"), limit_price=D("49990"))
    outcome = world.run()
    assert outcome.done == Done(ParentStatus.PARTIAL_EXPIRED, "timeout")
    assert outcome.now_ns == START + 5 * SECOND


def test_limit_counts_a_fill_that_beats_the_cancel() -> None:
    world = World(
        LimitExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49990"), profile=Profile(latency_max=2)
    )
    world.at(5.0, lambda: world.fill("c1", D("0.03")))
    outcome = world.run()
    assert world.places[1][1].size == D("0.07")
    assert outcome.done.status is ParentStatus.COMPLETED


def test_limit_whose_cancel_is_lost_is_canceled_again_before_anything_crosses() -> None:
    world = World(
        LimitExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49990"), profile=Profile(cancel_lost=1)
    )
    world.at(9, lambda: setattr(world.profile, "cancel_lost", 0))
    world.run()
    cancels = [(at - START) // SECOND for at, step in world.steps if isinstance(step, Cancel)]
    assert cancels == [5, 10]
    assert placed(world)[1][0] == 10


def test_limit_whose_answer_is_lost_counts_as_live_until_evidence() -> None:
    world = World(
        LimitExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49990"), profile=Profile(lost=1), seed=1
    )
    world.at(5, lambda: setattr(world.profile, "lost", 0))
    outcome = world.run()
    assert placed(world)[1][0] >= 12  # resolved by then, and not before
    assert outcome.done.status is ParentStatus.COMPLETED


def test_limit_undecided_at_the_hard_end_needs_an_operator() -> None:
    profile = Profile(lost=1, resolve_after=1000)
    world = World(LimitExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49990"), profile=profile)
    outcome = world.run()
    assert outcome.now_ns == START + 35 * SECOND
    assert outcome.done == Done(ParentStatus.FAILED, "needs operator: 1 children undecided (c1), 0.1 not known filled")


def test_limit_leaves_dust_and_says_so() -> None:
    world = World(LimitExecution(None, {"timeout": 5}), D("0.1"), limit_price=D("49990"))
    world.at(1, lambda: world.fill("c1", D("0.0995")))
    outcome = world.run()
    assert outcome.done == Done(ParentStatus.COMPLETED_WITH_DUST, "0.0005 left, below the minimum 0.001")
    assert len(world.places) == 1


def test_limit_without_a_price_joins_its_own_side() -> None:
    world = World(LimitExecution(None, {"timeout": 5}), D("0.1"), OrderSide.SELL)
    world.run()
    assert placed(world)[0][3] == D("50000.1")


# --- TWAP ---


@pytest.mark.parametrize(("duration", "interval", "size"), [(600, 60, "1"), (300, 100, "0.3"), (600, 60, "0.0103")])
def test_twap_sends_all_its_slices(duration: int, interval: int, size: str) -> None:
    """vnpy's TwapAlgo sends one slice too few: 90 % after 600 s in 60 s steps, 60 % after 300 s in 100 s steps."""
    world = World(TWAPExecution(None, {"duration": duration, "num_slices": duration // interval}), D(size))
    outcome = world.run()
    assert outcome.done == Done(ParentStatus.COMPLETED, "all filled")
    assert [at for at, *_ in placed(world)] == [k * interval for k in range(duration // interval)]
    assert sum(p.size for _, p in world.places) == D(size)
    sizes = [p.size for _, p in world.places]
    assert max(sizes) - min(sizes) <= BTC.lot


def test_twap_makes_fewer_slices_rather_than_one_order_when_they_would_be_too_small() -> None:
    """nautilus sends the whole parent at once when a slice is below the minimum; vnpy's slices round to zero."""
    world = World(TWAPExecution(None, {"duration": 100, "num_slices": 50}), D("0.0045"))
    world.run()
    assert [(at, size) for at, size, *_ in placed(world)] == [
        (0, D("0.0011")),
        (25, D("0.0012")),
        (50, D("0.0011")),
        (75, D("0.0011")),
    ]


def test_twap_tracks_its_target_within_a_slice() -> None:
    strategy = TWAPExecution(None, {"duration": 60, "num_slices": 7})
    seen: list[Decimal] = []

    def watch(world: World, progress: Progress, step: object) -> None:
        schedule = strategy.schedule(progress)
        if isinstance(step, Wait):
            seen.append(abs(progress.filled - schedule.target(world.now)))
            assert seen[-1] <= schedule.slice_size

    World(strategy, D("1.0003"), each_step=watch).run()
    assert len(seen) >= 7


def test_twap_catches_up_after_an_outage_in_bounded_steps() -> None:
    world = World(TWAPExecution(None, {"duration": 100, "num_slices": 10}), D("1"), profile=Profile())
    world.at(15, lambda: setattr(world, "dark_until", START + 55 * SECOND))
    outcome = world.run()
    assert outcome.done.status is ParentStatus.COMPLETED
    assert [(at, size) for at, size, *_ in placed(world)] == [
        (0, D("0.1")),
        (10, D("0.1")),
        (55, D("0.3")),
        (60, D("0.2")),
        (70, D("0.1")),
        (80, D("0.1")),
        (90, D("0.1")),
    ]


def test_twap_keeps_its_clock_while_the_market_is_through_the_cap() -> None:
    world = World(TWAPExecution(None, {"duration": 100, "num_slices": 10}), D("1"), limit_price=D("50000.1"))
    world.at(5, lambda: world.set_book("50001", "50001.1"))
    world.at(85, lambda: world.set_book("50000", "50000.1"))
    outcome = world.run()
    assert [(at, size, reason) for at, size, _, _, reason in placed(world)] == [
        (0, D("0.1"), "slice 1/10"),
        (85, D("0.3"), "slice 9/10, catch-up"),
        (90, D("0.3"), "slice 10/10, catch-up"),
        (100, D("0.3"), "final sweep"),
    ]
    assert outcome.done.status is ParentStatus.COMPLETED


def test_twap_never_in_the_cap_expires_with_the_rest_named() -> None:
    world = World(TWAPExecution(None, {"duration": 10, "num_slices": 5}), D("1"), limit_price=D("49000"))
    outcome = world.run()
    assert outcome.done == Done(ParentStatus.PARTIAL_EXPIRED, "1 left at the end of the schedule")
    assert outcome.places == []
    assert outcome.now_ns == START + 30 * SECOND


def test_twap_limit_slices_move_their_rest_on() -> None:
    """A resting child's size is committed (dydx v4-chain PR#3094 caught up too much) and a canceled one's comes back
    (nautilus PR#4968 lost it)."""
    config = {"duration": 40, "num_slices": 4, "use_limit_orders": True, "price_offset_pct": "0.001"}
    world = World(TWAPExecution(None, config), D("0.4"))
    world.at(5, lambda: world.fill("c1", D("0.04")))
    outcome = world.run()
    assert placed(world) == [
        (0, D("0.1"), OrderType.LIMIT, D("49950"), "slice 1/4"),
        (10, D("0.16"), OrderType.LIMIT, D("49950"), "slice 2/4, catch-up"),
        (20, D("0.26"), OrderType.LIMIT, D("49950"), "slice 3/4, catch-up"),
        (30, D("0.3"), OrderType.LIMIT, D("49950"), "slice 4/4, catch-up"),
        (40, D("0.3"), OrderType.IOC, D("50500.1"), "final sweep"),
        (40.5, D("0.06"), OrderType.IOC, D("50500.1"), "final sweep"),
    ]
    assert outcome.done.status is ParentStatus.COMPLETED


@pytest.mark.parametrize(
    ("side", "offset", "rules", "price"),
    [
        (OrderSide.BUY, "0.001", 2, "49950"),
        (OrderSide.SELL, "0.001", 2, "50050.2"),
        (OrderSide.BUY, "0", 2, "50000"),
        (OrderSide.BUY, "-0.001", 2, "50050"),
        (OrderSide.SELL, "-0.001", 2, "49950.1"),
        (OrderSide.BUY, "0.001", 1, "50050"),
        (OrderSide.SELL, "0.001", 1, "49950.1"),
    ],
)
def test_a_twap_limit_stands_away_from_the_near_touch(side: OrderSide, offset: str, rules: int, price: str) -> None:
    """Positive is away from the market; a parent begun under the first rules keeps counting from the mid."""
    strategy = TWAPExecution(None, {"use_limit_orders": True, "price_offset_pct": offset})
    world = World(strategy, D("0.4"), side=side)
    progress = replace(world.progress(), parent=replace(world.parent, rules=rules))
    step = strategy.next_step(progress, world.market(), START)
    assert isinstance(step, Place)
    assert (step.order_type, step.price) == (OrderType.LIMIT, D(price))


def test_twap_goes_on_beside_an_unknown_child_and_never_doubles_it() -> None:
    """FAULTS E8: the next slice is due while a child is unknown; hummingbot drops every other slot instead."""
    world = World(TWAPExecution(None, {"duration": 40, "num_slices": 4}), D("0.4"), profile=Profile(lost=1), seed=4)
    world.at(1, lambda: setattr(world.profile, "lost", 0))
    outcome = world.run()
    times = [at for at, *_ in placed(world)]
    assert times[:2] == [0, 10]
    assert outcome.done.status is ParentStatus.COMPLETED
    assert outcome.filled == D("0.4")


# --- iceberg ---


def test_iceberg_shows_one_clip_at_a_time() -> None:
    world = World(IcebergExecution(None, {"visible_pct": 0.25}), D("0.1"), limit_price=D("49990"))
    for k in range(4):
        world.at(10 * (k + 1), lambda k=k: world.fill(f"c{k + 1}", D("0.025")))
    outcome = world.run()
    assert placed(world) == [(10 * k, D("0.025"), OrderType.LIMIT, D("49990"), f"clip {k + 1}") for k in range(4)]
    assert outcome.done.status is ParentStatus.COMPLETED


def test_iceberg_follows_the_touch_by_cancel_confirmed_new() -> None:
    """vnpy's iceberg forgets its order when it asks for the cancel, and places the next one beside it."""
    world = World(IcebergExecution(None, {"visible_pct": 1, "timeout": 100}), D("0.1"), profile=Profile(latency_max=1))
    world.at(10, lambda: world.set_book("50010", "50010.1"))
    world.at(40, lambda: world.fill("c2", D("0.1")))
    outcome = world.run()
    (first, second) = world.places
    assert (first[1].price, second[1].price) == (D("50000"), D("50010"))
    cancel = next(at for at, step in world.steps if isinstance(step, Cancel))
    assert cancel == START + 30 * SECOND
    assert second[0] > cancel
    assert outcome.done.status is ParentStatus.COMPLETED


def test_iceberg_at_the_touch_keeps_its_place_in_the_queue() -> None:
    world = World(IcebergExecution(None, {"visible_pct": 1, "timeout": 100}), D("0.1"))
    outcome = world.run()
    assert len(world.places) == 1
    assert outcome.done.status is ParentStatus.PARTIAL_EXPIRED


def test_iceberg_takes_its_clip_back_when_the_market_is_out_of_sight() -> None:
    world = World(IcebergExecution(None, {"visible_pct": 1, "timeout": 100}), D("0.1"))
    world.at(5, lambda: setattr(world, "dark_until", START + 50 * SECOND))
    world.run()
    cancels = [(at - START) / SECOND for at, step in world.steps if isinstance(step, Cancel)]
    assert cancels[0] == pytest.approx(14.5)  # ten seconds after its last sign of life
    assert placed(world)[1][0] == 50


def test_iceberg_never_leaves_an_untradable_tail() -> None:
    world = World(IcebergExecution(None, {"visible_pct": 0.3, "use_limit_orders": False}), D("0.0305"))
    world.run()
    assert [p.size for _, p in world.places] == [D("0.0091"), D("0.0091"), D("0.0091"), D("0.0032")]
    world = World(IcebergExecution(None, {"visible_pct": 0.5, "use_limit_orders": False}), D("0.0201"))
    world.run()
    assert [p.size for _, p in world.places] == [D("0.01"), D("0.0091"), D("0.001")]


# --- control, and the driver's last check ---


def test_pause_takes_children_back_and_keeps_the_clock() -> None:
    config = {"duration": 40, "num_slices": 4, "use_limit_orders": True, "price_offset_pct": "0.001"}
    world = World(TWAPExecution(None, config), D("0.4"))
    world.at(5, lambda: world.set_status(ParentStatus.PAUSED, "by a person"))
    world.at(25, lambda: world.set_status(ParentStatus.RUNNING))
    outcome = world.run()
    assert [(at, size) for at, size, *_ in placed(world)][:3] == [(0, D("0.1")), (25, D("0.3")), (30, D("0.3"))]
    assert outcome.done.status is ParentStatus.COMPLETED


def test_cancel_ends_with_what_has_filled() -> None:
    world = World(IcebergExecution(None), D("0.1"), limit_price=D("49990"))
    world.at(5, lambda: world.fill("c1", D("0.004")))
    world.at(6, lambda: world.set_status(ParentStatus.CANCELING, "by a person"))
    outcome = world.run()
    assert outcome.done == Done(ParentStatus.CANCELED, "by a person")
    assert outcome.filled == D("0.004")


def test_overfill_stops_and_is_never_reversed() -> None:
    child = ChildView(
        1, "c1", OrderType.IOC, OrderStatus.FILLED, True, D("0.2"), D("0.2"), D("0.2"), D(1), START, START
    )
    world = World(MarketExecution(None), D("0.1"))
    step = world.strategy.next_step(Progress(world.parent, BTC, (child,)), world.market(), START)
    assert step == Done(ParentStatus.FAILED, "overfilled: 0.2 of 0.1; nothing is reversed")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Place(D("0.2"), OrderType.IOC, D("50000"), ""), "above the 0.1 that remain"),
        (Place(D("0.00015"), OrderType.IOC, D("50000"), ""), "multiple of lot"),
        (Place(D("0.0005"), OrderType.IOC, D("50000"), ""), "below minimum"),
        (Place(D("0.1"), OrderType.IOC, D("50000.05"), ""), "multiple of tick"),
        (Place(D("0.1"), OrderType.IOC, D("50000.2"), ""), "beyond the parent's cap 50000.1"),
        (Place(D("0.1"), OrderType.MARKET, None, ""), "has no price, but the parent's cap"),
        (Place(D("0.1"), OrderType.LIMIT, None, ""), "does not go with order type limit"),
        (Cancel("nobody", ""), "is no child"),
        (Done(ParentStatus.COMPLETED, ""), "0 of 0.1 have filled"),
        (Done(ParentStatus.RUNNING, ""), "is not an end"),
    ],
)
def test_the_last_check_names_what_a_policy_must_not_do(step: Place | Cancel | Done, said: str) -> None:
    world = World(MarketExecution(None), D("0.1"))
    found = violations(world.progress(), step, D("50000.1"))
    assert any(said in violation for violation in found), found


def test_refusals_at_the_door() -> None:
    strategy = TWAPExecution(None)
    assert strategy.refusals(D("0.1"), D("50000"), BTC) == []
    assert [r.field for r in strategy.refusals(D("0.00005"), D("50000.05"), BTC)] == ["size", "size", "price"]
