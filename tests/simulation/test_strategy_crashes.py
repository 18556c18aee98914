"""A process killed at any boundary while a strategy of one's own trades: each fill is told once, nothing sent twice."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from app.store import queries
from tests.simulation.parent_stack import BTC, Fuse, Process, World, in_virtual_time

WANTED = 3
STRATEGY = """
from trading_executor.strategies import Signal, SignalType, Strategy

class Mine(Strategy):
    timer_seconds = 1

    def on_timer(self):
        # Nothing for a while: what was wished for in the moment of a crash may not be done.
        if self.now_ns - self.state.get("last", 0) > 20_000_000_000:
            return self.next()

    def on_fill(self, fill):
        self.state["fills"] = [*self.state.get("fills", []), fill.trade_id]
        return self.next()

    def next(self):
        self.state["last"] = self.now_ns
        if len(self.state.get("fills", [])) < 3:
            return Signal(SignalType.BUY, "BTC-USDT", size="0.01")
"""
TRADES_SECONDS, LATER_SECONDS = 5, 40


def told(process: Process) -> list[str]:
    row = queries.strategy_state(process.system.database, "main", "mine")
    return [] if row is None else json.loads(row["state"]).get("fills", [])


def filled(process: Process) -> list[str]:
    rows = queries.trades(process.system.database, "main", queries.TradeFilter(strategy_id="mine")).rows
    return [row["trade_id"] for row in reversed(rows)]


async def killed_at(boundary: int, folder: Path) -> bool:
    """Whether it died."""
    file = folder / "mine.py"
    file.write_text(STRATEGY)
    file.chmod(0o600)
    world = World(folder / "strategy.db")
    table: dict[str, Any] = {"file": f"{file}:Mine", "instruments": [BTC], "timer_seconds": 1}
    world.settings = world.settings.model_copy(update={"strategies": {"mine": table}})
    fuse = Fuse(every_commit=True)
    process = await world.process(fuse)
    fuse.passed, fuse.at = 0, boundary
    dead = asyncio.create_task(fuse.blown.wait())
    await asyncio.wait((dead,), timeout=TRADES_SECONDS)
    died = fuse.blown.is_set()
    dead.cancel()
    if died:
        await process.kill()
        process = await world.process()
        await world.clock.sleep(LATER_SECONDS)
    assert told(process) == filled(process), fuse.where
    assert WANTED <= len(filled(process)) <= WANTED + 1, fuse.where
    assert len(world.placed) == len(set(world.placed)), "each is sent once at most"
    assert len(world.exchange.venue.fills) == len(filled(process))
    await process.stop()
    world.close()
    return died


def test_each_fill_is_told_once_whenever_the_process_dies(tmp_path: Path) -> None:
    async def work() -> None:
        boundary, died = 1, True
        while died:
            folder = tmp_path / str(boundary)
            folder.mkdir(mode=0o700)
            died = await killed_at(boundary, folder)
            boundary += 3  # before and after a commit by turns
        assert boundary > 20

    in_virtual_time(work())
