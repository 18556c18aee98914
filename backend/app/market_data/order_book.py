"""One order book, folded from the venue's snapshots and updates; the only mutable market state besides feeds.py.

Continuity of sequence numbers is the adapter's business: it says INVALID before anything else when a message was lost.
"""

from bisect import bisect_left, insort
from decimal import Decimal

from app.domain.market import BookAction, BookUpdate, Level
from app.domain.orders import OrderSide
from app.market_data.view import BookView, Walk, walk_levels

LEVELS_MAX = 1_000


class _Side:
    """The levels of one side: sizes by price, and the prices in ascending order."""

    __slots__ = ("ascending", "best_is_last", "sizes")

    def __init__(self, *, best_is_last: bool) -> None:
        self.best_is_last = best_is_last
        self.sizes: dict[Decimal, Decimal] = {}
        self.ascending: list[Decimal] = []

    def replace(self, levels: tuple[Level, ...], levels_max: int) -> None:
        self.sizes = {price: size for price, size in levels if size}
        self.ascending = sorted(self.sizes)
        self._forget_beyond(levels_max)

    def change(self, levels: tuple[Level, ...], levels_max: int) -> None:
        sizes, ascending = self.sizes, self.ascending
        for price, size in levels:
            if size:
                if price not in sizes:
                    insort(ascending, price)
                sizes[price] = size
            elif sizes.pop(price, None) is not None:
                del ascending[bisect_left(ascending, price)]
        if len(ascending) > levels_max:
            self._forget_beyond(levels_max)

    def _forget_beyond(self, levels_max: int) -> None:
        surplus = len(self.ascending) - levels_max
        if surplus <= 0:
            return
        worst = slice(0, surplus) if self.best_is_last else slice(levels_max, None)
        for price in self.ascending[worst]:
            del self.sizes[price]
        del self.ascending[worst]

    def best(self) -> Level | None:
        if not self.ascending:
            return None
        price = self.ascending[-1 if self.best_is_last else 0]
        return price, self.sizes[price]

    def top(self, count: int) -> tuple[Level, ...]:
        """Up to count levels, best first."""
        prices = self.ascending[: -count - 1 : -1] if self.best_is_last else self.ascending[:count]
        sizes = self.sizes
        return tuple([(price, sizes[price]) for price in prices])


class OrderBook:
    """The levels of one instrument, best first on both sides.

    levels_max levels a side are kept: what lies beyond is forgotten after each change, until the venue names it again.
    valid: a snapshot has come, and neither INVALID nor an impossible level since. version grows with every change.
    """

    __slots__ = ("_asks", "_bids", "instrument_id", "levels_max", "sequence", "valid", "venue_time_ns", "version")

    def __init__(self, instrument_id: str, levels_max: int = LEVELS_MAX) -> None:
        self.instrument_id = instrument_id
        self.levels_max = levels_max
        self.valid = False
        self.version = 0
        self.venue_time_ns = 0
        self.sequence = 0
        self._bids = _Side(best_is_last=True)
        self._asks = _Side(best_is_last=False)

    def apply(self, update: BookUpdate) -> bool:
        """Folds one message; whether the book is valid afterwards.

        An update of an invalid book is ignored; one without levels is a keep-alive and changes nothing. A level with a
        price not above zero, a negative size or a NaN makes the book invalid: what else that message says cannot be
        trusted either. ValueError: another instrument's update.
        """
        if update.instrument_id != self.instrument_id:
            raise ValueError(f"an update of {update.instrument_id} came to the book of {self.instrument_id}")
        if update.action is BookAction.INVALID:
            self.invalidate()
            return False
        snapshot = update.action is BookAction.SNAPSHOT
        if not (snapshot or self.valid):
            return False
        if not snapshot and not (update.bids or update.asks):
            self.sequence = update.sequence
            return True
        if not (_possible(update.bids) and _possible(update.asks)):
            self.invalidate()
            return False
        if snapshot:
            self._bids.replace(update.bids, self.levels_max)
            self._asks.replace(update.asks, self.levels_max)
            self.valid = True
        else:
            self._bids.change(update.bids, self.levels_max)
            self._asks.change(update.asks, self.levels_max)
        self.venue_time_ns = update.venue_time_ns
        self.sequence = update.sequence
        self.version += 1
        return True

    def invalidate(self) -> None:
        """Nothing of the book may be used until a snapshot; its levels are gone at once."""
        self.valid = False
        self.version += 1
        self._bids = _Side(best_is_last=True)
        self._asks = _Side(best_is_last=False)

    @property
    def best_bid(self) -> Level | None:
        return self._bids.best()

    @property
    def best_ask(self) -> Level | None:
        return self._asks.best()

    @property
    def empty(self) -> bool:
        """Whether a side has no level."""
        return not (self._bids.ascending and self._asks.ascending)

    @property
    def crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
        return not self.empty and self._bids.ascending[-1] >= self._asks.ascending[0]

    @property
    def mid(self) -> Decimal | None:
        return None if self.empty else (self._bids.ascending[-1] + self._asks.ascending[0]) / 2

    @property
    def spread(self) -> Decimal | None:
        return None if self.empty else self._asks.ascending[0] - self._bids.ascending[-1]

    @property
    def microprice(self) -> Decimal | None:
        return self.view(0).microprice

    def depth(self, levels: int) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """(bids, asks), best first, up to `levels` (>= 1) a side."""
        return self._bids.top(levels), self._asks.top(levels)

    def walk(self, side: OrderSide, size: Decimal) -> Walk:
        """What a market order of this side and size (> 0) would meet now."""
        resting = self._asks if side is OrderSide.BUY else self._bids
        prices = reversed(resting.ascending) if resting.best_is_last else resting.ascending
        return walk_levels(((price, resting.sizes[price]) for price in prices), size)

    def view(self, received_ns: int) -> BookView:
        """The touch as a value, confirmed at received_ns."""
        return BookView.of(
            self.instrument_id,
            self._bids.best(),
            self._asks.best(),
            received_ns=received_ns,
            venue_time_ns=self.venue_time_ns,
            valid=self.valid,
        )


def _possible(levels: tuple[Level, ...]) -> bool:
    """Whether every level has a finite price above zero and a finite size of zero or more."""
    for price, size in levels:  # noqa: SIM110  a generator costs a third of a whole message
        if not (price.is_finite() and size.is_finite() and price > 0 and size >= 0):
            return False
    return True
