"""Simple period returns from an equity curve, the input of every measure of risk."""

import math
from collections.abc import Sequence
from decimal import Decimal

from app.domain.performance.ratio import ratio


def simple_returns(equities: Sequence[Decimal], starting_equity: Decimal) -> tuple[float, ...] | None:
    """E_t / E_(t-1) - 1 for each equity, the first against the starting equity; () for none.

    None when a base is zero or negative (a ruined or unfunded account has no returns), the last equity excepted:
    it is nobody's base.
    """
    returns: list[float] = []
    base = starting_equity
    for equity in equities:
        change = ratio(equity - base, base) if base > 0 else None
        if change is None:
            return None
        returns.append(change)
        base = equity
    return tuple(returns)


def check_returns(returns: Sequence[float]) -> None:
    """Raise ValueError, naming index and value, unless every return is a finite number."""
    for index, value in enumerate(returns):
        if not math.isfinite(value):
            raise ValueError(f"returns[{index}] {value}: must be finite")
