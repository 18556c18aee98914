"""What a fill paid for the spread, and what of it the market kept: effective = realised + impact."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import rounded
from app.domain.tca.slippage import BPS, PLACES


@dataclass(frozen=True, slots=True)
class Spread:
    """Basis points of the mid before, of both sides of the spread together. impact: how far the mid went with it;
    realised: what is left of the effective spread then, to who stood on the other side. None without a later mid."""

    effective: Decimal
    realised: Decimal | None
    impact: Decimal | None


def spread_paid(sign: int, price: Decimal, mid: Decimal, later: Decimal | None) -> Spread:
    """2 * sign * (price - mid) / mid and its two parts. mid: just before the fill; later: some time after it."""
    effective = _bps(sign, price - mid, mid)
    if later is None:
        return Spread(effective, None, None)
    impact = _bps(sign, later - mid, mid)
    return Spread(effective, effective - impact, impact)


def _bps(sign: int, difference: Decimal, mid: Decimal) -> Decimal:
    return rounded(2 * sign * difference / mid * BPS, PLACES)
