"""How far a mean can be trusted by whoever looks again after every draw and stops when it pleases: an interval that
covers the truth at all looks together as often as an ordinary one does at a single look fixed beforehand.

The mixture sequential probability ratio test, of normal draws whose spread is not known: the likelihood ratio of a
mean that is off by an effect of so many deviations, the effect itself drawn from a normal around zero, against none,
with the deviation integrated out. It is a martingale of what is left when the scale is taken away, so that by Ville it
ever reaches 1 / (1 - LEVEL) with a probability of 1 - LEVEL at most (Robbins 1970; Lai 1976; Wang and Ramdas 2024).
With t Student's statistic of n - 1 = v degrees and K = 1 + n EFFECT_VARIANCE this ratio, the evidence, is
K^(-1/2) ((1 + t^2 / v) / (1 + t^2 / (v K)))^(n / 2).
"""

import math
from collections.abc import Collection

from app.domain.tca.clusters import CLUSTERS_MIN, LEVEL, Interval

EFFECT_VARIANCE = 0.25
"""Of the effect, in squares of the draws' deviation. Whatever it is the interval holds; this one is about as narrow as
any between 20 and 300 draws."""


def interval_at_any_time(draws: Collection[float], level: float = LEVEL) -> Interval | None:
    """The means against which the evidence is below 1 / (1 - level). None of fewer than CLUSTERS_MIN draws: from there
    on the interval is finite, and draws that are means themselves are near enough to normal."""
    count = len(draws)
    if count < CLUSTERS_MIN:
        return None
    found, apart = _moments(draws)
    spread = 1 + count * EFFECT_VARIANCE
    limit = (math.sqrt(spread) / (1 - level)) ** (2 / count)
    half = math.sqrt((limit - 1) / (1 - limit / spread) * apart / count)
    return Interval(found - half, found + half)


def _moments(draws: Collection[float]) -> tuple[float, float]:
    """The mean, and the sum of the squares about it."""
    mean = math.fsum(draws) / len(draws)
    return mean, math.fsum((each - mean) ** 2 for each in draws)
