"""Markout: what a fill was worth some time later. A benefit, the one figure here of which more is better."""

from decimal import Decimal

from app.domain.money import rounded
from app.domain.tca.slippage import BPS, PLACES

HORIZONS_MS = (100, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000)
"""When the mid is looked at, after each fill and after the end of an order."""


def markout_bps(sign: int, price: Decimal, later: Decimal, fee_share: Decimal = Decimal(0)) -> Decimal:
    """sign * (later mid - price) / price in basis points, less the fee as a share of what traded.

    Negative of a maker: whoever took it knew better (adverse selection).
    """
    return rounded((sign * (later - price) / price - fee_share) * BPS, PLACES)
