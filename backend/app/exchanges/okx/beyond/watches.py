"""Channels that a caller follows besides those of the port: tickers, mark prices, funding rates, candles, algo orders.

Each has a reader of its rows and somebody to tell. The streams keep them subscribed over every reconnect.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from app.domain.market import Ticker
from app.domain.money import ZERO
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, market_rows, wire
from app.exchanges.okx.beyond import algo_orders
from app.exchanges.okx.beyond.algo_orders import AlgoReport
from app.exchanges.okx.link import Subscription, key_of, subscription

BARS = frozenset(
    {
        *("1m", "3m", "5m", "15m", "30m", "1H", "2H", "4H"),
        *("6H", "12H", "1D", "2D", "3D", "1W", "1M", "3M"),
        *("6Hutc", "12Hutc", "1Dutc", "2Dutc", "3Dutc", "1Wutc", "1Mutc", "3Mutc"),
    }
)
"""OKX's names; from 6H on a bar opens by UTC+8 unless it says utc."""

Read = Callable[[msgspec.Raw, str], Any]
"""One row of a push and the instrument of its channel, as a value. Raises ProtocolError."""


@dataclass(frozen=True, slots=True)
class Candle:
    """volume: in the instrument's unit; value: in quote currency. complete: whether the bar is over."""

    instrument_id: str
    bar: str
    opened_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    value: Decimal
    complete: bool


@dataclass(frozen=True, slots=True)
class MarkPrice:
    instrument_id: str
    price: Decimal
    venue_time_ns: int


@dataclass(frozen=True, slots=True)
class FundingRate:
    """rate: of the period that ends at due_ns; positive means that longs pay shorts, None that OKX gives none yet.
    next_due_ns: the one after."""

    instrument_id: str
    rate: Decimal | None
    due_ns: int
    next_due_ns: int


def candle(row: wire.CandleRow, instrument_id: str, bar: str) -> Candle:
    return Candle(
        instrument_id,
        bar,
        codec.moment("ts", row.ts),
        codec.needed("o", row.o),
        codec.needed("h", row.h),
        codec.needed("l", row.l),
        codec.needed("c", row.c),
        codec.needed("vol", row.vol),
        codec.number("volCcyQuote", row.volCcyQuote) or ZERO,
        row.confirm == "1",
    )


def mark_price(row: wire.MarkPriceRow) -> MarkPrice:
    return MarkPrice(row.instId, codec.needed("markPx", row.markPx), codec.moment("ts", row.ts))


def funding_rate(row: wire.FundingRow) -> FundingRate:
    due_ns, next_due_ns = codec.moment("fundingTime", row.fundingTime), codec.moment("next", row.nextFundingTime)
    return FundingRate(row.instId, codec.number("fundingRate", row.fundingRate), due_ns, next_due_ns)


class Watches:
    """Who is told of which channel. Tellers are called on the event loop, return fast and must not raise."""

    def __init__(self) -> None:
        self._watches: dict[Subscription, tuple[Read, list[Callable[[Any], None]]]] = {}

    def add(self, one: Subscription, read: Read, tell: Callable[[Any], None]) -> None:
        """Another one who is told; the same teller counts once."""
        tellers = self._watches.setdefault(one, (read, []))[1]
        if tell not in tellers:
            tellers.append(tell)

    def remove(self, one: Subscription) -> None:
        self._watches.pop(one, None)

    def reader(self, argument: wire.Argument) -> Callable[[msgspec.Raw], None] | None:
        """What takes a row of this channel, None when nobody follows it."""
        watch = self._watches.get(key_of(argument))
        if watch is None:
            return None
        read, tellers = watch

        def take(raw: msgspec.Raw) -> None:
            value = read(raw, argument.instId or "")
            for tell in tuple(tellers):
                tell(value)

        return take


# --- the channels: what to subscribe, and how to read a row ---


def tickers(instrument_id: str) -> tuple[Subscription, Read]:
    def read(raw: msgspec.Raw, _: str) -> Ticker:
        return market_rows.ticker(wire.read_row(raw, wire.TickerRow))

    return subscription("tickers", instId=instrument_id), read


def mark_prices(instrument_id: str) -> tuple[Subscription, Read]:
    def read(raw: msgspec.Raw, _: str) -> MarkPrice:
        return mark_price(wire.read_row(raw, wire.MarkPriceRow))

    return subscription("mark-price", instId=instrument_id), read


def funding_rates(instrument_id: str) -> tuple[Subscription, Read]:
    def read(raw: msgspec.Raw, _: str) -> FundingRate:
        return funding_rate(wire.read_row(raw, wire.FundingRow))

    return subscription("funding-rate", instId=instrument_id), read


def candles(instrument_id: str, bar: str) -> tuple[Subscription, Read]:
    """On the business stream. Raises ValueError for a bar that OKX does not have."""
    check_bar(bar)

    def read(raw: msgspec.Raw, named: str) -> Candle:
        if named != instrument_id:
            raise ProtocolError(f"a candle of {named!r} on the channel of {instrument_id}")
        return candle(wire.read_row(raw, wire.CandleRow), instrument_id, bar)

    return subscription(f"candle{bar}", instId=instrument_id), read


def algo_channels() -> tuple[tuple[Subscription, ...], Read]:
    """On the business stream, logged in; trailing stops have a channel of their own."""

    def read(raw: msgspec.Raw, _: str) -> AlgoReport:
        return algo_orders.report(wire.read_row(raw, wire.AlgoRow))

    return (subscription("orders-algo", instType="ANY"), subscription("algo-advance", instType="ANY")), read


def check_bar(bar: str) -> None:
    """Raises ValueError."""
    if bar not in BARS:
        raise ValueError(f"bar {bar!r} must be one of {', '.join(sorted(BARS))}")
