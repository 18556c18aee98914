"""Value at risk, and the mean of what lies beyond it (CVaR, expected shortfall): of one period, as returns."""

import math
from collections.abc import Sequence

from app.domain.performance.ratio import finite_or_none
from app.domain.performance.returns import check_returns
from app.domain.performance.tail import percentile

CUTOFF = 0.05


def value_at_risk(returns: Sequence[float], *, cutoff: float = CUTOFF) -> float | None:
    """The return that only `cutoff` of the periods fell below, interpolated linearly; None without returns."""
    check_returns(returns)
    return percentile(sorted(returns), cutoff) if returns else None


def conditional_value_at_risk(returns: Sequence[float], *, cutoff: float = CUTOFF) -> float | None:
    """The mean of the worst floor((n - 1) x cutoff) + 1 returns; None without returns."""
    check_returns(returns)
    if not returns:
        return None
    worst = sorted(returns)[: int((len(returns) - 1) * cutoff) + 1]
    return finite_or_none(math.fsum(worst) / len(worst))
