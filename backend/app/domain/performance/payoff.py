"""Average win, average loss and their quotient, the payoff ratio."""

from decimal import Decimal

from app.domain.performance.outcomes import Outcomes
from app.domain.performance.ratio import ratio


def average_win(outcomes: Outcomes) -> Decimal | None:
    """Mean of the winning round trips (positive); None without one."""
    return outcomes.won / outcomes.wins if outcomes.wins else None


def average_loss(outcomes: Outcomes) -> Decimal | None:
    """Mean of the losing round trips (negative); None without one."""
    return outcomes.lost / outcomes.losses if outcomes.losses else None


def payoff_ratio(outcomes: Outcomes) -> float | None:
    """average win / |average loss|; None unless there are both."""
    win, loss = average_win(outcomes), average_loss(outcomes)
    if win is None or loss is None:
        return None
    return ratio(win, -loss)
