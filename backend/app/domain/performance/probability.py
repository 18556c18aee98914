"""Probabilistic Sharpe ratio: how likely it is that the true ratio is above a benchmark, by the history at hand."""

import math
import statistics
from collections.abc import Sequence

from app.domain.performance.ratio import finite_or_none
from app.domain.performance.sharpe import sharpe_ratio

RETURNS_MIN = 4
"""With fewer the third and fourth moments say nothing."""


def probabilistic_sharpe_ratio(returns: Sequence[float], *, benchmark: float = 0.0) -> float | None:
    """Probability, 0 to 1, that the Sharpe ratio per period is above the benchmark per period.

    Bailey and Lopez de Prado (2012), with the moments of the sample. None for fewer than four returns, and where the
    ratio is not defined.
    """
    if len(returns) < RETURNS_MIN:
        return None
    per_period = sharpe_ratio(returns, 1)
    if per_period is None:
        return None
    mean = statistics.fmean(returns)
    second, third, fourth = (statistics.fmean([(value - mean) ** power for value in returns]) for power in (2, 3, 4))
    if not (second**2):
        return None
    return probability_above(per_period, len(returns), third / second**1.5, fourth / second**2, benchmark=benchmark)


def probability_above(
    sharpe: float, count: int, skewness: float, kurtosis: float, *, benchmark: float = 0.0
) -> float | None:
    """N((SR - SR*) sqrt(n - 1) / sqrt(1 - skewness SR + (kurtosis - 1) / 4 SR^2)), kurtosis 3 for normal returns."""
    variance = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if not variance > 0:
        return None
    return finite_or_none(
        statistics.NormalDist().cdf((sharpe - benchmark) * math.sqrt(count - 1) / math.sqrt(variance))
    )
