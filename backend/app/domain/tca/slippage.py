"""Slippage: an average price against a benchmark, be it the arrival's mid, a VWAP or a TWAP."""

from decimal import Decimal

from app.domain.money import rounded

BPS = Decimal(10_000)
PLACES = 8
"""Decimals of a figure in basis points."""


def slippage_bps(sign: int, price: Decimal | None, benchmark: Decimal | None) -> Decimal | None:
    """sign * (price - benchmark) / benchmark in basis points: positive is a cost, for buyers (+1) and sellers (-1)."""
    if price is None or not benchmark:
        return None
    return rounded(sign * (price - benchmark) / benchmark * BPS, PLACES)
