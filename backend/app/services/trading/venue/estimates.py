"""What an order would cost: by the book as it stands, and by the square-root law on what traded.

Asked before it, and kept of each as it is begun, so that what came can be held against it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.clock import NS_PER_SECOND, Clock
from app.domain.money import ZERO, positive, rounded, shown_price
from app.domain.orders import OrderSide
from app.domain.tca.power_law import power_law_bps
from app.domain.tca.slippage import PLACES, slippage_bps
from app.domain.tca.square_root import square_root_bps, volatility
from app.market_data.feeds import VOLUME_SECONDS_MAX, MarketData
from app.market_data.view import Walk, walk_levels
from app.services.trading.account.ledger import Ledger
from app.services.trading.venue.shown_books import MOST, BookShown, ShownBooks

FRESH_NS = 60 * NS_PER_SECOND
PAST_NS = VOLUME_SECONDS_MAX * NS_PER_SECOND
DAY_NS = 86_400 * NS_PER_SECOND
NOT_FOLLOWED = "the trades of this instrument are not followed: ask again once something trades it"
TOO_FEW = "too little traded within the last 15 minutes"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreTradeEstimate:
    """What taking `size` (instrument's unit) would cost against mid, as things stand. Positive is bad.

    visible_size: how much of it the book holds; walk_price, walk_bps: the average of taking that at once. volume,
    volatility: what traded within the last 15 minutes, and how far its price went, as a share of it; square_root_bps:
    volatility * sqrt(size / volume), what working it patiently tends to cost. missing: what is not known, and why.
    """

    instrument_id: str
    side: OrderSide
    size: Decimal
    mid: Decimal | None
    visible_size: Decimal
    walk_price: Decimal | None
    walk_bps: Decimal | None
    volume: Decimal
    volatility: float | None
    square_root_bps: Decimal | None
    missing: tuple[str, ...]


class Estimates:
    """The volatility and volume of an instrument are reckoned anew once a minute, of the last 15 minutes' trades."""

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._pasts: dict[str, tuple[int, Decimal, float | None]] = {}

    def walk(self, instrument_id: str, side: OrderSide, size: Decimal) -> Decimal | None:
        """The average price of taking `size` from the book; None when it shows less."""
        book = self._market.order_book(instrument_id)
        if book is None or not book.valid:
            return None
        touch = book.best_ask if side is OrderSide.BUY else book.best_bid
        if touch is not None and size <= touch[1]:
            return touch[0]
        walk = book.walk(side, size)
        return None if walk.average is None or not walk.complete else rounded(walk.average, 24)

    def square_root(self, instrument_id: str, size: Decimal, now_ns: int) -> Decimal | None:
        """In basis points; None where too little traded to tell."""
        volume, moved = self.past(instrument_id, now_ns)
        found = None if moved is None else square_root_bps(size, volume, moved)
        return None if found is None else rounded(Decimal(str(found)), PLACES)

    def power_law(self, instrument_id: str, size: Decimal, duration_ns: int, now_ns: int) -> Decimal | None:
        """Of working it evenly for so long, while the market trades as it does; in basis points. None where too little
        traded to tell."""
        volume, moved = self.past(instrument_id, now_ns)
        if moved is None:
            return None
        found = power_law_bps(size, volume * duration_ns / PAST_NS, moved * math.sqrt(DAY_NS / PAST_NS))
        return None if found is None else rounded(Decimal(str(found)), PLACES)

    def past(self, instrument_id: str, now_ns: int) -> tuple[Decimal, float | None]:
        """Volume and volatility."""
        past = self._pasts.get(instrument_id)
        if past is None or not 0 <= now_ns - past[0] < FRESH_NS:
            buckets = self._market.view(instrument_id, now_ns).volume
            prices = [each.notional / each.size for each in buckets]
            past = (now_ns, sum((each.size for each in buckets), ZERO), volatility(prices))
            self._pasts[instrument_id] = past
        return past[1:]


class PreTrade:
    """For whoever asks beforehand."""

    def __init__(self, ledger: Ledger, market: MarketData, books: ShownBooks, clock: Clock) -> None:
        self._ledger = ledger
        self._market = market
        self._books = books
        self._clock = clock
        self._estimates = Estimates(market)

    async def read(self, instrument_id: str, side: OrderSide, size: object) -> PreTradeEstimate:
        """Raises InvalidValue, ExchangeError."""
        wanted = positive("size", size)
        self._ledger.instrument(instrument_id)
        book = await self._books.read(instrument_id, MOST)
        walk = walk_levels(book.asks if side is OrderSide.BUY else book.bids, wanted)
        now_ns = self._clock.now_ns()
        volume, moved = self._estimates.past(instrument_id, now_ns)
        expected = self._estimates.square_root(instrument_id, wanted, now_ns)
        followed = instrument_id in self._market.followed
        return PreTradeEstimate(
            instrument_id=instrument_id,
            side=side,
            size=wanted,
            mid=book.mid,
            visible_size=walk.filled,
            walk_price=None if walk.average is None else shown_price(walk.average),
            walk_bps=slippage_bps(side.sign, walk.average, book.mid),
            volume=volume,
            volatility=moved,
            square_root_bps=expected,
            missing=tuple(_missing(book, walk, expected, followed=followed)),
        )


def _missing(book: BookShown, walk: Walk, expected: Decimal | None, *, followed: bool) -> Iterable[str]:
    if book.unusable is not None:
        yield f"book: {book.unusable}"
    if not walk.complete:
        yield "walk: the book shows less; its price is of visible_size"
    if expected is None:
        yield f"square root: {TOO_FEW if followed else NOT_FOLLOWED}"
