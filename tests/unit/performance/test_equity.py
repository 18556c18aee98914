"""The equity curve, its days in UTC, returns and drawdowns."""

from decimal import Decimal

import pytest

from app.domain.performance.drawdown import Drawdown, max_drawdown, max_drawdown_from_returns
from app.domain.performance.equity import DAY_NS, EquitySample, daily_equity, realised_equity
from app.domain.performance.returns import check_returns, simple_returns
from app.domain.performance.round_trips import Realisation

D = Decimal
SECOND_NS = 10**9


def days(*points: tuple[float, int]) -> list[EquitySample]:
    return [EquitySample(int(day * DAY_NS), D(equity)) for day, equity in points]


def seconds(*points: tuple[int, int]) -> list[EquitySample]:
    return [EquitySample(at * SECOND_NS, D(equity)) for at, equity in points]


def test_realised_equity_adds_up() -> None:
    found = realised_equity([Realisation(1, D(5)), Realisation(2, D(-7))], D(100))
    assert found == (EquitySample(1, D(105)), EquitySample(2, D(98)))


def test_a_day_is_worth_its_last_equity_and_silent_days_carry_it_on() -> None:
    samples = days((10.1, 101), (10.9, 102), (13.0, 90), (13.5, 95))
    assert daily_equity(samples, D(100)) == (102, 102, 102, 95)


def test_midnight_belongs_to_the_day_that_begins() -> None:
    samples = [EquitySample(DAY_NS - 1, D(1)), EquitySample(DAY_NS, D(2))]
    assert daily_equity(samples, D(1)) == (1, 2)


def test_the_window_adds_idle_days_and_ends_before_its_end() -> None:
    samples = days((2.5, 110))
    start, end = int(0.5 * DAY_NS), 5 * DAY_NS
    assert daily_equity(samples, D(100), start_ns=start, end_ns=end) == (100, 100, 110, 110, 110)
    assert daily_equity([], D(100), start_ns=start, end_ns=2 * DAY_NS) == (100, 100)


def test_no_samples_and_half_a_window_have_no_days() -> None:
    assert daily_equity([], D(100)) == ()
    assert daily_equity([], D(100), start_ns=5) == ()
    assert daily_equity([], D(100), end_ns=5) == ()


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (days((2, 1), (1, 1)), "equity sample 1 .* predecessor"),
        ([EquitySample(0, D("NaN"))], "equity sample 0 equity NaN: must be finite"),
        ([EquitySample(2**63, D(1))], "time_ns 9223372036854775808"),
    ],
)
def test_bad_samples_are_refused(samples: list[EquitySample], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        daily_equity(samples, D(1))
    with pytest.raises(ValueError, match=message):
        max_drawdown(samples, D(1))


@pytest.mark.parametrize(
    ("equities", "start", "expected"),
    [
        ([], 100, ()),
        ([110, 99], 100, (0.1, -0.1)),
        ([100, 100], 100, (0.0, 0.0)),
        ([50, -5], 100, (-0.5, -1.1)),  # the last equity is nobody's base
        ([50, 0, 10], 100, None),
        ([50, -5, 10], 100, None),
        ([10], 0, None),
        ([10], -3, None),
    ],
)
def test_simple_returns(equities: list[int], start: int, expected: tuple[float, ...] | None) -> None:
    found = simple_returns([D(value) for value in equities], D(start))
    assert found == (pytest.approx(expected, rel=1e-15) if expected else expected)


def test_a_return_beyond_a_float_is_none() -> None:
    assert simple_returns([D("1e400")], D(1)) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_returns_must_be_finite(value: float) -> None:
    with pytest.raises(ValueError, match=r"returns\[1\] .* must be finite"):
        check_returns([0.0, value])


def test_no_samples_have_no_drawdown() -> None:
    assert max_drawdown([], D(100)) is None
    assert max_drawdown_from_returns([]) == 0.0


def test_a_rising_curve_has_a_drawdown_of_zero() -> None:
    flat = Drawdown(0.0, D(0), 0.0, 0, 0.0, None, None, None)
    assert max_drawdown(seconds((1, 100), (2, 100), (3, 105)), D(100)) == flat


def test_the_starting_equity_is_the_first_peak() -> None:
    found = max_drawdown(seconds((10, 80), (20, 90)), D(100), start_ns=0)
    assert found == Drawdown(-0.2, D(-20), 20.0, 2, 20.0, 0, 10 * SECOND_NS, None)
    unset = max_drawdown(seconds((10, 80), (20, 90)), D(100))
    assert unset is not None
    assert (unset.peak_ns, unset.duration_seconds) == (10 * SECOND_NS, 10.0)


def test_depth_money_and_length_may_be_three_episodes() -> None:
    curve = seconds((0, 100), (10, 50), (20, 200), (30, 140), (40, 200), (50, 199), (90, 198))
    assert max_drawdown(curve, D(100)) == Drawdown(
        fraction=-0.5,
        amount=D(-60),
        duration_seconds=20.0,
        duration_samples=2,
        longest_seconds=50.0,
        peak_ns=0,
        trough_ns=10 * SECOND_NS,
        recovered_ns=20 * SECOND_NS,
    )


def test_equity_below_zero_is_a_drawdown_beyond_one() -> None:
    found = max_drawdown(seconds((1, 50), (2, -50)), D(100))
    assert found is not None
    assert (found.fraction, found.amount, found.recovered_ns) == (-1.5, D(-150), None)


def test_a_fall_from_nothing_has_an_amount_but_no_fraction() -> None:
    found = max_drawdown(seconds((1, -5), (2, -8)), D(0))
    assert found is not None
    assert (found.fraction, found.amount) == (None, D(-8))
    later = max_drawdown(seconds((1, -5), (2, 100), (3, 90)), D(0))
    assert later is not None
    assert (later.fraction, later.amount) == (-0.1, D(-10))
