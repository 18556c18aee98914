"""The interval that may be looked at again and again: by its formula, and how often it covers the truth."""

from __future__ import annotations

import math
import random

import pytest

from app.domain.tca.clusters import Interval, interval_by_cluster
from app.domain.tca.sequential import EFFECT_VARIANCE, interval_at_any_time


def evidence(draws: list[float], mean: float = 0.0) -> float:
    """How much likelier the draws are with some other mean than with this one, by the module's formula."""
    count, found = len(draws), math.fsum(draws) / len(draws)
    spread = 1 + count * EFFECT_VARIANCE
    statistic = count * (found - mean) ** 2 / math.fsum((each - found) ** 2 for each in draws)  # t^2 / v
    return spread**-0.5 * ((1 + statistic) / (1 + statistic / spread)) ** (count / 2)


def test_the_evidence_is_the_likelihood_ratio_by_numbers():
    """Of 1, 2, 3, 6 against 1: the mean 3, squares of 14 about it, t^2 / v = 4 * 4 / 14, K = 2, n / 2 = 2."""
    assert EFFECT_VARIANCE == 0.25
    statistic = 16 / 14
    assert evidence([1, 2, 3, 6], 1.0) == pytest.approx(2**-0.5 * ((1 + statistic) / (1 + statistic / 2)) ** 2)


def test_the_evidence_is_an_integral_over_effects():
    """The mixture that its formula solves, by quadrature: normal effects, the deviation's 1 / s integrated out."""
    draws, grid = [0.4, -0.2, 1.1, 0.9, 0.3], [k / 200 for k in range(-1_600, 1_601)]
    log_deviations = [k / 100 for k in range(-400, 401)]

    def likelihood(effect: float) -> float:
        return math.fsum(
            math.exp(-math.fsum((x / s - effect) ** 2 for x in draws) / 2) / s ** len(draws)
            for s in map(math.exp, log_deviations[::8])
        )

    prior = [math.exp(-(effect**2) / 2 / EFFECT_VARIANCE) for effect in grid[::40]]
    mixed = math.fsum(p * likelihood(effect) for p, effect in zip(prior, grid[::40], strict=True)) / math.fsum(prior)
    assert evidence(draws) == pytest.approx(mixed / likelihood(0.0), rel=1e-3)


def test_the_interval_ends_where_the_evidence_is_twenty():
    draws = [math.sin(k * 1.7) + 0.2 for k in range(40)]
    found = interval_at_any_time(draws)
    assert found is not None
    assert [evidence(draws, found.low), evidence(draws, found.high)] == pytest.approx([20.0, 20.0])
    once = interval_by_cluster([(1.0, each) for each in draws])
    assert once is not None
    assert found.low < once.low < once.high < found.high
    assert interval_at_any_time(draws[:19]) is None
    assert interval_at_any_time([3.0] * 20) == Interval(3.0, 3.0)


def test_a_look_after_every_block_covers_the_truth_as_often_as_one_look_does_at_most():
    """400 comparisons without a difference, of blocks with fat tails, each looked at until it is decided or has 150:
    ordinary intervals decide a third of them wrongly."""
    draw = random.Random(20261129)
    wrong = {"any time": 0, "once": 0}
    for _ in range(400):
        blocks = [draw.gauss(0, 1) * draw.lognormvariate(0, 0.5) for _ in range(150)]
        looks = [blocks[:n] for n in range(20, 151, 5)]
        wrong["any time"] += any(not holds_zero(interval_at_any_time(look)) for look in looks)
        wrong["once"] += any(not holds_zero(interval_by_cluster([(1.0, each) for each in look])) for look in looks)
    assert wrong["any time"] <= 0.05 * 400
    assert wrong["once"] > 0.1 * 400


def test_one_look_at_clustered_orders_covers_the_truth_as_often_as_it_says():
    """2,000 comparisons of 30 blocks by 4 orders that share their block's market."""
    draw, held = random.Random(7), 0
    for _ in range(2_000):
        blocks: list[tuple[float, float]] = []
        for _ in range(30):
            shared = draw.gauss(0, 0.5)
            blocks.append((4.0, sum(1.3 + shared + draw.gauss(0, 1) for _ in range(4))))
        found = interval_by_cluster(blocks)
        assert found is not None
        held += found.low <= 1.3 <= found.high
    assert 0.93 <= held / 2_000 <= 0.97


def holds_zero(found: Interval | None) -> bool:
    assert found is not None
    return found.low <= 0 <= found.high
