"""Signal strategies by name; a new one is a file in this folder and a line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from app.domain.refusals import InvalidValue
from app.strategies import book_pressure, trade_flow
from app.strategies.base import SignalStrategy, read_config
from app.strategies.book_pressure import BookPressure, BookPressureConfig
from app.strategies.trade_flow import TradeFlow, TradeFlowConfig

Builder = Callable[[Mapping[str, Any], str], SignalStrategy]

SIGNAL_STRATEGIES: Mapping[str, Builder] = MappingProxyType(
    {
        trade_flow.NAME: lambda given, name: TradeFlow(read_config(TradeFlowConfig, given), name),
        book_pressure.NAME: lambda given, name: BookPressure(read_config(BookPressureConfig, given), name),
    }
)


def build_strategy(kind: str, config: Mapping[str, Any] | None = None, name: str | None = None) -> SignalStrategy:
    """A strategy from its registered kind and a plain configuration; name is its kind unless given.

    Raises InvalidValue for an unknown kind, an unknown key or a value out of bounds.
    """
    builder = SIGNAL_STRATEGIES.get(kind)
    if builder is None:
        known = ", ".join(SIGNAL_STRATEGIES)
        raise InvalidValue("strategy", kind, f"is no known signal strategy; known are {known}", check="config")
    return builder(config or {}, name or kind)
