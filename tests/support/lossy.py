"""A line between client and server that loses answers: what was asked arrives, what was answered does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """url: to connect to. lose: so many answers from now on are lost. asked: connections that were made."""

    def __init__(self, port: int) -> None:
        self.url = ""
        self.lose = 0
        self.asked = 0
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Every connection that is open now."""
        for writer in list(self._open):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        self._open.add(writer)
        back, forth = await asyncio.open_connection("127.0.0.1", self._port)
        there = asyncio.create_task(_pass(reader, forth))
        try:
            while data := await back.read(65536):
                if self.lose:
                    self.lose -= 1
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            there.cancel()
            with suppress(asyncio.CancelledError):
                await there
            self._open.discard(writer)
            for each in (writer, forth):
                each.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def lossy(base: str) -> AsyncIterator[Line]:
    line = Line(urlsplit(base).port or 80)
    listening = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        listening.close()
        line.cut()
