"""The words of an order: its side, its type, which position it moves, where it stands and why it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from app.domain.money import ZERO


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


class OrderStatus(StrEnum):
    """What users see; TRANSITIONS in order_changes.py says what may follow what."""

    PENDING = "pending"
    DENIED = "denied"
    SENT = "sent"
    UNKNOWN = "unknown"
    LIVE = "live"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"
    NEVER_ACCEPTED = "never_accepted"
    NOT_SENT = "not_sent"

    @property
    def terminal(self) -> bool:
        return self in TERMINAL_STATUSES


_S = OrderStatus
TERMINAL_STATUSES = frozenset({_S.DENIED, _S.FILLED, _S.CANCELED, _S.REJECTED, _S.NEVER_ACCEPTED, _S.NOT_SENT})


class Ending(StrEnum):
    """Why an order is over. When two are reported the one that stands first in ENDING_RANK holds."""

    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"
    NEVER_ACCEPTED = "never_accepted"
    NOT_SENT = "not_sent"
    DENIED = "denied"


NEVER_THERE = frozenset({Ending.REJECTED, Ending.NEVER_ACCEPTED, Ending.NOT_SENT, Ending.DENIED})
"""The ends of an order that the exchange never had."""

ENDING_RANK: Mapping[Ending, int] = MappingProxyType({ending: rank for rank, ending in enumerate(Ending)})


@dataclass(frozen=True, slots=True)
class Part:
    """One of the orders that the venue makes of one that waited there: the largest size that it was said to have, 0 for
    not said; its cumulative fill; how it ended, None while it has not."""

    venue_order_id: str
    size: Decimal = ZERO
    filled: Decimal = ZERO
    ending: Ending | None = None


STATUS_OF_ENDING: Mapping[Ending, OrderStatus] = MappingProxyType(
    {ending: OrderStatus(ending.value) for ending in Ending}
)
