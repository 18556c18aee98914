"""WebSocket side of the exchange: connections, login, subscriptions, order operations, pushes. No sockets here.

Frames in by `receive`, frames out by `outbox` as (stream id, text | Close), in the order they must be sent.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from app.simulator.codes import Refusal, refuse, refuse_any
from app.simulator.config import Config
from app.simulator.doors.actions import Actions, Result
from app.simulator.doors.channels.hub import PublicHub, SubKey
from app.simulator.doors.channels.private import PRIVATE_COUNTED, PrivateChannels
from app.simulator.doors.limits import STREAM_REQUESTS, RateLimiter
from app.simulator.doors.signing import LOGIN_PATH, TOLERANCE_NS, matches
from app.simulator.doors.spoil import KNOB, spoiled
from app.simulator.faults import Faults
from app.simulator.market.instruments import is_whole
from app.simulator.market.markets import Market
from app.simulator.trading.accounts import Account
from app.simulator.trading.desk import Now
from app.simulator.trading.entry import CLIENT_ID

MS = 1_000_000
IDLE_NS = 30_000 * MS
FRAME_MAX = 64 * 1024
DECODER = msgspec.json.Decoder(float_hook=str)
PATHS = ("public", "private", "business")
OPS: dict[str, tuple[str, bool]] = {
    "order": ("place", False),
    "batch-orders": ("place", True),
    "cancel-order": ("cancel", False),
    "batch-cancel-orders": ("cancel", True),
    "amend-order": ("amend", False),
    "batch-amend-orders": ("amend", True),
}


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


class Streams:
    """All connections of one exchange."""

    def __init__(
        self,
        config: Config,
        now: Now,
        accounts_by_key: Mapping[str, Account],
        markets: Mapping[str, Market],
        actions: Actions,
        limiter: RateLimiter,
        faults: Faults,
        private: PrivateChannels,
        public: PublicHub,
    ) -> None:
        self._config = config
        self._now = now
        self._accounts = accounts_by_key
        self._markets = markets
        self._by_code = {str(market.inst.code): market for market in markets.values()}
        self._actions = actions
        self._limiter = limiter
        self._faults = faults
        self._private = private
        self._public = public
        private.send = self.send
        public.send = self.send
        self._next_id = 0
        self.connections: dict[int, Connection] = {}
        self._out: list[tuple[int, str | Close]] = []
        self._held: list[tuple[int, int, int, str | Close]] = []
        self._sequence = 0
        self._staged: list[tuple[Connection, str | Close, int]] | None = None
        self.schedule: Callable[[int, Callable[[], None]], None] = lambda due_ns, action: action()
        self.response_delay_ns: Callable[[], int] = lambda: 0
        self.feed_delay_ns: Callable[[], int] = lambda: 0

    # -- connections and frames ------------------------------------------------------------------------------------

    def open(self, path: str) -> int:
        """Accept a connection to /ws/v5/{public,private,business}; ValueError for another path."""
        name = path.split("?")[0].rstrip("/").removeprefix("/ws/v5/")
        if name not in PATHS:
            raise ValueError(f"path: {path!r} is not /ws/v5/public, /ws/v5/private or /ws/v5/business")
        self._next_id += 1
        connection = Connection(self._next_id, name, f"{self._next_id * 2654435761 % 2**32:08x}", self._now.ns)
        self.connections[self._next_id] = connection
        return self._next_id

    def closed(self, stream_id: int) -> None:
        """The client is gone."""
        connection = self.connections.pop(stream_id, None)
        if connection is not None:
            connection.closed = True
            self._public.drop(connection)
            self._private.drop(connection)

    def close(self, connection: Connection, code: int, reason: str) -> None:
        """Close from our side; nothing is sent after it."""
        if connection.closed:
            return
        self._emit(connection, Close(code, reason), 0)
        self.closed(connection.stream_id)

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

    def _emit(self, connection: Connection, item: str | Close, delay_ns: int) -> None:
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

    def send(self, connection: Connection, text: str, *, push: bool = True) -> None:
        """Queue a frame; pushes are subject to the feed leg and to a silent stream."""
        if push and self._disturbed(connection):
            return
        if push and self._faults.active(KNOB):
            text = spoiled(self._faults, msgspec.json.decode(text)["arg"]["channel"], text.encode()).decode()
        self._emit(connection, text, self.feed_delay_ns() if push else 0)

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
        self._reply(connection, body)
        self.schedule(self._now.ns + wait_ms * MS, lambda: self.close(connection, 4006, "Service upgrade"))

    def _reply(self, connection: Connection, message: Mapping[str, Any], delay_ns: int = 0) -> None:
        self._emit(connection, msgspec.json.encode(message).decode(), delay_ns)

    def _error(self, connection: Connection, refusal: Refusal, request_id: Any) -> None:
        body = {"event": "error", "msg": refusal.message, "code": refusal.code, "connId": connection.conn_id}
        self._reply(connection, {"id": str(request_id)} | body if request_id else body)

    def close_idle(self) -> None:
        """Close connections with nothing in or out for 30 s."""
        for connection in list(self.connections.values()):
            if self._now.ns - connection.last_ns >= IDLE_NS:
                self.close(connection, 4004, "No data received in 30s.")

    def receive(self, stream_id: int, text: str) -> None:
        """One text frame from a client."""
        connection = self.connections.get(stream_id)
        if connection is None:
            return
        connection.last_ns = self._now.ns
        if text == "ping":
            self._emit(connection, "pong", 0)
            return
        if len(text) > FRAME_MAX:
            self.close(connection, 1009, "Request message exceeds the maximum frame length")
            return
        try:
            message = DECODER.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            self._error(connection, refuse("60012", text[:200]), None)
            return
        if not isinstance(message, dict) or not isinstance(message.get("op"), str):
            self._error(connection, refuse("60012", text[:200]), None)
            return
        self._dispatch(connection, message, text)

    def _dispatch(self, connection: Connection, message: dict[str, Any], text: str) -> None:
        op, args, request_id = message["op"], message.get("args"), message.get("id")
        if op in OPS:
            self._operate(connection, message)
            return
        if op not in ("login", "subscribe", "unsubscribe"):
            self._error(connection, refuse("60019", op), request_id)
            return
        if not isinstance(args, list) or not args or not all(isinstance(arg, dict) for arg in args):
            self._error(connection, refuse("60012", text[:200]), request_id)
            return
        if not self._limiter.allow(("stream", str(connection.stream_id)), *STREAM_REQUESTS, self._now.ns):
            self._error(connection, refuse("60014"), request_id)
            return
        if op == "login":
            self._login(connection, args[0], request_id)
            return
        for arg in args:
            present = {str(key): value for key, value in arg.items() if value is not None and value != ""}
            if op == "subscribe":
                self._subscribe(connection, present, request_id)
            else:
                self._unsubscribe(connection, present, request_id)

    # -- login -----------------------------------------------------------------------------------------------------

    def _login(self, connection: Connection, arg: Mapping[str, Any], request_id: Any) -> None:
        refusal = self._login_problem(connection, arg)
        if refusal is not None:
            self._error(connection, refusal, request_id)
            if refusal.code != "60031":
                self.close(connection, 4001, "Login failed")
            return
        connection.account = self._accounts[str(arg["apiKey"])]
        body = {"event": "login", "msg": "", "code": "0", "connId": connection.conn_id}
        self._reply(connection, {"id": str(request_id)} | body if request_id else body)

    def _login_problem(self, connection: Connection, arg: Mapping[str, Any]) -> Refusal | None:
        if connection.account is not None:
            return refuse("60031")
        account = self._accounts.get(str(arg.get("apiKey", "")))
        if account is None or account.revoked:
            return refuse("60005")
        stamp = str(arg.get("timestamp", ""))
        whole = stamp.partition(".")[0]
        if not is_whole(whole) or len(whole) > 12:
            return refuse("60004")
        if abs(int(whole) * 1_000_000_000 - self._now.shown_ns) > TOLERANCE_NS:
            return refuse("60006")
        if str(arg.get("passphrase", "")) != account.config.passphrase:
            return refuse("60024")
        if not matches(account.config.secret, stamp, LOGIN_PATH.encode(), str(arg.get("sign", ""))):
            return refuse("60007")
        return None

    # -- subscriptions ---------------------------------------------------------------------------------------------

    def _subscribe(self, connection: Connection, arg: dict[str, Any], request_id: Any) -> None:
        refusal = self._public.problem(connection, arg) if not self._private.knows(arg) else None
        if self._private.knows(arg):
            refusal = self._private.problem(connection, arg)
        if self._faults.active("refused_channel"):
            named = self._faults.value("refused_channel", {})
            if all(arg.get(name) == value for name, value in named.items()):
                refusal = refuse("60018", ",".join(f"{name}:{value}" for name, value in arg.items()))
        if refusal is not None:
            self._error(connection, refusal, request_id)
            return
        body = {"event": "subscribe", "arg": arg, "connId": connection.conn_id}
        self._reply(connection, {"id": str(request_id)} | body if request_id else body)
        if not self._private.knows(arg):
            self._public.subscribe(connection, arg)
            return
        if not self._count(connection, arg):
            return
        self._private.subscribe(connection, arg)

    def _count(self, connection: Connection, arg: Mapping[str, Any]) -> bool:
        """Tell the connection count of a counted private channel; False when the subscription is dropped for it."""
        channel = str(arg["channel"])
        if channel not in PRIVATE_COUNTED:
            return True
        others = sum(
            c is not connection
            and c.account is connection.account
            and any(arg["channel"] == channel for arg in c.subs.values())
            for c in self.connections.values()
        )
        over = others + 1 > 30 or self._faults.fires("count_error")
        self._reply(
            connection,
            {
                "event": "channel-conn-count-error" if over else "channel-conn-count",
                "channel": channel,
                "connCount": str(30 if over else others + 1),
                "connId": connection.conn_id,
            },
        )
        return not over

    def _unsubscribe(self, connection: Connection, arg: dict[str, Any], request_id: Any) -> None:
        if self._private.knows(arg):
            self._private.unsubscribe(connection, arg)
        else:
            self._public.unsubscribe(connection, arg)
        body = {"event": "unsubscribe", "arg": arg, "connId": connection.conn_id}
        self._reply(connection, {"id": str(request_id)} | body if request_id else body)

    # -- order operations ------------------------------------------------------------------------------------------

    def _resolve(self, item: Mapping[str, Any]) -> Market | Refusal:
        code = item.get("instIdCode")
        if code is None or code == "":
            legacy = item.get("instId")
            if self._config.legacy_ws_instid and legacy:
                return self._markets.get(str(legacy)) or refuse("51001")
            return refuse("50014", "instIdCode")
        return self._by_code.get(str(code)) or refuse("51001")

    def _operate(self, connection: Connection, message: Mapping[str, Any]) -> None:
        in_us = self._now.ns // 1000
        op, args, request_id = str(message["op"]), message.get("args"), message.get("id")
        verb, batch = OPS[op]
        if connection.path != "private":
            self._error(connection, refuse("60018", f"op:{op}"), request_id)
            return
        if connection.account is None:
            self._error(connection, refuse("60011"), request_id)
            return
        if not isinstance(request_id, str) or not CLIENT_ID.match(request_id):
            self._op_reply(connection, str(request_id or ""), op, Result("60013", "Invalid args"), in_us, 0)
            return
        if not isinstance(args, list) or not args or (not batch and len(args) != 1):
            self._op_reply(connection, request_id, op, Result("60013", "Invalid args"), in_us, 0)
            return
        self._operate_with_faults(
            connection, verb, batch, op, args, request_id, str(message.get("expTime") or ""), in_us
        )

    def _operate_with_faults(
        self,
        connection: Connection,
        verb: str,
        batch: bool,
        op: str,
        args: list[Any],
        request_id: str,
        exp_time: str,
        in_us: int,
    ) -> None:
        account, faults = connection.account, self._faults
        assert account is not None
        if faults.fires("cut_before_accept"):
            self.close(connection, 1006, "")
            return
        if faults.fires("drop_request"):
            return
        if faults.fires("error_not_taken"):
            self._op_fault(connection, request_id, op, "error_not_taken", in_us)
            return
        early = faults.fires("push_before_ack")
        self._staged = []
        result = self.run(account, verb, batch, args, exp_time)
        pushes, self._staged = self._staged, None
        if early:
            self._emit_all(pushes)
        self._answer_op(connection, request_id, op, result, in_us)
        if not early:
            self._emit_all(pushes)

    def _emit_all(self, frames: list[tuple[Connection, str | Close, int]]) -> None:
        for connection, item, delay_ns in frames:
            self._emit(connection, item, delay_ns)

    def _answer_op(self, connection: Connection, request_id: str, op: str, result: Result, in_us: int) -> None:
        """Reply to an operation that was carried out, unless a fault has it lost, late or wrong."""
        faults = self._faults
        if faults.fires("wrong_reply_id"):
            request_id = f"{request_id}0"
        if faults.fires("cut_after_accept"):
            self.close(connection, 1006, "")
        elif faults.fires("drop_reply"):
            return
        elif faults.fires("error_taken"):
            self._op_fault(connection, request_id, op, "error_taken", in_us)
        elif faults.fires("delay_reply"):
            due_ns = self._now.ns + int(faults.value("delay_reply", 2000)) * MS
            self.schedule(due_ns, lambda: self._op_reply(connection, request_id, op, result, in_us, 0))
        else:
            self._op_reply(connection, request_id, op, result, in_us, self.response_delay_ns())

    def run(self, account: Account, verb: str, batch: bool, args: list[Any], exp_time: str) -> Result:
        if "trade" not in account.config.permissions:
            refusal = refuse("50120")
            return Result(refusal.code, refusal.message)
        if verb == "place":
            return self._actions.place(account, args, self._resolve, batch=batch, exp_time=exp_time)
        if verb == "amend":
            return self._actions.amend(account, args, self._resolve, batch=batch, exp_time=exp_time)
        return self._actions.cancel(account, args, self._resolve, batch=batch)

    def _op_fault(self, connection: Connection, request_id: str, op: str, knob: str, in_us: int) -> None:
        code = str(self._faults.value(knob, "50004"))
        # A gateway's 502 has no WebSocket form; the nearest is the internal failure of the operation.
        refusal = refuse_any("64007" if code in ("502", "503", "504") else code)
        self._op_reply(connection, request_id, op, Result(refusal.code, refusal.message), in_us, 0)

    def _op_reply(
        self, connection: Connection, request_id: str, op: str, result: Result, in_us: int, delay_ns: int
    ) -> None:
        body = {
            "id": request_id,
            "op": op,
            "code": result.code,
            "msg": result.msg,
            "data": result.rows,
            "inTime": str(in_us),
            "outTime": str(self._now.ns // 1000 + 1),
        }
        self._reply(connection, body, delay_ns)
