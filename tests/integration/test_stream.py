"""The stream over real sockets: every event once and in order, from wherever a client begins and whoever serves it."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import websockets
from fastapi import FastAPI

from app.api.stream.limits import StreamLimits
from app.api.stream.messages import CHANNELS
from app.api.stream.streams import Streams
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.main import create_app, create_read_only_app
from app.store import queries
from tests.support.api_world import ORDERS, ApiWorld, api_world
from tests.support.stream import Message, client_at, connected, end_of, events, journal_of, serving, told, until

KILL = "/api/v1/trading/kill-switch"
TWAP = {
    "strategy": "twap",
    "config": {"duration": 60, "num_slices": 2},
    "instrument_id": "BTC-USDT",
    "side": "buy",
    "order_type": "market",
    "size": "0.002",
}
ORDERS_TOLD = "?after=0&for_seconds=0&channels=orders,fills"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


def limited(world: ApiWorld, **limits: Any) -> FastAPI:
    """An application whose streams have other bounds."""
    app = create_app(world.system)
    app.state.streams = Streams(app.state.runtime, StreamLimits(**limits))
    return app


async def lively(world: ApiWorld) -> None:
    """Fills, a resting order that is amended and canceled, a refused one, an execution, the kill switch."""
    await world.fill(size="0.002")
    await world.fill("sell")
    resting = await world.place()
    await world.client.patch(f"{ORDERS}/{resting['order_id']}", json={"price": "48000"})
    await world.client.delete(f"{ORDERS}/{resting['order_id']}")
    await world.client.post(
        ORDERS, json={"instrument_id": "BTC-USDT", "side": "buy", "order_type": "market", "size": "9"}
    )
    assert (await world.client.post("/api/v1/trading/executions", json=TWAP)).status_code == 201
    await world.client.post(KILL, json={"engaged": True, "reason": "enough"})


async def head_of(world: ApiWorld) -> int:
    await world.system.ledger.writer.drain()
    return queries.journal_ends(world.system.database, world.system.ledger.account)[1]


# --- what it tells -----------------------------------------------------------------------------------------------


async def test_every_order_and_fill_comes_as_rest_shows_it(world: ApiWorld) -> None:
    await lively(world)
    await head_of(world)
    async with serving(create_app(world.system), world.system.settings) as base:
        messages = await journal_of(base)
    orders = {message["order"]["order_id"]: message["order"] for message in messages if "order" in message}
    shown = (await world.client.get(ORDERS)).json()["orders"]
    assert len(shown) >= 5
    assert orders == {order["order_id"]: order for order in shown}
    fills = {fill["trade_id"]: fill for message in messages for fill in message.get("fills", ())}
    assert fills == {
        fill["trade_id"]: fill for fill in (await world.client.get("/api/v1/trading/trades")).json()["trades"]
    }
    assert len(fills) >= 2


async def test_an_order_is_told_as_of_each_of_its_events(world: ApiWorld) -> None:
    filled = await world.fill()
    async with serving(create_app(world.system), world.system.settings) as base:
        messages = await journal_of(base, "?after=0&for_seconds=0&channels=orders,fills")
    assert [
        (m["kind"], m["order"]["status"], m["order"]["filled_size"], len(m.get("fills", ())))
        for m in messages
        if m["order"]["order_id"] == filled["order_id"]
    ] == [
        ("order.intent", "pending", "0", 0),
        ("order.accepted", "live", "0", 0),
        ("order.report", "filled", "0.001", 1),
    ]


async def test_every_event_of_the_journal_that_a_channel_shows_comes_once_in_order(world: ApiWorld) -> None:
    await lively(world)
    head = await head_of(world)
    kinds = {row["seq"]: row["kind"] for row in world.events()}
    async with serving(create_app(world.system), world.system.settings) as base, connected(base, "?after=0") as socket:
        messages = told(await until(socket, lambda m: m["seq"] == head or m["type"] == "status"))
    assert [message["seq"] for message in messages] == sorted({message["seq"] for message in messages})
    assert {message["seq"]: message["kind"] for message in messages}.items() <= kinds.items()
    silent = {kinds[seq] for seq in kinds.keys() - {message["seq"] for message in messages}}
    assert silent <= {
        *("account.recorded", "account.opened", "account.watermark", "equity.day_opened", "holdings.begun"),
        *("order.cancel_answered", "request.kept", "request.refused"),
    }
    members = {name for message in messages for name in message} - {"type", "seq", "at", "kind", "principal"}
    assert members == {"order", "fills", "execution", "step", "movement", "alert"}


async def test_what_happens_now_comes_at_once(world: ApiWorld) -> None:
    async with serving(create_app(world.system), world.system.settings) as base, connected(base) as socket:
        hello = (await until(socket, lambda m: m["type"] == "hello"))[0]
        assert (hello["after"], hello["head"]) == (await head_of(world),) * 2
        assert hello["channels"] == sorted(CHANNELS)
        filled = await world.fill()
        messages = told(await until(socket, lambda m: m.get("fills")))
        assert messages[-1]["fills"][0]["order_id"] == filled["order_id"]
        assert messages[0]["seq"] == hello["after"] + 1


async def test_states_come_whole_and_again_when_they_change(world: ApiWorld) -> None:
    channels, app = "?channels=positions,balances,executions,status&books=BTC-USDT", create_app(world.system)
    async with serving(app, world.system.settings) as base, connected(base, channels) as socket:
        before: dict[str, Any] = {}
        while before.keys() < {"positions", "balances", "executions", "status", "book"}:
            message = (await until(socket, lambda m: m["type"] not in ("hello", "event")))[-1]
            before[message["type"]] = message
        assert {message["seq"] for message in before.values()} == {None}
        assert (before["positions"]["positions"], before["status"]["status"]["ready"]) == ([], True)
        assert before["book"]["bids"][0] == ["49999.9", "1000"]
        await world.fill()
        told_of = await until(socket, lambda m: m["type"] == "positions" and m["positions"])
        assert told_of[-1]["as_of"] > before["positions"]["as_of"]
        shown = (await world.client.get("/api/v1/trading/positions")).json()["positions"]
        assert told_of[-1]["positions"] == shown
        world.quote("51000", "51001")
        await until(socket, lambda m: m["type"] == "book" and m["bids"][0][0] == "51000")
        await world.client.post(KILL, json={"engaged": True, "reason": "enough"})
        status = (await until(socket, lambda m: m["type"] == "status" and not m["status"]["ready"]))[-1]["status"]
        assert status["kill_switch"]["reason"] == "enough"


async def test_a_client_that_wants_little_hears_how_far_it_is(world: ApiWorld) -> None:
    app = limited(world, heartbeat_seconds=0.05)
    async with serving(app, world.system.settings) as base, connected(base, "?channels=alerts") as socket:
        await world.fill()
        head = await head_of(world)
        assert not told(await until(socket, lambda m: m["type"] == "heartbeat" and m["as_of"] >= head))


# --- from where ----------------------------------------------------------------------------------------------------


async def test_a_resume_after_any_event_tells_the_rest_whoever_serves_it(tmp_path: Path, tables_url: str) -> None:
    async with api_world(tmp_path, database_url=tables_url) as world:
        await lively(world)
        head, settings = await head_of(world), world.system.settings

        def then(messages: list[Message]) -> list[Message]:
            """Without what came later: a busy machine fires alerts."""
            return [message for message in messages if message["seq"] <= head]

        async with serving(create_app(world.system), settings) as base:
            whole = then(await journal_of(base))
            for after in range(head + 1):
                rest = [message for message in whole if message["seq"] > after]
                assert then(await journal_of(base, f"?after={after}&for_seconds=0")) == rest, after
            async with connected(base, f"?after={head // 2}") as socket:
                messages = then(told(await until(socket, lambda m: m["type"] == "status")))
                assert messages == [message for message in whole if message["seq"] > head // 2]
        async with serving(create_read_only_app(settings), settings) as reader:
            assert then(await journal_of(reader)) == whole
            rest = [message for message in whole if message["seq"] > head - 3]
            assert then(await journal_of(reader, f"?after={head - 3}&for_seconds=0")) == rest
    async with api_world(tmp_path, database_url=tables_url) as world:
        await head_of(world)
        async with serving(create_app(world.system), world.system.settings) as base:
            assert then(await journal_of(base)) == whole


async def test_a_reader_of_the_database_follows_what_another_process_writes(world: ApiWorld) -> None:
    settings = world.system.settings
    async with serving(create_read_only_app(settings), settings) as base, connected(base) as socket:
        await until(socket, lambda m: m["type"] == "hello")
        filled = await world.fill()
        fill = told(await until(socket, lambda m: m.get("fills")))[-1]["fills"][0]
        assert fill["order_id"] == filled["order_id"]
        positions = (await until(socket, lambda m: m["type"] == "positions" and m["positions"]))[-1]
        assert positions["positions"][0]["size"] == "0.000999"


async def test_a_client_that_is_killed_again_and_again_misses_nothing(world: ApiWorld) -> None:
    """The campaign of five hundred is in benchmarks/stream.py."""
    async with serving(create_app(world.system), world.system.settings) as base:
        placing, seen, last, kills = asyncio.create_task(_place_some(world, 40)), list[dict[str, Any]](), 0, 0
        while not placing.done() or last < (await journal_of(base, ORDERS_TOLD))[-1]["seq"]:
            async with connected(base, f"?after={last}&channels=orders,fills") as socket:
                seen += told(await until(socket, lambda m: m["type"] == "event"))
                last = seen[-1]["seq"]
                socket.transport.abort()
            kills += 1
        await placing
        assert seen == await journal_of(base, ORDERS_TOLD)
        assert kills >= 120


async def _place_some(world: ApiWorld, count: int) -> None:
    for _ in range(count):
        await world.fill()


async def test_last_event_id_counts_before_the_address(world: ApiWorld) -> None:
    await world.fill()
    head = await head_of(world)
    async with serving(create_app(world.system), world.system.settings) as base:
        found = await events(base, "?after=0&for_seconds=0", last_event_id=str(head - 1))
        assert found[0][1]["after"] == head - 1
        assert [number for number, message in found if message["type"] == "event"] in ([], [str(head)])


async def test_a_stopping_server_says_so_and_does_not_wait(world: ApiWorld) -> None:
    async with asyncio.timeout(20):
        async with serving(create_app(world.system), world.system.settings) as base:
            socket = await websockets.connect(base.replace("http", "ws") + "/api/v1/stream", proxy=None)
            await until(socket, lambda m: m["type"] == "hello")
            client = client_at(base)
            lines = client.stream("GET", "/api/v1/stream/events")
            answer = await lines.__aenter__()
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 4
        assert (await end_of(socket))[1] == 1012
        assert "hello" in "".join([line async for line in answer.aiter_text()])
        await lines.__aexit__(None, None, None)
        await client.aclose()


async def test_who_comes_to_a_stopping_server_is_told_so_too(world: ApiWorld) -> None:
    app = create_app(world.system)
    async with serving(app, world.system.settings) as base:
        app.state.streams.close()
        async with connected(base, "?after=0") as socket:
            assert (await end_of(socket))[1] == 1012
        assert [message["type"] for _, message in await events(base, "?after=0")] == ["hello"]


# --- who is too much -----------------------------------------------------------------------------------------------


async def test_a_client_that_takes_nothing_is_dropped_and_nobody_waits(world: ApiWorld) -> None:
    app = limited(world, write_seconds=0.5)
    async with serving(app, world.system.settings) as base:
        host, port = base.removeprefix("http://").split(":")
        deaf = sockets.socket()
        deaf.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await asyncio.get_running_loop().sock_connect(deaf, (host, int(port)))
        async with (
            connected(base, "?channels=orders") as quick,
            websockets.connect(f"ws://{host}:{port}/api/v1/stream", sock=deaf, proxy=None, max_queue=1) as slow,
        ):
            await until(slow, lambda m: m["type"] == "hello")
            await until(quick, lambda m: m["type"] == "hello")
            taken = 0
            while app.state.streams.open > 1:
                orders = await asyncio.gather(*(world.fill() for _ in range(20)))
                last = orders[-1]["order_id"]
                messages = await until(quick, lambda m, last=last: told([m]) and m["order"]["order_id"] == last)
                taken += len(told(messages))
                assert taken < 20_000, "it is never dropped"
            messages, code = await end_of(slow)
            assert code in (4499, 1006), "its last words come if it takes them in time"
            assert code == 1006 or messages[-1]["problem"]["type"].endswith(":too-slow")


async def test_a_client_that_falls_behind_what_is_kept_is_dropped_with_the_code(world: ApiWorld) -> None:
    app = limited(world, kept=8, tick_seconds=1.5)
    async with serving(app, world.system.settings) as base, connected(base, "?channels=orders") as socket:
        last = (await until(socket, lambda m: m["type"] == "hello"))[-1]["after"]
        await asyncio.gather(*(world.place() for _ in range(10)))
        messages, code = await end_of(socket)
        assert code == 4499
        assert messages[-1]["problem"]["type"] == "urn:trading-executor:problem:too-slow"
        last = max([last, *(message["seq"] for message in told(messages))])
        assert await journal_of(base, f"?after={last}&for_seconds=0"), "a resume goes on where it was"


async def test_places_are_bounded(world: ApiWorld) -> None:
    app = limited(world, clients_per_principal=2)
    async with serving(app, world.system.settings) as base, connected(base) as one, connected(base) as two:
        await asyncio.gather(*(until(each, lambda m: m["type"] == "hello") for each in (one, two)))
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with connected(base):
                pass
        assert refused.value.response.status_code == 503
        assert json.loads(refused.value.response.body)["type"].endswith(":crowded")
        async with client_at(base) as client:
            answer = await client.get("/api/v1/stream/events")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert (await client.get(ORDERS)).status_code == 200
        await one.close()
        while (answer := await _status_of(base)) == 503:
            pass
        assert answer == 200


async def _status_of(base: str) -> int:
    async with client_at(base) as client:
        return (await client.get("/api/v1/stream/events?for_seconds=0")).status_code


# --- what a server cannot tell -------------------------------------------------------------------------------------


async def test_a_journal_that_lost_its_beginning_says_so(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        await world.fill()
        head, settings = await head_of(world), world.system.settings
    engine = sa.create_engine(settings.database_url.get_secret_value())
    with engine.begin() as connection:
        for name in (
            connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            connection.execute(sa.text(f'DROP TRIGGER "{name}"'))
        connection.execute(sa.text("DELETE FROM execution_events WHERE seq < 5"))
    engine.dispose()
    async with serving(create_read_only_app(settings), settings) as base:
        async with client_at(base) as client:
            answer = await client.get("/api/v1/stream/events?after=3")
            assert (answer.status_code, answer.json()["type"]) == (410, "urn:trading-executor:problem:resume-too-old")
            assert answer.json()["errors"][0]["field"] == "after"
        rest = await journal_of(base, "?after=4&for_seconds=0")
        assert rest
        assert {message["seq"] for message in rest} <= set(range(5, head + 1))


async def test_books_are_of_a_running_system(world: ApiWorld) -> None:
    settings, known = world.system.settings, {item.instrument_id: item for item in DEFAULT_INSTRUMENTS}
    async with (
        serving(create_read_only_app(settings, known), settings) as base,
        client_at(base) as client,
    ):
        answer = await client.get("/api/v1/stream/events?books=BTC-USDT")
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (503, "not-ready")
