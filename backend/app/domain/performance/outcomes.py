"""Wins, losses and scratches of round trips, and the win rate.

All measures of trades take net profits in quote (fees in), one per closed round trip.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from app.domain.performance.ratio import ratio


class Outcomes(NamedTuple):
    wins: int
    losses: int
    scratches: int


def count_outcomes(profits: Sequence[Decimal]) -> Outcomes:
    """Profits above zero, below zero, and of exactly zero."""
    wins = sum(1 for profit in profits if profit > 0)
    losses = sum(1 for profit in profits if profit < 0)
    return Outcomes(wins, losses, len(profits) - wins - losses)


def win_rate(profits: Sequence[Decimal]) -> float | None:
    """wins / (wins + losses), 0 to 1; scratches count on neither side; None without a win or a loss."""
    outcomes = count_outcomes(profits)
    return ratio(Decimal(outcomes.wins), Decimal(outcomes.wins + outcomes.losses))
