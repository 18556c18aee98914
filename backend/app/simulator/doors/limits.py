"""Rate limits: fixed windows per user, instrument or address, with OKX's numbers. Counts requests or orders."""

from __future__ import annotations

SECOND = 1_000_000_000

# path -> (count, window seconds, scope): I = user and instrument, U = user, IP = address.
LIMITS: dict[str, tuple[int, int, str]] = {
    "trade/order": (60, 2, "I"),
    "trade/batch-orders": (300, 2, "I"),
    "trade/cancel-order": (60, 2, "I"),
    "trade/cancel-batch-orders": (300, 2, "I"),
    "trade/amend-order": (60, 2, "I"),
    "trade/amend-batch-orders": (300, 2, "I"),
    "trade/close-position": (20, 2, "I"),
    "trade/order:get": (60, 2, "I"),
    "trade/orders-pending": (60, 2, "U"),
    "trade/orders-history": (40, 2, "U"),
    "trade/orders-history-archive": (20, 2, "U"),
    "trade/fills": (60, 2, "U"),
    "trade/fills-history": (10, 2, "U"),
    "trade/cancel-all-after": (1, 1, "U"),
    "trade/account-rate-limit": (1, 1, "U"),
    "trade/order-algo": (20, 2, "I"),
    "trade/cancel-algos": (20, 2, "I"),
    "trade/cancel-advance-algos": (20, 2, "I"),
    "trade/amend-algos": (20, 2, "I"),
    "trade/order-algo:get": (20, 2, "U"),
    "trade/orders-algo-pending": (20, 2, "U"),
    "trade/orders-algo-history": (20, 2, "U"),
    "account/balance": (10, 2, "U"),
    "account/positions": (10, 2, "U"),
    "account/positions-history": (1, 10, "U"),
    "account/max-withdrawal": (20, 2, "U"),
    "account/config": (5, 2, "U"),
    "account/set-position-mode": (5, 2, "U"),
    "account/leverage-info": (20, 2, "U"),
    "account/set-leverage": (20, 2, "U"),
    "account/max-size": (20, 2, "U"),
    "account/max-avail-size": (20, 2, "U"),
    "account/trade-fee": (5, 2, "U"),
    "account/instruments": (20, 2, "U"),
    "account/bills": (5, 1, "U"),
    "account/bills-archive": (5, 2, "U"),
    "public/time": (10, 2, "IP"),
    "public/instruments": (20, 2, "IP"),
    "market/ticker": (20, 2, "IP"),
    "market/tickers": (20, 2, "IP"),
    "market/books": (40, 2, "IP"),
    "market/books-full": (10, 2, "IP"),
    "market/trades": (100, 2, "IP"),
    "market/history-trades": (20, 2, "IP"),
    "market/candles": (40, 2, "IP"),
    "market/history-candles": (20, 2, "IP"),
    "public/mark-price": (10, 2, "IP"),
    "public/funding-rate": (10, 2, "IP"),
    "public/funding-rate-history": (10, 2, "IP"),
    "public/position-tiers": (10, 2, "IP"),
    "public/open-interest": (20, 2, "IP"),
    "public/price-limit": (20, 2, "IP"),
    "system/status": (1, 5, "IP"),
}
SUB_ACCOUNT = (1000, 2)
STREAM_REQUESTS = (480, 3600)
CONNECTS = (3, 1)
WINDOWS_KEPT = 10_000


class RateLimiter:
    """Fixed windows that start with the first request in them. Off: everything is let through."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self._windows: dict[tuple[str, ...], tuple[int, int]] = {}

    def allow(self, key: tuple[str, ...], count: int, window_seconds: int, now_ns: int, cost: int = 1) -> bool:
        """Take `cost` from the window of `key`; a refused request takes nothing."""
        if not self.enabled:
            return True
        start, used = self._windows.get(key, (now_ns, 0))
        if now_ns - start >= window_seconds * SECOND:
            start, used = now_ns, 0
        if used + cost > count:
            return False
        if len(self._windows) >= WINDOWS_KEPT:
            self._windows.clear()
        self._windows[key] = (start, used + cost)
        return True

    def allow_path(self, path: str, user: str, instrument: str, now_ns: int, cost: int = 1) -> bool:
        """The documented limit of a REST path (or of the WebSocket operation sharing it)."""
        limit = LIMITS.get(path)
        if limit is None or not self.enabled:
            return True
        count, seconds, scope = limit
        return self.allow((path, user, instrument if scope == "I" else ""), count, seconds, now_ns, cost)

    def allow_orders(self, user: str, now_ns: int, cost: int) -> bool:
        """The sub-account's 1000 new and amended orders per 2 s (50061)."""
        return self.allow(("orders", user), *SUB_ACCOUNT, now_ns, cost)
