"""Funding of a real process' positions, over sockets: booked once over restarts, nothing unexplained, a clean audit."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.cli import reconciling
from app.domain.orders import OrderSide, OrderType, TradeMode
from app.journal.audit import audit
from app.services.trading import OrderParams
from app.settings import load_settings
from app.simulator import AccountConfig, Config
from app.simulator.server import Server, serve
from app.store import queries
from app.system import System
from tests.support.databases import fresh_database

ACCOUNT = AccountConfig("main", "funding-key", "funding-secret", "funding-pass")
SWAPS = {"BTC-USDT-SWAP": OrderSide.BUY, "ETH-USDT-SWAP": OrderSide.SELL, "BTC-USD-SWAP": OrderSide.BUY}


@asynccontextmanager
async def life(folder: Path, server: Server) -> AsyncIterator[System]:
    """A process that trades the account, from its start to its orderly end."""
    path = folder / "executor.db"
    if not path.exists():
        fresh_database(path)
    address = f"127.0.0.1:{server.port}"
    settings = load_settings(
        exchange="okx", database_url=f"sqlite:///{path}", data_dir=folder,
        okx_rest_url=f"http://{address}", okx_ws_url=f"ws://{address}/ws/v5",
        okx_api_key=ACCOUNT.api_key, okx_secret_key=ACCOUNT.secret, okx_passphrase=ACCOUNT.passphrase,
        risk={"max_order_value": "100000"},
    )  # fmt: skip
    system = System(settings, progress=lambda _: None)
    await system.start()
    try:
        yield system
    finally:
        await system.stop()


async def act(server: Server, name: str, **given: Any) -> None:
    """What the venue does of its own, by the simulator's control."""

    def ask() -> None:
        url = f"http://127.0.0.1:{server.port}/simulator/v1/acts"
        body = json.dumps({"act": name, **given}).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:
            assert answer.status == 200

    await asyncio.to_thread(ask)


async def trade(system: System, instrument_id: str, side: OrderSide, size: int = 3) -> None:
    params = OrderParams(
        instrument_id=instrument_id,
        side=side,
        order_type=OrderType.MARKET,
        size=Decimal(size),
        trade_mode=TradeMode.CROSS,
    )
    order = await system.executor.place_order(params)
    await system.executor.wait_for(order.order_id, 5)


def booked(system: System) -> list[tuple[str | None, str, str, Decimal, str | None]]:
    rows = queries.cash_movements(system.database, "main")
    return sorted(
        (row["bill_id"], row["kind"], row["currency"], row["amount"], row["instrument_id"])
        for row in rows
        if row["kind"] not in ("opening", "rounding")
    )


def due(server: Server) -> list[tuple[str | None, str, str, Decimal, str | None]]:
    """What the venue's own ledger has besides trades."""
    kinds = {"8": "funding", "1": "transfer"}
    return sorted(
        (row["billId"], kinds[row["type"]], row["ccy"], Decimal(row["balChg"]), row["instId"] or None)
        for row in server.exchange.control.ledger()["accounts"]["main"]["bills"]
        if row["type"] != "2"
    )


async def test_d13_funding_over_sockets_and_restarts(tmp_path: Path) -> None:
    server = await serve(Config(accounts=(ACCOUNT,), flow_rate=0.0), host="127.0.0.1", port=0)
    try:
        async with life(tmp_path, server) as system:
            for instrument_id, side in SWAPS.items():
                await trade(system, instrument_id, side)
            await act(server, "funding", rate="0.00075")
            # As a fill of the same moment: neither may be taken for the other.
            await asyncio.gather(act(server, "funding"), trade(system, "BTC-USDT-SWAP", OrderSide.SELL, 1))
            await system.reconciler.run()
            assert (len(due(server)), booked(system)) == (6, due(server))
        await act(server, "funding", rate="-0.002")
        await act(server, "deposit", ccy="USDT", amount="1234.5")
        async with life(tmp_path, server) as system:
            assert booked(system) == due(server), "the start reads what came meanwhile"
            await act(server, "funding", instId="ETH-USDT-SWAP")
            await system.reconciler.run()
            await system.reconciler.run()
        async with life(tmp_path, server) as system:
            last = await system.reconciler.run()
            assert (len(due(server)), booked(system)) == (11, due(server))
            assert last.clean
            opened_ns = system.ledger.opening.began_ns
            assert await reconciling.compared(system.exchange, system.database, "main", opened_ns) == []
            assert queries.events(system.database, "main", kind="account.difference") == []
            assert audit(system.database, "main", system.ledger.instruments).findings == ()
    finally:
        await server.close()
