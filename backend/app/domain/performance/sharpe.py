"""Sharpe ratio and its standard error."""

import math
import statistics
from collections.abc import Sequence

from app.domain.performance.volatility import sample_deviation


def sharpe_ratio(
    returns: Sequence[float], periods_per_year: float = 365, *, risk_free_rate: float = 0.0
) -> float | None:
    """mean(r - rf) / deviation(r - rf, ddof=1) x sqrt(periods per year).

    risk_free_rate is per period. None for fewer than two returns, or when they do not vary.
    """
    excess = [value - risk_free_rate for value in returns]
    deviation = sample_deviation(excess)
    if not deviation:
        return None
    return statistics.fmean(excess) / deviation * math.sqrt(periods_per_year)


def sharpe_standard_error(
    returns: Sequence[float], periods_per_year: float = 365, *, risk_free_rate: float = 0.0
) -> float | None:
    """Standard error of sharpe_ratio, in its own annualised units: sqrt((1 + SR^2 / 2) / n), SR per period.

    Asymptotic, for independent normal returns; it says how little a short history proves. None where the ratio is.
    """
    per_period = sharpe_ratio(returns, 1, risk_free_rate=risk_free_rate)
    if per_period is None:
        return None
    return math.sqrt((1 + per_period**2 / 2) / len(returns) * periods_per_year)
