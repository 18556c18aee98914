"""How far a mean can be trusted. The orders of one day share its market, so days are what is drawn, not orders.

Resampling orders as if each were a draw of its own covers the truth half as often as it says (docs/tca.md).
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from statistics import NormalDist

DAYS_MIN = 20
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """With 95 % confidence the mean lies within, if the days to come are drawn as these were."""

    low: float
    high: float


def interval_by_day(days: Collection[tuple[float, float]]) -> Interval | None:
    """Of a weighted mean: for each day the sum of the weights, and of weight * value. None of fewer than DAYS_MIN.

    The linearised error of a ratio, sqrt(D / (D - 1) * sum of (day's sum - mean * day's weight)^2) / all weights, times
    Student's t of D - 1.
    """
    count = len(days)
    whole = math.fsum(weight for weight, _ in days)
    if count < DAYS_MIN or whole <= 0:
        return None
    mean = math.fsum(total for _, total in days) / whole
    apart = math.fsum((total - mean * weight) ** 2 for weight, total in days)
    half = _student(count - 1) * math.sqrt(count / (count - 1) * apart) / whole
    return Interval(mean - half, mean + half)


def _student(freedom: int) -> float:
    """Student's t by the expansion of Cornish and Fisher: within 0.0001 of it from 19 degrees of freedom on."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
