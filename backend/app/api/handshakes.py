"""TLS before the door: until it is agreed on, a connection stands in the crowd as one whose head is not finished.

The event loop's own servers give a handshake a minute, and bound nothing: whoever connects and says nothing would hold
a connection so long, until the process has no file left to reach its exchange by.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence

import structlog

from app.api import connections
from app.api.connections import Crowd, DoorProtocol
from app.api.transport import Certificate
from app.services.trading.tasks import TaskGroup

AGAIN_SECONDS = 1.0
"""After no connection could be taken, as without a free file."""

log = structlog.get_logger("api")


class Handshake:
    """One that is under way."""

    def __init__(self, crowd: Crowd, address: str, since: float) -> None:
        self._crowd, self.address, self.since = crowd, address, since
        self.task: asyncio.Task[None] | None = None

    def give_up(self, reason: str) -> None:
        """Cut it off: its peer understands no answer yet."""
        self._crowd.leave(self)
        log.info("api.connection_closed", address=self.address, reason=reason)
        if self.task is not None:
            self.task.cancel()


class Listener:
    """Takes connections on a socket for one server, as uvicorn knows servers. make: the protocol of one."""

    def __init__(self, own: socket.socket, make: Callable[[], DoorProtocol], certificate: Certificate) -> None:
        own.setblocking(False)
        own.listen(connections.CONNECTIONS_MAX)
        self.sockets: Sequence[socket.socket] = (own,)
        self._own, self._make = own, make
        self._context, self._clock = certificate.context, certificate.clock
        self._tasks = TaskGroup()
        self._accepting = self._tasks.spawn(self._accept(), "tls-accept")

    def close(self) -> None:
        self._accepting.cancel()

    async def wait_closed(self) -> None:
        await self._tasks.stop()
        self._own.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                taken, peer = await loop.sock_accept(self._own)
            except OSError as error:
                log.warning("api.connection_not_taken", reason=str(error))
                await self._clock.sleep(AGAIN_SECONDS)
                continue
            behind = self._make()
            handshake = Handshake(behind.crowd, str(peer[0]), loop.time())
            handshake.task = self._tasks.spawn(self._shake(handshake, taken, behind), "tls-handshake")
            await self._clock.sleep(0)  # what is to be cut off must have begun, and others have their turn
            behind.crowd.make_room(len(behind.connections))

    async def _shake(self, handshake: Handshake, taken: socket.socket, behind: DoorProtocol) -> None:
        """The event loop closes what it took over, however this ends."""
        loop, crowd = asyncio.get_running_loop(), behind.crowd
        crowd.shake(handshake)
        try:
            async with asyncio.timeout(connections.HEAD_SECONDS):
                await loop.connect_accepted_socket(lambda: behind, taken, ssl=self._context)
        except OSError as error:  # of TLS too, and of patience
            log.info("api.handshake_failed", address=handshake.address, reason=str(error) or "took too long")
        finally:
            crowd.leave(handshake)
