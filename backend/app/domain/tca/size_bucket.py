"""Orders by their size: by powers of ten of what they are worth, which are as good in bitcoin as in dollars."""

from decimal import Decimal

from app.domain.money import plain


def size_bucket(notional: Decimal) -> str:
    """Such as "10000 to 100000": from the first, below the second. notional: above zero."""
    low = Decimal(1).scaleb(notional.adjusted())
    return f"{plain(low)} to {plain(low * 10)}"
