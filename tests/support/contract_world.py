"""A whole system whose account trades contracts, over the simulated OKX or the memory exchange, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.clock import SimulatedClock
from app.domain.orders import OrderSide, OrderStatus, OrderType
from app.exchanges.memory import DEFAULT_INSTRUMENTS, MemoryExchange
from app.exchanges.okx import OkxExchange
from app.exchanges.port import AccountConfig, Exchange
from app.journal.audit import audit
from app.models.trading import Position
from app.services.trading.schemas import OrderParams, OrderResponse
from app.simulator import Config
from app.store import queries
from app.store.queries_base import mappings
from app.strategies.signals import Signal, SignalType
from app.system import System
from tests.support.databases import fresh_database
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time, system_in
from tests.unit.domain.builders import INVERSE

D = Decimal
SWAP, COIN = "BTC-USDT-SWAP", "BTC-USD-SWAP"
MONEY = {"USDT": D(100_000), "BTC": D(2)}
Held = dict[tuple[str, str, str], Decimal]


class Contracts:
    """A running system whose account trades contracts."""

    def __init__(self, system: System, venue: SimulatedVenue | MemoryExchange) -> None:
        self.system, self.venue = system, venue

    async def trade(
        self, side: str, size: str, position: str = "net", mode: str = "cross", instrument: str = SWAP
    ) -> None:
        await self.end((await self.ask(side, size, position, mode, instrument)).order_id)

    async def ask(
        self, side: str, size: str, position: str = "net", mode: str = "cross", instrument: str = SWAP
    ) -> OrderResponse:
        """A market order, as it is answered."""
        return await self.system.executor.place_order(
            OrderParams(
                instrument_id=instrument,
                side=OrderSide(side),
                order_type=OrderType.MARKET,
                size=D(size),
                trade_mode=mode,  # type: ignore[arg-type]
                position_side=position,  # type: ignore[arg-type]
            )
        )

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

    def rows(self, instrument: str) -> list[Any]:
        """The rows of its positions."""
        wanted = sa.select(Position.__table__).where(Position.instrument_id == instrument)
        with self.system.database.reading() as connection:
            return mappings(connection, wanted)

    def movements(self) -> list[Any]:
        return list(queries.cash_movements(self.system.database, "main"))


def okx(clock: SimulatedClock, hedged: bool, money: Mapping[str, Decimal]) -> tuple[Exchange, SimulatedVenue]:
    mode = "long_short_mode" if hedged else "net_mode"
    account = replace(MAIN, position_mode=mode, balances=money)
    venue = SimulatedVenue(clock, Config(accounts=(account,), flow_rate=0.0))
    return OkxExchange(okx_config(), clock, venue.transport()), venue


def memory(clock: SimulatedClock, hedged: bool, money: Mapping[str, Decimal]) -> tuple[Exchange, MemoryExchange]:
    account = AccountConfig("memory-1", "memory", hedged, "2", frozenset({"read_only", "trade"}))
    exchange = MemoryExchange(clock, (*DEFAULT_INSTRUMENTS, INVERSE), money, account=account)
    return exchange, exchange


async def quote(exchange: MemoryExchange, depth: str) -> None:
    while True:
        for name in ("BTC-USDT", SWAP, COIN):
            exchange.set_book(name, D("49999.9"), D("50000.1"), D(depth))
        await asyncio.sleep(0.5)


Scenario = Callable[[Contracts], Awaitable[None]]


def play(
    folder: Path,
    exchange: str,
    scenario: Scenario,
    *,
    hedged: bool = False,
    money: Mapping[str, Decimal] = MONEY,
    depth: str = "500",
    **risk: object,
) -> None:
    """Run a scenario on a system that is up, and hold what it left against the exchange and the journal. depth: what
    the memory exchange offers at its touch."""

    async def run() -> None:
        clock = SimulatedClock(start_ns=1_767_225_600_000_000_000, seed=3)
        made, venue = {"okx": okx, "memory": memory}[exchange](clock, hedged, money)
        quotes = asyncio.ensure_future(quote(venue, depth)) if isinstance(venue, MemoryExchange) else None
        fresh_database(folder / "executor.db")
        system = system_in(
            folder,
            made,
            clock,
            environment="demo",
            dead_man="auto" if exchange == "okx" else "false",
            okx_expected_hedged=hedged,
            risk={"max_position_value_pct": 0.9, **risk},
        )
        await system.start()
        try:
            world = Contracts(system, venue)
            for instrument in (SWAP, COIN):
                await system.follow(instrument)
            await asyncio.sleep(3)
            await scenario(world)
            await world.agrees()
        finally:
            if quotes is not None:
                quotes.cancel()
            await system.stop()

    in_virtual_time(run())
