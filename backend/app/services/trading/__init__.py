"""The trading services: what a user imports to execute signals and orders.

from app.services.trading import TradeExecutor, OrderParams
"""

from app.services.trading.errors import (
    AmendRefused,
    IdempotencyConflict,
    NotReady,
    OrderNotFound,
    OrderOver,
    TradingError,
)
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.executor import TradeExecutor
from app.services.trading.order_manager import OrderManager
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.position_manager import PositionManager
from app.services.trading.schemas import (
    Account,
    OrderParams,
    OrderResponse,
    PerformanceMetrics,
    PositionResponse,
    RiskCheckResult,
    TradeResponse,
    TradeStatistics,
)
from app.services.trading.trade_recorder import TradeRecorder

__all__ = [
    "Account",
    "AmendRefused",
    "ExecutionRiskControl",
    "IdempotencyConflict",
    "NotReady",
    "OrderManager",
    "OrderNotFound",
    "OrderOver",
    "OrderParams",
    "OrderResponse",
    "OrderTracker",
    "PerformanceMetrics",
    "PositionManager",
    "PositionResponse",
    "RiskCheckResult",
    "TradeExecutor",
    "TradeRecorder",
    "TradeResponse",
    "TradeStatistics",
    "TradingError",
]
