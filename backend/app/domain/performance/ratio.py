"""Money to statistics: the one place of this package where Decimal becomes float.

Every ratio, return and percentage passes here, so that no infinity or NaN gets out: what has no finite
value is None, which JSON can carry.
"""

import math
from decimal import Decimal


def ratio(numerator: Decimal, denominator: Decimal) -> float | None:
    """The quotient as a finite float; None when the denominator is zero or the quotient is beyond a float."""
    if not denominator:
        return None
    return finite_or_none(float(numerator / denominator))


def finite_or_none(value: float) -> float | None:
    """The value itself, or None for an infinity or NaN."""
    return value if math.isfinite(value) else None
