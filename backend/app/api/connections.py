"""Who may stand at the door: connections whose request is unfinished, and idle ones, are bounded and short.

uvicorn waits for the end of a head for ever. Here an unfinished head is given up after a few seconds (the guard does it
for bodies); of too many from one address, or in all, the oldest goes, so that whoever comes with a whole request is let
in.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 5.0
HEADS_PER_ADDRESS = 128
GRACE_SECONDS = 1.0
"""A burst of whole requests is many unfinished heads for a moment: none so young makes room for another of its kind."""
CONNECTIONS_MAX = 500

_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

log = structlog.get_logger("api")


Line = OrderedDict["DoorProtocol", None]


@dataclass(slots=True)
class Crowd:
    """The connections of one server: by address those with an unfinished head, and with an unfinished body, and those
    that idle; oldest first."""

    heads: dict[str, Line] = field(default_factory=dict[str, Line])
    bodies: dict[str, Line] = field(default_factory=dict[str, Line])
    idle: OrderedDict["DoorProtocol", None] = field(default_factory=OrderedDict["DoorProtocol", None])

    def wait_for_head(self, protocol: "DoorProtocol") -> None:
        self.leave(protocol)
        waiting = self.heads.setdefault(protocol.address, OrderedDict())
        waiting[protocol] = None
        oldest = next(iter(waiting))
        if len(waiting) > HEADS_PER_ADDRESS and protocol.since - oldest.since > GRACE_SECONDS:
            oldest.give_up("too many unfinished requests from one address")

    def wait_for_body(self, protocol: "DoorProtocol") -> None:
        self.leave(protocol)
        self.bodies.setdefault(protocol.address, OrderedDict())[protocol] = None

    def rest(self, protocol: "DoorProtocol") -> None:
        self.leave(protocol)
        self.idle[protocol] = None

    def leave(self, protocol: "DoorProtocol") -> None:
        self.idle.pop(protocol, None)
        for lines in (self.heads, self.bodies):
            waiting = lines.get(protocol.address)
            if waiting is not None and waiting.pop(protocol, self) is not self and not waiting:
                del lines[protocol.address]

    def make_room(self) -> None:
        """One too many is connected: an idle connection goes first, else the oldest of the most crowded address."""
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
        self.address = self.client[0] if self.client else ""
        self._expect_head()
        if len(self.connections) > CONNECTIONS_MAX:
            self.crowd.make_room()

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


def door() -> type[DoorProtocol]:
    """A protocol class with a crowd of its own, for one server."""
    return type("Door", (DoorProtocol,), {"crowd": Crowd()})
