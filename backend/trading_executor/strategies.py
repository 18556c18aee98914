"""What a strategy of one's own is written with (docs/strategies.md)."""

from app.domain.market import PublicTrade
from app.domain.orders import OrderSide, PositionSide
from app.domain.parameters import Parameters, Unit, choice, flag, member, number, numbers
from app.market_data.view import BookView
from app.strategies.candles import Candle
from app.strategies.order_flow import order_flow_imbalance
from app.strategies.signals import Signal, SignalType
from app.strategies.strategy import OwnFill, Strategy

__all__ = [
    "BookView",
    "Candle",
    "OrderSide",
    "OwnFill",
    "Parameters",
    "PositionSide",
    "PublicTrade",
    "Signal",
    "SignalType",
    "Strategy",
    "Unit",
    "choice",
    "flag",
    "member",
    "number",
    "numbers",
    "order_flow_imbalance",
]
