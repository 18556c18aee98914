"""Which orders wait for a price here, and what they may wait for (docs/conditional.md)."""

from enum import StrEnum

CONDITIONS = ("trigger_price", "distance", "distance_pct", "take_profit", "stop_loss")
"""The numbers of OrderParams that a conditional order waits for."""


class ConditionalType(StrEnum):
    """Orders that wait for a price, held here (docs/conditional.md); those with `limit` then rest at their own."""

    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    TRAILING_STOP = "trailing_stop"
    OCO = "oco"

    @property
    def has_price(self) -> bool:
        return self in (ConditionalType.STOP_LIMIT, ConditionalType.TAKE_PROFIT_LIMIT)
