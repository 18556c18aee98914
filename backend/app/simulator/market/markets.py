"""One instrument's market: its book, trade tape, candles and the prices derived from them.

The feed (synthetic or recorded) and the order desk both act on it; nothing here knows accounts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import chain
from typing import Any, Protocol

from app.simulator.market.instruments import ZERO, Instrument, text
from app.simulator.market.matching import BUY, SELL, Prevention, Resting, Sweep

TRADES_KEPT = 500
CANDLES_KEPT = 1440
HOURS_KEPT = 2160
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class AnyBook(Protocol):
    """What the desk needs of a book: the price-time one and the recorded one both offer it."""

    version: int

    def best(self, side: int) -> int | None: ...
    def levels(self, side: int, limit: int | None = None) -> Iterator[tuple[int, int, int]]: ...
    def size_at(self, side: int, price: int) -> int: ...
    def rest(self, entry: Resting) -> None: ...
    def remove(self, entry: Resting) -> None: ...
    def reduce(self, entry: Resting, leaves: int) -> None: ...
    def available(self, side: int, limit: int | None, size: int) -> int: ...
    def take(self, side: int, limit: int | None, size: int, prevention: Prevention | None = None) -> Sweep: ...


@dataclass(slots=True)
class Trade:
    """One public trade: `side` is the taker's; `trade_id` the last of `count` matches at one price."""

    trade_id: int
    price: int
    size: int
    side: int
    ts_ms: int
    count: int = 1
    seq: int = 0


@dataclass(slots=True)
class Candle:
    """One minute, or longer. Prices in ticks, volume in lots, `value` in quote (or settlement) currency."""

    ts_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    value: Decimal = ZERO

    def take(self, later: Candle) -> None:
        """What followed on it within the same bar."""
        self.high, self.low = max(self.high, later.high), min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.value += later.value


@dataclass(slots=True)
class Market:
    """Live state of one instrument. `fresh_trades` are those not yet handed to the streams. `hours` hold what is older
    than the minutes of `candles`; `past` makes up the hours before those, when somebody first asks for them."""

    inst: Instrument
    book: AnyBook
    last_price: int
    next_trade_id: int = 1
    last_size: int = 0
    last_ms: int = 0
    mark: int = 0
    trades: deque[Trade] = field(default_factory=lambda: deque[Trade](maxlen=TRADES_KEPT))
    fresh_trades: list[Trade] = field(default_factory=list[Trade])
    candles: deque[Candle] = field(default_factory=lambda: deque[Candle](maxlen=CANDLES_KEPT))
    hours: deque[Candle] = field(default_factory=lambda: deque[Candle](maxlen=HOURS_KEPT))
    past: Callable[[], list[Candle]] | None = None
    state: str = "live"
    min_size: Decimal | None = None
    recorded: bool = False
    spot: Market | None = None
    keep_fresh: bool = False

    def trade_id(self) -> int:
        number = self.next_trade_id
        self.next_trade_id += 1
        return number

    def print_trade(self, trade_id: int, price: int, size: int, side: int, ts_ms: int, count: int = 1) -> None:
        """Put a trade on the tape and into the candle of its minute."""
        trade = Trade(trade_id, price, size, side, ts_ms, count, self.book.version)
        self.trades.append(trade)
        if self.keep_fresh:
            self.fresh_trades.append(trade)
        self.last_price, self.last_size, self.last_ms = price, size, ts_ms
        minute = ts_ms - ts_ms % MINUTE_MS
        candle = self.candles[-1] if self.candles else None
        if candle is None or candle.ts_ms != minute:
            start = candle.close if candle else price
            candle = Candle(minute, start, max(start, price), min(start, price), price)
            if len(self.candles) == CANDLES_KEPT:
                self._into_hours(self.candles.popleft())
            self.candles.append(candle)
        if price > candle.high:
            candle.high = price
        elif price < candle.low:
            candle.low = price
        candle.close = price
        candle.volume += size
        candle.value += price * size

    def _into_hours(self, minute: Candle) -> None:
        """A minute that is no longer kept on its own."""
        start = minute.ts_ms - minute.ts_ms % HOUR_MS
        if self.hours and self.hours[-1].ts_ms == start:
            self.hours[-1].take(minute)
        else:
            self.hours.append(replace(minute, ts_ms=start))

    def long_candles(self) -> Iterator[Candle]:
        """All that is known of the tape, oldest first: hours, and the minutes since."""
        if self.past is not None:
            room = HOURS_KEPT - len(self.hours)
            self.hours.extendleft(reversed(self.past()[-room:] if room else []))
            self.past = None
        return chain(self.hours, self.candles)

    def mark_ticks(self) -> int:
        """Mark price: the middle of the book, else the last trade."""
        bid, ask = self.book.best(BUY), self.book.best(SELL)
        return (bid + ask) // 2 if bid is not None and ask is not None else (bid or ask or self.last_price)

    def mark_price(self) -> Decimal:
        return self.inst.price(self.mark_ticks())

    def index_price(self) -> Decimal:
        """Of its pair: what the spot market's mark is, its own where there is no such market."""
        return (self.spot or self).mark_price()

    def band(self, width: Decimal) -> tuple[int, int]:
        """(highest buy, lowest sell) price in ticks."""
        mark = self.mark_ticks()
        spread = int(mark * width)
        return mark + spread, max(1, mark - spread)

    def ticker(self, now_ms: int) -> dict[str, Any]:
        inst, bid, ask = self.inst, self.book.best(BUY), self.book.best(SELL)
        day = [c for c in self.candles if c.ts_ms > now_ms - 86_400_000]
        opening = day[0].open if day else self.last_price
        volume = sum(c.volume for c in day)
        base, quote = self.volumes(volume, sum((c.value for c in day), ZERO))
        return {
            "instType": inst.inst_type,
            "instId": inst.inst_id,
            "last": self.price_text(self.last_price),
            "lastSz": self.size_text(self.last_size),
            "askPx": "" if ask is None else self.price_text(ask),
            "askSz": "" if ask is None else self.size_text(self.book.size_at(SELL, ask)),
            "bidPx": "" if bid is None else self.price_text(bid),
            "bidSz": "" if bid is None else self.size_text(self.book.size_at(BUY, bid)),
            "open24h": self.price_text(opening),
            "high24h": self.price_text(max((c.high for c in day), default=self.last_price)),
            "low24h": self.price_text(min((c.low for c in day), default=self.last_price)),
            "volCcy24h": text(quote if inst.is_spot else base),
            "vol24h": self.size_text(volume),
            "ts": str(max(now_ms, self.last_ms)),
            "sodUtc0": self.price_text(opening),
            "sodUtc8": self.price_text(opening),
        }

    def volumes(self, lots: int, tick_lots: Decimal) -> tuple[Decimal, Decimal]:
        """(volume in base, volume in quote) of `lots` traded for a sum of ticks x lots."""
        inst = self.inst
        size = inst.size(lots)
        value = tick_lots * inst.tick * inst.lot * inst.contract_value
        if inst.is_inverse:
            usd = size * inst.contract_value
            average = tick_lots * inst.tick / lots if lots else ZERO
            return (usd / average).quantize(Decimal("1e-8"), ROUND_HALF_EVEN) if average else ZERO, usd
        return size * inst.contract_value, value

    @property
    def smallest(self) -> Decimal:
        """The minimum order size in force: the instrument's, unless it was changed live."""
        return self.inst.min_size if self.min_size is None else self.min_size

    def price_text(self, ticks: int) -> str:
        return text(ticks * self.inst.tick)

    def size_text(self, lots: int) -> str:
        return text(lots * self.inst.lot)

    def depth(self, count: int) -> dict[str, Any]:
        """`asks` and `bids`, best first, as OKX's [price, size, "0", orders] rows."""
        price, size = self.price_text, self.size_text
        return {
            "asks": [[price(p), size(s), "0", str(n)] for p, s, n in self.book.levels(SELL, count)],
            "bids": [[price(p), size(s), "0", str(n)] for p, s, n in self.book.levels(BUY, count)],
        }


def index_market(markets: Mapping[str, Market], pair: str) -> Market | None:
    """A market whose index goes by this name, such as BTC-USD; None without any."""
    return next((market for market in markets.values() if market.inst.index_name == pair), None)


def spot_market(markets: Mapping[str, Market], base: str, quotes: Sequence[str]) -> Market | None:
    """The market in which `base` is traded for the first of these that it is traded for, by what the instruments say
    of themselves; None without any."""
    found = {
        market.inst.quote: market for market in markets.values() if market.inst.is_spot and market.inst.base == base
    }
    return next((found[quote] for quote in quotes if quote in found), None)
