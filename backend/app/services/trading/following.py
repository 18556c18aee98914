"""An instrument that is asked for is followed: its market is subscribed and waited for, for a moment."""

import asyncio
from typing import Protocol

import structlog

from app.exchanges.errors import ExchangeError
from app.market_data.feeds import MarketData

BOOK_WAIT_SECONDS = 3.0

log = structlog.get_logger("executor")


class Following(Protocol):
    """The exchange's part in it."""

    async def follow(self, instrument_id: str) -> None: ...


async def follow_if_new(market: MarketData, exchange: Following, instrument_id: str) -> None:
    """Nothing where a usable book is there already; without a book afterwards, risk refuses."""
    if market.reference_price(instrument_id) is not None:
        return
    market.follow(instrument_id)
    try:
        async with asyncio.timeout(BOOK_WAIT_SECONDS):
            await exchange.follow(instrument_id)
    except (ExchangeError, TimeoutError) as error:
        log.warning("instrument.not_followed", instrument_id=instrument_id, reason=str(error))
        return
    await market.wait_usable(instrument_id, BOOK_WAIT_SECONDS)
