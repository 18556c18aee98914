"""Gross profit, gross loss and their quotient, the profit factor."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.performance.fills import ZERO
from app.domain.performance.ratio import ratio


def gross_profit(profits: Sequence[Decimal]) -> Decimal:
    """Sum of the winning round trips, zero or positive."""
    return sum((profit for profit in profits if profit > 0), ZERO)


def gross_loss(profits: Sequence[Decimal]) -> Decimal:
    """Sum of the losing round trips, zero or negative."""
    return sum((profit for profit in profits if profit < 0), ZERO)


def profit_factor(profits: Sequence[Decimal]) -> float | None:
    """gross profit / |gross loss|; 0.0 with losses only.

    None without a loss, where the quotient would be infinite (or 0/0): JSON has no infinity.
    """
    return ratio(gross_profit(profits), -gross_loss(profits))
