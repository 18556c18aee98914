"""Clients of the stream, as other people write them: the websockets library, and plain lines of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import websockets
from fastapi import FastAPI

from app.main import server
from app.settings import Settings

STREAM = "/api/v1/stream"
EVENTS = f"{STREAM}/events"
TICKETS = f"{STREAM}/tickets"
Message = dict[str, Any]
GIVEN_SECONDS = 60.0
"""Within which a busy machine comes to something."""


@asynccontextmanager
async def serving(app: FastAPI, settings: Settings, port: int = 0) -> AsyncIterator[str]:
    """The base URL of a server, by default on a free port."""
    running = server(app, settings.model_copy(update={"port": port}))
    task = asyncio.create_task(running.serve())
    try:
        async with asyncio.timeout(GIVEN_SECONDS):
            while not running.started:
                assert not task.done(), task.exception()
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    finally:
        running.should_exit = True
        await task


def client_at(base: str, **options: Any) -> httpx2.AsyncClient:
    """Over sockets, and as patient with the server as the machine may be busy."""
    return httpx2.AsyncClient(base_url=base, timeout=GIVEN_SECONDS, **options)


def socket_of(base: str, query: str = "") -> str:
    return base.replace("http", "ws", 1) + STREAM + query


@asynccontextmanager
async def connected(base: str, query: str = "", **options: Any) -> AsyncIterator[websockets.ClientConnection]:
    async with websockets.connect(socket_of(base, query), proxy=None, **options) as socket:
        yield socket


async def until(socket: websockets.ClientConnection, wanted: Any, seconds: float = GIVEN_SECONDS) -> list[Message]:
    """The messages up to the first for which wanted(message) is true."""
    found: list[Message] = []
    async with asyncio.timeout(seconds):
        while not found or not wanted(found[-1]):
            found.append(json.loads(await socket.recv()))
    return found


async def end_of(socket: websockets.ClientConnection) -> tuple[list[Message], int]:
    """What still comes, and the code of the close."""
    found: list[Message] = []
    async with asyncio.timeout(GIVEN_SECONDS):
        try:
            while True:
                found.append(json.loads(await socket.recv()))
        except websockets.ConnectionClosed as closed:
            return found, closed.rcvd.code if closed.rcvd else 1006


async def events(base: str, query: str = "?after=0&for_seconds=0", **headers: str) -> list[tuple[str | None, Message]]:
    """What server-sent events told until their end, each with its id."""
    async with client_at(base) as client:
        answer = await client.get(EVENTS + query, headers={name.replace("_", "-"): v for name, v in headers.items()})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = list[tuple[str | None, Message]]()
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if fields:
            found.append((fields.get("id"), json.loads(fields["data"])))
    return found


def told(messages: list[Message]) -> list[Message]:
    """Those of the journal."""
    return [message for message in messages if message["type"] == "event"]


async def journal_of(base: str, query: str = "?after=0&for_seconds=0") -> list[Message]:
    """The journal's messages as server-sent events tell them."""
    return told([message for _, message in await events(base, query)])
