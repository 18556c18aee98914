"""Omega ratio: what returns earn above a threshold for what they lose below it."""

import math
from collections.abc import Sequence

from app.domain.performance.ratio import finite_or_none
from app.domain.performance.returns import check_returns


def omega_ratio(returns: Sequence[float], *, threshold: float = 0.0) -> float | None:
    """sum(max(r - threshold, 0)) / sum(max(threshold - r, 0)), threshold per period.

    None when no return falls below the threshold (or there is none).
    """
    check_returns(returns)
    losses = math.fsum(max(threshold - value, 0.0) for value in returns)
    if not losses:
        return None
    return finite_or_none(math.fsum(max(value - threshold, 0.0) for value in returns) / losses)
