"""Average win, average loss and their quotient, the payoff ratio."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.performance.fills import ZERO
from app.domain.performance.ratio import ratio


def average_win(profits: Sequence[Decimal]) -> Decimal | None:
    """Mean of the winning round trips (positive); None without one."""
    return _mean([profit for profit in profits if profit > 0])


def average_loss(profits: Sequence[Decimal]) -> Decimal | None:
    """Mean of the losing round trips (negative); None without one."""
    return _mean([profit for profit in profits if profit < 0])


def payoff_ratio(profits: Sequence[Decimal]) -> float | None:
    """average win / |average loss|; None unless there are both."""
    win, loss = average_win(profits), average_loss(profits)
    if win is None or loss is None:
        return None
    return ratio(win, -loss)


def _mean(amounts: Sequence[Decimal]) -> Decimal | None:
    return sum(amounts, ZERO) / len(amounts) if amounts else None
