"""MarketData: the books, last trades and traded volumes of all followed instruments, and how fresh they are.

An exchange's listener feeds it on the event loop; everything is read from memory in constant time. It opens no
connection and asks for no resync: that is the adapter's business.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from decimal import Decimal

from app.clock import Clock
from app.domain.conditions import Watched
from app.domain.market import BookAction, BookUpdate, Level, PublicTrade
from app.domain.refusals import Refusal
from app.market_data.mids import Mids
from app.market_data.order_book import OrderBook
from app.market_data.standing import Standing
from app.market_data.subscriptions import (
    ChangeCallback,
    ChangeSubscription,
    MarketChange,
    TradeCallback,
    TradeSubscription,
)
from app.market_data.view import NO_PRICES, NS_PER_SECOND, BookView, MarketView, VolumeBucket, book_refusal

INSTRUMENTS_MAX = 2_000
VOLUME_SECONDS_MAX = 900
TRADE_IDS_MAX = 1_000
TAPE_MAX = 200
"""Public trades of an instrument that are kept to be looked at."""
VIEW_LEVELS = 50


class _Market:
    """All that is held of one instrument."""

    __slots__ = (
        "asks",
        "bids",
        "book",
        "book_ns",
        "depth",
        "last_trade",
        "mids",
        "prices",
        "tape",
        "touch",
        "touches",
        "trade_ids",
        "volume",
        "volume_seen",
        "waiting",
    )

    def __init__(self, instrument_id: str) -> None:
        self.book = OrderBook(instrument_id)
        self.book_ns: int | None = None
        self.touch: BookView | None = None
        self.touches = 0
        """How often a best price has become another."""
        self.depth: tuple[tuple[Level, ...], tuple[Level, ...]] | None = None
        self.last_trade: PublicTrade | None = None
        self.tape: deque[PublicTrade] = deque(maxlen=TAPE_MAX)
        self.trade_ids: OrderedDict[str, None] = OrderedDict()
        self.volume: deque[VolumeBucket] = deque(maxlen=VOLUME_SECONDS_MAX)
        self.volume_seen: tuple[VolumeBucket, ...] | None = None
        self.bids, self.asks = Standing(-1), Standing(1)
        self.mids = Mids()
        self.prices: dict[Watched, tuple[Decimal, int]] = {}
        """Each with when it was heard."""
        self.waiting: dict[asyncio.Future[BookView], None] = {}  # in the order of asking

    def book_changed(self, now_ns: int) -> None:
        self.touch = None
        self.depth = None
        bid, ask = self.book.best_bid, self.book.best_ask
        bid_moved = self.bids.note(None if bid is None else bid[0], now_ns)
        if not (self.asks.note(None if ask is None else ask[0], now_ns) or bid_moved):
            return
        self.touches += 1
        if self.book.valid and bid is not None and ask is not None and bid[0] < ask[0]:
            self.mids.note((bid[0] + ask[0]) / 2, now_ns)


class MarketData:
    """Books and trades, by instrument.

    When a book counts as confirmed: its chain of updates is unbroken, and messages of one connection arrive in order,
    so anything heard on the market connection (a book, a trade, a keep-alive, a pong told by on_heartbeat) proves that
    nothing newer about any of its books was sent before. Each message therefore confirms every valid book, and a quiet
    market stays fresh while its connection talks. But only for max_silence_seconds after the book's own last message:
    a channel that went mute on a live connection is found out because the venue keeps books alive by itself (OKX v5:
    an empty `books` update about every 60 s). None trusts the connection alone, for venues without such keep-alives.
    An INVALID or a stream that goes down ends validity at once, until the next snapshot.

    on_heartbeat speaks for all books; who reads them over several connections calls it when all of them are alive.
    Ages use the clock's wall time; BookView.usable refuses after a step of it in either direction.
    """

    def __init__(
        self,
        clock: Clock,
        max_age_seconds: Decimal | float = 2,
        *,
        max_silence_seconds: Decimal | float | None = 90,
    ) -> None:
        self.max_age_seconds = max_age_seconds
        self.refused: dict[str, str] = {}
        """Instruments whose book or trades the venue refuses to tell, and why; a message of one ends it."""
        self.ignored = 0  # messages of instruments beyond INSTRUMENTS_MAX, and impossible trades
        self._clock = clock
        self._max_silence_ns = None if max_silence_seconds is None else int(max_silence_seconds * NS_PER_SECOND)
        self._markets: dict[str, _Market] = {}
        self._waited_for: dict[str, None] = {}
        self._heard_ns = 0
        self._change_subscriptions: list[ChangeSubscription] = []
        self._trade_subscriptions: list[TradeSubscription] = []

    # --- what the exchange tells ---

    def on_book(self, update: BookUpdate) -> None:
        """One message of a book, in the order of arrival."""
        market = self._market(update.instrument_id)
        if market is None:
            return
        if update.action is not BookAction.INVALID:  # the adapter may say INVALID by itself: it proves no life
            self._heard_ns = self._clock.now_ns()
            if self.refused:
                self.refused.pop(update.instrument_id, None)
        version = market.book.version
        if market.book.apply(update):
            market.book_ns = self._heard_ns
        if market.book.version != version:
            market.book_changed(self._heard_ns)
            self._tell(update.instrument_id, MarketChange.BOOK)
        if self._waited_for:
            self._wake_waiting()

    def on_trade(self, trade: PublicTrade) -> None:
        """One public trade. A trade id that came before (a replay after a reconnect) is only a sign of life.

        So is a trade without a finite price and size above zero, which is counted as ignored.
        """
        market = self._market(trade.instrument_id)
        if market is None:
            return
        self._heard_ns = self._clock.now_ns()
        if not _possible(trade):
            self.ignored += 1
        elif _is_new(market, trade.trade_id):
            if market.last_trade is None or trade.venue_time_ns >= market.last_trade.venue_time_ns:
                market.last_trade = trade
            market.tape.append(trade)
            _count_volume(market, trade)
            for subscription in self._trade_subscriptions:
                subscription.notify(trade)
            self._tell(trade.instrument_id, MarketChange.TRADE)
        if self._waited_for:
            self._wake_waiting()

    def on_price(self, instrument_id: str, watched: Watched, price: Decimal) -> None:
        """A price of the exchange's own making; good until the next one, but no longer than max_silence_seconds, within
        which the venue says it again (OKX v5: a mark every 10 s, an index every minute), and than its stream. One that
        is none is counted as ignored."""
        market = self._market(instrument_id)
        if market is None:
            return
        if not price.is_finite() or price <= 0:
            self.ignored += 1
            return
        market.prices[watched] = price, self._clock.now_ns()
        self._tell(instrument_id, MarketChange.PRICE)

    def on_heartbeat(self) -> None:
        """The market connection answered (a pong, a keep-alive, any message not delivered by on_book or on_trade)."""
        self._heard_ns = self._clock.now_ns()
        if self._waited_for:
            self._wake_waiting()

    def on_stream_down(self) -> None:
        """The market stream is down: first every book becomes invalid, then the subscribers hear of it."""
        for market in self._markets.values():
            market.prices.clear()
            market.book.invalidate()
            market.book_changed(self._heard_ns)
        for instrument_id in self._markets:
            self._tell(instrument_id, MarketChange.BOOK)

    # --- what is followed ---

    def follow(self, instrument_id: str) -> bool:
        """Notes that an instrument is followed; False when there is no room. Its first message does the same."""
        return self._market(instrument_id) is not None

    @property
    def followed(self) -> tuple[str, ...]:
        return tuple(self._markets)

    # --- what may be read ---

    def book(self, instrument_id: str) -> BookView | None:
        """The touch, whether usable or not; None before any snapshot."""
        market = self._markets.get(instrument_id)
        if market is None or market.book_ns is None:
            return None
        confirmed_ns = self._heard_ns
        if self._max_silence_ns is not None:
            confirmed_ns = min(confirmed_ns, market.book_ns + self._max_silence_ns)
        if market.touch is None or market.touch.received_ns != confirmed_ns:
            market.touch = market.book.view(confirmed_ns)
        return market.touch

    def touches(self, instrument_id: str) -> int:
        """How often a best price of the book has become another, or none: while it is the same, so is the mid."""
        market = self._markets.get(instrument_id)
        return market.touches if market else 0

    def book_refusal(self, instrument_id: str) -> Refusal | None:
        """Why the book may not be used now, by this feed's clock and age limit; None when it may."""
        return book_refusal(self.book(instrument_id), instrument_id, self._clock.now_ns(), self.max_age_seconds)

    def order_book(self, instrument_id: str) -> OrderBook | None:
        """The live book, for reading in the same turn only."""
        market = self._markets.get(instrument_id)
        return market.book if market else None

    def view(self, instrument_id: str, now_ns: int) -> MarketView:
        """A snapshot of everything, VIEW_LEVELS levels a side; of an instrument never heard of an empty one."""
        market = self._markets.get(instrument_id)
        if market is None:
            return MarketView(instrument_id, now_ns)
        if market.depth is None:
            market.depth = market.book.depth(VIEW_LEVELS)
        if market.volume_seen is None:
            market.volume_seen = tuple(market.volume)
        bids, asks = market.depth
        book = self.book(instrument_id)
        return MarketView(
            instrument_id,
            now_ns,
            book,
            market.last_trade,
            bids,
            asks,
            market.volume_seen,
            market.bids.seen,
            market.asks.seen,
            market.mids.seen,
            self._prices(market, now_ns) if market.prices else NO_PRICES,
        )

    def last_trade(self, instrument_id: str) -> PublicTrade | None:
        market = self._markets.get(instrument_id)
        return market.last_trade if market else None

    def tape(self, instrument_id: str) -> tuple[PublicTrade, ...]:
        """The last TAPE_MAX public trades that were heard, in that order."""
        market = self._markets.get(instrument_id)
        return tuple(market.tape) if market else ()

    def reference_price(self, instrument_id: str, now_ns: int | None = None) -> Decimal | None:
        """The mid of a usable book, for risk; None, and so a refusal, when there is none. now_ns: read just now."""
        book = self._usable(instrument_id, now_ns)
        return book.mid if book else None

    def mark_price(self, instrument_id: str) -> Decimal | None:
        """For showing what a position is worth: the mid of a usable book, else the last trade's price of any age."""
        mid = self.reference_price(instrument_id)
        if mid is not None:
            return mid
        last = self.last_trade(instrument_id)
        return last.price if last else None

    async def wait_usable(self, instrument_id: str, timeout_seconds: Decimal | float) -> BookView | None:
        """The first usable book within the time limit; None when there was none."""
        book = self._usable(instrument_id)
        market = self._market(instrument_id)
        if book is not None or market is None:
            return book
        future: asyncio.Future[BookView] = asyncio.get_running_loop().create_future()
        market.waiting[future] = None
        self._waited_for[instrument_id] = None
        try:
            async with asyncio.timeout(float(timeout_seconds)):
                return await future
        except TimeoutError:
            return None
        finally:
            market.waiting.pop(future, None)
            if not market.waiting:
                self._waited_for.pop(instrument_id, None)

    # --- who wants to hear ---

    def subscribe(self, callback: ChangeCallback) -> Callable[[], None]:
        """Tells of changes, conflated: callback(instrument_id, kind) from the loop's next turn; read the present state
        then. Returns what ends it."""
        subscription = ChangeSubscription(callback)
        self._change_subscriptions.append(subscription)

        def end() -> None:
            subscription.close()
            if subscription in self._change_subscriptions:
                self._change_subscriptions.remove(subscription)

        return end

    def subscribe_trades(self, callback: TradeCallback) -> Callable[[], None]:
        """Hands over every trade of every instrument in order, from a bounded tape. Returns what ends it."""
        subscription = TradeSubscription(callback)
        self._trade_subscriptions.append(subscription)

        def end() -> None:
            subscription.close()
            if subscription in self._trade_subscriptions:
                self._trade_subscriptions.remove(subscription)

        return end

    # --- inside ---

    def _prices(self, market: _Market, now_ns: int) -> Mapping[Watched, Decimal]:
        silent_ns = self._max_silence_ns
        return {
            watched: price
            for watched, (price, heard_ns) in market.prices.items()
            if silent_ns is None or abs(now_ns - heard_ns) <= silent_ns
        }

    def _market(self, instrument_id: str) -> _Market | None:
        market = self._markets.get(instrument_id)
        if market is None:
            if len(self._markets) >= INSTRUMENTS_MAX:
                self.ignored += 1
                return None
            market = self._markets[instrument_id] = _Market(instrument_id)
        return market

    def _usable(self, instrument_id: str, now_ns: int | None = None) -> BookView | None:
        book = self.book(instrument_id)
        if book is None:
            return None
        now_ns = self._clock.now_ns() if now_ns is None else now_ns
        return book if book.usable(now_ns, self.max_age_seconds) is None else None

    def _tell(self, instrument_id: str, change: MarketChange) -> None:
        for subscription in self._change_subscriptions:
            subscription.notify(instrument_id, change)

    def _wake_waiting(self) -> None:
        for instrument_id in self._waited_for:
            book = self._usable(instrument_id)
            if book is not None:
                for future in self._markets[instrument_id].waiting:
                    if not future.done():
                        future.set_result(book)


def _possible(trade: PublicTrade) -> bool:
    price, size = trade.price, trade.size
    return price.is_finite() and size.is_finite() and price > 0 and size > 0


def _is_new(market: _Market, trade_id: str) -> bool:
    """Whether the id is not among the last TRADE_IDS_MAX; an empty one says nothing and always is."""
    if not trade_id:
        return True
    if trade_id in market.trade_ids:
        return False
    market.trade_ids[trade_id] = None
    if len(market.trade_ids) > TRADE_IDS_MAX:
        market.trade_ids.popitem(last=False)
    return True


def _count_volume(market: _Market, trade: PublicTrade) -> None:
    """Adds a trade to its second; one that comes late goes to the last second held that is not after it."""
    start_ns = trade.venue_time_ns - trade.venue_time_ns % NS_PER_SECOND
    volume = market.volume
    market.volume_seen = None
    if not volume or volume[-1].start_ns < start_ns:
        nothing = VolumeBucket(start_ns, Decimal(0), Decimal(0), Decimal(0), 0, low=trade.price, high=trade.price)
        volume.append(_add(nothing, trade))
        return
    for index in range(len(volume) - 1, -1, -1):
        if volume[index].start_ns <= start_ns:
            volume[index] = _add(volume[index], trade)
            return


def _add(bucket: VolumeBucket, trade: PublicTrade) -> VolumeBucket:
    bought = trade.size if trade.buyer_is_taker else Decimal(0)
    return VolumeBucket(
        bucket.start_ns,
        bucket.size + trade.size,
        bucket.bought + bought,
        bucket.notional + trade.price * trade.size,
        bucket.trades + 1,
        min(bucket.low, trade.price),
        max(bucket.high, trade.price),
    )
