"""WebSocket side of the exchange: frames from clients, their logins and subscriptions. No sockets here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.simulator.codes import Refusal, refuse
from app.simulator.doors.channels.hub import PublicHub
from app.simulator.doors.channels.private import PRIVATE_COUNTED, PrivateChannels
from app.simulator.doors.connections import Connection, Connections
from app.simulator.doors.limits import STREAM_REQUESTS, RateLimiter
from app.simulator.doors.operations import OPS, Operations
from app.simulator.doors.signing import LOGIN_PATH, TOLERANCE_NS, matches
from app.simulator.faults import Faults
from app.simulator.market.instruments import is_whole
from app.simulator.now import Now
from app.simulator.trading.accounts import Account

FRAME_MAX = 64 * 1024
DECODER = msgspec.json.Decoder(float_hook=str)


class Streams:
    """What clients say on their connections."""

    def __init__(
        self,
        now: Now,
        accounts_by_key: Mapping[str, Account],
        limiter: RateLimiter,
        faults: Faults,
        connections: Connections,
        operations: Operations,
        public: PublicHub,
        private: PrivateChannels,
    ) -> None:
        self._now = now
        self._accounts = accounts_by_key
        self._limiter = limiter
        self._faults = faults
        self._connections = connections
        self._operations = operations
        self._public = public
        self._private = private

    def receive(self, stream_id: int, text: str) -> None:
        """One text frame from a client."""
        connection = self._connections.open.get(stream_id)
        if connection is None:
            return
        connection.last_ns = self._now.ns
        if text == "ping":
            self._connections.emit(connection, "pong")
            return
        if len(text) > FRAME_MAX:
            self._connections.close(connection, 1009, "Request message exceeds the maximum frame length")
            return
        try:
            message = DECODER.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            self._connections.refuse(connection, refuse("60012", text[:200]), None)
            return
        if not isinstance(message, dict) or not isinstance(message.get("op"), str):
            self._connections.refuse(connection, refuse("60012", text[:200]), None)
            return
        self._dispatch(connection, message, text)

    def _dispatch(self, connection: Connection, message: dict[str, Any], text: str) -> None:
        op, args, request_id = message["op"], message.get("args"), message.get("id")
        if op in OPS:
            self._operations.operate(connection, message)
            return
        if op not in ("login", "subscribe", "unsubscribe"):
            self._connections.refuse(connection, refuse("60019", op), request_id)
            return
        if not isinstance(args, list) or not args or not all(isinstance(arg, dict) for arg in args):
            self._connections.refuse(connection, refuse("60012", text[:200]), request_id)
            return
        if not self._limiter.allow(("stream", str(connection.stream_id)), *STREAM_REQUESTS, self._now.ns):
            self._connections.refuse(connection, refuse("60014"), request_id)
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
            self._connections.refuse(connection, refusal, request_id)
            if refusal.code != "60031":
                self._connections.close(connection, 4001, "Login failed")
            return
        connection.account = self._accounts[str(arg["apiKey"])]
        body = {"event": "login", "msg": "", "code": "0", "connId": connection.conn_id}
        self._connections.reply(connection, {"id": str(request_id)} | body if request_id else body)

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
            self._connections.refuse(connection, refusal, request_id)
            return
        body = {"event": "subscribe", "arg": arg, "connId": connection.conn_id}
        self._connections.reply(connection, {"id": str(request_id)} | body if request_id else body)
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
            for c in self._connections.open.values()
        )
        over = others + 1 > 30 or self._faults.fires("count_error")
        self._connections.reply(
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
        self._connections.reply(connection, {"id": str(request_id)} | body if request_id else body)
