"""Trading Executor under its own name: the public names of `app`, for users whose own code is called app.

Names are loaded when they are first used, so that `import trading_executor` costs nothing.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers; at run time __getattr__ loads them
    from app.clock import SimulatedClock, SystemClock, VirtualTimeLoop
    from app.exchanges.memory import MemoryExchange
    from app.models.trading import ExecutionEvent, Order, OrderSide, OrderType, Position, Trade
    from app.services.trading import (
        ExecutionRiskControl,
        OrderManager,
        OrderParams,
        OrderResponse,
        OrderTracker,
        PerformanceMetrics,
        PositionManager,
        PositionResponse,
        RiskCheckResult,
        TradeExecutor,
        TradeRecorder,
        TradeResponse,
    )
    from app.services.trading.execution_strategies import (
        IcebergExecution,
        LimitExecution,
        MarketExecution,
        ParentTerms,
        PauseClock,
        SizeIn,
        TWAPExecution,
    )
    from app.settings import load_settings
    from app.strategies.signals import Signal, SignalType
    from app.system import System

__all__ = [
    "ExecutionEvent",
    "ExecutionRiskControl",
    "IcebergExecution",
    "LimitExecution",
    "MarketExecution",
    "MemoryExchange",
    "Order",
    "OrderManager",
    "OrderParams",
    "OrderResponse",
    "OrderSide",
    "OrderTracker",
    "OrderType",
    "ParentTerms",
    "PauseClock",
    "PerformanceMetrics",
    "Position",
    "PositionManager",
    "PositionResponse",
    "RiskCheckResult",
    "Signal",
    "SignalType",
    "SimulatedClock",
    "SizeIn",
    "System",
    "SystemClock",
    "TWAPExecution",
    "Trade",
    "TradeExecutor",
    "TradeRecorder",
    "TradeResponse",
    "VirtualTimeLoop",
    "load_settings",
]

_MODULES = (
    "app.services.trading",
    "app.services.trading.execution_strategies",
    "app.models.trading",
    "app.strategies.signals",
    "app.clock",
    "app.exchanges.memory",
    "app.settings",
    "app.system",
)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'trading_executor' has no attribute {name!r}")
    _check_app()
    for module in map(importlib.import_module, _MODULES):
        if hasattr(module, name):
            globals()[name] = value = getattr(module, name)
            return value
    raise ImportError(f"{name} is in none of {', '.join(_MODULES)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _check_app() -> None:
    """Another package called app on the path would be imported in place of ours: say so, and which one."""
    found = Path(importlib.import_module("app").__file__ or "").resolve().parent
    ours = Path(__file__).resolve().parent.parent / "app"
    if found != ours:
        raise ImportError(
            f"the name 'app' leads to {found}, not to Trading Executor's {ours}: "
            "start Python elsewhere, or rename the other package"
        )
