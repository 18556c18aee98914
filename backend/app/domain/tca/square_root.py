"""The square-root law of market impact, as an estimate before the trade."""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

COEFFICIENT = 1.0
"""Y of the literature, about one."""


def square_root_bps(size: Decimal, volume: Decimal, volatility: float) -> float | None:
    """Y * volatility * sqrt(size / volume) in basis points. volume, volatility: of one and the same stretch of time,
    whichever: both grow with it so that the figure does not. None in a market where nothing traded."""
    if volume <= 0:
        return None
    return COEFFICIENT * volatility * math.sqrt(size / volume) * 1e4


def volatility(prices: Sequence[Decimal]) -> float | None:
    """Of the whole stretch: the root of the summed squares of the steps between its prices, in logarithms. None of
    fewer than two."""
    if len(prices) < 2:
        return None
    steps = [math.log(after / before) for before, after in pairwise(prices)]
    return math.sqrt(math.fsum(step * step for step in steps))
