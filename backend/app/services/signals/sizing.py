"""How much a wish comes to in the instrument's own unit, when it is taken: base and contracts are turned into each
other, an amount of quote currency and a part of the equity by the market of the moment. Rounded down to the lot.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal

from app.domain.instruments import Instrument
from app.domain.money import plain
from app.domain.refusals import InvalidValue
from app.market_data.feeds import MarketData
from app.services.signals.wishes import PRICED, SizeOf, Wish
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import NotReady
from app.services.trading.execution_strategies.terms import SizeIn
from app.services.trading.parents.sizes import bought, own_size
from app.services.trading.venue.following import follow_if_new
from app.strategies.signals import SignalType

Follow = Callable[[str], Awaitable[None]]
HUNDRED = Decimal(100)


class Sizing:
    """For one account. follow: the exchange's part in following an instrument; prepare: sees to it that what the
    instrument's value is counted in has a price."""

    def __init__(
        self, ledger: Ledger, market: MarketData, follow: Follow, prepare: Callable[[Instrument], Awaitable[None]]
    ) -> None:
        self._ledger = ledger
        self._market = market
        self._follow = follow
        self._prepare = prepare

    async def size(self, wish: Wish) -> Decimal | None:
        """None for a wish without one. Raises InvalidValue, and NotReady where the market or a price is missing."""
        if wish.size is None or wish.size_in is SizeOf.INSTRUMENT or wish.type is SignalType.HOLD:
            return wish.size
        instrument = self._ledger.instrument(wish.instrument_id)
        if wish.size_in not in PRICED or (wish.size_in is SizeOf.QUOTE and instrument.inverse):
            return own_size(wish.size, SizeIn(wish.size_in), instrument)
        await follow_if_new(self._market, self._follow, instrument.instrument_id)
        price = self._price(wish)
        if wish.size_in is SizeOf.QUOTE:
            return bought(wish.size, instrument, price)
        await self._prepare(instrument)
        return bought(self._part_of_equity(wish.size, instrument), instrument, price)

    def _price(self, wish: Wish) -> Decimal:
        """Where it would trade: at the touch, at its own limit where that is nearer."""
        book = self._market.book(wish.instrument_id)
        buys = wish.type is SignalType.BUY
        touch = None
        if book is not None and self._market.book_refusal(wish.instrument_id) is None:
            touch = book.ask if buys else book.bid
        if touch is None:
            raise NotReady([f"{wish.instrument_id} has no usable book to turn an amount into a size by"])
        if wish.price is None:
            return touch
        return min(touch, wish.price) if buys else max(touch, wish.price)

    def _part_of_equity(self, percent: Decimal, instrument: Instrument) -> Decimal:
        """In the currency that the instrument's value is counted in."""
        equity, rate = self._ledger.equity_now(), self._ledger.price_of(instrument.value_currency)
        if equity is None or rate is None or rate <= 0:
            raise NotReady([f"the equity has no price in {instrument.value_currency} now"])
        if equity <= 0:
            raise InvalidValue("size", f"{plain(percent)} %", f"of an equity of {plain(equity)} is nothing")
        return equity * percent / HUNDRED / rate
