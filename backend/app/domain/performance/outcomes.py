"""Wins, losses and scratches of round trips, what they came to, and the win rate.

All measures of trades take the outcomes of closed round trips: counts and sums of net profits in quote (fees in).
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from app.domain.performance.exact import EXACT, exact_sum
from app.domain.performance.fills import ZERO
from app.domain.performance.ratio import ratio


class Outcomes(NamedTuple):
    """won: sum of the wins, zero or positive; lost: of the losses, zero or negative; largest ones: None without one."""

    wins: int = 0
    losses: int = 0
    scratches: int = 0
    won: Decimal = ZERO
    lost: Decimal = ZERO
    largest_win: Decimal | None = None
    largest_loss: Decimal | None = None

    @property
    def trades(self) -> int:
        return self.wins + self.losses + self.scratches

    @property
    def net(self) -> Decimal:
        return EXACT.add(self.won, self.lost)


def count_outcomes(profits: Iterable[Decimal]) -> Outcomes:
    """Of profits above zero, below zero, and of exactly zero."""
    wins, losses, scratches = list[Decimal](), list[Decimal](), 0
    for profit in profits:
        if profit > 0:
            wins.append(profit)
        elif profit < 0:
            losses.append(profit)
        else:
            scratches += 1
    return Outcomes(
        len(wins),
        len(losses),
        scratches,
        exact_sum(wins),
        exact_sum(losses),
        max(wins, default=None),
        min(losses, default=None),
    )


def all_outcomes(parts: Iterable[Outcomes]) -> Outcomes:
    """Those of all together."""
    found = list(parts)
    return Outcomes(
        sum(one.wins for one in found),
        sum(one.losses for one in found),
        sum(one.scratches for one in found),
        exact_sum(one.won for one in found),
        exact_sum(one.lost for one in found),
        max((one.largest_win for one in found if one.largest_win is not None), default=None),
        min((one.largest_loss for one in found if one.largest_loss is not None), default=None),
    )


def win_rate(outcomes: Outcomes) -> float | None:
    """wins / (wins + losses), 0 to 1; scratches count on neither side; None without a win or a loss."""
    return ratio(Decimal(outcomes.wins), Decimal(outcomes.wins + outcomes.losses))
