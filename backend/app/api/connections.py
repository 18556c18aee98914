"""Who may stand at the door: connections whose request is unfinished, and idle ones, are bounded and short.

uvicorn waits for the end of a head for ever, and for that of a TLS handshake a minute. Here both are given up after a
few seconds (the guard does it for bodies); of too many from one address, or in all, the oldest goes, so that whoever
comes with a whole request is let in.
"""

import asyncio
import socket
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Protocol

import h11
import structlog
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HEAD_SECONDS = 5.0
HEADS_PER_ADDRESS = 128
GRACE_SECONDS = 1.0
"""A burst of whole requests is many unfinished heads for a moment: none so young makes room for another of its kind."""
CONNECTIONS_MAX = 500

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

log = structlog.get_logger("api")


class Waiting(Protocol):
    """A connection that is not done with what it began."""

    address: str
    since: float

    def give_up(self, reason: str) -> None: ...


Line = OrderedDict[Waiting, None]


@dataclass(slots=True)
class Crowd:
    """The connections of one server: by address those with an unfinished head or handshake, and with an unfinished
    body, and those that idle; oldest first. shaking: those whose handshake is under way."""

    heads: dict[str, Line] = field(default_factory=dict[str, Line])
    bodies: dict[str, Line] = field(default_factory=dict[str, Line])
    shaking: set[Waiting] = field(default_factory=set[Waiting])
    idle: OrderedDict["DoorProtocol", None] = field(default_factory=OrderedDict["DoorProtocol", None])

    def wait_for_head(self, protocol: Waiting) -> None:
        self.leave(protocol)
        waiting = self.heads.setdefault(protocol.address, OrderedDict())
        waiting[protocol] = None
        oldest = next(iter(waiting))
        if len(waiting) > HEADS_PER_ADDRESS and protocol.since - oldest.since > GRACE_SECONDS:
            oldest.give_up("too many unfinished requests from one address")

    def wait_for_body(self, protocol: "DoorProtocol") -> None:
        self.leave(protocol)
        self.bodies.setdefault(protocol.address, OrderedDict())[protocol] = None

    def shake(self, handshake: Waiting) -> None:
        """One more is connected, who does not speak HTTP before TLS is agreed on."""
        self.wait_for_head(handshake)
        self.shaking.add(handshake)

    def rest(self, protocol: "DoorProtocol") -> None:
        self.leave(protocol)
        self.idle[protocol] = None

    def leave(self, protocol: Waiting) -> None:
        if isinstance(protocol, DoorProtocol):
            self.idle.pop(protocol, None)
        self.shaking.discard(protocol)
        for lines in (self.heads, self.bodies):
            waiting = lines.get(protocol.address)
            if waiting is not None and waiting.pop(protocol, self) is not self and not waiting:
                del lines[protocol.address]

    def make_room(self, connected: int) -> None:
        """Where one too many is connected an idle connection goes first, else the oldest of the most crowded
        address."""
        if connected + len(self.shaking) <= CONNECTIONS_MAX:
            return
        unfinished = [*self.heads.values(), *self.bodies.values()]
        if line := self.idle or max(unfinished, key=len, default=None):
            next(iter(line)).give_up("too many connections")


class DoorProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with patience. Make one class a server with `door()`."""

    crowd: Crowd

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = ""
        self.since = 0.0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "abort": transport.abort}  # for who waits for a peer that takes nothing
        self.address = self.client[0] if self.client else ""
        if (name := _named(transport.get_extra_info("peercert"))) is not None:
            self.app_state[CERTIFICATE] = name
        self._expect_head()
        self.crowd.make_room(len(self.connections))

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._head_unfinished():
            self._head_done()
            if self.conn.their_state is h11.SEND_BODY:
                self.crowd.wait_for_body(self)
        elif self._patience is None:
            self._expect_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing() or not self._head_unfinished():
            return
        if self.conn.trailing_data[0]:
            self._expect_head()
        else:
            self.crowd.rest(self)

    def give_up(self, reason: str) -> None:
        """Close it without an answer, or with one where the peer may be waiting for it."""
        self._head_done()
        if not self.transport.is_closing():
            log.info("api.connection_closed", address=self.address, reason=reason)
            self.transport.write(_TIMEOUT)
            self.transport.close()

    def _expect_head(self) -> None:
        self.since = self.loop.time()
        self._patience = self.loop.call_later(HEAD_SECONDS, self.give_up, "its request's head did not end in time")
        self.crowd.wait_for_head(self)

    def _head_done(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        self.crowd.leave(self)

    def _head_unfinished(self) -> bool:
        """Nothing is being asked, or not yet wholly."""
        return self.conn.their_state is h11.IDLE and (self.cycle is None or self.cycle.response_complete)


CERTIFICATE = "certificate"
"""In a request's state: the common name of the certificate that its client showed and an authority of ours signed."""


def _named(shown: Any) -> str | None:
    """Of the certificate that was shown; None for one that bears no name, or several."""
    names = [value for parts in (shown or {}).get("subject", ()) for name, value in parts if name == "commonName"]
    return str(names[0]) if len(names) == 1 else None


FRAMES = "websocket.frames"
"""An extension of ASGI that our server offers: frames that are written already, once for many clients."""
SEND_BUFFER_BYTES = 256 * 1024
CLOSING_SECONDS = 5


class Socket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which takes frames as they are, and cuts off a peer that does not let it close."""

    def handle_connect(self, event: Any) -> None:
        connection = self.transport.get_extra_info("socket")
        if connection is not None and connection.family != socket.AF_UNIX:
            # What a slow client has not taken waits here, and shall not be much.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        super().handle_connect(event)

    async def run_asgi(self) -> None:
        self.scope["extensions"][FRAMES] = {}  # type: ignore[typeddict-unknown-key]
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        if message["type"] != FRAMES:
            await super().send(message)
            if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
                self.handshake_complete = True  # by a refusal; uvicorn would log that none came
            if message["type"] == "websocket.close" and self.close_timer is not None:
                self.close_timer.cancel()
                self.close_timer = self.loop.call_later(CLOSING_SECONDS, self.transport.abort)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(message["data"])


def door() -> type[DoorProtocol]:
    """A protocol class with a crowd of its own, for one server."""
    return type("Door", (DoorProtocol,), {"crowd": Crowd()})


def cut_off(scope: Scope) -> None:
    """End the connection with whatever waits in it; another server than ours does so in its own time."""
    abort = scope["state"].get("abort")
    if abort is not None:
        abort()
