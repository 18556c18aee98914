"""Who gets in: every route of the OpenAPI description against every credential, host, origin and content type."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.attempts import FAILED_MAX
from app.api.guard import BODY_BYTES_MAX, HEALTH_PATHS
from app.api.running import RunningSystem
from app.api.stream import paths
from app.api.tokens import PATH as TOKENS
from tests.support.api_world import BASE_URL, MARKET_BUY, ORDERS, ApiWorld, api_world

HOSTS = ("127.0.0.1", "localhost", "[::1]", "desk.example")
BODIES = {
    "/api/v1/trading/orders": MARKET_BUY,
    "/api/v1/trading/kill-switch": {"engaged": True, "reason": "intruder"},
    "/api/v1/trading/executions": {**MARKET_BUY, "strategy": "market"},
}
BEYOND_A_TRADER = {
    ("POST", f"/api/v1/trading/{path}")
    for path in ("orders/x/resolve", "executions/x/settle", "balances/declare", "differences/accept")
} | {("POST", "/api/v1/simulator/faults"), ("POST", "/api/v1/simulator/faults/repair")}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


@asynccontextmanager
async def client_of(world: ApiWorld, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    app = build(RunningSystem(world.system), ApiOptions(allowed_hosts=HOSTS, **options))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as client:
        yield client


async def routes(client: httpx2.AsyncClient, headers: dict[str, str]) -> list[tuple[str, str]]:
    schema = (await client.get("/openapi.json", headers=headers)).json()
    found = [
        (
            method.upper(),
            re.sub(r"\{\w+\}", "x", path.replace("{instrument}", "BTC-USDT")),
        )
        for path, operations in schema["paths"].items()
        for method in operations
        if "x-opened-by" not in operations[method]  # by no key of the API: test_api_hooks.py has its matrix
    ]
    found = [(method, f"{path}?for_seconds=0" if path == paths.EVENTS else path) for method, path in found]
    assert len(found) >= 25
    assert not any("{" in path for _, path in found)
    return found


async def test_every_route_asks_for_the_key_and_an_intruder_changes_nothing(world: ApiWorld, planted: Any) -> None:
    key = planted.api_key
    async with client_of(world, api_key=key) as client:
        good = {"x-api-key": key}
        everything = await routes(client, good)
        # The kill switch comes last, or nothing could be placed after it.
        before, journal = world.counted(), len(world.events())
        bad: dict[str, list[tuple[str, str]]] = {
            "none": [],
            "wrong": [("x-api-key", key[:-1] + "!")],
            "longer": [("x-api-key", key + "x")],
            "shorter": [("x-api-key", key[:-1])],
            "empty": [("x-api-key", "")],
            "wrong bearer": [("authorization", "Bearer nonsense")],
            "basic": [("authorization", f"Basic {key}")],
            "bare": [("authorization", key)],
            "two that differ": [("x-api-key", key), ("x-api-key", "other")],
            "in the query": [],
        }
        # First where money could move: that is journalled, and who tries and tries is soon only told to wait.
        for method, path in sorted(everything, key=lambda each: each != ("POST", ORDERS)):
            for name, headers in bad.items():
                answer = await client.request(
                    method,
                    f"{path}?api_key={key}" if name == "in the query" else path,
                    json=BODIES.get(path, {}) if method in ("POST", "PATCH") else None,
                    headers=headers,
                )
                if path in HEALTH_PATHS:
                    assert answer.status_code in (200, 422), (name, method, path)
                    continue
                assert answer.status_code in (401, 429), (name, method, path)
                assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
                assert key not in answer.text
        assert (world.counted()[0], world.counted()[2]) == (before[0], before[2])
        turned_away = world.events()[journal:]
        assert {event["kind"] for event in turned_away} == {"request.refused"}
        assert {event["principal"] for event in turned_away} == {"api:unknown"}
        assert len(turned_away) <= FAILED_MAX, "who tries and tries writes no more"
        for headers in (good, {"authorization": f"Bearer {key}"}, {"authorization": f"bearer  {key}"}):
            assert (await client.get("/api/v1/status", headers=headers)).status_code == 200
        placed = await client.post(ORDERS, json=MARKET_BUY, headers=good)
        assert placed.status_code == 201
        intent = world.events("order.intent")[-1]
        assert intent["principal"] == "api:legacy"


async def test_without_a_key_asked_for_none_is_needed(world: ApiWorld) -> None:
    async with client_of(world) as client:
        for method, path in await routes(client, {}):
            answer = await client.request(method, path, json={} if method in ("POST", "PATCH") else None)
            if (method, path) == ("POST", "/api/v1/hooks/x"):
                assert answer.status_code == 401, "an alert shows its hook's secret"
                continue
            assert answer.status_code not in (401, 415, 421), (method, path)
            beyond = (method, path) in BEYOND_A_TRADER or path.startswith(("/api/v1/keys", "/api/v1/approvals/"))
            beyond = beyond and (method, path) != ("GET", "/api/v1/keys")  # who may what, not a key
            assert (answer.status_code == 403) == beyond, (method, path)
            assert answer.status_code < 500, (method, path)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000", "desk.example."]
)
async def test_hosts_that_are_served(world: ApiWorld, host: str) -> None:
    async with client_of(world) as client:
        assert (await client.get(ORDERS, headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "", "[::1", "0.0.0.0", "a:b:c"]
)
async def test_a_foreign_host_is_refused_on_every_route(world: ApiWorld, host: str) -> None:
    async with client_of(world) as client:
        before = world.counted()
        for method, path in [*(await routes(client, {})), ("GET", "/"), ("GET", "/openapi.json")]:
            if path in HEALTH_PATHS:
                continue
            answer = await client.request(method, path, json=BODIES.get(path), headers={"host": host})
            assert answer.status_code == 421, (method, path)
        assert world.counted() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/jsonp"},
        {},
    ],
)
async def test_a_write_that_a_foreign_form_could_send_is_refused(world: ApiWorld, headers: dict[str, str]) -> None:
    async with client_of(world) as client:
        before = world.counted()
        for path in (
            "orders",
            "positions/flatten",
            "positions/sync",
            "executions",
        ):  # what stops risk: the crowded door
            answer = await client.post(f"/api/v1/trading/{path}", content=b"{}", headers=headers)
            assert answer.status_code == 415, path
        answer = await client.request("DELETE", f"{ORDERS}/x", content=b"{}", headers=headers)
        assert answer.status_code == 415
        assert world.counted() == before
        charset = await client.post(
            f"{ORDERS}/cancel-all", content=b"{}", headers={"content-type": "Application/JSON; charset=utf-8"}
        )
        assert charset.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
    ],
)
async def test_writes_from_pages_of_other_sites_are_refused(
    world: ApiWorld, headers: dict[str, str], status: int
) -> None:
    async with client_of(world) as client:
        answer = await client.post(f"{ORDERS}/cancel-all", json={}, headers=headers)
        assert answer.status_code == status


async def test_no_other_site_may_read_either(world: ApiWorld) -> None:
    async with client_of(world) as client:
        answer = await client.get("/api/v1/status", headers={"origin": "http://evil.example"})
        assert "access-control-allow-origin" not in answer.headers
        preflight = await client.options(ORDERS, headers={"origin": "http://evil.example"})
        assert preflight.status_code == 405
        for name, value in {
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
            "cross-origin-resource-policy": "same-origin",
        }.items():
            assert answer.headers[name] == value
            assert preflight.headers[name] == value


async def test_a_body_beyond_64_kib_is_refused_whether_announced_or_not(world: ApiWorld) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * (BODY_BYTES_MAX // 8)

    async with client_of(world) as client:
        headers = {"content-type": "application/json"}
        announced = await client.post(ORDERS, content=b" " * (BODY_BYTES_MAX + 1), headers=headers)
        chunked = await client.post(ORDERS, content=pieces(), headers=headers)
        lying = await client.post(ORDERS, content=b"{}", headers=headers | {"content-length": "9" * 30})
        assert {announced.status_code, chunked.status_code, lying.status_code} == {413}


async def test_a_read_only_server_refuses_every_write(world: ApiWorld) -> None:
    async with client_of(world, read_only=True) as client:
        before = world.counted()
        for method, path in await routes(client, {}):
            body = {} if path in (paths.TICKETS, TOKENS) else BODIES.get(path)
            answer = await client.request(method, path, json=body)
            if method == "GET":
                assert answer.status_code != 405, path
            elif path == paths.TICKETS:
                assert answer.status_code == 201  # it opens a stream, and changes nothing
            elif path == TOKENS:
                assert answer.json()["type"].endswith("no-key")  # nor does a token
            else:
                assert (answer.status_code, answer.headers["allow"]) == (405, "GET"), path
                assert "only reads" in answer.json()["detail"]
        assert world.counted() == before


async def test_docs_are_off_when_told(world: ApiWorld) -> None:
    async with client_of(world, docs=False) as client:
        assert (await client.get("/openapi.json")).status_code == 404


@pytest.mark.parametrize("path", sorted(HEALTH_PATHS))
@pytest.mark.parametrize("host", ["evil.example", "10.0.0.7:8000", ""])
async def test_health_answers_whatever_the_host_says(world: ApiWorld, path: str, host: str) -> None:
    async with client_of(world) as client:
        assert (await client.get(path, headers={"host": host})).status_code == 200


async def test_head_says_what_get_would_but_its_body(world: ApiWorld) -> None:
    async with client_of(world) as client:
        for path in ("/", "/health/live", "/health/ready", ORDERS, f"{ORDERS}/nothing", "/nothing"):
            got, head = await client.get(path), await client.head(path)
            assert head.status_code == got.status_code
            assert head.content == b""
            assert head.headers["content-length"] == got.headers["content-length"]
            assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize("docs", [True, False])
async def test_docs_is_a_page_to_read_where_the_description_is_published(world: ApiWorld, docs: bool) -> None:
    async with client_of(world, docs=docs) as client:
        page = await client.get("/docs")
        if not docs:
            assert page.status_code == 404
            return
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "<script" not in page.text
        assert "javascript:" not in page.text
        assert "http" not in page.text.replace("HTTP", "")
        for path in (await client.get("/openapi.json")).json()["paths"]:
            assert f"<code>{path}</code>" in page.text
