"""Shares: own part of the market's volume, maker's part of what filled, filled part of what was posted."""

from collections.abc import Iterable
from decimal import Decimal

from app.domain.money import ZERO, rounded

PLACES = 8


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """part / whole; None of nothing."""
    return rounded(part / whole, PLACES) if whole else None


def maker_share(fills: Iterable[tuple[Decimal, bool]]) -> Decimal | None:
    """By notional: of each fill its notional, and whether it was made."""
    found = list(fills)
    return share(sum((value for value, made in found if made), ZERO), sum((value for value, _ in found), ZERO))
