"""A kill switch that is engaged while the database has failed holds, whatever the recovery is doing, and is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.services.trading.running import session as session_module
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.store.writer import StoreFailed
from tests.support.trading_world import TradingWorld, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def break_the_disk(world: TradingWorld) -> None:
    committer: Any = world.system.ledger.writer._committer

    def fail(_group: Any) -> Any:
        raise OSError(5, "Input/output error")

    committer.prepare = fail


def within(real: Callable[..., Awaitable[Any]], before: bool, act: Callable[[], Awaitable[None]]) -> Any:
    """The coroutine function, with act() as its first or last step, the first time it is called."""
    acts = [act]

    async def call(*given: Any, **named: Any) -> Any:
        if before and acts:
            await acts.pop()()
        answer = await real(*given, **named)
        if acts:
            await acts.pop()()
        return answer

    return call


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", ["close", "disk", "acquire", "load"])
@pytest.mark.parametrize("failed_starts", [0, 1])
async def test_it_holds_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, before: bool, failed_starts: int
) -> None:
    async with trading_world(tmp_path) as world:
        session, writer = world.system.session, world.system.ledger.writer

        async def engage() -> None:
            with suppress(StoreFailed):
                await world.executor.engage_kill_switch("an operator's word")

        real_disk, left = session._disk, [StoreError("the writer's process cannot be started")] * failed_starts

        async def disk() -> Any:
            if left:
                raise left.pop()
            return await real_disk()

        monkeypatch.setattr(session, "_disk", disk)
        match step:
            case "close":
                monkeypatch.setattr(writer, "close", within(writer.close, before, engage))
            case "disk":
                monkeypatch.setattr(session, "_disk", within(disk, before, engage))
            case "acquire":
                monkeypatch.setattr(session, "_acquire", within(session._acquire, before, engage))
            case _:
                real = asyncio.to_thread
                monkeypatch.setattr(session_module.asyncio, "to_thread", within(real, before, engage))
        break_the_disk(world)
        with pytest.raises(StoreFailed):
            await world.buy("0.1")
        await world.clock.sleep(30)
        assert world.system.ledger.writer is not writer, "recovered"
        assert world.system.ledger.kill_switch.engaged
        await world.system.ledger.writer.drain()
        database = Database(f"sqlite:///{tmp_path / 'executor.db'}")
        written = queries.load_account(database, "main").kill_switch
        database.close()
        assert (written.engaged, written.reason) == (True, "an operator's word")
