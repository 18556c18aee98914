"""The account's fees in force: read off the order's path for what is followed, and when somebody asks."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.exchanges.errors import ExchangeError
from app.exchanges.port import Exchange, FeeRates
from app.market_data.feeds import MarketData
from app.services.trading.account.ledger import Ledger
from app.services.trading.tasks import Shared

ReadFees = Callable[[str], Awaitable[FeeRates]]

ROUND_SECONDS = 600.0
FRESH_SECONDS = 60.0
"""So long a reading is the present one for who asks."""

log = structlog.get_logger("fees")


async def rates_in_force(read: ReadFees, instrument_id: str) -> FeeRates | None:
    """None where the exchange does not say; that is no reason to wait, or to do nothing."""
    try:
        return await read(instrument_id)
    except ExchangeError as error:
        log.warning("fees.not_read", instrument_id=instrument_id, reason=str(error))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Fractions of notional: positive is paid, negative is a rebate. age_seconds: since the exchange said so."""

    maker: Decimal
    taker: Decimal
    age_seconds: float


class FeeReader:
    """taker_fees: what the risk checks ask, by instrument id; kept here."""

    def __init__(
        self,
        ledger: Ledger,
        market: MarketData,
        exchange: Exchange,
        clock: Clock,
        taker_fees: MutableMapping[str, Decimal],
    ) -> None:
        self._ledger = ledger
        self._market = market
        self._exchange = exchange
        self._clock = clock
        self._taker_fees = taker_fees
        self._read_of: dict[str, tuple[FeeRates, int]] = {}
        self._asked = Shared[FeeRates]()
        self.rates: Mapping[str, Decimal] = {}
        """As last read, by instrument and side ("BTC-USDT taker"); replaced, never changed."""

    async def run(self) -> None:
        """One round over what is followed."""
        for instrument_id in self._market.followed:
            if instrument_id in self._ledger.instruments:
                await rates_in_force(self._read, instrument_id)
        await self._clock.sleep(ROUND_SECONDS if self._market.followed else 1)

    def known(self, instrument_id: str) -> Fees | None:
        """As last read; None where that never was."""
        found = self._read_of.get(instrument_id)
        if found is None:
            return None
        rates, at_ns = found
        age = (self._clock.monotonic_ns() - at_ns) / NS_PER_SECOND
        return Fees(maker=rates.maker, taker=rates.taker, age_seconds=round(age, 3))

    async def now(self, instrument_id: str) -> Fees:
        """As they are in force. Raises ExchangeError."""
        known = self.known(instrument_id)
        if known is not None and known.age_seconds < FRESH_SECONDS:
            return known
        await self._asked.once(instrument_id, partial(self._read, instrument_id))
        found = self.known(instrument_id)
        assert found is not None
        return found

    async def _read(self, instrument_id: str) -> FeeRates:
        rates = await self._exchange.fee_rates(instrument_id)
        self._read_of[instrument_id] = (rates, self._clock.monotonic_ns())
        self._taker_fees[instrument_id] = rates.taker
        sides = {f"{instrument_id} maker": rates.maker, f"{instrument_id} taker": rates.taker}
        if not sides.items() <= self.rates.items():
            self.rates = {**self.rates, **sides}
        return rates
