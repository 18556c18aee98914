"""What an order would cost, as it is begun: by the book as it stands, and by the square-root law on what traded."""

from decimal import Decimal

from app.clock import NS_PER_SECOND
from app.domain.money import ZERO, rounded
from app.domain.orders import OrderSide
from app.domain.tca.slippage import PLACES
from app.domain.tca.square_root import square_root_bps, volatility
from app.market_data.feeds import MarketData

FRESH_NS = 60 * NS_PER_SECOND


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
        past = self._pasts.get(instrument_id)
        if past is None or not 0 <= now_ns - past[0] < FRESH_NS:
            buckets = self._market.view(instrument_id, now_ns).volume
            prices = [each.notional / each.size for each in buckets]
            past = (now_ns, sum((each.size for each in buckets), ZERO), volatility(prices))
            self._pasts[instrument_id] = past
        _, volume, moved = past
        found = None if moved is None else square_root_bps(size, volume, moved)
        return None if found is None else rounded(Decimal(str(found)), PLACES)
