"""What a round trip earns on average: in money (expectancy) and in units of the average loss (R-multiple)."""

from decimal import Decimal

from app.domain.performance.outcomes import Outcomes
from app.domain.performance.payoff import average_loss
from app.domain.performance.ratio import ratio


def expectancy(outcomes: Outcomes) -> Decimal | None:
    """Mean net profit over all closed round trips, scratches included; None without one."""
    return outcomes.net / outcomes.trades if outcomes.trades else None


def r_multiple(outcomes: Outcomes) -> float | None:
    """expectancy / |average loss|; None without a loss."""
    mean, loss = expectancy(outcomes), average_loss(outcomes)
    if mean is None or loss is None:
        return None
    return ratio(mean, -loss)
