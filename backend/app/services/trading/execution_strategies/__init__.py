"""The execution strategies, by name. Adding one is one file and one line here; a broken import stops the start."""

from types import MappingProxyType

from app.services.trading.execution_strategies.adaptive_execution import AdaptiveExecution
from app.services.trading.execution_strategies.base import Execution, ExecutionStrategy
from app.services.trading.execution_strategies.bracket_execution import BracketExecution
from app.services.trading.execution_strategies.chase_execution import ChaseExecution
from app.services.trading.execution_strategies.exit_execution import ExitExecution
from app.services.trading.execution_strategies.iceberg_execution import IcebergExecution
from app.services.trading.execution_strategies.implementation_shortfall_execution import (
    ImplementationShortfallExecution,
)
from app.services.trading.execution_strategies.limit_execution import LimitExecution
from app.services.trading.execution_strategies.market_execution import MarketExecution
from app.services.trading.execution_strategies.oco_execution import OcoExecution
from app.services.trading.execution_strategies.pov_execution import POVExecution
from app.services.trading.execution_strategies.scale_execution import ScaleExecution
from app.services.trading.execution_strategies.sniper_execution import SniperExecution
from app.services.trading.execution_strategies.stop_execution import StopExecution
from app.services.trading.execution_strategies.take_profit_execution import TakeProfitExecution
from app.services.trading.execution_strategies.terms import ParentTerms, PauseClock, SizeIn
from app.services.trading.execution_strategies.trailing_stop_execution import TrailingStopExecution
from app.services.trading.execution_strategies.twap_execution import TWAPExecution
from app.services.trading.execution_strategies.vwap_execution import VWAPExecution

STRATEGIES = MappingProxyType(
    {
        strategy.name: strategy
        for strategy in (
            MarketExecution,
            LimitExecution,
            TWAPExecution,
            IcebergExecution,
            VWAPExecution,
            POVExecution,
            ImplementationShortfallExecution,
            AdaptiveExecution,
            SniperExecution,
            ChaseExecution,
            ScaleExecution,
            StopExecution,
            TakeProfitExecution,
            TrailingStopExecution,
            OcoExecution,
            BracketExecution,
            ExitExecution,
        )
    }
)


def waits_for_price(name: str) -> bool:
    """Whether a strategy of that name does nothing before a price is met."""
    known = STRATEGIES.get(name)
    return known is not None and known.conditional


__all__ = [
    "STRATEGIES",
    "AdaptiveExecution",
    "BracketExecution",
    "ChaseExecution",
    "Execution",
    "ExecutionStrategy",
    "ExitExecution",
    "IcebergExecution",
    "ImplementationShortfallExecution",
    "LimitExecution",
    "MarketExecution",
    "OcoExecution",
    "POVExecution",
    "ParentTerms",
    "PauseClock",
    "ScaleExecution",
    "SizeIn",
    "SniperExecution",
    "StopExecution",
    "TWAPExecution",
    "TakeProfitExecution",
    "TrailingStopExecution",
    "VWAPExecution",
    "waits_for_price",
]
