"""Prices that are followed for whoever asks, from an exchange that is slow to tell them, or tells none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest

from app.clock import SimulatedClock
from app.domain.conditions import Watched
from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeRefused
from app.exchanges.memory import MemoryExchange
from app.market_data.feeds import MarketData
from app.services.trading.venue.price_watch import WAIT_SECONDS, PriceWatch
from tests.support.systems import in_virtual_time

SWAP = "BTC-USDT-SWAP"


class Silent(MemoryExchange):
    """Takes every wish, and tells nothing by itself."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__(clock)
        self.tellers: list[Callable[[D], None]] = []
        self.refuses = False

    async def follow_price(self, instrument_id: str, watched: Watched, tell: Callable[[D], None]) -> None:
        if self.refuses:
            raise ExchangeRefused("60018", "no such channel")
        self.tellers.append(tell)


def play(scenario: Callable[[Silent, MarketData, PriceWatch], Any]) -> None:
    clock = SimulatedClock()
    exchange, market = Silent(clock), MarketData(clock)

    async def run() -> None:
        await scenario(exchange, market, PriceWatch(market, exchange))

    in_virtual_time(run())


def test_a_start_waits_for_no_price_and_a_person_for_a_moment() -> None:
    async def scenario(exchange: Silent, market: MarketData, watch: PriceWatch) -> None:
        now = asyncio.get_running_loop().time
        began = now()
        for _ in range(50):
            await watch.follow(SWAP, Watched.MARK, wait=False)
        assert now() == began
        await watch.follow(SWAP, Watched.MARK)
        assert now() - began == pytest.approx(WAIT_SECONDS)
        assert len({id(tell) for tell in exchange.tellers}) == 1, "whoever asks, one hears"
        exchange.tellers[0](D(50_000))
        asked = len(exchange.tellers)
        await watch.follow(SWAP, Watched.MARK)
        assert (len(exchange.tellers), now() - began) == (asked, pytest.approx(WAIT_SECONDS))

    play(scenario)


def test_what_the_exchange_refuses_is_refused_by_field() -> None:
    async def scenario(exchange: Silent, market: MarketData, watch: PriceWatch) -> None:
        exchange.refuses = True
        with pytest.raises(InvalidValue, match="trigger_by=index: must be last or book: the exchange tells no index"):
            await watch.follow(SWAP, Watched.INDEX)

    play(scenario)
