"""A start that fails leaves nothing running, and may be stopped again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.memory import MemoryExchange
from app.exchanges.port import AccountConfig
from tests.support.trading_world import trading_world


class Unreachable(MemoryExchange):
    async def account_config(self) -> AccountConfig:
        raise ExchangeUnavailable("connection refused")


async def test_a_start_that_failed_can_be_stopped_again(tmp_path: Path) -> None:
    exchange = Unreachable(SimulatedClock(seed=0), balances={})
    with pytest.raises(ExchangeUnavailable, match="connection refused"):
        async with trading_world(tmp_path, exchange=exchange):
            raise AssertionError("it started")
