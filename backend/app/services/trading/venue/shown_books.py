"""The order book of an instrument, for people and programs to look at: the one that orders are judged by, or, of one
that is not followed or whose stream is broken, the exchange's answer now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.clock import Clock, utc
from app.domain.market import Level
from app.exchanges.port import Exchange
from app.market_data.feeds import VIEW_LEVELS, MarketData
from app.market_data.view import BookView
from app.services.trading.account.ledger import Ledger

MOST, USUAL = VIEW_LEVELS, 20
ASKED = "is not followed, or its stream is broken: this book was asked for just now"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookShown:
    """Best first, each level price and size in the instrument's unit. mid, spread: null where a side is empty.
    followed: it is the stream's book, which orders are judged by; else it was asked for just now. unusable: why no
    price may be taken from it for an order; null where one may. age_seconds: since it was last confirmed."""

    instrument_id: str
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    mid: Decimal | None
    spread: Decimal | None
    followed: bool
    unusable: str | None
    age_seconds: float
    exchange_at: datetime | None


class ShownBooks:
    def __init__(self, ledger: Ledger, market: MarketData, exchange: Exchange, clock: Clock) -> None:
        self._ledger = ledger
        self._market = market
        self._exchange = exchange
        self._clock = clock

    async def read(self, instrument_id: str, depth: int = USUAL) -> BookShown:
        """Up to `depth` levels a side; follows nothing. Raises InvalidValue, ExchangeError."""
        self._ledger.instrument(instrument_id)
        now_ns = self._clock.now_ns()
        view = self._market.view(instrument_id, now_ns)
        if view.book is not None and view.book.valid:
            refusal = self._market.book_refusal(instrument_id)
            told = (view.bids, view.asks, view.book.venue_time_ns)
            age = view.book.age_seconds(now_ns)
            return _shown(instrument_id, depth, *told, True, None if refusal is None else refusal.rule, age)
        book = await self._exchange.book(instrument_id)
        bids = sorted((level for level in book.bids if level[1] > 0), reverse=True)
        asks = sorted(level for level in book.asks if level[1] > 0)
        return _shown(instrument_id, depth, bids, asks, book.venue_time_ns, False, ASKED, 0.0)


def _shown(
    instrument_id: str,
    depth: int,
    bids: Sequence[Level],
    asks: Sequence[Level],
    venue_time_ns: int,
    followed: bool,
    unusable: str | None,
    age: float,
) -> BookShown:
    shown_bids, shown_asks = tuple(bids)[:depth], tuple(asks)[:depth]
    touch = BookView.of(instrument_id, next(iter(bids), None), next(iter(asks), None), received_ns=0)
    return BookShown(
        instrument_id=instrument_id,
        bids=shown_bids,
        asks=shown_asks,
        mid=touch.mid,
        spread=touch.spread,
        followed=followed,
        unusable=unusable,
        age_seconds=round(age, 3),
        exchange_at=utc(venue_time_ns) if venue_time_ns else None,
    )
