"""What waits at the exchange, as a pure policy: how large it is, when it is changed, and when it is left alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.child_views import ChildView
from app.domain.conditions import Condition, Trail
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.domain.parents import Amend, Bounds, Cancel, Entry, Held, ParentStatus, Place, Progress, Step, Wait
from app.domain.refusals import RefusalClass
from tests.unit.execution.test_conditional import SELL, START, D, Watched
from tests.unit.execution.world import SECOND

WAITING = ChildView(
    step=1,
    order_id="C1",
    order_type=OrderType.MARKET,
    status=OrderStatus.LIVE,
    settled=False,
    size=D("0.05"),
    filled=D(0),
    max_possible=D("0.05"),
    price=None,
    placed_ns=START,
    condition=Condition(stop_loss=D(48000)),
    waits=True,
)


def held(total: str, free: str | None = None) -> Held:
    return Held(D(total), D(total if free is None else free))


def step(
    child: ChildView = WAITING,
    there: Held | None = None,
    *,
    size: str = "0.05",
    entry: Entry | None = None,
    status: ParentStatus = ParentStatus.RUNNING,
    side: OrderSide = SELL,
    trigger: int = 48000,
) -> Step:
    stop = Watched("stop", side, size, held="exchange", trigger_price=trigger)
    parent = replace(stop.parent, status=status)
    stop.now = 60.0
    progress = Progress(parent, stop.instrument, (child,), there, entry=entry)
    return stop.strategy.next_step(progress, stop.market, stop.now_ns)


@pytest.mark.parametrize(
    ("total", "asked"),
    [
        ("0.05", None),  # all of it is there
        ("0.08", None),  # and more, which it was not asked to protect
        ("0.01", "0.01"),  # some was sold by hand
        ("0.04999", "0.0499"),  # a fee in base: no more than whole lots of what is there
    ],
)
def test_it_is_never_larger_than_what_is_there(total: str, asked: str | None) -> None:
    found = step(there=held(total))
    assert found.size == D(asked) if isinstance(found, Amend) else asked is None


def test_it_grows_again_with_what_comes_back() -> None:
    small = replace(WAITING, size=D("0.01"), max_possible=D("0.01"))
    found = step(small, held("0.03"))
    assert isinstance(found, Amend)
    assert (found.size, found.condition) == (D("0.03"), None)


def test_what_gets_out_of_an_entry_grows_with_it_and_not_beyond_its_coins() -> None:
    """Of 0.05 that were bought the fee, which was taken of them, cannot be sold."""
    small = replace(WAITING, size=D("0.0199"), max_possible=D("0.0199"))
    found = step(small, held("0.04995"), entry=Entry(D("0.05"), START, over=False))
    assert isinstance(found, Amend)
    assert found.size == D("0.0499")


@pytest.mark.parametrize(("asked", "total"), [("0.05", "0.05"), ("0.05", "0.03")])
def test_what_is_asked_for_and_not_answered_yet_is_not_asked_for_again(asked: str, total: str) -> None:
    pending = replace(WAITING, size=D("0.01"), max_possible=D(asked), amends=1, amend_ns=START)
    assert isinstance(step(pending, held(total)), Wait)


@pytest.mark.parametrize(("refused", "after_seconds"), [(0, 2), (1, 4), (2, 8), (5, 64), (50, 64)])
def test_a_change_that_is_refused_is_asked_for_ever_more_seldom(refused: int, after_seconds: int) -> None:
    tried_ns = START + (60 - after_seconds) * SECOND
    child = replace(WAITING, amends=refused, amend_ns=tried_ns, amends_refused=refused)
    assert isinstance(step(child, held("0.05"), trigger=47000), Amend)
    assert isinstance(step(replace(child, amend_ns=tried_ns + 1), held("0.05"), trigger=47000), Wait)


@pytest.mark.parametrize(
    ("status", "side", "stays"),
    [
        (ParentStatus.PAUSED, SELL, False),  # a person takes it back
        (ParentStatus.SUSPENDED, SELL, True),  # what went wrong here takes no protection away
        (ParentStatus.SUSPENDED, OrderSide.BUY, False),  # an entry is
        (ParentStatus.CANCELING, SELL, False),
    ],
)
def test_what_protects_outlives_a_fault_of_ours(status: ParentStatus, side: OrderSide, stays: bool) -> None:
    found = step(status=status, side=side, there=held("0.05") if side is SELL else None, trigger=48000)
    assert isinstance(found, Wait if stays else Cancel)


def test_what_has_fired_and_rests_outlives_a_fault_of_ours_too() -> None:
    """A stop-limit that the exchange fired into a gap."""
    fired = replace(WAITING, order_type=OrderType.LIMIT, price=D(47900), waits=False, fired=True)
    assert isinstance(step(fired, held("0.05"), status=ParentStatus.SUSPENDED), Wait)


def test_one_that_a_fault_laid_aside_is_taken_back_when_what_it_protects_is_gone() -> None:
    """Or it would sell what is bought later for something else."""
    assert isinstance(step(status=ParentStatus.SUSPENDED, there=held("0.0001")), Cancel)


def test_a_size_below_the_smallest_is_asked_for_by_no_change() -> None:
    """While the entry may still fill; without one what it protects is gone."""
    assert isinstance(step(there=held("0.0001"), entry=Entry(Decimal("0.05"), START, over=False)), Wait)
    assert isinstance(step(there=held("0.0001")), Cancel)


@pytest.mark.parametrize(
    ("amended_step", "resumed_ns", "expected"),
    [(0, 0, Wait), (2, 0, Place), (0, 40 * SECOND, Place)],
    ids=["as it was", "on other terms", "resumed"],
)
def test_what_was_refused_there_is_asked_for_again_on_somebodys_word_alone(
    amended_step: int, resumed_ns: int, expected: type[Step]
) -> None:
    stop = Watched("stop", SELL, "0.05", held="exchange", trigger_price=48000)
    parent = replace(stop.parent, amended_step=amended_step, status_ns=START + resumed_ns)
    refused = replace(
        WAITING,
        status=OrderStatus.REJECTED,
        settled=True,
        max_possible=D(0),
        waits=False,
        ended_ns=START + SECOND,
        error_message="the market has passed it",
        refusal=RefusalClass.WRONG,
    )
    stop.now = 60.0
    stop.traded("49000")
    found = stop.strategy.next_step(
        Progress(parent, stop.instrument, (refused,), held("0.05")), stop.market, stop.now_ns
    )
    assert isinstance(found, expected)
    assert isinstance(found, Place) or "held here, for the exchange will not: the market has passed it" in found.reason


def test_while_it_is_not_asked_for_again_yet_it_is_watched_here() -> None:
    """A refusal that passes, such as of a rate, is waited out; the price may come meanwhile."""
    stop = Watched("stop", SELL, "0.05", held="exchange", trigger_price=48000)
    later = replace(
        WAITING,
        status=OrderStatus.REJECTED,
        settled=True,
        max_possible=D(0),
        waits=False,
        ended_ns=START + 60 * SECOND,
        refusal=RefusalClass.PASSING,
    )
    stop.now = 60.1
    stop.traded("49000")
    waiting, market = Progress(stop.parent, stop.instrument, (later,), held("0.05")), stop.market
    found = stop.strategy.next_step(waiting, market, stop.now_ns)
    assert isinstance(found, Wait)
    assert (found.on_market, found.reason.startswith("for trigger_price 48000")) == (True, True)
    assert "after 1 failures" in found.reason
    stop.traded("48000")
    bounds = Bounds(D(10), D(40000))
    step = stop.strategy.next_step(replace(waiting, bounds=bounds), stop.market, stop.now_ns + SECOND)
    assert isinstance(step, Place)
    assert step.condition is None, "it fires here"


def test_it_is_taken_back_ever_more_seldom() -> None:
    """Another cancel is another step that is written down."""
    tried = replace(WAITING, cancels=3, cancel_ns=START + 45 * SECOND)
    assert isinstance(step(tried, held("0.0001")), Wait)
    assert isinstance(step(replace(tried, cancels=1), held("0.0001")), Cancel)


# --- a trailing stop ---


@pytest.mark.parametrize(
    ("extreme", "activation"),
    [(None, D(51000)), (D(51100), None)],  # of one that has been activated here the exchange is not told to wait for it
)
def test_a_trailing_stop_says_how_far_and_from_when(extreme: Decimal | None, activation: Decimal | None) -> None:
    trailing = Watched("trailing_stop", SELL, "0.05", held="exchange", distance_pct="0.02", activate_at=51000)
    trailing.parent = replace(trailing.parent, extreme=extreme)
    found = trailing.step(held="0.05")
    assert isinstance(found, Place)
    assert (found.order_type, found.price) == (OrderType.MARKET, None)
    assert found.condition == Condition(trail=Trail(D("0.02"), None, activation))


@pytest.mark.parametrize(
    ("distance", "there", "size", "amended_step", "expected"),
    [
        (100, "0.05", "0.05", 0, Wait),
        (100, "0.02", "0.05", 0, Wait),  # less is there: what it followed would be lost
        (100, "0.09", "0.09", 0, Wait),
        (100, "0.09", "0.09", 2, Cancel),  # on somebody's word
        (90, "0.05", "0.05", 2, Cancel),
    ],
)
def test_a_trailing_stop_is_taken_back_for_a_change_on_somebodys_word_alone(
    distance: int, there: str, size: str, amended_step: int, expected: type[Step]
) -> None:
    trailing = Watched("trailing_stop", SELL, size, held="exchange", distance=distance)
    parent = replace(trailing.parent, amended_step=amended_step)
    child = replace(WAITING, condition=Condition(trail=Trail(spread=D(100))))
    progress = Progress(parent, trailing.instrument, (child,), held(there))
    assert isinstance(trailing.strategy.next_step(progress, trailing.market, trailing.now_ns), expected)
