"""Isolated beside cross and long beside short on one instrument: opened, shown, reconciled, closed, on every exchange.

Each test runs a whole system over the simulated OKX and over the memory exchange.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock, VirtualTimeLoop
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.exchanges.memory import DEFAULT_INSTRUMENTS, MemoryExchange
from app.exchanges.okx import OkxExchange
from app.exchanges.port import AccountConfig, Exchange
from app.journal.audit import audit
from app.services.trading.schemas import OrderParams
from app.settings import load_settings
from app.simulator import Config
from app.strategies.signals import Signal, SignalType
from app.system import System
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.trading_world import empty_database
from tests.unit.domain.builders import INVERSE

D = Decimal
SWAP, COIN = "BTC-USDT-SWAP", "BTC-USD-SWAP"
Held = dict[tuple[str, str, str], Decimal]


class Contracts:
    """A running system whose account trades contracts."""

    def __init__(self, system: System, hedged: bool) -> None:
        self.system, self.hedged = system, hedged

    async def trade(
        self, side: str, size: str, position: str = "net", mode: str = "cross", instrument: str = SWAP
    ) -> None:
        order = await self.system.executor.place_order(
            OrderParams(
                instrument_id=instrument,
                side=OrderSide(side),
                order_type=OrderType.MARKET,
                size=D(size),
                trade_mode=mode,  # type: ignore[arg-type]
                position_side=position,  # type: ignore[arg-type]
            )
        )
        await self.end(order.order_id)

    async def signal(self, kind: str, size: str | None = None, strategy: str | None = None, **given: Any) -> None:
        signal = Signal(SignalType(kind), given.pop("instrument_id", SWAP), size=size and D(size), **given)  # type: ignore[arg-type]
        order = await self.system.executor.execute_signal(signal, strategy_id=strategy)
        assert order is not None
        await self.end(order.order_id)

    async def end(self, order_id: str) -> None:
        order = await self.system.executor.wait_for(order_id, 30)
        assert order.status is OrderStatus.FILLED, (order.status, order.error_code, order.error_message, order.reasons)

    @property
    def held(self) -> Held:
        return {
            (p.instrument_id, p.position_side.value, p.trade_mode.value): p.size
            for p in self.system.positions.get_all_positions()
            if p.instrument_id.endswith("-SWAP")
        }

    async def agrees(self) -> None:
        """Ledger, exchange and journal say the same, to the last digit."""
        await asyncio.sleep(60)
        found = await self.system.reconciler.run()
        assert (found.positions, found.balances) == ((), ())
        moved = [m["kind"] for m in self.movements() if m["kind"] not in ("opening", "funding")]
        assert moved == []
        report = audit(self.system.database, "main", self.system.ledger.instruments)
        assert (report.findings, report.replay.unchecked) == ((), ())

    def movements(self) -> list[Any]:
        from app.store import queries

        return list(queries.cash_movements(self.system.database, "main"))


def okx(clock: SimulatedClock, hedged: bool) -> Exchange:
    mode = "long_short_mode" if hedged else "net_mode"
    account = replace(MAIN, position_mode=mode, balances={"USDT": D(100_000), "BTC": D(2)})
    venue = SimulatedVenue(clock, Config(accounts=(account,), flow_rate=0.0))
    return OkxExchange(okx_config(), clock, venue.transport())


def memory(clock: SimulatedClock, hedged: bool) -> Exchange:
    account = AccountConfig("memory-1", "memory", hedged, "2", frozenset({"read_only", "trade"}))
    exchange = MemoryExchange(
        clock, (*DEFAULT_INSTRUMENTS, INVERSE), {"USDT": D(100_000), "BTC": D(2)}, account=account
    )

    async def quote() -> None:
        while True:
            for name in ("BTC-USDT", SWAP, COIN):
                exchange.set_book(name, D("49999.9"), D("50000.1"), D(500))
            await asyncio.sleep(0.5)

    exchange.quotes = asyncio.ensure_future(quote())  # type: ignore[attr-defined]
    return exchange


Scenario = Callable[[Contracts], Awaitable[None]]


def play(folder: Path, exchange: str, scenario: Scenario, *, hedged: bool = False) -> None:
    async def run() -> None:
        clock = SimulatedClock(start_ns=1_767_225_600_000_000_000, seed=3)
        path = folder / "executor.db"
        path.write_bytes(empty_database())
        path.chmod(0o600)
        made = {"okx": okx, "memory": memory}[exchange](clock, hedged)
        settings = load_settings(
            data_dir=folder,
            database_url=f"sqlite:///{path}",
            exchange=exchange,
            environment="demo",
            okx_expected_hedged=hedged,
            risk={"max_position_value_pct": 0.9},
        )
        system = System(settings, clock=clock, exchange=made, writer_process=False, progress=lambda _: None)
        await system.start()
        try:
            world = Contracts(system, hedged)
            for instrument in (SWAP, COIN):
                await system.follow(instrument)
            await asyncio.sleep(3)
            await scenario(world)
            await world.agrees()
        finally:
            await system.stop()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())


both = pytest.mark.parametrize("exchange", ["okx", "memory"])


@both
def test_isolated_beside_cross_is_closed_by_flatten(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3")
        await world.trade("sell", "2", mode="isolated")
        assert world.held == {(SWAP, "net", "cross"): D(3), (SWAP, "net", "isolated"): D(-2)}
        positions = world.system.positions
        assert positions.get_position(SWAP, trade_mode="isolated").size == D(-2)  # type: ignore[arg-type,union-attr]
        assert positions.get_position(SWAP).size == D(3), "the largest"  # type: ignore[union-attr]
        orders = await world.system.executor.flatten()
        for order in orders:
            if order.instrument_id == SWAP:
                await world.end(order.order_id)
        assert world.held == {}

    play(tmp_path, exchange, scenario)


@both
def test_isolated_alone_is_closed_by_a_signal(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.signal("buy", "3", "s", trade_mode="isolated")
        await world.signal("buy", "1", "s")
        assert world.held == {(SWAP, "net", "isolated"): D(4)}
        await world.signal("sell", "1", "s")
        await world.signal("close", strategy="s")
        assert world.held == {}

    play(tmp_path, exchange, scenario)


@both
def test_long_beside_short_by_signals(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.signal("buy", "3", "s")
        await world.signal("sell", "2", "s")
        await world.trade("buy", "5", "long", "isolated")
        long, short = (SWAP, "long", "cross"), (SWAP, "short", "cross")
        assert world.held == {long: D(3), short: D(-2), (SWAP, "long", "isolated"): D(5)}
        await world.signal("sell", "1", "s", position_side="long", trade_mode="cross")
        assert world.held[long] == D(2)
        await world.signal("close", strategy="s")
        await asyncio.sleep(2)
        assert world.held == {(SWAP, "long", "isolated"): D(5)}, "what is not the strategy's stays"
        await world.signal("close")
        assert world.held == {}

    play(tmp_path, exchange, scenario, hedged=True)


@both
def test_long_beside_short_is_closed_by_flatten(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3", "long")
        await world.trade("sell", "2", "short", "isolated")
        for order in await world.system.executor.flatten(SWAP):
            await world.end(order.order_id)
        assert world.held == {}

    play(tmp_path, exchange, scenario, hedged=True)


@both
def test_inverse_isolated_beside_cross(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "30", instrument=COIN)
        await world.trade("sell", "20", mode="isolated", instrument=COIN)
        await world.trade("sell", "10", instrument=COIN)
        await world.signal("close", instrument_id=COIN)
        await asyncio.sleep(2)
        assert world.held == {}

    play(tmp_path, exchange, scenario)
