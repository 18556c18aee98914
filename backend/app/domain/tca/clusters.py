"""How far a mean can be trusted. What is of one time shares its market, so that is what is drawn, not orders.

Resampling orders as if each were a draw of its own covers the truth half as often as it says (docs/tca.md). A cluster
is a day of a history, a block of a recording, a seed of a synthetic market.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from statistics import NormalDist

CLUSTERS_MIN = 20
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """With 95 % confidence the mean lies within, if the clusters to come are drawn as these were."""

    low: float
    high: float


def interval_by_cluster(clusters: Collection[tuple[float, float]]) -> Interval | None:
    """Of a weighted mean, looked at once: for each cluster the sum of the weights, and of weight * value. None of fewer
    than CLUSTERS_MIN.

    The linearised error of a ratio, sqrt(D / (D - 1) * sum of (cluster's sum - mean * cluster's weight)^2) / all
    weights, times Student's t of D - 1.
    """
    count = len(clusters)
    whole = math.fsum(weight for weight, _ in clusters)
    if count < CLUSTERS_MIN or whole <= 0:
        return None
    mean = math.fsum(total for _, total in clusters) / whole
    apart = math.fsum((total - mean * weight) ** 2 for weight, total in clusters)
    half = _student(count - 1) * math.sqrt(count / (count - 1) * apart) / whole
    return Interval(mean - half, mean + half)


def _student(freedom: int) -> float:
    """Student's t by the expansion of Cornish and Fisher: within 0.0001 of it from 19 degrees of freedom on."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
