"""Prices of an exchange's own making that an order may wait for: the mark and the index of a contract."""

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol, runtime_checkable

from app.domain.conditions import Watched


@runtime_checkable
class WatchedPrices(Protocol):
    """What an exchange may offer besides the port's."""

    async def follow_price(self, instrument_id: str, watched: Watched, tell: Callable[[Decimal], None]) -> None:
        """Tell its mark or index price now, at every change and over every reconnect. tell is called on the event loop,
        returns fast and must not raise. Raises ExchangeRefused for an instrument that has none."""
        ...


__all__ = ["WatchedPrices"]
