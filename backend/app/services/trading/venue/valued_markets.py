"""A price for everything that is held: the markets that lead to the valuation currency are followed as soon as
something becomes held, and tickers are asked for where a market is not streamed or says nothing.

Nothing here stops a start or an order: what gets no price is named by holdings/valuation.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from decimal import Decimal

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.routes import PriceKind
from app.exchanges.errors import ExchangeError, ExchangeUnavailable
from app.exchanges.port import Balance, Exchange, VenuePosition
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.store.group import Group

BOOK_WAIT_SECONDS = 3.0
START_SECONDS = 15.0
"""The most that a start gives to prices."""
ROUND_SECONDS = 2.0
ASK_SECONDS = 10
"""Between two looks at the ticker of a market that is not heard."""
ASKS_MAX = 10
"""Tickers in one round."""
REFUSED_SECONDS = 300
"""Until a market that could not be subscribed is tried again."""
FOLLOWED_MAX = 200
"""Markets followed for a price alone; beyond, tickers are asked for."""

log = structlog.get_logger("valuation")


class ValuedMarkets:
    """follow: subscribes an instrument, raising ExchangeError."""

    def __init__(
        self,
        ledger: Ledger,
        market: MarketData,
        prices: Prices,
        exchange: Exchange,
        clock: Clock,
        follow: Callable[[str], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._market = market
        self._prices = prices
        self._exchange = exchange
        self._clock = clock
        self._follow = follow
        self._pushed: set[str] = set()
        self._touched: set[str] = set()
        self._followed: set[str] = set()
        self._refused_ns: dict[str, int] = {}
        self._asked_ns: dict[str, int] = {}
        self._due = asyncio.Event()

    # --- what becomes held ---

    def on_balances(self, balances: Sequence[Balance]) -> None:
        """The exchange says what the account has."""
        held = {balance.currency for balance in balances if balance.total}
        if not held <= self._pushed:
            self._pushed |= held
            self._due.set()

    def on_positions(self, positions: Sequence[VenuePosition]) -> None:
        """The exchange says at what it marks the contracts held."""
        for position in positions:
            if position.mark_price is not None:
                self._prices.hear(position.instrument_id, position.mark_price)

    def on_commit(self, group: Group) -> None:
        """A fill or a movement may have brought something new."""
        if not group.balances and not group.positions:
            return
        touched = {*group.balances, *(key[0] for key in group.positions)}
        if not touched <= self._touched:
            self._touched |= touched
            self._due.set()

    def currencies(self) -> list[str]:
        """Whose price is wanted: what is held or owed, and what contracts and followed markets are settled in."""
        ledger = self._ledger
        found = {currency: None for currency, total in ledger.balances.items() if total}
        found |= dict.fromkeys(sorted(self._pushed))
        for instrument_id in (*self._positions(), *self._market.followed):
            instrument = ledger.instruments.get(instrument_id)
            if instrument is not None:
                found |= dict.fromkeys((instrument.quote, instrument.settle))
        return [currency for currency in found if currency != self._prices.currency]

    # --- rounds ---

    async def start(self) -> None:
        """Follow all that values what is held and what is open, and wait a little for its first prices."""
        orders = [order.request.instrument_id for order in self._ledger.open_orders()]
        known = self._ledger.instruments
        with suppress(TimeoutError):  # what is left is done by the rounds
            async with asyncio.timeout(START_SECONDS):
                await self._follow_all(i for i in dict.fromkeys((*self._positions(), *orders)) if i in known)
                await self._follow_all(self._markets())
                waited = [i for i in self._followed if known[i].live]
                await asyncio.gather(*(self._market.wait_usable(name, BOOK_WAIT_SECONDS) for name in waited))
                await self._ask_all()

    async def run(self) -> None:
        """One round, when something became held or every ROUND_SECONDS."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ROUND_SECONDS):
                await self._due.wait()
        self._due.clear()
        await self._follow_all(self._positions())
        await self._follow_all(self._markets())
        await self._ask_all()

    async def make_valued(self, instrument: Instrument) -> None:
        """For an order of an instrument: the price of its quote currency, waited for a little where there is none."""
        if self._prices.price(instrument.quote) is not None:
            return
        names = [name for route in self._prices.ways(instrument.quote)[:1] for name in route.instruments]
        await self._follow_all(names)
        followed = [name for name in names if name in self._followed]
        await asyncio.gather(*(self._market.wait_usable(name, BOOK_WAIT_SECONDS) for name in followed))
        await self.price_now(instrument.quote)

    async def price_now(self, currency: str, *, needed: bool = False) -> Decimal | None:
        """The price of a currency, by tickers where nothing is heard yet.

        needed: raises ExchangeUnavailable when the exchange did not answer; one that refuses, or has no price, did.
        """
        for route in self._prices.ways(currency)[:2]:
            if self._prices.price(currency) is not None:
                break
            for instrument_id in route.instruments:
                await self._ask(instrument_id, needed=needed)
        return self._prices.price(currency)

    def _positions(self) -> list[str]:
        """The contracts that are open."""
        return [key[0] for key, fold in self._ledger.folds.items() if fold.position.size and self._contract(key[0])]

    def _contract(self, instrument_id: str) -> bool:
        instrument = self._ledger.instruments.get(instrument_id)
        return instrument is not None and instrument.kind is not InstrumentKind.SPOT

    def _markets(self) -> list[str]:
        """For each currency the markets of its best route; of the next one too while that one gives no price."""
        found: dict[str, None] = {}
        for currency in self.currencies():
            for number, route in enumerate(self._prices.ways(currency)[:2]):
                tried = all(name in self._followed or name in self._refused_ns for name in found)
                if number and (self._sound(currency) or not tried):
                    break
                found |= dict.fromkeys(route.instruments)
        return list(found)

    def _sound(self, currency: str) -> bool:
        value = self._prices.value(currency)
        return value.kind in (PriceKind.FRESH, PriceKind.PAR) and value.age_ns < ASK_SECONDS * NS_PER_SECOND

    async def _follow_all(self, instrument_ids: Iterable[str]) -> None:
        now_ns = self._clock.now_ns()
        for instrument_id in instrument_ids:
            refused_ns = self._refused_ns.get(instrument_id)
            lately = refused_ns is not None and abs(now_ns - refused_ns) < REFUSED_SECONDS * NS_PER_SECOND
            if instrument_id in self._followed or lately or len(self._followed) >= FOLLOWED_MAX:
                continue
            try:
                await self._follow_in_time(instrument_id)
            except ExchangeError as error:
                self._refused_ns[instrument_id] = now_ns
                log.warning("market.not_followed", instrument_id=instrument_id, reason=str(error))
            else:
                self._followed.add(instrument_id)
                self._refused_ns.pop(instrument_id, None)

    async def _follow_in_time(self, instrument_id: str) -> None:
        """A price must not hold up a start or an order."""
        try:
            async with asyncio.timeout(BOOK_WAIT_SECONDS):
                await self._follow(instrument_id)
        except TimeoutError:
            raise ExchangeUnavailable(f"{instrument_id}: the subscription was not acknowledged in time") from None

    async def _ask_all(self) -> None:
        """The tickers of what has no present price."""
        wanted = {i: None for i in self._positions() if not self._heard(i)}
        for currency in self.currencies():
            if not self._sound(currency):
                for route in self._prices.ways(currency)[:2]:
                    wanted |= {i: None for i in route.instruments if not self._heard(i)}
        for instrument_id in [i for i in wanted if not self._asked_lately(i)][:ASKS_MAX]:
            await self._ask(instrument_id)

    def _asked_lately(self, instrument_id: str) -> bool:
        asked_ns = self._asked_ns.get(instrument_id)
        return asked_ns is not None and abs(self._clock.now_ns() - asked_ns) < ASK_SECONDS * NS_PER_SECOND

    def _heard(self, instrument_id: str) -> bool:
        quote = self._prices.quote(instrument_id)
        return quote is not None and quote.fresh and quote.age_ns < ASK_SECONDS * NS_PER_SECOND

    async def _ask(self, instrument_id: str, *, needed: bool = False) -> None:
        self._asked_ns[instrument_id] = self._clock.now_ns()
        try:
            ticker = await self._exchange.ticker(instrument_id)
        except ExchangeError as error:
            if needed and isinstance(error, ExchangeUnavailable):
                raise
            log.warning("ticker.not_read", instrument_id=instrument_id, reason=str(error))
            return
        instrument = self._ledger.instruments.get(instrument_id)
        live = instrument is not None and instrument.live  # the quotes of a market that is paused are old
        if live and ticker.bid is not None and ticker.ask is not None and 0 < ticker.bid < ticker.ask:
            self._prices.hear(instrument_id, (ticker.bid + ticker.ask) / 2)
        elif ticker.last is not None:
            self._prices.hear_last(instrument_id, ticker.last)
