"""What may be seen of a market at one moment, as frozen values: the touch (BookView) and the whole view (MarketView).

Pure: no clock, no network. feeds.py makes these; risk checks, execution strategies and signal strategies read them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from app.domain.conditions import Watched
from app.domain.market import Level, PublicTrade
from app.domain.money import ZERO, plain
from app.domain.orders import OrderSide
from app.domain.refusals import Refusal
from app.market_data.mids import Mid
from app.market_data.standing import Worse, stood_ns

CHECK = "market_data"
NS_PER_SECOND = 1_000_000_000
NO_PRICES: Mapping[Watched, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Walk:
    """What taking `requested` from one side of a book would cost now.

    filled: how much of it the visible levels hold; average, worst: prices, None when nothing is there.
    """

    requested: Decimal
    filled: Decimal
    average: Decimal | None
    worst: Decimal | None

    @property
    def complete(self) -> bool:
        return self.filled >= self.requested


def walk_levels(levels: Iterable[Level], size: Decimal) -> Walk:
    """Takes size (> 0, in the instrument's unit) from levels given best first."""
    left, cost, worst = size, ZERO, None
    for price, available in levels:
        if left <= 0:
            break
        taken = min(left, available)
        cost += price * taken
        left -= taken
        worst = price
    filled = size - left
    return Walk(size, filled, cost / filled if filled > 0 else None, worst)


@dataclass(frozen=True, slots=True)
class BookView:
    """The touch of one book. Make it with `of`, which derives mid and crossed.

    A missing side is None. valid: an unbroken chain of updates since a snapshot on a stream that is up. crossed:
    bid >= ask (locked counts). received_ns: our time at which the book was last confirmed (the rule is MarketData's);
    venue_time_ns: the venue's time of its last change.
    """

    instrument_id: str
    bid: Decimal | None
    bid_size: Decimal | None
    ask: Decimal | None
    ask_size: Decimal | None
    mid: Decimal | None
    valid: bool
    crossed: bool
    received_ns: int
    venue_time_ns: int

    @classmethod
    def of(
        cls,
        instrument_id: str,
        bid: Level | None,
        ask: Level | None,
        *,
        received_ns: int,
        venue_time_ns: int = 0,
        valid: bool = True,
    ) -> "BookView":
        """From the best (price, size) of each side."""
        bid_price, bid_size = bid if bid else (None, None)
        ask_price, ask_size = ask if ask else (None, None)
        mid, crossed = None, False
        if bid_price is not None and ask_price is not None:
            mid, crossed = (bid_price + ask_price) / 2, bid_price >= ask_price
        return cls(
            instrument_id, bid_price, bid_size, ask_price, ask_size, mid, valid, crossed, received_ns, venue_time_ns
        )

    @property
    def spread(self) -> Decimal | None:
        """ask - bid; negative when crossed; None when a side is missing."""
        return None if self.bid is None or self.ask is None else self.ask - self.bid

    @property
    def microprice(self) -> Decimal | None:
        """The mid weighted by the opposite queues: nearer to the side that is about to give way."""
        if self.bid is None or self.ask is None or self.bid_size is None or self.ask_size is None:
            return None
        return (self.bid * self.ask_size + self.ask * self.bid_size) / (self.bid_size + self.ask_size)

    def near(self, side: OrderSide) -> Decimal | None:
        """The best price of one's own side: where a passive order of this side joins."""
        return self.bid if side is OrderSide.BUY else self.ask

    def far(self, side: OrderSide) -> Decimal | None:
        """The best price of the other side: where an order of this side would trade."""
        return self.ask if side is OrderSide.BUY else self.bid

    def age_seconds(self, now_ns: int) -> float:
        """Seconds since the book was last confirmed; negative when our clock has stepped back since."""
        return (now_ns - self.received_ns) / NS_PER_SECOND

    def usable(self, now_ns: int, max_age_seconds: Decimal | float) -> Refusal | None:
        """Why no price may be taken from this book now; None when one may.

        A book confirmed in the future is as bad as an old one: a clock that stepped back must not keep it fresh.
        """
        if not self.valid:
            return Refusal(CHECK, "book", self.instrument_id, "is invalid until the next snapshot")
        if self.bid is None or self.ask is None:
            side = "bid" if self.bid is None else "ask"
            return Refusal(CHECK, "book", self.instrument_id, f"has no {side}")
        if self.crossed:
            return Refusal(
                CHECK,
                "book",
                self.instrument_id,
                f"is crossed: bid {plain(self.bid)} at or above ask {plain(self.ask)}",
            )
        age_ns = now_ns - self.received_ns
        if abs(age_ns) > max_age_seconds * NS_PER_SECOND:
            rule = f"was confirmed {age_ns / NS_PER_SECOND:.3f} s ago, above the limit of {max_age_seconds} s"
            return Refusal(CHECK, "book", self.instrument_id, rule)
        return None


def book_refusal(
    book: BookView | None, instrument_id: str, now_ns: int, max_age_seconds: Decimal | float
) -> Refusal | None:
    """As BookView.usable, where there may be no book at all."""
    if book is None:
        return Refusal(CHECK, "book", instrument_id, "has no book")
    return book.usable(now_ns, max_age_seconds)


@dataclass(frozen=True, slots=True)
class VolumeBucket:
    """The public trades of one second of venue time. size, bought: instrument's unit, bought by takers who bought;
    notional: sum of price*size; low, high: of their prices."""

    start_ns: int
    size: Decimal
    bought: Decimal
    notional: Decimal
    trades: int
    low: Decimal = ZERO
    high: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Between which prices something traded, the newest, and when that was (the exchange's time)."""

    low: Decimal
    high: Decimal
    last: Decimal
    last_ns: int


@dataclass(frozen=True, slots=True)
class MarketView:
    """What an execution algorithm may see at now_ns, and nothing later.

    bids, asks: best first, as many levels as the feed gives. volume: seconds with trades, oldest first, a bounded
    window. worse_bids, worse_asks: what the best of each side was before, as far as it was worse than since. mids: what
    the mid was, by seconds, oldest first (mids.py).
    """

    instrument_id: str
    now_ns: int
    book: BookView | None = None
    last_trade: PublicTrade | None = None
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    volume: tuple[VolumeBucket, ...] = ()
    worse_bids: tuple[Worse, ...] = ()
    worse_asks: tuple[Worse, ...] = ()
    mids: tuple[Mid, ...] = ()
    prices: Mapping[Watched, Decimal] = field(default_factory=lambda: NO_PRICES)

    def usable(self, max_age_seconds: Decimal | float) -> Refusal | None:
        return book_refusal(self.book, self.instrument_id, self.now_ns, max_age_seconds)

    def walk(self, side: OrderSide, size: Decimal) -> Walk:
        """What a market order of this side and size would meet now, own orders and hidden size unknown."""
        return walk_levels(self.asks if side is OrderSide.BUY else self.bids, size)

    def traded_volume(self, since_ns: int) -> Decimal:
        """Size traded by the public since then, own trades included, in the instrument's unit.

        Whole seconds that began at or after since_ns count, so that it is never overstated; no further back than the
        window.
        """
        total = ZERO
        for bucket in reversed(self.volume):
            if bucket.start_ns < since_ns:
                break
            total += bucket.size
        return total

    def traded_range(self, since_ns: int) -> PriceRange | None:
        """Between which prices the public traded since then; None when it did not. As traded_volume, and the last trade
        to the nanosecond."""
        last = self.last_trade
        if last is None or last.venue_time_ns < since_ns:
            return None
        low = high = last.price
        for bucket in reversed(self.volume):
            if bucket.start_ns < since_ns:
                break
            low, high = min(low, bucket.low), max(high, bucket.high)
        return PriceRange(low, high, last.price, last.venue_time_ns)

    def stood_ns(self, side: OrderSide, price: Decimal) -> int:
        """For how long an order of this side would have met somebody at `price` or better without a break; 0 where
        nothing is known. Ask it where somebody is there now."""
        seen = self.worse_asks if side is OrderSide.BUY else self.worse_bids
        return stood_ns(seen, price, side.sign, self.now_ns)

    def within(self, side: OrderSide, price: Decimal) -> Decimal:
        """How much an order of this side would find in the visible levels at `price` or better."""
        levels = self.asks if side is OrderSide.BUY else self.bids
        found, sign = ZERO, side.sign
        for at, size in levels:
            if sign * (at - price) > 0:
                break
            found += size
        return found
