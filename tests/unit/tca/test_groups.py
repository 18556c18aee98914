"""Costs of many orders together: quantiles by counting, means by notional, intervals that take a day for one draw."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from decimal import Decimal

from app.domain.tca.clusters import Interval, interval_by_cluster
from app.domain.tca.distribution import Distribution
from app.domain.tca.size_bucket import size_bucket
from app.domain.tca.weighted import Weighted, WeightedFigure

D = Decimal
CENT = D("0.01")
FIRST = date(2026, 1, 1)


def test_the_mean_is_by_notional_and_the_quantiles_by_order() -> None:
    figure = WeightedFigure(CENT)
    for weight, bps in (("100", "-5"), ("300", "10"), ("100", "1.234"), ("500", "2")):
        figure.add(FIRST, D(weight), D(bps))
    # (-500 + 3000 + 123.4 + 1000) / 1000; the nearest ranks of four are the first, first, second, third and fourth.
    why = "too few days: 1, an interval takes 20"
    assert figure.told() == Weighted(4, 1, D("3.6234"), D("-5"), D("-5"), D("1.23"), D("2"), D("10"), None, why)
    assert WeightedFigure(CENT).told() is None


def test_quantiles_of_many_are_those_of_all_of_them_in_little_memory(seed: int) -> None:
    dice = random.Random(seed)
    values = [D(str(round(dice.gauss(3, 40), 6))) for _ in range(20_000)]
    counted, shuffled = Distribution(CENT), Distribution(CENT)
    for value in values:
        counted.add(value)
    for value in dice.sample(values, len(values)):
        shuffled.add(value)
    assert counted.quantiles() == shuffled.quantiles()
    exact = sorted(values)
    for share, found in zip((0.05, 0.25, 0.5, 0.75, 0.95), counted.quantiles(), strict=True):
        true = exact[math.ceil(share * len(exact)) - 1]
        assert abs(found - true) <= max(CENT / 2, abs(true) / 200)
    assert len(counted._counts) < 5_000


def test_large_and_tiny_values_are_counted_to_three_digits() -> None:
    seen = Distribution(CENT)
    for value in ("123456.789", "-0.004", "-99.96", "9.994", "1e-30"):
        seen.add(D(value))
    assert seen.quantiles((0.2, 0.4, 0.6, 0.8, 1)) == [-100, 0, 0, D("9.99"), 123_000]


def test_an_interval_of_days_that_weigh_alike_is_that_of_their_means() -> None:
    """Student's: 20 daily means of 0 and 2 have the mean 1, the error sqrt(20 / 19) / sqrt(20), and t(19) = 2.0930."""
    days = [(1.0, 0.0), (1.0, 2.0)] * 10
    found = interval_by_cluster(days)
    assert found is not None
    half = 2.09302 * math.sqrt(20 / 19) / math.sqrt(20)
    assert math.isclose(found.low, 1 - half, abs_tol=1e-5)
    assert math.isclose(found.high, 1 + half, abs_tol=1e-5)
    assert interval_by_cluster(days[:19]) is None
    assert interval_by_cluster([(0.0, 0.0)] * 30) is None
    assert interval_by_cluster([(2.0, 6.0)] * 20) == Interval(3.0, 3.0)


def test_orders_of_one_day_are_one_draw_and_the_interval_covers_what_it_says() -> None:
    """The design's world: 30 parents a day with a day's effect of 0.5 bps. As 600 draws they would cover half."""
    dice = random.Random(7)
    covered = 0
    for _ in range(300):
        days = []
        for _ in range(20):
            effect = dice.gauss(0, 0.5)
            days.append((30.0, sum(effect + dice.gauss(0, 1) for _ in range(30))))
        found = interval_by_cluster(days)
        assert found is not None
        covered += found.low <= 0 <= found.high
    assert 0.92 <= covered / 300 <= 0.98


def test_a_figure_of_twenty_days_has_an_interval() -> None:
    figure = WeightedFigure(CENT)
    for day in range(20):
        figure.add(FIRST + timedelta(days=day), D(1), D(day % 2 * 2))
        figure.add(FIRST + timedelta(days=day), D(3), D(day % 2 * 2))
    told = figure.told()
    assert told is not None
    assert (told.n, told.days, told.mean, told.why) == (40, 20, 1, "")
    assert told.interval == interval_by_cluster([(4.0, 0.0), (4.0, 8.0)] * 10)


def test_sizes_are_told_apart_by_powers_of_ten() -> None:
    found = [size_bucket(D(each)) for each in ("99999.99", "100000", "0.02", "1", "1e-9")]
    assert found == [
        "10000 to 100000", "100000 to 1000000", "0.01 to 0.1", "1 to 10", "0.000000001 to 0.00000001",
    ]  # fmt: skip
