"""The day's first equity, once a UTC day, and what it is made of."""

from app.clock import NS_PER_SECOND, Clock
from app.services.trading.account.day_figures import Entered
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.holdings import valuation
from app.services.trading.holdings.prices import Prices
from app.services.trading.running.session import day_of

PRICE_WAIT_SECONDS = 10.0


class Days:
    """Opens each day, and enters what gets its first price later."""

    def __init__(self, ledger: Ledger, prices: Prices, clock: Clock) -> None:
        self._ledger = ledger
        self._prices = prices
        self._clock = clock
        self._due_ns: int | None = None
        self._opened_ahead = ""

    async def open(self, *, patient: bool = False) -> None:
        """Record the day's first equity and what it is made of, once a day; and what has got its first price since.

        patient: what has only an older price is waited for some seconds. What has none is named in the parts, and
        counts as a deposit when it gets one. A day that was opened in another valuation currency is opened anew, and so
        is one that a clock opened which was ahead, when it really comes: days only go forward.
        """
        if self._ledger.writer_failed:
            return
        now_ns = self._clock.now_ns()
        today = day_of(now_ns)
        known = self._ledger.equity_of_day
        worth = valuation.equity(self._ledger, self._prices)
        self._ledger.closures.replace("valuation", worth.closed)
        if known is not None and today < known.day:
            self._opened_ahead = known.day
        began = known is not None and today <= known.day and today != self._opened_ahead
        if known is not None and began and known.currency == self._prices.currency:
            await self._enter()
            return
        self._due_ns = self._due_ns or now_ns
        waiting = patient and now_ns - self._due_ns < PRICE_WAIT_SECONDS * NS_PER_SECOND
        if waiting and (worth.stale or worth.closed):
            return
        self._due_ns = None
        turn = self._ledger.turn(SYSTEM)
        turn.open_day(today, worth.equity, self._prices.currency, valuation.day_parts(worth, self._ledger))
        await turn.commit()
        self._opened_ahead = ""

    async def _enter(self) -> None:
        """What had no price when the day began or when it came, and has one now."""
        turn = self._ledger.turn(SYSTEM)
        for currency, amount in self._ledger.day.unpriced.items():
            price = self._prices.price(currency)
            if price is not None:
                turn.enter_day(currency, Entered(amount, amount * price))
        if turn.has_changes:
            await turn.commit()
