"""The API on a real socket: the specification's curl lines as printed, a slow client, and a read-only server."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.main import create_app, create_read_only_app, server
from app.services.trading.execution_strategies.terms import ParentTerms
from app.services.trading.schemas import OrderParams
from app.settings import Settings, load_settings
from app.store.errors import StoreError
from tests.support.api_world import MARKET_BUY, ORDERS, ApiWorld, api_world
from tests.support.stream import client_at

EXECUTIONS = "/api/v1/trading/executions"
SPECIFICATION = {
    "create an order": (
        """curl -X POST "http://localhost:8000/api/v1/trading/orders" \\
  -H "Content-Type: application/json" \\
  -d '{
    "instrument_id": "BTC-USDT",
    "side": "buy",
    "order_type": "market",
    "size": "0.001",
    "trade_mode": "cash"
  }'""",
        "order_id",
    ),
    "active orders": ('curl "http://localhost:8000/api/v1/trading/orders/active?instrument_id=BTC-USDT"', "orders"),
    "positions": ('curl "http://localhost:8000/api/v1/trading/positions"', "positions"),
    "performance": (
        'curl "http://localhost:8000/api/v1/trading/performance?start_date=2024-01-01T00:00:00Z"',
        "win_rate",
    ),
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


@asynccontextmanager
async def serving(app: FastAPI, settings: Settings) -> AsyncIterator[str]:
    """The base URL of a uvicorn server on a free port."""
    running: uvicorn.Server = server(app, settings.model_copy(update={"port": 0}))
    task = asyncio.create_task(running.serve())
    try:
        async with asyncio.timeout(60):
            while not running.started:
                assert not task.done(), task.exception()
                await asyncio.sleep(0.01)
        port = running.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        running.should_exit = True
        await task


async def output_of(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("name", SPECIFICATION)
async def test_the_specifications_curl_lines_work_as_printed(world: ApiWorld, name: str) -> None:
    line, member = SPECIFICATION[name]
    async with serving(create_app(world.system), world.system.settings) as base:
        # Only the port differs: this test's server has a free one. -sS: no progress meter among the test's output.
        line = line.replace("localhost:8000", f"localhost:{base.rpartition(':')[2]}").replace("curl ", "curl -sS ", 1)
        answer: dict[str, Any] = json.loads(await output_of("sh", "-c", line))
    assert member in answer, answer
    if name == "create an order":
        assert answer["status"] in ("live", "partially_filled", "filled")
        assert (await world.system.executor.wait_for(answer["order_id"], 60)).status.value == "filled"


async def test_a_client_that_sends_slowly_delays_nobody(world: ApiWorld) -> None:
    async with serving(create_app(world.system), world.system.settings) as base:
        host, port = base.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = ("Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: 50")
        writer.write("\r\n".join((f"POST {ORDERS} HTTP/1.1", *head, "", "")).encode())
        await writer.drain()
        async with client_at(base) as client:
            assert (await client.post(ORDERS, json=MARKET_BUY)).status_code == 201
        writer.close()
    assert len(world.exchange.sends) == 1


async def test_many_clients_at_once(world: ApiWorld) -> None:
    async with (
        serving(create_app(world.system), world.system.settings) as base,
        client_at(base) as client,
    ):
        answers = await asyncio.gather(
            *(client.post(ORDERS, json=MARKET_BUY) for _ in range(50)),
            *(client.get(ORDERS) for _ in range(50)),
            *(client.get("/api/v1/trading/performance") for _ in range(20)),
        )
    assert {answer.status_code for answer in answers} == {200, 201}
    assert len({answer.json()["order_id"] for answer in answers[:50]}) == 50


async def test_broken_http_is_answered_not_served(world: ApiWorld) -> None:
    async with serving(create_app(world.system), world.system.settings) as base:
        host, port = base.removeprefix("http://").split(":")
        for request in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00",
            b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n",
        ):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(request)
            answer = await asyncio.wait_for(reader.read(200), 5)
            assert answer.startswith(b"HTTP/1.1 4"), answer
            writer.close()


# --- read only ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["instruments known", "instruments unknown"])
async def test_a_read_only_server_shows_what_the_database_has(tmp_path: Path, database_url: str, known: bool) -> None:
    async with api_world(tmp_path, database_url=database_url) as world:
        filled, resting = await world.fill(), await world.place()
        bought = OrderParams(instrument_id="BTC-USDT", side="buy", order_type="market", size="0.01")
        await world.system.parents.run("market", {}, bought, terms=ParentTerms(tags=("rebalance",)))
        parent = (await world.client.get(EXECUTIONS)).json()["executions"][0]["parent_id"]
        await world.client.post(f"{ORDERS}/cancel-all", json={"instrument_id": "ETH-USDT"})
        instruments = {item.instrument_id: item for item in DEFAULT_INSTRUMENTS} if known else None
        async with (
            serving(create_read_only_app(world.system.settings, instruments), world.system.settings) as base,
            client_at(base) as reader,
        ):
            for path in (
                f"{ORDERS}/active",
                ORDERS,
                f"{ORDERS}/{filled['order_id']}",
                f"{ORDERS}/{resting['client_order_id']}",
                "/api/v1/trading/trades",
                "/api/v1/trading/statistics",
                "/api/v1/trading/kill-switch",
                "/api/v1/events",
                EXECUTIONS,
                f"{EXECUTIONS}?tag=rebalance",
                f"{EXECUTIONS}?tag=another",
                f"{EXECUTIONS}/{parent}",
                f"{EXECUTIONS}/{parent}/orders",
                f"{EXECUTIONS}/{parent}/figures",
            ):
                theirs, ours = await world.client.get(path), await reader.get(path)
                assert (ours.status_code, ours.json()) == (200, theirs.json()), path
            theirs = (await world.client.get("/api/v1/trading/positions")).json()["positions"]
            ours = (await reader.get("/api/v1/trading/positions")).json()["positions"]
            assert [(p["instrument_id"], p["size"], p["entry_price"]) for p in ours] == [
                (p["instrument_id"], p["size"], p["entry_price"]) for p in theirs
            ]
            assert (await reader.get("/api/v1/trading/performance")).json()["open_trips"] == 1
            status = (await reader.get("/api/v1/status")).json()
            assert (status["phase"], status["open_orders"], status["ready"]) == ("read-only", 1, False)
            assert (await reader.get("/health/ready")).status_code == 503
            assert "kill_switch 0.0" in (await reader.get("/metrics")).text
            assert (await reader.get("/api/v1/trading/account")).json()["balances"]["USDT"]["total"]
            assert (await reader.get(f"{EXECUTIONS}/x/figures")).status_code == 404
            assert (await reader.get(f"{EXECUTIONS}/x")).status_code == 404
            refused = await reader.post(ORDERS, json=MARKET_BUY)
            assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (405, "read-only")


def test_a_read_only_server_without_a_database_says_so(tmp_path: Path) -> None:
    settings = load_settings(database_url="postgresql://nobody:x@127.0.0.1:1/none", data_dir=tmp_path)
    with pytest.raises(StoreError, match="postgresql"):
        create_read_only_app(settings)
