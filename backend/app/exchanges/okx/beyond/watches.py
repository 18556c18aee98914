"""Channels that a caller follows besides those of the port: tickers, mark prices, funding rates, candles, algo orders.

Each has a reader of its rows and somebody to tell. The streams keep them subscribed over every reconnect.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from app.domain.conditions import Watched
from app.domain.market import Ticker
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, market_rows, wire
from app.exchanges.okx.beyond import algo_orders
from app.exchanges.okx.beyond.algo_orders import AlgoReport
from app.exchanges.okx.link import Subscription, key_of, subscription
from app.exchanges.okx.market_rows import Candle, FundingRate

Read = Callable[[msgspec.Raw, str], Any]
"""One row of a push and the instrument of its channel, as a value. Raises ProtocolError."""


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


def prices(instrument_id: str, family: str, watched: Watched) -> tuple[Subscription, Read]:
    """The mark or the index of a contract; an index goes by the contract's family, for all contracts of it."""
    if watched is Watched.MARK:
        return subscription("mark-price", instId=instrument_id), _mark_price
    if watched is Watched.INDEX:
        return subscription("index-tickers", instId=family), _index_price
    raise ValueError(f"{watched.value} is told with the trades")


def _mark_price(raw: msgspec.Raw, _: str) -> Decimal:
    return market_rows.mark_price(wire.read_row(raw, wire.MarkPriceRow)).price


def _index_price(raw: msgspec.Raw, _: str) -> Decimal:
    return codec.needed("idxPx", wire.read_row(raw, wire.IndexRow).idxPx)


def funding_rates(instrument_id: str) -> tuple[Subscription, Read]:
    def read(raw: msgspec.Raw, _: str) -> FundingRate:
        return market_rows.funding_rate(wire.read_row(raw, wire.FundingRow))

    return subscription("funding-rate", instId=instrument_id), read


def candles(instrument_id: str, bar: str) -> tuple[Subscription, Read]:
    """On the business stream. Raises ValueError for a bar that OKX does not have."""
    market_rows.check_bar(bar)

    def read(raw: msgspec.Raw, named: str) -> Candle:
        if named != instrument_id:
            raise ProtocolError(f"a candle of {named!r} on the channel of {instrument_id}")
        return market_rows.candle(wire.read_row(raw, wire.CandleRow), instrument_id, bar)

    return subscription(f"candle{bar}", instId=instrument_id), read


def algo_channels() -> tuple[tuple[Subscription, ...], Read]:
    """On the business stream, logged in; trailing stops have a channel of their own."""

    def read(raw: msgspec.Raw, _: str) -> AlgoReport:
        return algo_orders.report(wire.read_row(raw, wire.AlgoRow))

    return (subscription("orders-algo", instType="ANY"), subscription("algo-advance", instType="ANY")), read
