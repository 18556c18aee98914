"""The API over a whole system with the exchange in memory: the same routes, services and database as in life."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2

from app.clock import SystemClock
from app.exchanges.memory.exchange import MemoryExchange
from app.main import create_app, create_control_app
from app.services.strategies.process import HostProcess, StartHost
from app.settings import load_settings
from app.store import queries
from app.system import System
from tests.support.databases import fresh_database

D = Decimal
BASE_URL = "http://127.0.0.1:8000"
ORDERS = "/api/v1/trading/orders"
MARKET_BUY = {"instrument_id": "BTC-USDT", "side": "buy", "order_type": "market", "size": "0.001", "trade_mode": "cash"}
RESTING_BUY = {"instrument_id": "BTC-USDT", "side": "buy", "order_type": "limit", "size": "0.001", "price": "49000"}

# A book stays usable for the whole test, and a busy machine closes no gate: what happens then has tests of its own.
TIMING = {
    "book_age_max_seconds": 3600,
    "loop_lag_stop_seconds": 3600,
    "lease_seconds": 3600,
    "request_timeout_seconds": 60,
}
RISK = {"max_book_age_seconds": 3600}


class ApiWorld:
    """A running system, its exchange, and clients that speak HTTP to it: one without a key, and `control`, as by the
    control socket of its data folder."""

    def __init__(
        self, system: System, exchange: MemoryExchange, client: httpx2.AsyncClient, control: httpx2.AsyncClient
    ) -> None:
        self.system = system
        self.exchange = exchange
        self.client = client
        self.control = control

    async def place(self, **changes: Any) -> dict[str, Any]:
        """A resting limit order, as its answer says."""
        answer = await self.client.post(ORDERS, json=RESTING_BUY | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def fill(self, side: str = "buy", size: str = "0.001", **changes: Any) -> dict[str, Any]:
        """A market order, as it stands when it is over."""
        answer = await self.client.post(ORDERS, json=MARKET_BUY | {"side": side, "size": size} | changes)
        assert answer.status_code == 201, answer.text
        await self.system.executor.wait_for(answer.json()["order_id"], 5)
        return (await self.client.get(f"{ORDERS}/{answer.json()['order_id']}")).json()

    def quote(self, bid: str, ask: str, instrument_id: str = "BTC-USDT") -> None:
        self.exchange.set_book(instrument_id, D(bid), D(ask), D(1000))

    def events(self, kind: str = "") -> list[Mapping[str, Any]]:
        return list(queries.events(self.system.database, self.system.ledger.account, kind=kind))

    def counted(self) -> tuple[int, int, int]:
        """Orders, journal events and exchange orders: what a refused request must not change (the journal may)."""
        return len(self.system.ledger.orders), self.system.ledger.seq, len(self.exchange.sends)


def client_of(app: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL)


@asynccontextmanager
async def api_world(data_dir: Path, *, start_host: StartHost = HostProcess, **settings: Any) -> AsyncIterator[ApiWorld]:
    """A system that is ready, with books of BTC-USDT and ETH-USDT."""
    defaults: dict[str, Any] = {"data_dir": data_dir, "timing": TIMING, "risk": RISK}
    given = load_settings(**(defaults | settings))
    path = given.data_dir / "trading-executor.db"
    if "database_url" not in settings and not path.exists():
        given.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh_database(path)
    clock = SystemClock()
    exchange = MemoryExchange(clock, balances={"USDT": D(1_000_000)})
    exchange.record_sends = True
    exchange.set_book("BTC-USDT", D("49999.9"), D("50000.1"), D(1000))
    exchange.set_book("ETH-USDT", D("2999.99"), D("3000.01"), D(1000))
    exchange.set_book("BTC-USDT-SWAP", D("49999.9"), D("50000.1"), D(100_000))
    system = System(given, clock=clock, exchange=exchange, start_host=start_host)
    await system.start()
    try:
        for instrument_id in ("BTC-USDT", "ETH-USDT", "BTC-USDT-SWAP"):
            await system.follow(instrument_id)
        async with client_of(create_app(system)) as client, client_of(create_control_app(system)) as control:
            yield ApiWorld(system, exchange, client, control)
    finally:
        await system.stop()
