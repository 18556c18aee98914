"""Every policy in random worlds while people pause, resume and amend it at random, by size or by amount."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.clock import utc
from app.domain.orders import OrderSide
from app.domain.parent_checks import violations
from app.domain.parent_clocks import frozen, thawed
from app.domain.parents import ParentOrder, ParentStatus, Place, Progress, Step
from app.domain.quote_sizes import sized, sizing_price
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.parents.amendments import Amendment, amended
from tests.unit.execution.test_policies_random import profiles, seeds, sides, sizes
from tests.unit.execution.world import SECOND, START, World

D = Decimal
schedules = {
    "duration": st.integers(5, 120),
    "num_slices": st.integers(1, 20),
    "use_limit_orders": st.booleans(),
    "time_jitter": st.sampled_from(["0", "0.5"]),
    "completion": st.sampled_from(["force", "cancel_residual", "extend", "leave_passive"]),
    "extend_seconds": st.integers(5, 60),
    "min_clip": st.sampled_from([None, None, "0.002"]),
    "max_clip": st.sampled_from([None, None, "0.02"]),
}
configs = st.one_of(
    st.tuples(st.just("twap"), st.fixed_dictionaries(schedules)),
    st.tuples(st.just("implementation_shortfall"), st.fixed_dictionaries(schedules)),
    st.tuples(
        st.just("adaptive"),
        st.fixed_dictionaries({key: value for key, value in schedules.items() if key != "use_limit_orders"}),
    ),
    st.tuples(st.just("vwap"), st.fixed_dictionaries({**schedules, "volume_curve": st.just([*range(24)])})),
    st.tuples(st.just("limit"), st.fixed_dictionaries({"timeout": st.integers(5, 60)})),
    st.tuples(
        st.just("iceberg"),
        st.fixed_dictionaries({"visible_pct": st.sampled_from(["0.1", "0.4"]), "timeout": st.integers(5, 120)}),
    ),
    st.tuples(st.just("chase"), st.fixed_dictionaries({"timeout": st.integers(5, 60), "finish": st.just("cross")})),
    st.tuples(
        st.just("pov"),
        st.fixed_dictionaries({"duration": st.integers(5, 120), "force_completion": st.just(True)}),
    ),
)
pauses = st.tuples(st.floats(0.1, 100), st.floats(0.1, 60), st.booleans())
amendments = st.tuples(
    st.floats(0.1, 150), st.sampled_from(["0.5", "0.9", "1", "1.3", "2"]), st.sampled_from([None, -20, 15, 60])
)


@dataclass
class Steered(World):
    """amount: of quote currency, instead of a size."""

    amount: Decimal | None = None
    amended: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parent = replace(self.parent, quote=self.amount)

    def progress(self) -> Progress:
        price = sizing_price(self.side, self.ask if self.side is OrderSide.BUY else self.bid, self.limit_price)
        return sized(super().progress(), price)

    def sized(self, parent: ParentOrder) -> ParentOrder:
        before, self.parent = self.parent, parent
        try:
            return self.progress().parent
        finally:
            self.parent = before

    def pause(self, freezes: bool) -> None:
        if self.parent.status is ParentStatus.RUNNING:
            parent = frozen(self.parent, self.now) if freezes else self.parent
            self.parent = replace(parent, status=ParentStatus.PAUSED, status_ns=self.now)

    def resume(self) -> None:
        if self.parent.status is ParentStatus.PAUSED:
            self.parent = replace(thawed(self.parent, self.now), status=ParentStatus.RUNNING, status_ns=self.now)

    def amend(self, factor: Decimal, later: int | None) -> None:
        parent = self.parent
        size = (parent.quote or parent.size) * factor
        end_ns = None if later is None or parent.end_ns is None else parent.end_ns + later * SECOND
        wanted = Amendment(
            size=size if parent.quote else self.instrument.floor_size(size),
            end_at=None if end_ns is None else utc(end_ns),
        )
        try:
            self.strategy, self.parent = amended(
                self.progress(), self.strategy, wanted, self.sized, next_step=len(self.steps) + 1, now_ns=self.now
            )
        except InvalidValue:
            return
        self.amended += 1

    def _check(self, progress: Progress, step: Step) -> None:
        found = violations(progress, step, self.strategy.price_cap(progress.parent))
        assert not found, f"{step}: {found}"
        if self.parent.quote is None:
            possible = sum((o.request.size if o.open else o.filled for o in self.venue.values()), D(0))
            assert possible <= self.parent.size, f"the venue could fill {possible} of {self.parent.size}"
        elif self.side is OrderSide.BUY:
            assert progress.quote_left is not None
            assert progress.quote_left >= 0, "more is spent than the amount"
        clip = self.strategy.max_clip
        if isinstance(step, Place) and clip is not None:
            assert step.size <= clip


def drive(world: Steered, plan: list[tuple[float, float, bool]], changes: list[tuple[float, str, int | None]]) -> Any:
    for at, length, freezes in plan:
        world.at(at, partial(world.pause, freezes))
        world.at(at + length, world.resume)
    for at, factor, later in changes:
        world.at(at, partial(world.amend, D(factor), later))
    outcome = world.run()
    parent, done = world.parent, outcome.done
    assert done.status.terminal or done.status is ParentStatus.SUSPENDED
    assert parent.end_ns is not None
    assert parent.frozen_ns is not None or outcome.now_ns <= world.over_by()
    assert not world.left_alone()
    if "needs operator" not in done.reason:
        assert not [order for order in world.venue.values() if order.open]
        assert outcome.progress.filled == outcome.filled
    return outcome


@settings(deadline=None)
@given(configs, sizes, sides, profiles, seeds, st.lists(pauses, max_size=4), st.lists(amendments, max_size=4))
def test_a_size_is_never_exceeded_and_met_where_it_is_complete(
    config: tuple[str, dict[str, Any]],
    size: Decimal,
    side: OrderSide,
    profile: Any,
    seed: int,
    plan: list[tuple[float, float, bool]],
    changes: list[tuple[float, str, int | None]],
) -> None:
    name, given_ = config
    world = Steered(STRATEGIES[name](None, given_), size, side, None, profile, seed)
    outcome = drive(world, plan, changes)
    assert outcome.filled <= world.parent.size
    if outcome.done.status is ParentStatus.COMPLETED:
        assert outcome.filled == world.parent.size


@settings(deadline=None)
@given(
    configs, st.integers(60, 20_000), profiles, seeds, st.lists(pauses, max_size=3), st.lists(amendments, max_size=3)
)
def test_an_amount_is_never_overspent_and_spent_where_it_is_complete(
    config: tuple[str, dict[str, Any]],
    amount: int,
    profile: Any,
    seed: int,
    plan: list[tuple[float, float, bool]],
    changes: list[tuple[float, str, int | None]],
) -> None:
    name, given_ = config
    size = (D(amount) / D("50000.1")).quantize(D("0.0001"))
    world = Steered(STRATEGIES[name](None, given_), size, profile=profile, seed=seed, amount=D(amount))
    outcome = drive(world, plan, changes)
    spent = sum((fill.size * fill.price for child in outcome.progress.children for fill in child.fills.values()), D(0))
    assert world.parent.quote is not None
    left = world.parent.quote - spent
    assert left >= 0
    if outcome.done.status in (ParentStatus.COMPLETED, ParentStatus.COMPLETED_WITH_DUST):
        assert left < world.instrument.min_size * max(world.ask, world.bid) * D("1.01")
        assert f"USDT of {world.parent.quote.normalize():f} left" in outcome.done.reason


def test_pauses_and_amendments_are_really_met() -> None:
    world = Steered(STRATEGIES["twap"](None, {"duration": 60, "num_slices": 6}), D("0.6"))
    outcome = drive(world, [(15, 10, True)], [(5, "2", None), (31, "1", 30)])
    assert (world.amended, world.parent.frozen_total_ns) == (2, 10 * SECOND)
    assert (outcome.done.status, outcome.filled) == (ParentStatus.COMPLETED, D("1.2"))
    assert world.parent.end_ns == START + 100 * SECOND
