"""Trading Executor under its own name: the public names of `app`, for users whose own code is called app.

Names are loaded when they are first used, so that `import trading_executor` costs nothing.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

_SERVICES = "app.services.trading"
_STRATEGIES = "app.services.trading.execution_strategies"

_HOME = {
    **dict.fromkeys(
        (
            *("TradeExecutor", "OrderManager", "PositionManager", "OrderTracker", "ExecutionRiskControl"),
            *("TradeRecorder", "OrderParams", "OrderResponse", "TradeResponse", "PositionResponse"),
            *("PerformanceMetrics", "RiskCheckResult"),
        ),
        _SERVICES,
    ),
    **dict.fromkeys(("MarketExecution", "LimitExecution", "TWAPExecution", "IcebergExecution"), _STRATEGIES),
    **dict.fromkeys(
        ("Order", "Trade", "Position", "ExecutionEvent", "OrderSide", "OrderType"),
        "app.models.trading",
    ),
    **dict.fromkeys(("Signal", "SignalType"), "app.strategies.signals"),
}

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll] - the table is the one list


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module 'trading_executor' has no attribute {name!r}")
    _check_app()
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})


def _check_app() -> None:
    """Another package called app on the path would be imported in place of ours: say so, and which one."""
    found = Path(importlib.import_module("app").__file__ or "").resolve().parent
    ours = Path(__file__).resolve().parent.parent / "app"
    if found != ours:
        raise ImportError(
            f"the name 'app' leads to {found}, not to Trading Executor's {ours}: "
            "start Python elsewhere, or rename the other package"
        )
