"""What the price did after an order's end: what came back was temporary impact, what stayed is permanent."""

from decimal import Decimal

from app.domain.money import rounded
from app.domain.tca.slippage import BPS, PLACES


def reversion_bps(sign: int, end: Decimal, later: Decimal) -> Decimal:
    """sign * (mid at the end - later mid) / mid at the end: positive, the price came back, and impact was paid."""
    return rounded(sign * (end - later) / end * BPS, PLACES)


def permanent_impact_bps(sign: int, arrival: Decimal, later: Decimal) -> Decimal:
    """sign * (later mid - arrival's mid) / arrival's mid: positive, the price stayed moved against the order."""
    return rounded(sign * (later - arrival) / arrival * BPS, PLACES)
