"""An instrument that is asked for is followed: its market is subscribed and waited for, for a moment."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from app.exchanges.errors import ExchangeError, ExchangeRefused
from app.market_data.feeds import MarketData

WAIT_SECONDS = 3.0

log = structlog.get_logger("market")

Follow = Callable[[str], Awaitable[None]]
"""The exchange's part in it."""


async def follow_if_new(market: MarketData, follow: Follow, instrument_id: str) -> None:
    """Nothing where a usable book is there already; without a book afterwards, risk refuses."""
    if market.reference_price(instrument_id) is None and await _subscribed(market, follow, instrument_id):
        await market.wait_usable(instrument_id, WAIT_SECONDS)


async def follow_once(market: MarketData, follow: Follow, instrument_id: str) -> None:
    """Nothing where it is followed already. Raises ExchangeError; what is refused is kept in market.refused."""
    if market.follow(instrument_id):
        try:
            await follow(instrument_id)
        except ExchangeRefused as error:
            market.refused[instrument_id] = str(error)
            raise
        market.refused.pop(instrument_id, None)


async def subscribe(market: MarketData, follow: Follow, instrument_id: str) -> None:
    """Follow an instrument that nobody follows yet; whoever asks waits for its book himself."""
    if market.book(instrument_id) is None:
        await _subscribed(market, follow, instrument_id)


async def _subscribed(market: MarketData, follow: Follow, instrument_id: str) -> bool:
    market.follow(instrument_id)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await follow(instrument_id)
    except (ExchangeError, TimeoutError) as error:
        log.warning("instrument.not_followed", instrument_id=instrument_id, reason=str(error))
        return False
    return True
