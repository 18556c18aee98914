"""A start that fails leaves nothing running; a stop may be called again, and then does what is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.exchanges.errors import AccessRefused
from app.exchanges.memory import MemoryExchange
from app.exchanges.port import AccountConfig
from app.store import queries
from app.store.database import Database
from tests.support.trading_world import VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


class Refusing(MemoryExchange):
    async def account_config(self) -> AccountConfig:
        raise AccessRefused("50111", "invalid key")


async def test_a_start_that_failed_can_be_stopped_again(tmp_path: Path) -> None:
    exchange = Refusing(SimulatedClock(seed=0), balances={})
    with pytest.raises(AccessRefused, match="invalid key"):
        async with trading_world(tmp_path, exchange=exchange):
            raise AssertionError("it started")


async def test_a_stop_that_was_cut_off_lets_go_of_the_lease_when_called_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut_off() -> None:
        raise asyncio.CancelledError

    async with trading_world(tmp_path) as world:
        with monkeypatch.context() as patch:
            patch.setattr(world.system.parents, "stop", cut_off)
            with pytest.raises(asyncio.CancelledError):
                await world.system.stop()
        assert world.system.session.lease is not None
        await world.system.stop()
        database = Database(f"sqlite:///{tmp_path / 'executor.db'}")
        lease = queries.lease(database, "main")
        database.close()
        assert lease is not None
        assert lease["expires_ms"] == 0
