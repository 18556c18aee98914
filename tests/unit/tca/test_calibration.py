"""How well estimates told beforehand what came."""

from __future__ import annotations

import math
import random
from decimal import Decimal

from app.domain.tca.calibration import Calibrating, Calibration


def calibrated(pairs: list[tuple[float, float]]) -> Calibration | None:
    found = Calibrating("walk")
    for told, came in pairs:
        found.add(Decimal(told), Decimal(came))
    return found.told()


def test_an_estimate_that_tells_half_of_it_has_a_slope_of_two() -> None:
    found = calibrated([(x, 1.5 + 2 * x) for x in range(20)])
    assert found is not None
    assert (found.estimate, found.n, found.why) == ("walk", 20, "")
    assert math.isclose(found.slope or 0, 2)
    assert math.isclose(found.intercept or 0, 1.5)


def test_it_is_the_least_squares_of_all_however_far_from_zero(seed: int) -> None:
    dice = random.Random(seed)
    pairs = [(x := 1e6 + dice.gauss(0, 3), 0.7 * x + dice.gauss(0, 1)) for _ in range(500)]
    found = calibrated(pairs)
    mean_x, mean_y = (math.fsum(each) / 500 for each in zip(*pairs, strict=True))
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs) / math.fsum((x - mean_x) ** 2 for x, _ in pairs)
    assert found is not None
    assert math.isclose(found.slope or 0, slope, rel_tol=1e-6)
    assert math.isclose(found.intercept or 0, mean_y - slope * mean_x, rel_tol=1e-5)


def test_of_too_few_and_of_one_estimate_alone_nothing_is_told_and_why() -> None:
    assert calibrated([]) is None
    assert calibrated([(1, 2)] * 19) == Calibration("walk", 19, None, None, "too few orders: 19, it takes 20")
    assert calibrated([(1, 2)] * 20) == Calibration("walk", 20, None, None, "the estimate was the same every time")
