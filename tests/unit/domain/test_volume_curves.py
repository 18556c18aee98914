"""Volume curves: which days they are learned from, and what is learned, by hand-made weeks with known answers."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.domain.volume_curves import (
    DAY_NS,
    FLOOR,
    HOUR_NS,
    MONDAY_NS,
    STEP,
    HourVolume,
    hour_of_week_curve,
    whole_days,
)

D = Decimal
WEEK_NS = 7 * DAY_NS


def day_of(sizes: list[int], start_ns: int = MONDAY_NS) -> list[HourVolume]:
    return [HourVolume(start_ns + hour * HOUR_NS, D(size)) for hour, size in enumerate(sizes)]


def hump(at: int, height: int) -> list[int]:
    """A day that trades 1 in each hour but one."""
    return [height if hour == at else 1 for hour in range(24)]


def test_without_a_day_there_is_no_curve() -> None:
    assert hour_of_week_curve({}) == ()


def test_only_whole_days_that_traded_count() -> None:
    told = day_of([1] * 23)  # an hour is missing
    told += day_of([0] * 24, MONDAY_NS + DAY_NS)
    told += day_of([2] * 24, MONDAY_NS + 2 * DAY_NS)
    told += [HourVolume(MONDAY_NS + 23 * HOUR_NS + 1, D(1)), HourVolume(MONDAY_NS + 2 * DAY_NS, D(5))]
    assert whole_days(reversed(told)) == {MONDAY_NS + 2 * DAY_NS: [D(2)] * 24}
    assert whole_days(told) == {MONDAY_NS + 2 * DAY_NS: [D(5), *[D(2)] * 23]}


def test_a_market_that_trades_evenly_has_a_flat_curve_whatever_its_days_trade() -> None:
    told = [each for k, size in enumerate((1, 1000, 7, 3, 50)) for each in day_of([size] * 24, MONDAY_NS + k * DAY_NS)]
    assert hour_of_week_curve(whole_days(told)) == (D("1.000"),) * 168


def test_one_day_speaks_for_every_day_smoothed_with_its_neighbours() -> None:
    """Ten o'clock trades 25 of 48, 12.5 times the average hour; the other 23 trade half of it each."""
    curve = hour_of_week_curve(whole_days(day_of(hump(10, 25))))
    assert len(curve) == 168
    assert curve[:24] == (D("0.500"),) * 9 + (D("3.500"), D("6.500"), D("3.500")) + (D("0.500"),) * 12
    assert all(curve[24 * k : 24 * k + 24] == curve[:24] for k in range(7))


def test_a_day_of_the_week_weighs_by_how_many_there_are() -> None:
    """Four Mondays peak at ten, four Tuesdays at sixteen. Four of a kind keep half of their own and take half of
    what all days do: Monday's ten is ½ · 12.5 + ½ · 6.5."""
    told: list[HourVolume] = []
    for week in range(4):
        told += day_of(hump(10, 25), MONDAY_NS + week * WEEK_NS)
        told += day_of(hump(16, 25), MONDAY_NS + week * WEEK_NS + DAY_NS)
    curve = hour_of_week_curve(whole_days(told))
    # Before smoothing: Monday 10 h 9.5, 16 h 3.5; Tuesday the other way about; the other days 6.5 each; else 0.5.
    assert (curve[10], curve[16]) == (D("5.000"), D("2.000"))
    assert (curve[24 + 10], curve[24 + 16]) == (D("2.000"), D("5.000"))
    assert (curve[48 + 10], curve[48 + 16]) == (D("3.500"), D("3.500"))


def test_one_wild_day_is_one_day() -> None:
    """Of five Mondays one trades everything at three; the median does not see it."""
    told = [each for week in range(5) for each in day_of([1] * 24, MONDAY_NS + week * WEEK_NS)]
    told[:24] = day_of(hump(3, 10**9))
    assert hour_of_week_curve(whole_days(told)) == (D("1.000"),) * 168


def test_sunday_night_is_smoothed_with_monday_morning() -> None:
    curve = hour_of_week_curve(whole_days(day_of(hump(0, 25))))
    assert (curve[167], curve[0], curve[1]) == (D("3.500"), D("6.500"), D("3.500"))


def test_an_hour_that_never_trades_keeps_the_floor() -> None:
    curve = hour_of_week_curve(whole_days(day_of([0] * 12 + [1] * 12)))
    assert curve[3] == FLOOR
    assert curve[15] == 2


def test_a_market_that_trades_in_another_hour_each_day_has_a_flat_curve() -> None:
    """Each hour's median is nothing."""
    told = [each for k in range(10) for each in day_of([int(hour == k) for hour in range(24)], MONDAY_NS + k * WEEK_NS)]
    assert hour_of_week_curve(whole_days(told)) == (D("1.000"),) * 168


@given(
    st.lists(st.lists(st.decimals(0, 10**12, places=8), min_size=24, max_size=24).filter(any), min_size=1, max_size=9),
    st.integers(0, 6),
)
def test_a_curve_is_168_numbers_above_zero_and_no_unit_or_order_changes_it(days: list[list[D]], first: int) -> None:
    told = {MONDAY_NS + (first + k) * DAY_NS: sizes for k, sizes in enumerate(days)}
    curve = hour_of_week_curve(told)
    assert len(curve) == 168
    assert min(curve) >= FLOOR
    assert all(x == x.quantize(STEP) for x in curve)
    assert hour_of_week_curve({day: [1000 * x for x in sizes] for day, sizes in reversed(told.items())}) == curve
    assert all(before < after for before, after in pairwise(told))
