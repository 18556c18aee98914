"""However crowded the door is, who comes with a whole request is let in, and what ends risk is done (FAULTS E18)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from app.api import connections, memo, places
from app.api.connections import CONNECTIONS_MAX, HEADS_PER_ADDRESS, door
from app.main import create_app, server
from tests.support.api_world import ORDERS, RESTING_BUY, ApiWorld, api_world
from tests.support.stream import client_at

TRADING = "/api/v1/trading"
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path, port=0) as made:
        yield made


@contextlib.asynccontextmanager
async def serving(world: ApiWorld) -> AsyncIterator[tuple[str, int]]:
    served = server(create_app(world.system), world.system.settings)
    served.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(served.serve())
    try:
        while not served.started:  # noqa: ASYNC110  uvicorn tells by this flag alone
            await asyncio.sleep(0.01)
        yield served.servers[0].sockets[0].getsockname()[:2]
    finally:
        served.should_exit = True
        await running


async def stuck(host: str, port: int, text: bytes = HALF_A_HEAD) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(text)
    return reader, writer


async def until(client: httpx2.AsyncClient, status: int) -> httpx2.Response:
    """The first answer with this status; what was sent on other connections may still be on its way in."""
    async with asyncio.timeout(60):
        while (answer := await client.get(ORDERS)).status_code != status:
            continue
    return answer


async def test_a_thousand_unfinished_heads_keep_nobody_out(world: ApiWorld) -> None:
    async with serving(world) as (host, port):
        crowd = [await stuck(host, port) for _ in range(1_000)]
        async with client_at(f"http://{host}:{port}") as client:
            placed = await client.post(ORDERS, json=RESTING_BUY)
            assert placed.status_code == 201
            canceled = await client.post(f"{ORDERS}/cancel-all", json={})
            assert [order["status"] for order in canceled.json()["orders"]] == ["canceled"]
            killed = await client.post(f"{TRADING}/kill-switch", json={"engaged": True, "reason": "crowd"})
            assert killed.json()["engaged"] is True
        told = [await asyncio.wait_for(reader.read(), 60) for reader, _ in crowd[:-HEADS_PER_ADDRESS]]
        assert {answer.split(b"\r\n")[0] for answer in told} == {b"HTTP/1.1 408 Request Timeout"}
        for _, writer in crowd:
            writer.close()


async def test_an_unfinished_head_is_given_up_in_time(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    async with serving(world) as (host, port):
        for text in (b"", HALF_A_HEAD, b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET / HT"):
            reader, writer = await stuck(host, port, text)
            answer = await asyncio.wait_for(reader.read(), 30)
            assert answer.endswith(b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200") is (b"live" in text)
            writer.close()


async def test_connections_that_idle_make_room(world: ApiWorld) -> None:
    whole = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    async with serving(world) as (host, port):
        idle = []
        for _ in range(CONNECTIONS_MAX + 20):
            reader, writer = await stuck(host, port, whole)
            assert (await asyncio.wait_for(reader.readuntil(b"}"), 30)).startswith(b"HTTP/1.1 200")
            idle.append((reader, writer))
        for reader, _ in idle[:20]:
            assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 408")
        for _, writer in idle:
            writer.close()


async def test_a_crowd_of_one_principal_leaves_places_for_what_ends_risk(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PRINCIPAL_MAX", 3)
    order = await world.place()
    async with serving(world) as (host, port):
        half_a_body = (
            b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        )
        crowd = [await stuck(host, port, half_a_body % ORDERS.encode()) for _ in range(3)]
        async with client_at(f"http://{host}:{port}") as client:
            refused = await until(client, 503)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert (await client.delete(f"{ORDERS}/{order['order_id']}")).json()["status"] == "canceled"
            assert (await client.post(f"{ORDERS}/cancel-all", json={})).status_code == 200
            stop = {"engaged": True, "reason": "crowd"}
            assert (await client.post(f"{TRADING}/kill-switch", json=stop)).json()["engaged"] is True
            for _, writer in crowd:
                writer.close()
            assert (await until(client, 200)).json()


async def test_unfinished_bodies_of_what_ends_risk_keep_it_from_nobody(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PRINCIPAL_MAX", 1)
    monkeypatch.setattr(places, "KEPT_MAX", 2)
    order = await world.place()
    half = b"%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    async with serving(world) as (host, port):
        crowd = [await stuck(host, port, half % f"POST {ORDERS}".encode())]
        for asked in (f"DELETE {ORDERS}/x", f"POST {ORDERS}/cancel-all", f"POST {TRADING}/kill-switch"):
            crowd += [await stuck(host, port, half % asked.encode()) for _ in range(3)]
        async with client_at(f"http://{host}:{port}") as client:
            await until(client, 503)
            assert (await client.delete(f"{ORDERS}/{order['order_id']}")).json()["status"] == "canceled"
            assert (await client.post(f"{ORDERS}/cancel-all", json={})).status_code == 200
        for _, writer in crowd:
            writer.close()


async def test_a_crowd_of_unfinished_bodies_makes_room(world: ApiWorld) -> None:
    half = b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    async with serving(world) as (host, port):
        crowd = [await stuck(host, port, half % ORDERS.encode()) for _ in range(CONNECTIONS_MAX + 50)]
        first = await asyncio.wait_for(crowd[0][0].read(), 5)
        assert first.startswith(b"HTTP/1.1 408"), "long before its ten seconds are over"
        async with client_at(f"http://{host}:{port}") as client:
            assert (await client.post(f"{ORDERS}/cancel-all", json={})).status_code == 200
        for _, writer in crowd:
            writer.close()


async def test_heavy_reads_are_done_one_after_another_and_too_many_are_told(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memo, "WAITING_MAX", 5)
    at_once: list[int] = []
    running = 0
    real = world.system.recorder.calculate_performance

    def counted(*args: object, **kwargs: object) -> object:
        nonlocal running
        running += 1
        at_once.append(running)
        try:
            return real(*args, **kwargs)  # type: ignore[arg-type]
        finally:
            running -= 1

    monkeypatch.setattr(world.system.recorder, "calculate_performance", counted)
    days = [f"2026-01-{day:02d}T00:00:00Z" for day in range(1, 21)]
    answers = await asyncio.gather(
        *(world.client.get(f"{TRADING}/performance", params={"start_date": day}) for day in days)
    )
    assert set(at_once) == {1}
    codes = [answer.status_code for answer in answers]
    assert codes.count(200) >= 5
    assert set(codes) == {200, 503}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)


async def test_a_kill_or_cancel_of_a_program_needs_no_content_type(world: ApiWorld) -> None:
    await world.place()
    form = {"content-type": "application/x-www-form-urlencoded"}
    canceled = await world.client.post(f"{ORDERS}/cancel-all", content=b"", headers={})
    assert [order["status"] for order in canceled.json()["orders"]] == ["canceled"]
    for content, headers in ((b"", {}), (b'{"engaged": true, "reason": "stop"}', form)):
        killed = await world.client.post(f"{TRADING}/kill-switch", content=content, headers=headers)
        assert killed.json()["engaged"] is True
    release = b'{"engaged": false, "reason": "go on"}'
    assert (await world.client.post(f"{TRADING}/kill-switch", content=release, headers=form)).status_code == 415
    assert (await world.client.post(f"{TRADING}/kill-switch", content=release)).status_code == 415
    assert (await world.client.post(f"{TRADING}/positions/flatten", content=b"{}")).status_code == 415
    assert (await world.client.get(f"{TRADING}/kill-switch")).json()["engaged"] is True


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:8001",
        "http://localhost:8000",
        "https://127.0.0.1:8000",
        "null",
    ],
)
async def test_only_a_page_of_this_very_server_may_ask(world: ApiWorld, origin: str) -> None:
    for path in (f"{ORDERS}/cancel-all", f"{TRADING}/kill-switch", ORDERS):
        refused = await world.client.post(path, json={}, headers={"origin": origin})
        assert refused.status_code == 403
    own = await world.client.post(f"{ORDERS}/cancel-all", json={}, headers={"origin": "http://127.0.0.1:8000"})
    assert own.status_code == 200


def test_every_server_has_a_crowd_of_its_own() -> None:
    assert door().crowd is not door().crowd
