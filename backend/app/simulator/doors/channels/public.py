"""Public channels other than books: what each sends on subscribing, and what and when it sends after.

A publisher serves all subscribers of one (channel, instrument); its messages are data lists without the arg.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.simulator.config import Config
from app.simulator.doors.views.market import bar_of, candle_rows, funding_row, limit_row, mark_row, trade_row
from app.simulator.market.instruments import text
from app.simulator.market.markets import Market, Trade

MS = 1_000_000
NEVER_NS = 10**18


class Publisher(Protocol):
    """Common surface with depth.DepthPublisher."""

    last_ns: int

    def due_ns(self) -> int: ...
    def snapshot(self, now_ns: int) -> dict[str, Any] | None: ...
    def push(self, now_ns: int) -> dict[str, Any] | None: ...


@dataclass(slots=True)
class RowPublisher:
    """Sends one row when it differs from the last sent, at most every `interval_ns`, and every `quiet_ns` anyway."""

    row: Callable[[int], Any]
    interval_ns: int
    last_ns: int
    quiet_ns: int = NEVER_NS
    last_row: Any = None
    sent_ns: int = 0

    def due_ns(self) -> int:
        return self.last_ns + self.interval_ns

    def snapshot(self, now_ns: int) -> dict[str, Any] | None:
        return {"data": [self.row(now_ns // MS)]}

    def push(self, now_ns: int) -> dict[str, Any] | None:
        self.last_ns = now_ns
        row = self.row(now_ns // MS)
        comparable = {k: v for k, v in row.items() if k != "ts"} if isinstance(row, dict) else row
        if comparable == self.last_row and now_ns - self.sent_ns < self.quiet_ns:
            return None
        self.last_row, self.sent_ns = comparable, now_ns
        return {"data": [row]}


class TradePublisher:
    """The trades and trades-all channels: every trade once, as soon as the feed's turn is over."""

    INTERVAL_NS = 1 * MS

    def __init__(self, market: Market, now_ns: int) -> None:
        self._market = market
        self.last_ns = now_ns
        self.waiting: list[Trade] = []

    def due_ns(self) -> int:
        return self.last_ns + (self.INTERVAL_NS if self.waiting else NEVER_NS)

    def snapshot(self, now_ns: int) -> dict[str, Any] | None:
        return None

    def push(self, now_ns: int) -> dict[str, Any] | None:
        self.last_ns = now_ns
        if not self.waiting:
            return None
        trades, self.waiting = self.waiting, []
        return {"data": [trade_row(self._market, trade, channel=True) for trade in trades]}


def build(channel: str, market: Market, config: Config, now_ns: int) -> Publisher | None:
    """The publisher of a public channel for an instrument, or None when there is no such channel."""
    if channel in ("trades", "trades-all"):
        return TradePublisher(market, now_ns)
    if channel == "tickers":
        return RowPublisher(market.ticker, 100 * MS, now_ns)
    if channel == "mark-price":
        return RowPublisher(lambda ms: mark_row(market, ms), 200 * MS, now_ns, 10_000 * MS)
    if channel == "price-limit":
        return RowPublisher(lambda ms: limit_row(market, config.price_band, ms), 1000 * MS, now_ns)
    if channel == "funding-rate" and not market.inst.is_spot:
        return RowPublisher(lambda ms: funding_row(market, config, ms), 30_000 * MS, now_ns)
    if channel == "index-tickers":
        return RowPublisher(lambda ms: _index_row(market, ms), 100 * MS, now_ns, 60_000 * MS)
    if channel.startswith("candle") and bar_of(channel[6:]) is not None:
        return RowPublisher(lambda ms: _last_candle(market, channel[6:], ms), 1000 * MS, now_ns)
    return None


def _last_candle(market: Market, bar: str, now_ms: int) -> list[str]:
    rows = candle_rows(market, bar, now_ms)
    return (
        rows[0]
        if rows
        else [str(now_ms // 60_000 * 60_000), *[market.price_text(market.last_price)] * 4, "0", "0", "0", "0"]
    )


def _index_row(market: Market, now_ms: int) -> dict[str, Any]:
    price = text(market.index_price())
    return {
        "high24h": price,
        "idxPx": price,
        "instId": market.inst.index_name,
        "low24h": price,
        "open24h": price,
        "sodUtc0": price,
        "sodUtc8": price,
        "ts": str(now_ms),
    }
