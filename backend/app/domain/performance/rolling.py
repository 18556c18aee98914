"""Figures of the days up to each day: how a strategy has done lately, at any time."""

from collections.abc import Sequence
from typing import NamedTuple

from app.domain.performance.drawdown import max_drawdown_from_returns
from app.domain.performance.ratio import finite_or_none
from app.domain.performance.sharpe import sharpe_ratio
from app.domain.performance.volatility import volatility


class Rolled(NamedTuple):
    """Of the `window` returns that end with the one numbered `day`."""

    day: int
    total_return: float | None
    volatility: float | None
    sharpe_ratio: float | None
    max_drawdown: float


def rolling(returns: Sequence[float], window: int, periods_per_year: float = 365) -> tuple[Rolled, ...]:
    """One for each return that has `window` of them up to itself. Raises ValueError for a window below two."""
    if window < 2:
        raise ValueError(f"window {window}: must be two at least")
    found: list[Rolled] = []
    for end in range(window, len(returns) + 1):
        part = returns[end - window : end]
        grown = 1.0
        for value in part:
            grown *= 1 + value
        found.append(
            Rolled(
                end - 1,
                finite_or_none(grown - 1),
                volatility(part, periods_per_year),
                sharpe_ratio(part, periods_per_year),
                max_drawdown_from_returns(part),
            )
        )
    return tuple(found)
