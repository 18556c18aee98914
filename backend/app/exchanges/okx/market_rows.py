"""OKX's rows of the market as values: books, trades and tickers of the domain, and candles, mark prices and funding
rates as OKX has them. Beside codec.py."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.domain.market import BookAction, BookUpdate, Level, PublicTrade, Ticker
from app.domain.money import ZERO, plain
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, wire

LARGEST = Decimal(10) ** 24
SMALLEST = 1 / LARGEST

BARS = frozenset(
    {
        *("1m", "3m", "5m", "15m", "30m", "1H", "2H", "4H"),
        *("6H", "12H", "1D", "2D", "3D", "1W", "1M", "3M"),
        *("6Hutc", "12Hutc", "1Dutc", "2Dutc", "3Dutc", "1Wutc", "1Mutc", "3Mutc"),
    }
)
"""OKX's names; from 6H on a bar opens by UTC+8 unless it says utc."""


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


def levels(side: str, rows: wire.Levels) -> tuple[Level, ...]:
    """Raises ProtocolError for a level that is not price above zero and size of at least zero, both within bounds."""
    found: list[Level] = []
    try:
        for price, size, _, _ in rows:
            if not (SMALLEST <= price < LARGEST and ZERO <= size < LARGEST):
                raise ProtocolError(f"{side} level has price {plain(price)} and size {plain(size)}")
            found.append((price, size))
    except InvalidOperation:
        raise ProtocolError(f"{side} level is not a number") from None
    return tuple(found)


def book(instrument_id: str, row: wire.BookRow, action: BookAction) -> BookUpdate:
    return BookUpdate(
        instrument_id,
        action,
        levels("bid", row.bids),
        levels("ask", row.asks),
        codec.moment("ts", row.ts),
        row.seqId or 0,
    )


def trade(row: wire.TradeRow) -> PublicTrade:
    price, size = codec.needed("px", row.px), codec.needed("sz", row.sz)
    if price <= 0 or size <= 0 or row.side not in codec.SIDES:
        raise ProtocolError(
            f"trade {row.tradeId} of {row.instId} has price {plain(price)}, size {plain(size)}, side {row.side!r}"
        )
    return PublicTrade(row.instId, row.tradeId, price, size, row.side == "buy", codec.moment("ts", row.ts))


def ticker(row: wire.TickerRow) -> Ticker:
    return Ticker(
        row.instId,
        codec.amount_or_none("last", row.last),
        codec.amount_or_none("bidPx", row.bidPx),
        codec.amount_or_none("askPx", row.askPx),
        codec.moment("ts", row.ts),
    )


def candle(row: wire.CandleRow, instrument_id: str, bar: str) -> Candle:
    opened_ns, volume = codec.moment("ts", row.ts), codec.needed("vol", row.vol)
    if opened_ns == 0 or volume < 0:
        raise ProtocolError(f"candle of {instrument_id} opened at {row.ts[:40]!r} and has volume {plain(volume)}")
    return Candle(
        instrument_id,
        bar,
        opened_ns,
        codec.needed("o", row.o),
        codec.needed("h", row.h),
        codec.needed("l", row.l),
        codec.needed("c", row.c),
        volume,
        codec.number("volCcyQuote", row.volCcyQuote) or ZERO,
        row.confirm == "1",
    )


def mark_price(row: wire.MarkPriceRow) -> MarkPrice:
    return MarkPrice(row.instId, codec.needed("markPx", row.markPx), codec.moment("ts", row.ts))


def funding_rate(row: wire.FundingRow) -> FundingRate:
    due_ns, next_due_ns = codec.moment("fundingTime", row.fundingTime), codec.moment("next", row.nextFundingTime)
    return FundingRate(row.instId, codec.number("fundingRate", row.fundingRate), due_ns, next_due_ns)


def check_bar(bar: str) -> None:
    """Raises ValueError."""
    if bar not in BARS:
        raise ValueError(f"bar {bar!r} must be one of {', '.join(sorted(BARS))}")
