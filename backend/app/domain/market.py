"""Public market data as values: book updates, trades, tickers. Where it comes from is the exchange port's business."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class BookAction(StrEnum):
    """SNAPSHOT replaces the book; UPDATE changes levels; INVALID says that the book is broken until a snapshot."""

    SNAPSHOT = "snapshot"
    UPDATE = "update"
    INVALID = "invalid"


Level = tuple[Decimal, Decimal]
"""(price, size); size 0 in an update deletes the level. Size in the instrument's unit."""


@dataclass(frozen=True, slots=True)
class BookUpdate:
    """A change of one order book, in the venue's order; levels in any order."""

    instrument_id: str
    action: BookAction
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    venue_time_ns: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """One public trade; buyer_is_taker says which side crossed."""

    instrument_id: str
    trade_id: str
    price: Decimal
    size: Decimal
    buyer_is_taker: bool
    venue_time_ns: int


@dataclass(frozen=True, slots=True)
class Ticker:
    """Last trade and best quotes; a missing side is None."""

    instrument_id: str
    last: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    venue_time_ns: int


class Bar(StrEnum):
    """How long a candle is; those of a day begin at 00:00 UTC."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def seconds(self) -> int:
        return int(self.value[:-1]) * {"m": 60, "h": 3_600, "d": 86_400}[self.value[-1]]


@dataclass(frozen=True, slots=True)
class Candle:
    """What was traded in the bar that began at opened_ns; volume in the instrument's unit. complete: it is over."""

    opened_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    complete: bool


@dataclass(frozen=True, slots=True)
class MinuteClose:
    """The price of the last trade of a minute that was over at closed_ns."""

    closed_ns: int
    price: Decimal
