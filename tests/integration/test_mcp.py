"""An assistant by the official client of its protocol, over standard input, against the real server and simulator."""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import trading_executor
from app.main import create_app, create_control_app
from app.settings import load_settings
from app.system import System
from tests.integration.test_cli import run
from tests.support.api_world import MARKET_BUY, TIMING, api_world, client_of
from tests.support.demo_run import environment
from tests.support.late import Late
from tests.support.simulator_process import simulator_process
from tests.support.stream import serving
from trading_executor.client import AsyncClient

if TYPE_CHECKING:
    from mcp import Client, StdioServerParameters

mcp, mcp_types, mcp_server = Late("mcp"), Late("mcp_types"), Late("trading_executor.mcp_server")

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mcp.md").read_text()
READS = {"status", "balances", "positions", "orders", "executions", "performance", "tca", "risk_limits", "instrument",
         "book", "candles", "proposals"}  # fmt: skip


def assistant(url: str, folder: Path, key: str) -> StdioServerParameters:
    return mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "trading_executor", "mcp", "--url", url, "--data-dir", str(folder)],
        env=environment() | {"TRADING_EXECUTOR_API_KEY": key},
    )


async def key_of(system: System, scopes: list[str], **limits: Any) -> str:
    """A key that the owner makes."""
    async with client_of(create_control_app(system)) as control:
        made = await control.post(
            "/api/v1/keys", json={"name": f"a{len(system.keys.keys)}", "scopes": scopes, **limits}
        )
        assert made.status_code == 201, made.text
        return made.json()["secret"]


async def asked(client: Client, tool: str, **arguments: Any) -> Any:
    answer = await client.call_tool(tool, arguments)
    assert isinstance(answer, mcp_types.CallToolResult)
    assert not answer.is_error, answer.content
    assert json.loads(answer.content[0].text) == answer.structured_content  # type: ignore[union-attr]
    return answer.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert isinstance(answer, mcp_types.CallToolResult)
    assert answer.is_error
    return answer.content[0].text.removeprefix(f"Error executing tool {tool}: ")  # type: ignore[union-attr]


async def test_an_assistant_reads_and_proposes_and_a_person_confirms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with simulator_process(monkeypatch):
        settings = load_settings(
            data_dir=tmp_path,
            exchange="okx",
            environment="simulated",
            timing=TIMING,
            risk={"max_book_age_seconds": 3600},
        )
        system = System(settings)
        await system.start()
        try:
            await system.follow("BTC-USDT")
            async with serving(create_app(system), settings) as url, AsyncClient(url) as person:
                key = await key_of(system, ["read", "propose"])
                async with mcp.Client(assistant(url, tmp_path, key)) as client:
                    await everything(client, person)
        finally:
            await system.stop()


async def everything(client: Client, person: AsyncClient) -> None:
    tools = {each.name: each for each in (await client.list_tools()).tools}
    assert set(tools) == READS | {"propose_order", "propose_execution"}
    assert {name for name, each in tools.items() if each.annotations and each.annotations.read_only_hint} == READS
    assert (await asked(client, "status"))["ready"] is True
    assert Decimal((await asked(client, "balances"))["equity"]) > 0
    assert (await asked(client, "instrument", instrument_id="BTC-USDT"))["fees"]["taker"]
    book = await asked(client, "book", instrument_id="BTC-USDT", depth=2)
    assert [len(book[side]) for side in ("bids", "asks")] == [2, 2]
    assert len((await asked(client, "candles", instrument_id="BTC-USDT", limit=3))["candles"]) in (2, 3)
    proposed = await asked(
        client, "propose_order", instrument_id="BTC-USDT", side="buy", order_type="market", size="0.001"
    )
    assert (await asked(client, "orders"))["orders"] == [], "nothing is placed"
    done = await person.confirm_proposal(proposed["proposal_id"])
    assert done.order is not None
    order = await person.wait_for(done.order.order_id, 20)
    (shown,) = (await asked(client, "orders"))["orders"]
    assert (shown["order_id"], shown["status"]) == (order.order_id, "filled")
    assert "BTC-USDT" in {each["instrument_id"] for each in (await asked(client, "positions"))["positions"]}
    assert (await asked(client, "tca", order_or_execution_id=order.order_id))["size"] == "0.001"
    assert (await asked(client, "performance"))["fill_count"] >= 1
    slices = {"duration": 60, "num_slices": 2}
    work = {"strategy": "twap", "instrument_id": "BTC-USDT", "side": "buy", "size": "0.01", "config": slices}
    proposed = await asked(client, "propose_execution", **work)
    done = await person.confirm_proposal(proposed["proposal_id"])
    assert done.execution is not None
    figures = await asked(client, "executions", execution_id=done.execution.parent_id)
    assert figures["parent_id"] == done.execution.parent_id
    assert [each["state"] for each in (await asked(client, "proposals"))["proposals"]] == ["confirmed", "confirmed"]
    await person.cancel_execution(done.execution.parent_id)
    too_large = await refused(
        client, "propose_order", instrument_id="BTC-USDT", side="buy", order_type="market", size="9"
    )
    assert too_large.startswith("order-denied: size=9: ")
    assert "max_order_value" in too_large


async def test_a_tool_obeys_the_scopes_and_limits_of_its_key(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world, serving(create_app(world.system), world.system.settings) as url:
        reader = await key_of(world.system, ["read"])
        small = await key_of(world.system, ["read", "propose"], max_order_notional="10")
        order = {name: MARKET_BUY[name] for name in ("instrument_id", "side", "order_type", "size")}
        async with AsyncClient(url, reader) as client, mcp.Client(mcp_server.server(client)) as tools:
            assert (await asked(tools, "positions"))["positions"] == []
            assert (await refused(tools, "propose_order", **order)).startswith("scope-needed: ")
            assert "instrument_id=NO-SUCH" in await refused(tools, "book", instrument_id="NO-SUCH")
            assert await refused(tools, "propose_order", **{**order, "size": 0.001}), "a float is not exact"
        async with AsyncClient(url, small) as client, mcp.Client(mcp_server.server(client)) as tools:
            assert "may place orders of at most 10" in await refused(tools, "propose_order", **order)
        async with (
            AsyncClient(url, "exk_0123456789abcdef_nothing") as client,
            mcp.Client(mcp_server.server(client)) as tools,
        ):
            assert (await refused(tools, "status")).startswith("api-key-refused: ")
        assert not world.exchange.sends


async def test_the_page_names_every_tool(tmp_path: Path) -> None:
    async with mcp.Client(mcp_server.server(AsyncClient())) as client:
        named = set(re.findall(r"^\| `(\w+)`", PAGE, re.M))
        assert named == {each.name for each in (await client.list_tools()).tools}


def test_without_its_extra_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.delitem(sys.modules, "trading_executor.mcp_server", raising=False)
    monkeypatch.delattr(trading_executor, "mcp_server", raising=False)
    said = run("mcp", "--data-dir", str(tmp_path))
    assert (said.status, "pip install 'trading-executor[mcp]'" in said.err) == (1, True), said.err
