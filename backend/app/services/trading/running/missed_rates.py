"""What a fee in a third currency was worth when its fill is heard of late, by the exchange's own record of the minutes.

A price of now is none of then: without a minute near enough the fee's worth stays unknown, and the report says so.
"""

from collections.abc import Iterable
from decimal import Decimal

import structlog

from app.clock import NS_PER_SECOND
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import MinuteClose
from app.domain.money import MAX_FRACTION_DIGITS, ONE, rounded
from app.domain.tca.worth import cost_currency
from app.exchanges.errors import ExchangeError
from app.exchanges.histories import MinuteHistory
from app.exchanges.port import Exchange
from app.services.trading.account.ledger import Ledger
from app.services.trading.running.cost_rows import FillWatch

NEAR_NS = 120 * NS_PER_SECOND
"""So long before the fill a minute may have closed."""
TRIES_MAX = 5
WAITING_MAX = 1_000
"""Fills that wait to be asked for; of more the worth stays unknown."""

log = structlog.get_logger("costs")


class MissedRates:
    """Asks the market of fee currency and cost currency for the minutes about each fill; TRIES_MAX rounds at most."""

    def __init__(self, ledger: Ledger, exchange: Exchange) -> None:
        self._ledger = ledger
        self._exchange = exchange
        self._waiting: list[tuple[FillWatch, Instrument, bool, int]] = []
        """The fill, the market, whether that is quoted in the fee's currency, and how often it was asked for."""

    def take(self, watched: FillWatch, fee_currency: str) -> None:
        """Nothing where no spot market has both currencies, or the exchange cannot tell."""
        traded = self._ledger.instruments.get(watched.instrument_id)
        if traded is None or not isinstance(self._exchange, MinuteHistory) or len(self._waiting) >= WAITING_MAX:
            return
        pair = (fee_currency, cost_currency(traded))
        for market in self._ledger.instruments.values():
            if market.kind is InstrumentKind.SPOT and (market.base, market.quote) in (pair, pair[::-1]):
                self._waiting.append((watched, market, market.quote == fee_currency, 0))
                return

    async def ask(self) -> list[FillWatch]:
        """Those whose rate is known now."""
        waiting, self._waiting = self._waiting, []
        told: list[FillWatch] = []
        for watched, market, turned, tries in waiting:
            try:
                assert isinstance(self._exchange, MinuteHistory), "take() asked"
                since_ns = watched.traded_ns - NEAR_NS - 60 * NS_PER_SECOND
                closes = await self._exchange.minute_closes(market.instrument_id, since_ns)
            except ExchangeError as error:
                log.warning("costs.rate_not_read", instrument_id=market.instrument_id, reason=str(error))
                if tries + 1 < TRIES_MAX:
                    self._waiting.append((watched, market, turned, tries + 1))
                continue
            price = price_then(closes, watched.traded_ns)
            if price is not None:
                watched.fee_rate = rounded(ONE / price, MAX_FRACTION_DIGITS) if turned else price
                told.append(watched)
        return told


def price_then(closes: Iterable[MinuteClose], at_ns: int) -> Decimal | None:
    """Of the newest minute that was over by then, if that is near enough."""
    near = [each for each in closes if 0 <= at_ns - each.closed_ns <= NEAR_NS and each.price > 0]
    return max(near, key=lambda each: each.closed_ns).price if near else None
