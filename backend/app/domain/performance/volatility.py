"""Volatility: the annualised sample deviation of returns."""

import math
import statistics
from collections.abc import Sequence

from app.domain.performance.returns import check_returns


def sample_deviation(returns: Sequence[float]) -> float | None:
    """Standard deviation with ddof=1, per period; None for fewer than two returns."""
    check_returns(returns)
    return statistics.stdev(returns) if len(returns) > 1 else None


def volatility(returns: Sequence[float], periods_per_year: float = 365) -> float | None:
    """Sample deviation x sqrt(periods per year), as a fraction; None for fewer than two returns."""
    deviation = sample_deviation(returns)
    return None if deviation is None else deviation * math.sqrt(periods_per_year)
