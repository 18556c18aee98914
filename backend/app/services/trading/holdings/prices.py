"""What every currency and contract is worth now, in the account's valuation currency or any other.

One price of one instrument: the mid of a fresh book, else what the exchange says of it (a mark price, a polled ticker),
else the last trade or the last mid seen, of at most PRICE_AGE_SECONDS. Everything is in memory: a price costs about a
microsecond a market on its way.
"""

from collections.abc import Collection
from decimal import Decimal

from app.clock import NS_PER_SECOND
from app.domain.instruments import Instrument
from app.domain.routes import (
    DEFAULT_CURRENCY,
    DEFAULT_PAR,
    ITSELF,
    UNPRICED,
    PriceKind,
    Quote,
    Route,
    Routes,
    Value,
    price_along,
)
from app.market_data.feeds import MarketData
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.ledger import Ledger

TOLD_FRESH_SECONDS = 30
"""So long what the exchange said of a price is its present one."""
PRICE_AGE_SECONDS = 900
"""An older price is none."""

_Told = tuple[Decimal, int]
"""(price, when, ns)."""


class Prices:
    """Prices by instrument and by currency. currency: the valuation currency. par: taken for one another where no
    market between them has a fresh price."""

    def __init__(
        self,
        catalogue: Catalogue | Ledger,
        market: MarketData,
        currency: str = DEFAULT_CURRENCY,
        par: Collection[str] = DEFAULT_PAR,
    ) -> None:
        self.currency = currency
        self.par = tuple(par)
        self._catalogue = catalogue
        self.market = market
        self._routes = Routes((), self.par)
        self._listed: object = None
        self._changes = self._count = 0
        self._told: dict[str, _Told] = {}
        self._seen: dict[str, _Told] = {}
        self._known: dict[str, Decimal] = {}

    # --- what is heard ---

    def hear(self, instrument_id: str, price: Decimal) -> None:
        """A mark price, or a ticker that was asked for, of now."""
        if price.is_finite() and price > 0:
            self._told[instrument_id] = (price, self._catalogue.clock.now_ns())

    def hear_last(self, instrument_id: str, price: Decimal) -> None:
        """What an instrument last traded at, at a time that nobody said: an older price."""
        if price.is_finite() and price > 0:
            self._seen[instrument_id] = (price, self._catalogue.clock.now_ns())

    def remember(self, name: str, price: Decimal) -> None:
        """The last known price of a currency (in the valuation currency) or of an instrument, from before this start;
        for `last`, where nothing newer is seen."""
        self._known.setdefault(name, price)

    # --- instruments ---

    def said(self, seconds: int) -> list[tuple[str, Decimal]]:
        """What the exchange itself has said of instruments within so many seconds: mark prices, tickers."""
        now_ns = self._catalogue.clock.now_ns()
        age_ns = seconds * NS_PER_SECOND
        return [(each, price) for each, (price, at_ns) in self._told.items() if 0 <= now_ns - at_ns <= age_ns]

    def quote(self, instrument_id: str) -> Quote | None:
        """What the instrument is quoted at now, or lately; None without a price of at most PRICE_AGE_SECONDS."""
        now_ns = self._catalogue.clock.now_ns()
        mid = self.market.reference_price(instrument_id, now_ns)
        if mid is not None:
            self._seen[instrument_id] = (mid, now_ns)
            return Quote(mid)
        told = self._told.get(instrument_id)
        if told is not None and abs(now_ns - told[1]) <= TOLD_FRESH_SECONDS * NS_PER_SECOND:
            return Quote(told[0], abs(now_ns - told[1]))
        trade = self.market.last_trade(instrument_id)
        traded = (trade.price, trade.venue_time_ns) if trade is not None else None
        newest = max((one for one in (told, traded, self._seen.get(instrument_id)) if one), key=_when, default=None)
        if newest is None or abs(now_ns - newest[1]) > PRICE_AGE_SECONDS * NS_PER_SECOND:
            return None
        return Quote(newest[0], abs(now_ns - newest[1]), fresh=False)

    def mark(self, instrument_id: str) -> Decimal | None:
        """The price of an instrument now, else the last one known of whatever age; None when there never was one."""
        quote = self.quote(instrument_id)
        if quote is not None:
            self._known[instrument_id] = quote.price
            return quote.price
        return self._known.get(instrument_id)

    # --- currencies ---

    def is_cash(self, currency: str) -> bool:
        """Whether it is what the account is valued in, or one of those that are taken for one another with it."""
        return currency == self.currency or (currency in self.par and self.currency in self.par)

    @property
    def routes(self) -> Routes:
        """Over the exchange's present catalogue."""
        instruments, changes = self._catalogue.instruments, self._catalogue.catalogue_changes
        if instruments is not self._listed or changes != self._changes or len(instruments) != self._count:
            self._routes = Routes(instruments.values(), self.par)
            self._listed, self._changes, self._count = instruments, changes, len(instruments)
        return self._routes

    def value(self, currency: str, to: str = "") -> Value:
        """The price of one unit of a currency in another, normally the valuation currency, and how it came about."""
        to = to or self.currency
        if currency == to:
            return ITSELF
        routes = self.routes.between(currency, to)
        if not routes:
            return UNPRICED
        value = price_along(routes, self.quote)
        if to == self.currency and value.price is not None:
            self._known[currency] = value.price
        return value

    def price(self, currency: str) -> Decimal | None:
        """As value(), the price alone."""
        return self.value(currency).price

    def last(self, currency: str) -> Value:
        """As value(), but the last price known of whatever age, as a stale one, where there is none now."""
        value = self.value(currency)
        return value if value.price is not None else self.known(currency)

    def known(self, currency: str) -> Value:
        """The last price known of a currency that has none now."""
        known = self._known.get(currency)
        if known is not None:
            return Value(known, PriceKind.STALE)
        routes = self.routes.between(currency, self.currency)
        return price_along(routes, self._quote_known) if routes else UNPRICED

    def _quote_known(self, instrument_id: str) -> Quote | None:
        price = self.mark(instrument_id)
        return Quote(price, fresh=False) if price is not None else None

    def ways(self, currency: str) -> tuple[Route, ...]:
        """The routes from a currency to the valuation currency, best first, over markets that are open first."""
        instruments = self._catalogue.instruments
        routes = () if currency == self.currency else self.routes.between(currency, self.currency)
        return tuple(sorted(routes, key=lambda route: not all(_live(instruments, i) for i in route.instruments)))

    def worth(self, instrument: Instrument, size: Decimal, price: Decimal) -> Decimal | None:
        """What `size` (>= 0, in the instrument's unit) is worth at `price`, in the valuation currency, by its quote
        currency or, where that has no price, by its base; None when neither has one."""
        rate = self.last(instrument.quote).price
        if rate is not None:
            return instrument.notional(size, price) * rate
        rate = self.last(instrument.base).price
        return instrument.base_quantity(size, price) * rate if rate is not None else None


def _when(told: _Told) -> int:
    return told[1]


def _live(instruments: dict[str, Instrument], instrument_id: str) -> bool:
    found = instruments.get(instrument_id)
    return found is not None and found.live
