"""Order operations over WebSocket: one request in, its answer out, unless a fault has it lost, late or wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.simulator.codes import Refusal, refuse, refuse_any
from app.simulator.config import Config
from app.simulator.doors.actions import Actions, Result
from app.simulator.doors.connections import MS, Connection, Connections
from app.simulator.faults import Faults
from app.simulator.market.markets import Market
from app.simulator.now import Now, Schedule
from app.simulator.trading.accounts import Account
from app.simulator.trading.entry import CLIENT_ID

OPS: dict[str, tuple[str, bool]] = {
    "order": ("place", False),
    "batch-orders": ("place", True),
    "cancel-order": ("cancel", False),
    "batch-cancel-orders": ("cancel", True),
    "amend-order": ("amend", False),
    "batch-amend-orders": ("amend", True),
}
INVALID_ARGS = Result("60013", "Invalid args")


class _Asked(NamedTuple):
    """What an answer is the answer to."""

    connection: Connection
    request_id: str
    op: str
    in_us: int


class Operations:
    """Place, cancel and amend, as the private stream carries them."""

    def __init__(
        self,
        config: Config,
        now: Now,
        markets: Mapping[str, Market],
        actions: Actions,
        faults: Faults,
        connections: Connections,
        schedule: Schedule,
        response_delay_ns: Callable[[], int],
    ) -> None:
        self._config = config
        self._now = now
        self._markets = markets
        self._by_code = {str(market.inst.code): market for market in markets.values()}
        self._actions = actions
        self._faults = faults
        self._connections = connections
        self._schedule = schedule
        self._response_delay_ns = response_delay_ns

    def operate(self, connection: Connection, message: Mapping[str, Any]) -> None:
        """Carry one message of OPS out and answer it."""
        op, args, request_id = str(message["op"]), message.get("args"), message.get("id")
        asked = _Asked(connection, str(request_id or ""), op, self._now.ns // 1000)
        _, batch = OPS[op]
        if connection.path != "private":
            self._connections.refuse(connection, refuse("60018", f"op:{op}"), request_id)
            return
        if connection.account is None:
            self._connections.refuse(connection, refuse("60011"), request_id)
            return
        if not isinstance(request_id, str) or not CLIENT_ID.match(request_id):
            self._reply(asked, INVALID_ARGS)
            return
        if not isinstance(args, list) or not args or (not batch and len(args) != 1):
            self._reply(asked, INVALID_ARGS)
            return
        self._take(asked, connection.account, args, str(message.get("expTime") or ""))

    def _take(self, asked: _Asked, account: Account, args: list[Any], exp_time: str) -> None:
        """Carry a sound request out, unless a fault loses it on the way."""
        faults, connections = self._faults, self._connections
        if faults.fires("cut_before_accept"):
            connections.close(asked.connection, 1006, "")
            return
        if faults.fires("drop_request"):
            return
        if faults.fires("error_not_taken"):
            self._reply_fault(asked, "error_not_taken")
            return
        early = faults.fires("push_before_ack")
        connections.stage()
        result = self._run(account, asked.op, args, exp_time)
        pushes = connections.staged()
        if early:
            connections.emit_all(pushes)
        self._answer(asked, result)
        if not early:
            connections.emit_all(pushes)

    def _run(self, account: Account, op: str, args: list[Any], exp_time: str) -> Result:
        verb, batch = OPS[op]
        if "trade" not in account.config.permissions:
            refusal = refuse("50120")
            return Result(refusal.code, refusal.message)
        if verb == "place":
            return self._actions.place(account, args, self._resolve, batch=batch, exp_time=exp_time)
        if verb == "amend":
            return self._actions.amend(account, args, self._resolve, batch=batch, exp_time=exp_time)
        return self._actions.cancel(account, args, self._resolve, batch=batch)

    def _resolve(self, item: Mapping[str, Any]) -> Market | Refusal:
        code = item.get("instIdCode")
        if code is None or code == "":
            legacy = item.get("instId")
            if self._config.legacy_ws_instid and legacy:
                return self._markets.get(str(legacy)) or refuse("51001")
            return refuse("50014", "instIdCode")
        return self._by_code.get(str(code)) or refuse("51001")

    # -- answering -------------------------------------------------------------------------------------------------

    def _answer(self, asked: _Asked, result: Result) -> None:
        """Reply to an operation that was carried out, unless a fault has it lost, late or wrong."""
        faults = self._faults
        if faults.fires("wrong_reply_id"):
            asked = asked._replace(request_id=f"{asked.request_id}0")
        if faults.fires("cut_after_accept"):
            self._connections.close(asked.connection, 1006, "")
        elif faults.fires("drop_reply"):
            return
        elif faults.fires("error_taken"):
            self._reply_fault(asked, "error_taken")
        elif faults.fires("delay_reply"):
            due_ns = self._now.ns + int(faults.value("delay_reply", 2000)) * MS
            self._schedule(due_ns, lambda: self._reply(asked, result))
        else:
            self._reply(asked, result, self._response_delay_ns())

    def _reply_fault(self, asked: _Asked, knob: str) -> None:
        code = str(self._faults.value(knob, "50004"))
        # A gateway's 502 has no WebSocket form; the nearest is the internal failure of the operation.
        refusal = refuse_any("64007" if code in ("502", "503", "504") else code)
        self._reply(asked, Result(refusal.code, refusal.message))

    def _reply(self, asked: _Asked, result: Result, delay_ns: int = 0) -> None:
        body = {
            "id": asked.request_id,
            "op": asked.op,
            "code": result.code,
            "msg": result.msg,
            "data": result.rows,
            "inTime": str(asked.in_us),
            "outTime": str(self._now.ns // 1000 + 1),
        }
        self._connections.reply(asked.connection, body, delay_ns)
