"""WebSocket connections and the frames on their way out. No sockets here.

Frames are taken by `take_outbox` as (stream id, text | Close), in the order they must be sent.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from app.simulator.codes import Refusal, refuse
from app.simulator.doors.spoil import KNOB, spoiled
from app.simulator.faults import Faults
from app.simulator.now import Now, Schedule
from app.simulator.trading.accounts import Account

MS = 1_000_000
IDLE_NS = 30_000 * MS
PATHS = ("public", "private", "business")
SubKey = tuple[str, str]


class Close(NamedTuple):
    """The exchange closes a connection; code 1006 means it is cut without a close frame."""

    code: int
    reason: str


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket connection."""

    stream_id: int
    path: str
    conn_id: str
    last_ns: int
    account: Account | None = None
    subs: dict[SubKey, dict[str, Any]] = field(default_factory=dict[SubKey, dict[str, Any]])
    silent: bool = False
    closed: bool = False
    last_due_ns: int = 0


Frame = tuple[Connection, str | Close, int]
"""One frame, for whom, and how long it is under way."""


class Connections:
    """All connections of one exchange. Who keeps something for a connection is told by `ended` that it is gone."""

    def __init__(self, now: Now, faults: Faults, schedule: Schedule, feed_delay_ns: Callable[[], int]) -> None:
        self._now = now
        self._faults = faults
        self._schedule = schedule
        self._feed_delay_ns = feed_delay_ns
        self._next_id = 0
        self._out: list[tuple[int, str | Close]] = []
        self._held: list[tuple[int, int, int, str | Close]] = []
        self._sequence = 0
        self._staged: list[Frame] | None = None
        self.open: dict[int, Connection] = {}
        self.ended: list[Callable[[Connection], None]] = []

    # -- connections -----------------------------------------------------------------------------------------------

    def accept(self, path: str) -> int:
        """Accept a connection to /ws/v5/{public,private,business}; ValueError for another path."""
        name = path.split("?")[0].rstrip("/").removeprefix("/ws/v5/")
        if name not in PATHS:
            raise ValueError(f"path: {path!r} is not /ws/v5/public, /ws/v5/private or /ws/v5/business")
        self._next_id += 1
        connection = Connection(self._next_id, name, f"{self._next_id * 2654435761 % 2**32:08x}", self._now.ns)
        self.open[self._next_id] = connection
        return self._next_id

    def closed(self, stream_id: int) -> None:
        """The client is gone."""
        connection = self.open.pop(stream_id, None)
        if connection is not None:
            connection.closed = True
            for told in self.ended:
                told(connection)

    def close(self, connection: Connection, code: int, reason: str) -> None:
        """Close from our side; nothing is sent after it."""
        if connection.closed:
            return
        self.emit(connection, Close(code, reason))
        self.closed(connection.stream_id)

    def close_idle(self) -> None:
        """Close connections with nothing in or out for 30 s."""
        for connection in list(self.open.values()):
            if self._now.ns - connection.last_ns >= IDLE_NS:
                self.close(connection, 4004, "No data received in 30s.")

    # -- frames ----------------------------------------------------------------------------------------------------

    def emit(self, connection: Connection, item: str | Close, delay_ns: int = 0) -> None:
        if connection.closed:
            return
        if self._staged is not None:
            self._staged.append((connection, item, delay_ns))
            return
        connection.last_ns = self._now.ns
        # One connection is one TCP stream: a jittered frame never overtakes the one before it.
        due_ns = connection.last_due_ns = max(self._now.ns + delay_ns, connection.last_due_ns)
        if due_ns <= self._now.ns:
            self._out.append((connection.stream_id, item))
            return
        self._sequence += 1
        heapq.heappush(self._held, (due_ns, self._sequence, connection.stream_id, item))

    def reply(self, connection: Connection, message: Mapping[str, Any], delay_ns: int = 0) -> None:
        self.emit(connection, msgspec.json.encode(message).decode(), delay_ns)

    def refuse(self, connection: Connection, refusal: Refusal, request_id: Any) -> None:
        body = {"event": "error", "msg": refusal.message, "code": refusal.code, "connId": connection.conn_id}
        self.reply(connection, {"id": str(request_id)} | body if request_id else body)

    def stage(self) -> None:
        """Keep frames back until `staged` takes them, so that an answer can be put before or behind them."""
        self._staged = []

    def staged(self) -> list[Frame]:
        frames, self._staged = self._staged or [], None
        return frames

    def emit_all(self, frames: list[Frame]) -> None:
        for connection, item, delay_ns in frames:
            self.emit(connection, item, delay_ns)

    def release(self) -> None:
        """Move frames whose delay is over to the outbox."""
        while self._held and self._held[0][0] <= self._now.ns:
            _, _, stream_id, item = heapq.heappop(self._held)
            self._out.append((stream_id, item))

    def take_outbox(self) -> list[tuple[int, str | Close]]:
        self.release()
        out, self._out = self._out, []
        return out

    def next_ns(self) -> int | None:
        return self._held[0][0] if self._held else None

    # -- pushes ----------------------------------------------------------------------------------------------------

    def push(self, connection: Connection, arg: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Send one message of a subscription."""
        self.push_text(connection, encode_push(arg, body))

    def push_text(self, connection: Connection, text: str) -> None:
        """Send a push that is encoded already; pushes are subject to the feed leg and to a silent stream."""
        if self._disturbed(connection):
            return
        if self._faults.active(KNOB):
            text = spoiled(self._faults, msgspec.json.decode(text)["arg"]["channel"], text.encode()).decode()
        self.emit(connection, text, self._feed_delay_ns())

    def _disturbed(self, connection: Connection) -> bool:
        """Stream faults, one chance a push: true when this push must not go out."""
        faults = self._faults
        if not faults.any:
            return connection.silent
        if faults.fires("upgrade_notice"):
            self.announce_upgrade(connection, int(faults.value("upgrade_notice", 60_000)))
        if faults.fires("close_stream"):
            self.close(connection, int(faults.value("close_stream", 4006)), "Abnormal disconnection")
            return True
        connection.silent = connection.silent or faults.fires("silent_stream")
        return connection.silent

    def announce_upgrade(self, connection: Connection, wait_ms: int) -> None:
        """Notice 64008 now, the close after `wait_ms`."""
        notice = refuse("64008")
        body = {"event": "notice", "code": notice.code, "msg": notice.message, "connId": connection.conn_id}
        self.reply(connection, body)
        self._schedule(self._now.ns + wait_ms * MS, lambda: self.close(connection, 4006, "Service upgrade"))


def encode_push(arg: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    return msgspec.json.encode({"arg": arg, **body}).decode()
