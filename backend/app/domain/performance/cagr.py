"""Compound annual growth rate."""

import math
from collections.abc import Sequence

from app.domain.performance.ratio import finite_or_none
from app.domain.performance.returns import check_returns


def cagr(returns: Sequence[float], periods_per_year: float = 365) -> float | None:
    """(product of (1 + r))^(periods per year / n) - 1, as a fraction.

    -1 when everything was lost. None without returns, when equity fell below zero, and when the power leaves the
    range of a float (a good first day compounded 365 times).
    """
    check_returns(returns)
    if not returns or any(value < -1 for value in returns):
        return None
    growth = math.prod(1 + value for value in returns)
    try:
        return finite_or_none(growth ** (periods_per_year / len(returns)) - 1)
    except OverflowError:
        return None
