"""What is kept of a strategy of one's own: what a database that takes nothing, or cannot be read, does to it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.services.strategies.inline import InlineHost
from app.services.strategies.keeping import Keeping
from app.services.strategies.running import Standing
from app.store import queries
from app.store.errors import StoreError
from app.system import System
from tests.integration.test_own_strategies import BTC, BUYS_AT_ONCE, BUYS_ONCE, begun, kept, system, until, written

D = Decimal
COUNTS = """
from trading_executor.strategies import Strategy

class Mine(Strategy):
    def on_start(self):
        self.state["begun_at"] = self.state.get("books", 0)

    def on_book(self, book):
        self.state["books"] = self.state.get("books", 0) + 1
"""


def state(made: System) -> dict[str, Any]:
    return json.loads(made.strategies.state("mine"))


async def test_what_the_last_second_brought_is_not_lost_when_it_is_loaded_anew(tmp_path: Path):
    """Written or not: the row is a second late at most, and a database that takes nothing now is later still."""
    async with system(tmp_path, start_host=InlineHost, mine={"file": written(tmp_path, COUNTS)}) as made:
        exchange: Any = made.exchange
        await until(lambda: kept(made).get("books"))
        for taken in (True, False):
            for price in range(1, 6):
                exchange.set_book(BTC, D(49_000 + price), D(50_001), D(1000))
                seen = made.strategies.view("mine").batches
                await until(lambda seen=seen: made.strategies.view("mine").batches > seen)
            books, written_before = state(made)["books"], kept(made)["books"]
            assert books > written_before, "the row is behind"
            with pytest.MonkeyPatch.context() as patched:
                if not taken:
                    patched.setattr(Keeping, "_stage", _refuse)
                await begun(made, "mine")
            await until(lambda: made.strategies.view("mine").standing is Standing.RUNNING)
            assert state(made)["begun_at"] == books


def _refuse(*_: object) -> None:
    raise StoreError("the disk is full")


async def test_a_wish_whose_state_the_database_does_not_take_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """After a crash the strategy would not know that it had asked, and ask again."""
    stage, refusals = Keeping._stage, iter([StoreError("the disk is full")])  # pyright: ignore[reportPrivateUsage]

    def once(self: Keeping, kind: Any, said: Any, principal: str) -> Any:
        if kind is None and self.state != "{}" and (error := next(refusals, None)) is not None:
            raise error
        return stage(self, kind, said, principal)

    monkeypatch.setattr(Keeping, "_stage", once)
    async with system(tmp_path, start_host=InlineHost, mine={"file": written(tmp_path, BUYS_ONCE)}) as made:
        await until(lambda: made.strategies.view("mine").signals_refused)
        view = made.strategies.view("mine")
        assert (view.signals_taken, view.last_refusal) == (0, "the disk is full")
        assert made.ledger.orders == {}
        await until(lambda: kept(made).get("asked"))


async def test_a_state_that_cannot_be_read_stops_its_strategy_and_not_the_house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It is told, and taken up later as it was left: one that a person stopped stays so."""
    read = queries.strategy_state
    refused = {"mine", "bad"}

    def strategy_state(database: Any, account: str, name: str) -> Mapping[str, Any] | None:
        if name in refused:
            refused.discard(name)
            raise StoreError("disk I/O error")
        return read(database, account, name)

    files: dict[str, Any] = {
        name: {"file": written(tmp_path, BUYS_AT_ONCE, f"{name}.py")} for name in ("mine", "bad", "good")
    }
    async with system(tmp_path, start_host=InlineHost, **files) as made:
        for name in files:
            await made.strategies.end(name, "api:legacy", "enough")
        await begun(made, "mine")
    monkeypatch.setattr(queries, "strategy_state", strategy_state)
    async with system(tmp_path, start_host=InlineHost, **files) as made:
        views = {each.strategy_id: (each.standing, each.reason) for each in made.strategies.views()}
        assert views == {
            "mine": (Standing.FAILED, "disk I/O error"),
            "bad": (Standing.FAILED, "disk I/O error"),
            "good": (Standing.STOPPED, "enough"),
        }
        await until(lambda: made.strategies.view("mine").standing is Standing.RUNNING)
        await until(lambda: made.strategies.view("bad").standing is Standing.STOPPED)


async def test_two_are_loaded_anew_at_once(tmp_path: Path):
    files: dict[str, Any] = {name: {"file": written(tmp_path, COUNTS, f"{name}.py")} for name in ("mine", "other")}
    async with system(tmp_path, start_host=InlineHost, **files) as made:
        strategies: Any = made.strategies
        reread = strategies._reread
        strategies._reread = lambda: time.sleep(0.05) or reread()
        views = await asyncio.gather(*(begun(made, name) for name in files))
        assert [each.reason for each in views] == ["", ""]
