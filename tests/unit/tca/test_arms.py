"""The arms of a wheel against each other: a winner only where the interval says so, at all looks and of all pairs."""

from __future__ import annotations

import random
from datetime import date, timedelta

from app.domain.tca.sequential import interval_at_any_time
from app.services.trading.reports.cost_arms import ArmCosts, compared

FIRST = date(2026, 1, 1)


def arm(name: str, costs: list[float], *, weight: float = 1.0, orders: int = 100, unmeasured: int = 0) -> ArmCosts:
    days = {FIRST + timedelta(days=n): (weight, weight * cost) for n, cost in enumerate(costs)}
    return ArmCosts("mine", name, "USDT", orders, unmeasured, days)


def test_the_cheaper_arm_is_named_when_every_look_together_says_so() -> None:
    """Days go up and down by much more than the arms differ: what both had of them cancels, whatever was traded."""
    dice = random.Random(3)
    market = [dice.gauss(0, 50) for _ in range(40)]
    cheap = arm("b", [each + dice.gauss(0, 1) for each in market])
    dear = arm("a", [each + 3 + dice.gauss(0, 1) for each in market], weight=7.0)
    (found,) = compared([cheap, dear])
    assert (found.first, found.second, found.days, found.cheaper, found.why) == ("a", "b", 40, "b", "")
    assert found.interval is not None
    assert found.interval.low < 3 < found.interval.high
    (same,) = compared([cheap, arm("a", [each + dice.gauss(0, 1) for each in market])])
    assert (same.cheaper, same.why) == (None, "not decided: the interval holds zero")


def test_no_arm_wins_by_few_days_or_by_what_is_not_known_of_it() -> None:
    (few,) = compared([arm("a", [5.0, 6.0] * 9 + [5.0]), arm("b", [0.0] * 40)])
    assert (few.days, few.interval, few.cheaper) == (19, None, None)
    assert few.why == "too few days that have both: 19, an interval takes 20"
    (blind,) = compared([arm("a", [5.0, 6.0] * 20), arm("b", [0.0] * 40, orders=99, unmeasured=5)])
    assert (blind.cheaper, blind.why) == (None, "the whole cost of 5 of 99 orders of b is not known")
    (none,) = compared([arm("a", []), arm("b", [1.0] * 30)])
    assert (none.days, none.difference_bps, none.cheaper) == (0, None, None)
    assert compared([arm("a", [1.0] * 30)]) == []


def test_of_three_arms_every_pair_has_a_wider_interval_so_that_all_hold_together() -> None:
    costs = {
        name: [base + (n % 5) * (1 + base) for n in range(30)] for name, base in (("a", 1.0), ("b", 2.0), ("c", 4.0))
    }
    found = {(each.first, each.second): each for each in compared(arm(name, of) for name, of in costs.items())}
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    draws = [one - other for one, other in zip(costs["a"], costs["b"], strict=True)]
    alone = interval_at_any_time(draws)
    together = found["a", "b"].interval
    assert together == interval_at_any_time(draws, 1 - 0.05 / 3)
    assert alone is not None
    assert together is not None
    assert together.low < alone.low < alone.high < together.high
