"""One process of a soak run: its system, its disk and its line to the exchange, both cut when it dies."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.exchanges.okx.transport import AnswerLost, Connection, NotSent, Response
from app.system import System
from tests.support.disks import MortalDisk
from tests.support.simulated_okx import MemoryTransport, SimulatedVenue


class Line:
    """The transport of one process; cut when the process dies."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._transport = MemoryTransport(venue)
        self._connections: list[Connection] = []
        self.dead = False

    async def request(
        self, method: str, url: str, headers: dict[str, str], body: str, timeout_seconds: float
    ) -> Response:
        if self.dead:
            raise NotSent("the process is dead")
        response = await self._transport.request(method, url, headers, body, timeout_seconds)
        if self.dead:
            raise AnswerLost("the process is dead")
        return response

    async def connect(self, url: str, timeout_seconds: float) -> Connection:
        if self.dead:
            raise NotSent("the process is dead")
        self._connections = [each for each in self._connections if not each.closed]
        self._connections.append(await self._transport.connect(url, timeout_seconds))
        return self._connections[-1]

    def open(self) -> None:
        return

    async def close(self) -> None:
        return

    async def cut(self) -> None:
        self.dead = True
        for connection in self._connections:
            await connection.close()


@dataclass
class Process:
    system: System
    line: Line
    disks: list[MortalDisk] = field(default_factory=list)
    dead: bool = False
