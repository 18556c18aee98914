"""Calmar ratio: growth for the deepest fall."""

from app.domain.performance.ratio import finite_or_none


def calmar_ratio(annual_growth: float | None, max_drawdown: float | None) -> float | None:
    """CAGR / |maximum drawdown|, both over the whole sample; None when either is unknown or there was no drawdown."""
    if annual_growth is None or not max_drawdown:
        return None
    return finite_or_none(annual_growth / abs(max_drawdown))
