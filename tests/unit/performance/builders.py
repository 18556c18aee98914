"""Fills in as few words as a test needs."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.domain.performance.fills import TripFill

SECOND_NS = 10**9
DAY_SECONDS = 86_400


def fill(side: str, size: str, price: str, *, at: float = 0, fee: str = "0", **fields: Any) -> TripFill:
    """A fill of X-USDT; `at` in seconds, a unique trade key unless one is given."""
    values: dict[str, Any] = {
        "instrument_id": "X-USDT",
        "position_side": "net",
        "side": 1 if side == "buy" else -1,
        "price": Decimal(price),
        "size": Decimal(size),
        "fee_quote": Decimal(fee),
        "multiplier": Decimal(1),
        "inverse": False,
        "time_ns": int(at * SECOND_NS),
        "strategy_id": "s",
        "trade_key": object(),
    }
    return TripFill(**values | fields)


def trips_earning(profits: Iterable[int], *, every_seconds: float = 60) -> list[TripFill]:
    """Pairs of fills, bought at 1000, that close with exactly these profits."""
    fills: list[TripFill] = []
    for index, profit in enumerate(profits):
        at = index * every_seconds
        fills.append(fill("buy", "1", "1000", at=at))
        fills.append(fill("sell", "1", str(1000 + profit), at=at + every_seconds / 2))
    return fills
