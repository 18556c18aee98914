"""Tail ratio: the size of the good days at the edge for that of the bad ones."""

import math
from collections.abc import Sequence

from app.domain.performance.ratio import finite_or_none
from app.domain.performance.returns import check_returns


def tail_ratio(returns: Sequence[float]) -> float | None:
    """|95th percentile| / |5th percentile|, interpolated linearly; None without returns or when the latter is zero."""
    check_returns(returns)
    if not returns:
        return None
    ordered = sorted(returns)
    low = abs(percentile(ordered, 0.05))
    return finite_or_none(abs(percentile(ordered, 0.95)) / low) if low else None


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Of values in order, interpolated linearly; fraction: 0 to 1."""
    position = fraction * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
