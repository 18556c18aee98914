"""The profit factor: gross profit for gross loss."""

from app.domain.performance.outcomes import Outcomes
from app.domain.performance.ratio import ratio


def profit_factor(outcomes: Outcomes) -> float | None:
    """gross profit / |gross loss|; 0.0 with losses only.

    None without a loss, where the quotient would be infinite (or 0/0): JSON has no infinity.
    """
    return ratio(outcomes.won, -outcomes.lost)
