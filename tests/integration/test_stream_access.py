"""Who may listen to the stream and what may be asked of it: every refusal is clear, in time, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import websockets
from fastapi import FastAPI

from app.api.application import ApiOptions, build
from app.api.errors import Problem
from app.api.running import RunningSystem
from app.api.stream.asyncapi import document
from app.api.stream.limits import StreamLimits
from app.api.stream.streams import Streams
from app.api.stream.tickets import PRINCIPAL_MAX, SECONDS, Tickets
from app.clock import SimulatedClock, VirtualTimeLoop
from app.domain.access import OF_CONTROL, OF_LEGACY, OF_LOCAL, ROLES
from app.main import create_app
from app.services.trading.account.access_keys import Wanted
from tests.support.api_world import ORDERS, ApiWorld, api_world
from tests.support.stream import EVENTS, TICKETS, client_at, connected, end_of, events, serving, socket_of, told, until

KEY = "tek_a-key-of-the-tests"
GOOD = {"x-api-key": KEY}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


def keyed(world: ApiWorld, **limits: Any) -> FastAPI:
    runtime = RunningSystem(world.system)
    app = build(runtime, ApiOptions(allowed_hosts=("127.0.0.1",), api_key=KEY))
    app.state.streams = Streams(runtime, StreamLimits(**limits))
    return app


@asynccontextmanager
async def asking(world: ApiWorld, **limits: Any) -> AsyncIterator[str]:
    """A server that asks for a key; at the end nothing is to have happened by it."""
    before = world.counted()
    async with serving(keyed(world, **limits), world.system.settings) as base:
        yield base
    assert world.counted() == before


async def refusal(base: str, query: str = "", **options: Any) -> tuple[int, dict[str, Any]]:
    """The status and the problem that a WebSocket gets before it is one."""
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connected(base, query, **options):
            pass
    assert refused.value.response.headers["content-type"] == "application/problem+json"
    assert refused.value.response.headers["x-content-type-options"] == "nosniff"
    return refused.value.response.status_code, json.loads(refused.value.response.body)


def word(problem: dict[str, Any]) -> str:
    return problem["type"].rpartition(":")[2]


# --- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [GOOD, {"authorization": f"Bearer {KEY}"}])
async def test_a_program_sends_its_key_as_a_header(world: ApiWorld, headers: dict[str, str]) -> None:
    async with asking(world) as base, connected(base, additional_headers=headers) as socket:
        hello = (await until(socket, lambda m: m["type"] == "hello"))[0]
        assert hello["principal"] == "api:legacy"
        assert (await events(base, "?for_seconds=0", **headers))[0][1]["principal"] == "api:legacy"


@pytest.mark.parametrize(
    "headers", [{"x-api-key": "wrong"}, {"x-api-key": KEY + "x"}, {"authorization": "Bearer x"}, {"authorization": KEY}]
)
async def test_a_wrong_key_in_a_header_opens_nothing(world: ApiWorld, headers: dict[str, str]) -> None:
    async with asking(world) as base:
        status, problem = await refusal(base, additional_headers=headers)
        assert (status, word(problem)) == (
            401,
            "api-key-refused" if headers != {"authorization": KEY} else "api-key-needed",
        )
        async with client_at(base) as client:
            for method, path in (("GET", EVENTS), ("POST", TICKETS)):
                assert (await client.request(method, path, headers=headers)).status_code == 401


@pytest.mark.parametrize("name", ["key", "api_key", "X-API-Key", "token", "access_token", "authorization"])
async def test_a_key_in_the_address_is_refused_and_not_repeated(world: ApiWorld, name: str) -> None:
    async with asking(world) as base, client_at(base) as client:
        status, problem = await refusal(base, f"?{name}={KEY}", additional_headers=GOOD)
        assert (status, word(problem), KEY in str(problem)) == (400, "key-in-address", False)
        answer = await client.get(f"{EVENTS}?{name}={KEY}", headers=GOOD)
        assert (answer.status_code, word(answer.json()), KEY in answer.text) == (400, "key-in-address", False)
        status, problem = await refusal(base, f"?{name}={KEY}")
        assert (status, word(problem)) == (400, "key-in-address")


async def test_a_browser_says_its_key_first_and_what_it_wants(world: ApiWorld) -> None:
    async with asking(world) as base, connected(base) as socket:
        await socket.send(json.dumps({"key": KEY, "channels": ["alerts", "status"], "after": 0}))
        messages = await until(socket, lambda m: m["type"] == "status")
        assert (messages[0]["channels"], messages[0]["after"]) == (["alerts", "status"], 0)
        assert [message["kind"] for message in told(messages)] == ["session.started"]


FIRST: dict[str, tuple[str | bytes, int, str]] = {
    "wrong key": (json.dumps({"key": "wrong"}), 4401, "api-key-refused"),
    "no key": (json.dumps({"channels": ["orders"]}), 4401, "api-key-needed"),
    "null": (json.dumps({"key": None}), 4401, "api-key-needed"),
    "wrong ticket": (json.dumps({"ticket": "tet_x"}), 4401, "api-key-refused"),
    "key and ticket": (json.dumps({"key": KEY, "ticket": "x"}), 4401, "api-key-needed"),
    "no json": ("hello", 4400, "bad-first-message"),
    "no text": (b"\xff\xfe", 4400, "bad-first-message"),
    "empty": ("", 4400, "bad-first-message"),
    "a list": ("[]", 4400, "bad-first-message"),
    "another member": (json.dumps({"key": KEY, "chanels": []}), 4400, "bad-first-message"),
    "a key that is none": (json.dumps({"key": 5}), 4400, "bad-first-message"),
    "unknown channel": (json.dumps({"key": KEY, "channels": ["orderz"]}), 4422, "invalid-request"),
    "no channel": (json.dumps({"key": KEY, "channels": []}), 4422, "invalid-request"),
    "after below zero": (json.dumps({"key": KEY, "after": -1}), 4422, "invalid-request"),
    "after as text": (json.dumps({"key": KEY, "after": "1"}), 4400, "bad-first-message"),
    "after in the future": (json.dumps({"key": KEY, "after": 10**9}), 4409, "resume-ahead"),
    "unknown book": (json.dumps({"key": KEY, "books": "NO-SUCH"}), 4422, "invalid-request"),
}


@pytest.mark.parametrize("name", FIRST)
async def test_a_bad_first_message_ends_it_with_a_code(world: ApiWorld, name: str) -> None:
    said, code, kind = FIRST[name]
    async with asking(world) as base, connected(base) as socket:
        await socket.send(said)
        (message,), closed = await end_of(socket)
        assert (closed, message["type"], word(message["problem"])) == (code, "error", kind)
        assert message["problem"]["status"] == code - 4000
        assert KEY not in str(message)


async def test_a_first_message_is_short_and_comes_soon_and_is_the_only_one(world: ApiWorld) -> None:
    async with asking(world, first_message_seconds=0.2) as base:
        async with connected(base) as socket:
            await socket.send(json.dumps({"key": "x" * 5_000}))
            assert (await end_of(socket))[1] == 1009
        async with connected(base) as socket:
            (message,), code = await end_of(socket)
            assert (code, word(message["problem"])) == (4408, "first-message-late")
        async with connected(base, additional_headers=GOOD) as socket:
            await socket.send(json.dumps({"channels": ["orders"]}))
            messages, code = await end_of(socket)
            assert (code, word(messages[-1]["problem"])) == (4400, "unexpected-message")
        async with connected(base, "?after=0") as socket:
            await socket.send(json.dumps({"key": KEY, "after": 0}))
            (message,), code = await end_of(socket)
            assert (code, message["problem"]["errors"][0]["field"]) == (4422, "after")


async def test_who_says_nothing_takes_no_place_for_long(world: ApiWorld) -> None:
    async with asking(world, unauthenticated=2, first_message_seconds=20) as base, connected(base), connected(base):
        status, problem = await refusal(base)
        assert (status, word(problem)) == (503, "crowded")
        async with connected(base, additional_headers=GOOD) as known:
            await until(known, lambda m: m["type"] == "hello")


# --- tickets -------------------------------------------------------------------------------------------------------


async def test_a_ticket_opens_one_stream_once(world: ApiWorld) -> None:
    async with asking(world) as base, client_at(base, headers=GOOD) as client:

        async def ticket() -> str:
            answer = await client.post(TICKETS, json={})
            assert answer.status_code == 201
            return answer.json()["ticket"]

        used = await ticket()
        async with connected(base, f"?ticket={used}") as socket:
            assert (await until(socket, lambda m: True))[0]["principal"] == "api:legacy"
        assert (await refusal(base, f"?ticket={used}"))[0] == 401
        async with connected(base) as socket:
            await socket.send(json.dumps({"ticket": await ticket()}))
            assert (await until(socket, lambda m: True))[0]["type"] == "hello"
        found = await events(base, f"?for_seconds=0&ticket={await ticket()}")
        assert found[0][1]["type"] == "hello"
        async with client_at(base) as bare:
            assert (await bare.get(f"{EVENTS}?ticket={used}")).status_code == 401
            assert (await bare.get(f"{ORDERS}?ticket={await ticket()}")).status_code == 401, "no key of other routes"


def test_a_ticket_is_short_lived_and_its_number_bounded() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        tickets = Tickets(clock)
        first, second = tickets.make(OF_LEGACY, bool), tickets.make(OF_LEGACY, bool)
        await clock.sleep(SECONDS - 1)
        assert tickets.use(first.ticket) == (OF_LEGACY, bool)
        assert tickets.use(first.ticket) is None
        await clock.sleep(1)
        assert tickets.use(second.ticket) is None, "its time is over"
        for _ in range(PRINCIPAL_MAX):
            tickets.make(OF_LEGACY, bool)
        with pytest.raises(Problem, match="tickets of one principal"):
            tickets.make(OF_LEGACY, bool)
        assert tickets.use(tickets.make(OF_LOCAL, bool).ticket) == (OF_LOCAL, bool)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())


async def test_a_revoked_key_hears_no_more_however_it_came(world: ApiWorld) -> None:
    system = world.system
    app = keyed(world, heartbeat_seconds=0.1)
    async with serving(app, system.settings) as base:
        for how in ("header", "first message", "ticket"):
            secret = (await system.access_keys.create(Wanted(f"viewer-{how[:5]}", ROLES["viewer"]), OF_CONTROL)).secret
            key = {"x-api-key": secret}
            async with client_at(base, headers=key) as client:
                ticket = (await client.post(TICKETS, json={})).json()["ticket"]
            query = f"?ticket={ticket}" if how == "ticket" else ""
            async with connected(base, query, additional_headers=key if how == "header" else None) as socket:
                if how == "first message":
                    await socket.send(json.dumps({"key": secret}))
                await until(socket, lambda m: m["type"] == "heartbeat")
                await system.access_keys.revoke(f"viewer-{how[:5]}", OF_CONTROL)
                messages, code = await end_of(socket)
                assert (code, word(messages[-1]["problem"])) == (4401, "api-key-refused"), how


# --- addresses and pages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("?channels=orderz", 422, "channels"),
        ("?channels=", 422, "channels"),
        ("?channels=orders,,fills", 422, "channels"),
        ("?after=-1", 422, "after"),
        ("?after=1_0", 422, "after"),
        ("?after=99999999999999999999", 422, "after"),
        ("?after=1&after=2", 422, "after"),
        ("?after=1000000", 409, "after"),
        ("?books=NO-SUCH", 422, "books"),
        ("?chanels=orders", 422, "chanels"),
        ("?books=" + ",".join(f"A{i}-USDT" for i in range(21)), 422, "books"),
    ],
)
async def test_a_bad_address_is_refused_by_field_on_both(world: ApiWorld, query: str, status: int, field: str) -> None:
    async with asking(world) as base, client_at(base, headers=GOOD) as client:
        answer = await client.get(EVENTS + query)
        assert (answer.status_code, {error["field"] for error in answer.json()["errors"]}) == (status, {field})
        found, problem = await refusal(base, query, additional_headers=GOOD)
        assert (found, {error["field"] for error in problem["errors"]}) == (status, {field})


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
async def test_a_page_of_another_site_gets_nothing(world: ApiWorld, origin: str) -> None:
    async with asking(world) as base, client_at(base, headers=GOOD) as client:
        assert (await refusal(base, origin=origin))[0] == 403
        assert (await client.get(EVENTS, headers={"origin": origin})).status_code == 403
        assert (await client.get(EVENTS, headers={"sec-fetch-site": "cross-site"})).status_code == 403
        assert (await client.post(TICKETS, json={}, headers={"origin": origin})).status_code == 403
        async with connected(base, origin=base) as socket:
            await socket.send(json.dumps({"key": KEY}))
            assert (await until(socket, lambda m: True))[0]["type"] == "hello"


async def test_a_foreign_host_and_another_path_are_refused(world: ApiWorld) -> None:
    async with asking(world) as base:
        port = base.rpartition(":")[2]
        url = f"ws://evil.example:{port}/api/v1/stream"
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with websockets.connect(url, host="127.0.0.1", port=int(port), proxy=None):
                pass
        assert refused.value.response.status_code == 421
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with websockets.connect(f"{socket_of(base)}/events", proxy=None, additional_headers=GOOD):
                pass
        assert refused.value.response.status_code == 404


async def test_head_says_that_it_is_there(world: ApiWorld) -> None:
    async with asking(world) as base, client_at(base, headers=GOOD) as client:
        answer = await client.head(EVENTS)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


# --- the description -----------------------------------------------------------------------------------------------


async def test_every_message_is_as_the_description_says(world: ApiWorld) -> None:
    resting = await world.place()
    await world.fill()
    await world.client.delete(f"{ORDERS}/{resting['order_id']}")
    twap = {"strategy": "twap", "config": {"duration": 60, "num_slices": 2}, "instrument_id": "BTC-USDT", "side": "buy"}
    assert (
        await world.client.post("/api/v1/trading/executions", json={**twap, "order_type": "market", "size": "0.002"})
    ).status_code == 201
    app = create_app(world.system)
    app.state.streams = Streams(app.state.runtime, StreamLimits(heartbeat_seconds=0.1))
    async with serving(app, world.system.settings) as base:
        async with client_at(base) as client:
            described = (await client.get("/asyncapi.json")).json()
            assert described == json.loads(json.dumps(document(app.version)))
        seen: dict[str, list[dict[str, Any]]] = {}
        async with connected(base, "?after=0&books=BTC-USDT") as socket:
            while seen.keys() < described["components"]["messages"].keys() - {"first", "error"}:
                message = (await until(socket, lambda m: True))[0]
                seen.setdefault(message["type"], []).append(message)
            await socket.send("a second message")
            seen["error"] = (await end_of(socket))[0][-1:]
    for kind, messages in seen.items():
        name = described["components"]["messages"][kind]["payload"]["$ref"].rpartition("/")[2]
        validator = jsonschema_rs.validator_for(
            {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        )
        for message in messages:
            validator.validate(message)
        with pytest.raises(jsonschema_rs.ValidationError):
            validator.validate({**messages[0], "another": 1})
