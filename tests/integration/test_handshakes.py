"""TLS handshakes that do not end keep nobody out and hold nothing for long, on both event loops (FAULTS E18)."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from app.api import connections
from app.api.connections import CONNECTIONS_MAX
from app.main import create_app
from tests.support.api_world import ORDERS, RESTING_BUY, api_world
from tests.support.certificates import Authority
from tests.support.stream import client_at, connected, serving, until

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.mark.parametrize("loop", LOOPS)
def test_handshakes_that_never_end_keep_nobody_out(loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than there is room for: the oldest go, and whoever asks is let in."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 60.0)

    async def story() -> None:
        authority = Authority(tmp_path)
        trusting = ssl.create_default_context(cafile=authority.certificate)
        async with served(tmp_path, authority) as plain:
            port = int(plain.rpartition(":")[2])
            files = len(os.listdir("/proc/self/fd"))
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS_MAX + 50)]
            for reader, _ in silent[:50]:
                assert await over(reader), "an older one made room"
            silent[-1][1].write(b"GET / HTTP/1.1\r\n\r\n")
            assert await over(silent[-1][0]), "it is no TLS"
            base = plain.replace("http:", "https:")
            async with client_at(base, verify=trusting) as client:
                placed = await client.post(ORDERS, json=RESTING_BUY)
                assert placed.status_code == 201
                canceled = await client.delete(f"{ORDERS}/{placed.json()['order_id']}")
                assert canceled.json()["status"] == "canceled"
            async with connected(base, ssl=trusting) as socket:
                assert (await until(socket, lambda message: message["type"] == "hello"))[0]["type"] == "hello"
            for _, writer in silent:
                writer.close()
            async with asyncio.timeout(60):
                while len(os.listdir("/proc/self/fd")) > files + 5:  # noqa: ASYNC110  no event tells of a closed file
                    await asyncio.sleep(0.02)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(story())


async def test_a_handshake_is_given_up_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.1)
    async with served(tmp_path, Authority(tmp_path)) as plain:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(plain.rpartition(":")[2]))
        assert await over(reader)
        writer.close()


@asynccontextmanager
async def served(folder: Path, authority: Authority) -> AsyncIterator[str]:
    """Over TLS; the address says http all the same."""
    own = authority.signed("localhost")
    tls = {"tls_certificate": own.certificate, "tls_key": own.key}
    async with (
        api_world(folder / "data") as world,
        serving(create_app(world.system), world.system.settings.model_copy(update=tls)) as plain,
    ):
        yield plain


async def over(reader: asyncio.StreamReader, seconds: float = 20) -> bool:
    try:
        await asyncio.wait_for(reader.read(), seconds)
    except ConnectionError:
        return True
    return reader.at_eof()


async def test_a_request_that_comes_with_the_end_of_the_handshake_is_answered(tmp_path: Path) -> None:
    """A client that writes at once has its first bytes read with the last ones of the handshake."""
    authority = Authority(tmp_path)
    trusting = ssl.create_default_context(cafile=authority.certificate)
    async with served(tmp_path, authority) as plain:
        port = int(plain.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        server, client = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = trusting.wrap_bio(server, client, server_hostname="localhost")
        while True:
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                writer.write(client.read())
                server.write(await asyncio.wait_for(reader.read(65536), 10))
            else:
                break
        session.write(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        writer.write(client.read())  # the end of the handshake and the request in one piece
        server.write(await asyncio.wait_for(reader.read(65536), 10))
        said = b""
        while b"}" not in said:
            try:
                said += session.read()
            except ssl.SSLWantReadError:
                server.write(await asyncio.wait_for(reader.read(65536), 10))
        assert said.startswith(b"HTTP/1.1 200")
        writer.close()
