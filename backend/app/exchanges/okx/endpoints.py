"""Every REST endpoint and WebSocket operation that the adapter may use, with OKX's limits.

The table is the allowlist as well: what is not in it cannot be asked for (no transfer, no withdrawal). Limits are
requests (or orders, for batches) per window; REST and WebSocket share those of the same operation (OKX v5, 2026).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    """What a limit is counted by."""

    ADDRESS = "address"
    USER = "user"
    INSTRUMENT = "instrument"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in any window; name is shared by endpoints that share the limit."""

    name: str
    count: int
    window_seconds: float
    scope: Scope


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str
    limit: Limit
    private: bool = True


def _limit(name: str, count: int, window_seconds: float, scope: Scope = Scope.USER) -> Limit:
    return Limit(name, count, window_seconds, scope)


def _get(name: str, path: str, count: int, window_seconds: float = 2, scope: Scope = Scope.USER) -> Endpoint:
    return Endpoint("GET", f"/api/v5/{path}", _limit(name, count, window_seconds, scope))


def _public(name: str, path: str, count: int, window_seconds: float = 2) -> Endpoint:
    return Endpoint("GET", f"/api/v5/{path}", _limit(name, count, window_seconds, Scope.ADDRESS), private=False)


def _post(path: str, limit: Limit) -> Endpoint:
    return Endpoint("POST", f"/api/v5/{path}", limit)


PLACE_LIMIT = _limit("place", 60, 2, Scope.INSTRUMENT)
AMEND_LIMIT = _limit("amend", 60, 2, Scope.INSTRUMENT)
CANCEL_LIMIT = _limit("cancel", 60, 2, Scope.INSTRUMENT)
PLACE_BATCH_LIMIT = _limit("place_batch", 300, 2, Scope.INSTRUMENT)
AMEND_BATCH_LIMIT = _limit("amend_batch", 300, 2, Scope.INSTRUMENT)
CANCEL_BATCH_LIMIT = _limit("cancel_batch", 300, 2, Scope.INSTRUMENT)
SUB_ACCOUNT_LIMIT = _limit("sub_account", 1000, 2)
"""New and amended orders of one sub-account, every batch element counted; cancels do not count."""

PLACE = _post("trade/order", PLACE_LIMIT)
AMEND = _post("trade/amend-order", AMEND_LIMIT)
CANCEL = _post("trade/cancel-order", CANCEL_LIMIT)
PLACE_BATCH = _post("trade/batch-orders", PLACE_BATCH_LIMIT)
AMEND_BATCH = _post("trade/amend-batch-orders", AMEND_BATCH_LIMIT)
CANCEL_BATCH = _post("trade/cancel-batch-orders", CANCEL_BATCH_LIMIT)
CANCEL_ALL_AFTER = _post("trade/cancel-all-after", _limit("cancel_all_after", 1, 1))
SET_LEVERAGE = _post("account/set-leverage", _limit("set_leverage", 20, 2))
ALGO_PLACE = _post("trade/order-algo", _limit("algo_place", 20, 2, Scope.INSTRUMENT))
ALGO_AMEND = _post("trade/amend-algos", _limit("algo_amend", 20, 2, Scope.INSTRUMENT))
ALGO_CANCEL = _post("trade/cancel-algos", _limit("algo_cancel", 20, 2, Scope.INSTRUMENT))
ALGO_CANCEL_ADVANCED = _post("trade/cancel-advance-algos", _limit("algo_cancel_advanced", 20, 2, Scope.INSTRUMENT))

ORDER = _get("order", "trade/order", 60, scope=Scope.INSTRUMENT)
OPEN_ORDERS = _get("open_orders", "trade/orders-pending", 60)
ORDER_HISTORY = _get("order_history", "trade/orders-history", 40)
ORDER_ARCHIVE = _get("order_archive", "trade/orders-history-archive", 20)
FILLS = _get("fills", "trade/fills", 60)
FILLS_ARCHIVE = _get("fills_archive", "trade/fills-history", 10)
ALGO_ORDER = _get("algo_order", "trade/order-algo", 20)
ALGO_PENDING = _get("algo_pending", "trade/orders-algo-pending", 20)
ALGO_HISTORY = _get("algo_history", "trade/orders-algo-history", 20)
BALANCE = _get("balance", "account/balance", 10)
POSITIONS = _get("positions", "account/positions", 10)
BILLS = _get("bills", "account/bills", 5, 1)
BILLS_ARCHIVE = _get("bills_archive", "account/bills-archive", 5)
ACCOUNT_CONFIG = _get("account_config", "account/config", 5)
TRADE_FEE = _get("trade_fee", "account/trade-fee", 5)
LEVERAGE = _get("leverage", "account/leverage-info", 20)

TIME = _public("time", "public/time", 10)
INSTRUMENTS = _public("instruments", "public/instruments", 20)
TICKER = _public("ticker", "market/ticker", 20)
TICKERS = _public("tickers", "market/tickers", 20)
BOOK = _public("book", "market/books", 40)
CANDLES = _public("candles", "market/candles", 40)
CANDLE_HISTORY = _public("candle_history", "market/history-candles", 20)
TRADE_HISTORY = _public("trade_history", "market/history-trades", 20)
MARK_PRICE = _public("mark_price", "public/mark-price", 10)
FUNDING_RATE = _public("funding_rate", "public/funding-rate", 10)

ALL: tuple[Endpoint, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Endpoint))

ALLOWED: frozenset[tuple[str, str]] = frozenset((endpoint.method, endpoint.path) for endpoint in ALL)

OPERATIONS: Mapping[str, Limit] = MappingProxyType(
    {"order": PLACE_LIMIT, "amend-order": AMEND_LIMIT, "cancel-order": CANCEL_LIMIT}
)
"""WebSocket operations; each shares the limit of its REST twin."""

WEBSOCKET_PATHS = ("/public", "/private", "/business")
