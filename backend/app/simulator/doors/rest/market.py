"""Public and market-data endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.config import Config
from app.simulator.doors.rest.door import Params, Request, Route, page, whole
from app.simulator.doors.views.market import (
    bar_of,
    candle_rows,
    funding_row,
    instrument_row,
    limit_row,
    mark_row,
    status_row,
    trade_row,
)
from app.simulator.market.instruments import text
from app.simulator.market.markets import Market, index_market
from app.simulator.now import Now

LATEST_CANDLES = 1440
INST_TYPES = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION", "EVENTS", "ANY")


class MarketEndpoints:
    """Reads of markets and instruments; nothing here changes anything."""

    def __init__(self, config: Config, now: Now, markets: Mapping[str, Market], list_ms: int) -> None:
        self._config = config
        self._now = now
        self._markets = markets
        self._list_ms = list_ms
        self.notices: list[tuple[int, str]] = []

    def routes(self) -> dict[tuple[str, str], Route]:
        get: dict[str, Any] = {
            "public/time": self.time,
            "public/instruments": self.instruments,
            "public/mark-price": self.mark_price,
            "public/price-limit": self.price_limit,
            "public/funding-rate": self.funding_rate,
            "market/ticker": self.ticker,
            "market/tickers": self.tickers,
            "market/books": self.books,
            "market/books-full": self.books_full,
            "market/trades": self.trades,
            "market/history-trades": self.history_trades,
            "market/candles": self.candles,
            "market/history-candles": self.history_candles,
            "market/index-tickers": self.index_tickers,
            "system/status": self.status,
        }
        return {("GET", path): Route(handler) for path, handler in get.items()}

    def _market(self, params: Params) -> Market | Refusal:
        if not params.get("instId"):
            return refuse("50014", "instId")
        return self._markets.get(str(params["instId"])) or refuse("51001")

    def _of_type(self, params: Params, *, required: bool = True) -> list[Market] | Refusal:
        kind = params.get("instType")
        if kind is None and required:
            return refuse("50014", "instType")
        if kind is not None and kind not in INST_TYPES:
            return refuse("51000", "instType")
        found = [m for m in self._markets.values() if kind in (None, "ANY", m.inst.inst_type)]
        for name, read in (("instId", lambda m: m.inst.inst_id), ("instFamily", lambda m: m.inst.family)):
            if params.get(name) and params[name] != "ANY":
                found = [market for market in found if read(market) == params[name]]
        return found

    def time(self, request: Request) -> list[Any]:
        return [{"ts": str(self._now.ms)}]

    def instruments(self, request: Request) -> list[Any] | Refusal:
        params = request.params
        found = self._of_type(params)
        if isinstance(found, Refusal):
            return found
        if params["instType"] == "OPTION" and not params.get("instFamily") and not params.get("uly"):
            return refuse("50015", "uly or instFamily")
        if not found and params.get("instId"):
            return refuse("51001")
        return [instrument_row(market, self._list_ms) for market in found]

    def mark_price(self, request: Request) -> list[Any] | Refusal:
        found = self._of_type(request.params)
        return found if isinstance(found, Refusal) else [mark_row(market, self._now.ms) for market in found]

    def price_limit(self, request: Request) -> list[Any] | Refusal:
        market = self._market(request.params)
        if isinstance(market, Refusal):
            return market
        return [limit_row(market, self._config.price_band, self._now.ms)]

    def funding_rate(self, request: Request) -> list[Any] | Refusal:
        if request.params.get("instId") == "ANY":
            swaps = [m for m in self._markets.values() if not m.inst.is_spot]
        else:
            market = self._market(request.params)
            if isinstance(market, Refusal):
                return market
            if market.inst.is_spot:
                return refuse("51000", "instId")
            swaps = [market]
        return [funding_row(market, self._config, self._now.ms) for market in swaps]

    def ticker(self, request: Request) -> list[Any] | Refusal:
        market = self._market(request.params)
        return market if isinstance(market, Refusal) else [market.ticker(self._now.ms)]

    def tickers(self, request: Request) -> list[Any] | Refusal:
        found = self._of_type(request.params)
        return found if isinstance(found, Refusal) else [market.ticker(self._now.ms) for market in found]

    def index_tickers(self, request: Request) -> list[Any] | Refusal:
        name = str(request.params.get("instId", ""))
        if not name and not request.params.get("quoteCcy"):
            return refuse("50015", "quoteCcy or instId")
        named = index_market(self._markets, name)
        found = [named] if named is not None else [m for m in self._markets.values() if m.inst.is_spot and not name]
        rows: list[dict[str, Any]] = []
        for market in found:
            price = text(market.index_price())
            rows.append(dict.fromkeys(("idxPx", "high24h", "low24h", "open24h", "sodUtc0", "sodUtc8"), price))
            rows[-1] |= {"instId": market.inst.index_name, "ts": str(self._now.ms)}
        return rows

    def books(self, request: Request) -> list[Any] | Refusal:
        return self._depth(request, 1, 400)

    def books_full(self, request: Request) -> list[Any] | Refusal:
        return self._depth(request, 1, 5000)

    def _depth(self, request: Request, default: int, most: int) -> list[Any] | Refusal:
        market = self._market(request.params)
        if isinstance(market, Refusal):
            return market
        size = whole(request.params, "sz", default, most)
        if isinstance(size, Refusal):
            return size
        return [market.depth(size) | {"ts": str(self._now.ms), "seqId": market.book.version}]

    def trades(self, request: Request) -> list[Any] | Refusal:
        market = self._market(request.params)
        if isinstance(market, Refusal):
            return market
        rows = [trade_row(market, trade, channel=False) for trade in reversed(market.trades)]
        return page(rows, request.params, lambda row: int(row["tradeId"]), 500)

    def history_trades(self, request: Request) -> list[Any] | Refusal:
        """By tradeId (type 1), or by time (type 2), which pages to older ones alone."""
        market, kind = self._market(request.params), str(request.params.get("type", "1"))
        if isinstance(market, Refusal):
            return market
        if kind not in ("1", "2"):
            return refuse("51000", "type")
        rows = [trade_row(market, trade, channel=False) for trade in reversed(market.trades)]
        if kind == "1":
            return page(rows, request.params, lambda row: int(row["tradeId"]))
        params = {name: value for name, value in request.params.items() if name != "before"}
        return page(rows, params, lambda row: int(row["ts"]))

    def candles(self, request: Request) -> list[Any] | Refusal:
        return self._candles(request, LATEST_CANDLES)

    def history_candles(self, request: Request) -> list[Any] | Refusal:
        return self._candles(request, None)

    def _candles(self, request: Request, latest: int | None) -> list[Any] | Refusal:
        market = self._market(request.params)
        if isinstance(market, Refusal):
            return market
        bar = str(request.params.get("bar", "1m"))
        if bar_of(bar) is None:
            return refuse("51000", "bar")
        rows = candle_rows(market, bar, self._now.ms)[:latest]
        return page(rows, request.params, lambda row: int(row[0]), 300)

    def status(self, request: Request) -> list[Any]:
        return [status_row(title, ms) for ms, title in self.notices[-10:]]
