"""What goes on from where it was, once an account is loaded: markets of what is held, the day's figures, parents."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import chain

from app.domain.instruments import Instrument
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.running.days import Days
from app.services.trading.venue.leverages import Leverages
from app.services.trading.venue.valued_markets import ValuedMarkets
from app.store import queries
from app.store.database import Database
from app.store.queries import TradeFilter


class TakingUp:
    """Of one account. resume_parents: goes on with the parent orders that are open."""

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        prices: Prices,
        valued: ValuedMarkets,
        leverages: Leverages,
        days: Days,
        resume_parents: Callable[[], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._database = database
        self._prices = prices
        self._valued = valued
        self._leverages = leverages
        self._days = days
        self._resume_parents = resume_parents

    async def run(self) -> None:
        """After every load, the account compared. Raises StoreError, ExchangeError."""
        fills = await asyncio.to_thread(self._fills_of_day)
        self._ledger.day.resume(fills)
        self._remember_prices(fills)
        await self._valued.start()
        await self._leverages.start()
        await self._days.open()
        await self._resume_parents()

    def _fills_of_day(self) -> list[tuple[Instrument, Decimal, Decimal]]:
        """What was traded since the day opened, for the daily limits: (instrument, size, price)."""
        day = self._ledger.equity_of_day
        rows = queries.equity_days(self._database, self._ledger.account, since_day=day.day) if day else []
        if not rows:
            return []
        wanted = TradeFilter(traded_from_ns=rows[0]["at_ns"])
        trades = chain.from_iterable(queries.iter_trades(self._database, self._ledger.account, wanted))
        known = self._ledger.instruments
        return [(known[t["instrument_id"]], t["size"], t["price"]) for t in trades if t["instrument_id"] in known]

    def _remember_prices(self, fills: list[tuple[Instrument, Decimal, Decimal]]) -> None:
        """Last prices known from before: the day's fills, newest first, and what the day began with."""
        for instrument, _, price in reversed(fills):
            self._prices.remember(instrument.instrument_id, price)
        day = self._ledger.equity_of_day
        if day is None or day.parts is None or day.currency != self._prices.currency:
            return
        for currency, held in day.parts.currencies.items():
            if held.price is not None:
                self._prices.remember(currency, held.price)
        for key, contract in day.parts.contracts.items():
            if contract.mark is not None:
                self._prices.remember(key.partition("/")[0], contract.mark)
