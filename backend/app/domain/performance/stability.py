"""Stability: how straight the curve of compounded returns is."""

import math
import statistics
from collections.abc import Sequence
from itertools import accumulate

from app.domain.performance.returns import check_returns


def stability(returns: Sequence[float]) -> float | None:
    """R squared of a line through the cumulative log returns, 0 to 1.

    None for fewer than two returns, a curve that does not move, or a return of -100 % or below.
    """
    check_returns(returns)
    if len(returns) < 2 or any(value <= -1 for value in returns):
        return None
    curve = list(accumulate(math.log1p(value) for value in returns))
    if len(set(curve)) == 1:
        return None
    return statistics.correlation(range(len(curve)), curve) ** 2
