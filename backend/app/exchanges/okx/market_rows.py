"""OKX's rows of the market, its books, trades and tickers, as values of the domain. Beside codec.py."""

from decimal import Decimal, InvalidOperation

from app.domain.market import BookAction, BookUpdate, Level, PublicTrade, Ticker
from app.domain.money import ZERO, plain
from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, wire

LARGEST = Decimal(10) ** 24
SMALLEST = 1 / LARGEST


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
