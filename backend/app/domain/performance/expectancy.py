"""What a round trip earns on average: in money (expectancy) and in units of the average loss (R-multiple)."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.performance.fills import ZERO
from app.domain.performance.payoff import average_loss
from app.domain.performance.ratio import ratio


def expectancy(profits: Sequence[Decimal]) -> Decimal | None:
    """Mean net profit over all closed round trips, scratches included; None without one."""
    return sum(profits, ZERO) / len(profits) if profits else None


def r_multiple(profits: Sequence[Decimal]) -> float | None:
    """expectancy / |average loss|; None without a loss."""
    mean, loss = expectancy(profits), average_loss(profits)
    if mean is None or loss is None:
        return None
    return ratio(mean, -loss)
