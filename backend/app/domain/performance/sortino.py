"""Sortino ratio and the downside deviation below it."""

import math
import statistics
from collections.abc import Sequence

from app.domain.performance.returns import check_returns


def downside_deviation(
    returns: Sequence[float], periods_per_year: float = 365, *, required_return: float = 0.0
) -> float | None:
    """sqrt(sum(min(r - required, 0)^2) / n) x sqrt(periods per year), over all n returns, not only the losing ones.

    required_return is per period. None without returns.
    """
    check_returns(returns)
    if not returns:
        return None
    squares = math.fsum(min(value - required_return, 0.0) ** 2 for value in returns)
    return math.sqrt(squares / len(returns)) * math.sqrt(periods_per_year)


def sortino_ratio(
    returns: Sequence[float], periods_per_year: float = 365, *, required_return: float = 0.0
) -> float | None:
    """mean(r - required) / downside deviation x sqrt(periods per year).

    None without returns and when none falls below the required one (the ratio would be infinite). One losing return
    is enough for a number; it says little.
    """
    downside = downside_deviation(returns, 1, required_return=required_return)
    if not downside:
        return None
    return (statistics.fmean(returns) - required_return) / downside * math.sqrt(periods_per_year)
