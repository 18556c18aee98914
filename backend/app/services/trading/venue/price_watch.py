"""The mark and index prices that conditional orders wait for: followed from the first order that asks, for all."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

import structlog

from app.domain.conditions import Watched
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeError
from app.exchanges.port import Exchange
from app.exchanges.watched_prices import WatchedPrices
from app.market_data.feeds import MarketData

WAIT_SECONDS = 3.0

log = structlog.get_logger("market")


class FollowPrice(Protocol):
    """PriceWatch.follow."""

    def __call__(self, instrument_id: str, watched: Watched, *, wait: bool = True) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class _Told:
    """Who hears a price, and whether it has come."""

    hear: Callable[[Decimal], None]
    came: asyncio.Event


class PriceWatch:
    """Into MarketData."""

    def __init__(self, market: MarketData, exchange: Exchange) -> None:
        self._market = market
        self._exchange = exchange
        self._told: dict[tuple[str, Watched], _Told] = {}

    async def follow(self, instrument_id: str, watched: Watched, *, wait: bool = True) -> None:
        """Returns with its first price, or after a moment, or at once unless it is to wait: whoever asks does himself.
        Raises InvalidValue where the exchange has none."""
        exchange, key = self._exchange, (instrument_id, watched)
        if not isinstance(exchange, WatchedPrices):
            rule = f"must be last or book: exchange {exchange.name!r} tells no {watched.value} price"
            raise InvalidValue("trigger_by", watched.value, rule)
        told = self._told.get(key) or _Told(partial(self._hear, key), asyncio.Event())
        if told.came.is_set():
            return
        self._told[key] = told
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await exchange.follow_price(instrument_id, watched, told.hear)
                if wait:
                    await told.came.wait()
        except TimeoutError:
            log.warning("price.not_heard", instrument_id=instrument_id, watched=watched.value)
        except ExchangeError as error:
            rule = f"must be last or book: the exchange tells no {watched.value} price of {instrument_id}: {error}"
            raise InvalidValue("trigger_by", watched.value, rule) from None

    def _hear(self, key: tuple[str, Watched], price: Decimal) -> None:
        self._market.on_price(*key, price)
        self._told[key].came.set()


__all__ = ["FollowPrice", "PriceWatch"]
