"""Private channels: orders, account, positions, balance_and_position, and those that are accepted and stay empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.simulator.codes import Refusal, refuse
from app.simulator.doors.connections import MS, Connection, Connections, encode_push
from app.simulator.doors.views.account import balance_and_position, balance_row, position_row
from app.simulator.doors.views.orders import channel_row, fills_row
from app.simulator.faults import Faults
from app.simulator.market.instruments import text
from app.simulator.now import Schedule
from app.simulator.trading.accounts import Account, Position
from app.simulator.trading.desk import OrderDesk
from app.simulator.trading.orders import FILLED, AmendNote, Fill, Order

ON_PRIVATE = (
    "orders",
    "account",
    "positions",
    "balance_and_position",
    "fills",
    "liquidation-warning",
    "account-greeks",
)
ON_BUSINESS = ("orders-algo", "algo-advance", "deposit-info", "withdrawal-info", "grid-orders-spot")
PRIVATE_COUNTED = ("orders", "account", "positions", "balance_and_position", "liquidation-warning", "account-greeks")
FILLS_VIP = 4
REGULAR_NS = 5_000 * MS


@dataclass(slots=True)
class _Pending:
    """What an account's channels still have to say at the end of this turn."""

    event: str = ""
    ccys: set[str] = field(default_factory=set[str])
    positions: dict[int, Position] = field(default_factory=dict[int, Position])
    trades: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


class PrivateChannels:
    """Pushes for logged-in connections. Orders go at once; balances and positions once a turn."""

    def __init__(self, desk: OrderDesk, faults: Faults, connections: Connections, schedule: Schedule) -> None:
        self._desk = desk
        self._faults = faults
        self._connections = connections
        self._schedule = schedule
        self._subscribers: list[Connection] = []
        self._pending: dict[str, _Pending] = {}
        self._regular_ns: dict[tuple[int, str], int] = {}
        connections.ended.append(self.drop)

    @staticmethod
    def knows(arg: Mapping[str, Any]) -> bool:
        return arg.get("channel") in ON_PRIVATE or arg.get("channel") in ON_BUSINESS

    def problem(self, connection: Connection, arg: Mapping[str, Any]) -> Refusal | None:
        channel, inst_id = str(arg["channel"]), str(arg.get("instId", ""))
        unknown = refuse("60018", f"channel:{channel},instId:{inst_id}")
        if connection.path != ("private" if channel in ON_PRIVATE else "business"):
            return unknown
        if connection.account is None:
            return refuse("60011")
        if channel == "fills" and connection.account.config.vip < FILLS_VIP:
            return refuse("64003")
        if inst_id and channel in ("orders", "positions", "fills") and inst_id not in self._desk.markets:
            return unknown
        if channel in ("orders", "positions") and arg.get("instType") not in (
            "ANY",
            "SPOT",
            "MARGIN",
            "SWAP",
            "FUTURES",
            "OPTION",
            "EVENTS",
        ):
            return refuse("60013")
        return None

    def subscribe(self, connection: Connection, arg: dict[str, Any]) -> None:
        """Keep the subscription and send its first state (orders have none)."""
        key = (str(arg["channel"]), repr(sorted(arg.items())))
        connection.subs[key] = arg
        if connection not in self._subscribers:
            self._subscribers.append(connection)
        account, channel, now_ns = connection.account, arg["channel"], self._desk.now.ns
        assert account is not None
        self._regular_ns[connection.stream_id, key[1]] = now_ns
        if channel == "account":
            self._send_account(connection, arg, account, None, "snapshot")
        elif channel == "positions":
            self._send_positions(connection, arg, account, list(account.held()), "snapshot")
        elif channel == "balance_and_position":
            ccys = [ccy for ccy, cash in account.cash.items() if cash]
            row = balance_and_position(account, self._desk.now.ms, "snapshot", ccys, list(account.held()), [])
            self._connections.push(connection, arg | {"uid": account.uid}, {"data": [row]})

    def unsubscribe(self, connection: Connection, arg: Mapping[str, Any]) -> None:
        connection.subs.pop((str(arg["channel"]), repr(sorted(arg.items()))), None)
        if not any(self.knows(kept) for kept in connection.subs.values()):
            self.drop(connection)

    def drop(self, connection: Connection) -> None:
        if connection in self._subscribers:
            self._subscribers.remove(connection)
        for key in [key for key in self._regular_ns if key[0] == connection.stream_id]:
            del self._regular_ns[key]

    # -- events ----------------------------------------------------------------------------------------------------

    def order_changed(self, account: Account, order: Order, fill: Fill | None, amend: AmendNote | None) -> None:
        if fill is not None:
            waiting = self._pending.setdefault(account.name, _Pending())
            waiting.trades.append({"instId": order.inst.inst_id, "tradeId": str(fill.trade_id)})
            position = account.position(order.inst, order.td_mode, order.pos_side) if not order.inst.is_spot else None
            if position is not None:
                waiting.positions[position.pos_id] = position
        listeners = [(c, arg) for c in self._subscribers if c.account is account for arg in c.subs.values()]
        rows: list[dict[str, Any]] | None = None
        for connection, arg in listeners:
            if (
                arg["channel"] == "fills"
                and fill is not None
                and arg.get("instId", order.inst.inst_id) == order.inst.inst_id
            ):
                self._connections.push(connection, arg | {"uid": account.uid}, {"data": [fills_row(order, fill)]})
            if arg["channel"] != "orders" or not _matches(arg, order):
                continue
            if rows is None:
                rows = self._order_rows(order, fill, amend)
            for row in rows:
                self._send_order(connection, encode_push(arg | {"uid": account.uid}, {"data": [row]}))

    def _send_order(self, connection: Connection, text: str) -> None:
        if not self._faults.fires("late_push"):
            self._connections.push_text(connection, text)
            return
        late_ns = self._desk.now.ns + int(self._faults.value("late_push", 1000)) * MS
        self._schedule(late_ns, lambda: self._connections.push_text(connection, text))

    def _order_rows(self, order: Order, fill: Fill | None, amend: AmendNote | None) -> list[dict[str, Any]]:
        """The pushes of one update, after faults: none when lost, two when duplicated."""
        faults = self._faults
        if faults.fires("lost_push"):
            return []
        market = self._desk.markets[order.inst.inst_id]
        row = channel_row(order, fill, market.price_text(market.last_price), amend)
        if fill is not None and order.state == FILLED and faults.fires("terminal_before_fill"):
            row = channel_row(order, None, market.price_text(market.last_price), amend) | {
                "tradeId": "",
                "fillTime": "",
            }
        if fill is not None and faults.fires("empty_trade_id"):
            row["tradeId"] = ""
        if faults.fires("unknown_enum"):
            row |= {"state": "suspended_2027", "category": "quantum", "cancelSource": "999"}
        if order.state == FILLED and faults.fires("overfill"):
            size = order.inst.size(order.filled + 1)
            row["accFillSz"] = text(size)
        if faults.fires("duplicate_push"):
            return [row, row | {"uTime": str(order.u_time_ms + 1)}]
        return [row]

    def algo_changed(self, account: Account, kind: str, row: dict[str, Any]) -> None:
        """Push an algo order: trailing ones on algo-advance, the others on orders-algo."""
        channel = "algo-advance" if kind == "move_order_stop" else "orders-algo"
        for connection in list(self._subscribers):
            if connection.account is not account:
                continue
            for arg in list(connection.subs.values()):
                typed = arg.get("instType") in (None, "ANY", row["instType"])
                if arg["channel"] == channel and typed and arg.get("instId", row["instId"]) == row["instId"]:
                    self._connections.push(connection, arg | {"uid": account.uid}, {"data": [row]})

    def account_changed(self, account: Account, event: str, ccys: tuple[str, ...]) -> None:
        waiting = self._pending.setdefault(account.name, _Pending())
        if event != "order" or not waiting.event:
            waiting.event = event
        waiting.ccys.update(ccys)

    def flush(self) -> None:
        """Send what this turn changed in balances and positions."""
        if not self._pending:
            return
        pending, self._pending = self._pending, {}
        for name, waiting in pending.items():
            account = self._desk.accounts[name]
            for connection in list(self._subscribers):
                if connection.account is account:
                    self._flush_to(connection, account, waiting)

    def _flush_to(self, connection: Connection, account: Account, waiting: _Pending) -> None:
        ccys, moved = sorted(waiting.ccys), list(waiting.positions.values())
        for arg in list(connection.subs.values()):
            channel = arg["channel"]
            if channel == "account":
                self._send_account(connection, arg, account, ccys, "event_update")
            elif channel == "positions" and moved:
                self._send_positions(connection, arg, account, moved, "event_update")
            elif channel == "balance_and_position" and waiting.event != "order":
                row = balance_and_position(account, self._desk.now.ms, waiting.event, ccys, moved, waiting.trades)
                self._connections.push(connection, arg | {"uid": account.uid}, {"data": [row]})

    def regular(self) -> None:
        """The periodic account and positions pushes (about 5 s, unless updateInterval is "0")."""
        now_ns = self._desk.now.ns
        for connection in list(self._subscribers):
            account = connection.account
            for key, arg in list(connection.subs.items()):
                place = (connection.stream_id, key[1])
                if account is None or now_ns - self._regular_ns.get(place, now_ns) < REGULAR_NS:
                    continue
                self._regular_ns[place] = now_ns
                if '"updateInterval":"0"' in str(arg.get("extraParams", "")).replace(" ", ""):
                    continue
                if arg["channel"] == "account":
                    self._send_account(connection, arg, account, None, "event_update")
                elif arg["channel"] == "positions":
                    self._send_positions(connection, arg, account, list(account.held()), "event_update")

    def _send_account(
        self, connection: Connection, arg: Mapping[str, Any], account: Account, ccys: list[str] | None, event: str
    ) -> None:
        if "ccy" in arg:
            ccys = [ccy for ccy in ([str(arg["ccy"])] if ccys is None else ccys) if ccy == arg["ccy"]]
            if not ccys:
                return
        self._send_enveloped(connection, arg, account, [balance_row(account, self._desk, ccys)], event)

    def _send_positions(
        self, connection: Connection, arg: Mapping[str, Any], account: Account, positions: list[Position], event: str
    ) -> None:
        kind, inst_id, family = arg.get("instType"), arg.get("instId"), arg.get("instFamily")
        shown = [
            position_row(account, p, self._desk)
            for p in positions
            if kind in ("ANY", p.inst.inst_type)
            and inst_id in (None, p.inst.inst_id)
            and family in (None, p.inst.family)
        ]
        if shown or event == "snapshot":
            self._send_enveloped(connection, arg, account, shown, event)

    def _send_enveloped(
        self, connection: Connection, arg: Mapping[str, Any], account: Account, rows: list[dict[str, Any]], event: str
    ) -> None:
        body: dict[str, Any] = {"eventType": event}
        if event == "snapshot":
            body |= {"curPage": 1, "lastPage": True}
        self._connections.push(connection, {**arg, "uid": account.uid}, body | {"data": rows})


def _matches(arg: Mapping[str, Any], order: Order) -> bool:
    inst = order.inst
    return (
        arg.get("instType") in ("ANY", inst.inst_type)
        and arg.get("instId", inst.inst_id) == inst.inst_id
        and arg.get("instFamily", inst.family) == inst.family
    )
