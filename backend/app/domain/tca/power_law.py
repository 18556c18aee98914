"""The power law of market impact, as an estimate before the trade of what working an order evenly costs.

Source: Almgren, Thum, Hauptmann and Li (2005), Direct estimation of equity market impact: the temporary part alone. The
permanent part goes by the shares that there are of a company, which nothing here is. The constants are those of US
stocks.
"""

import math
from decimal import Decimal

COEFFICIENT = 0.142
EXPONENT = 0.6
"""eta and beta of the paper."""


def power_law_bps(size: Decimal, traded: Decimal, daily_volatility: float) -> float | None:
    """eta * volatility * (size / traded) ** beta in basis points. traded: by the whole market while it is worked.
    daily_volatility: of a day, as a share of the price. None in a market where nothing trades."""
    if traded <= 0:
        return None
    return COEFFICIENT * daily_volatility * math.pow(size / traded, EXPONENT) * 1e4
