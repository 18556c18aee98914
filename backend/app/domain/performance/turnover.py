"""Turnover: how often the equity was traded."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.performance.fills import ZERO
from app.domain.performance.ratio import ratio


def turnover(volume: Decimal, equities: Sequence[Decimal]) -> float | None:
    """Traded notional (both directions, quote) / average of the given equities; None when that is not positive."""
    if not equities:
        return None
    average = sum(equities, ZERO) / len(equities)
    return ratio(volume, average) if average > 0 else None
