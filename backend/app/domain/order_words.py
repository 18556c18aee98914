"""The words of an order: its side, its type, and which position it moves."""

from enum import StrEnum
from typing import NamedTuple


class OrderSide(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is OrderSide.BUY else -1

    @property
    def opposite(self) -> "OrderSide":
        return OrderSide.SELL if self is OrderSide.BUY else OrderSide.BUY


class OrderType(StrEnum):
    """Type and time in force in one, as OKX has it."""

    MARKET = "market"
    LIMIT = "limit"
    POST_ONLY = "post_only"
    IOC = "ioc"
    FOK = "fok"

    @property
    def has_price(self) -> bool:
        return self is not OrderType.MARKET

    @property
    def rests(self) -> bool:
        """Whether what is not matched at once stays in the book."""
        return self in (OrderType.LIMIT, OrderType.POST_ONLY)


class TradeMode(StrEnum):
    """CASH for spot without borrowing; CROSS and ISOLATED are margin modes."""

    CASH = "cash"
    CROSS = "cross"
    ISOLATED = "isolated"


class PositionSide(StrEnum):
    """NET in one-way mode; LONG and SHORT are kept apart in hedged mode."""

    NET = "net"
    LONG = "long"
    SHORT = "short"


class PositionKey(NamedTuple):
    """What tells positions apart: an instrument may be held long beside short, and isolated beside cross."""

    instrument_id: str
    side: PositionSide = PositionSide.NET
    mode: TradeMode = TradeMode.CASH

    @property
    def label(self) -> str:
        """As events name it: BTC-USDT/net/cash."""
        return f"{self.instrument_id}/{self.side.value}/{self.mode.value}"


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"
