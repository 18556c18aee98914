"""The execution strategies, by name. Adding one is one file and one line here; a broken import stops the start."""

from types import MappingProxyType

from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.exit_execution import ExitExecution
from app.services.trading.execution_strategies.iceberg_execution import IcebergExecution
from app.services.trading.execution_strategies.limit_execution import LimitExecution
from app.services.trading.execution_strategies.market_execution import MarketExecution
from app.services.trading.execution_strategies.twap_execution import TWAPExecution

STRATEGIES = MappingProxyType(
    {
        strategy.name: strategy
        for strategy in (MarketExecution, LimitExecution, TWAPExecution, IcebergExecution, ExitExecution)
    }
)

__all__ = [
    "STRATEGIES",
    "ExecutionStrategy",
    "ExitExecution",
    "IcebergExecution",
    "LimitExecution",
    "MarketExecution",
    "TWAPExecution",
]
