"""What a fee in a third currency was worth when its fill is heard of late, by the exchange's own record of the minutes.

A price of now is none of then: without a minute near enough the fee's worth stays unknown, and the report says so.
"""

from collections.abc import Iterable
from decimal import Decimal

import structlog

from app.clock import NS_PER_SECOND
from app.domain.instruments import InstrumentKind
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
    """Asks each market of fee currency and cost currency once for the minutes about all its fills, again in the next
    round when it is not answered, and no more often than TRIES_MAX times in a row."""

    def __init__(self, ledger: Ledger, exchange: Exchange) -> None:
        self._ledger = ledger
        self._minutes = exchange if isinstance(exchange, MinuteHistory) else None
        self._waiting: dict[str, list[tuple[FillWatch, bool]]] = {}
        """By market: its fills, and whether it is quoted in the fee's currency."""
        self._tries: dict[str, int] = {}

    def take(self, watched: FillWatch, fee_currency: str) -> None:
        """Nothing where no spot market has both currencies, or the exchange cannot tell."""
        traded = self._ledger.instruments.get(watched.instrument_id)
        if traded is None or self._minutes is None:
            return
        if sum(map(len, self._waiting.values())) >= WAITING_MAX:
            return
        pair = (fee_currency, cost_currency(traded))
        for market in self._ledger.instruments.values():
            if market.kind is InstrumentKind.SPOT and (market.base, market.quote) in (pair, pair[::-1]):
                self._waiting.setdefault(market.instrument_id, []).append((watched, market.quote == fee_currency))
                return

    async def ask(self) -> list[FillWatch]:
        """Those whose rate is known now."""
        told: list[FillWatch] = []
        for market_id, waiting in tuple(self._waiting.items()):
            asked = tuple(waiting)  # what is taken meanwhile waits behind them, for a question of its own
            oldest_ns = min(watched.traded_ns for watched, _ in asked)
            try:
                assert self._minutes is not None, "take() asked"
                closes = await self._minutes.minute_closes(market_id, oldest_ns - NEAR_NS - 60 * NS_PER_SECOND)
            except ExchangeError as error:
                self._tries[market_id] = self._tries.get(market_id, 0) + 1
                log.warning("costs.rate_not_read", instrument_id=market_id, reason=str(error))
                if self._tries[market_id] < TRIES_MAX:
                    continue
                closes = []
            self._tries.pop(market_id, None)
            del waiting[: len(asked)]
            if not waiting:
                del self._waiting[market_id]
            for watched, turned in asked:
                price = price_then(closes, watched.traded_ns)
                if price is not None:
                    watched.fee_rate = rounded(ONE / price, MAX_FRACTION_DIGITS) if turned else price
                    told.append(watched)
        return told


def price_then(closes: Iterable[MinuteClose], at_ns: int) -> Decimal | None:
    """Of the newest minute that was over by then, if that is near enough."""
    near = [each for each in closes if 0 <= at_ns - each.closed_ns <= NEAR_NS and each.price > 0]
    return max(near, key=lambda each: each.closed_ns).price if near else None
