"""The simulator's own REST control under /simulator/v1: faults, the ledger, and a few acts of the venue.

Never part of /api/v5. The server lets only loopback in; nothing here is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from app.simulator.doors.connections import Connections
from app.simulator.doors.rest.door import JSON_HEADERS, Response
from app.simulator.doors.views.account import balance_row, bill_row, position_row
from app.simulator.doors.views.orders import fill_row, rest_row
from app.simulator.faults import KNOBS, PROFILES, Faults
from app.simulator.market.instruments import ZERO, text
from app.simulator.trading.accounts import Account
from app.simulator.trading.desk import OrderDesk


class Control:
    """Handlers by (method, path below the prefix)."""

    def __init__(
        self,
        desk: OrderDesk,
        faults: Faults,
        connections: Connections,
        act: Callable[[Mapping[str, Any]], Any],
        faults_changed: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._faults = faults
        self._connections = connections
        self._act = act
        self._faults_changed = faults_changed

    def handle(self, method: str, target: str, body: bytes) -> Response:
        path = target.partition("?")[0].removeprefix("/simulator/v1/")
        handlers: dict[tuple[str, str], Any] = {
            ("GET", "ledger"): lambda data: self.ledger(),
            ("GET", "faults"): lambda data: {"knobs": self._faults.describe(), "known": KNOBS},
            ("POST", "faults"): self._set_faults,
            ("POST", "acts"): self._act,
            ("GET", "health"): lambda data: {
                "now_ns": self._desk.now.ns,
                "streams": len(self._connections.open),
            },
        }
        handler = handlers.get((method.upper(), path))
        if handler is None:
            return _answer(404, {"error": f"{method} {path} is not a control endpoint"})
        try:
            data = msgspec.json.decode(body) if body else {}
            return _answer(200, handler(data))
        except (msgspec.DecodeError, ValueError, TypeError, KeyError) as problem:
            return _answer(400, {"error": str(problem)})

    def _set_faults(self, data: Any) -> Any:
        """{"profile": name} replaces all knobs, {"knobs": {...}} sets some, {"clear": true} switches all off."""
        faults = self._faults
        if data.get("clear"):
            faults.clear()
        if "profile" in data:
            if data["profile"] not in PROFILES:
                raise ValueError(f"profile {data['profile']!r} is unknown; known: {', '.join(PROFILES)}")
            faults.clear()
            faults.set(PROFILES[data["profile"]])
        faults.set(data.get("knobs", {}))
        self._faults_changed()
        return {"knobs": faults.describe()}

    def ledger(self) -> dict[str, Any]:
        """The exchange's truth, without faults: per account its orders, fills, bills, balances and positions."""
        return {
            "ts": str(self._desk.now.ms),
            "accounts": {name: self._account(account) for name, account in self._desk.accounts.items()},
        }

    def _account(self, account: Account) -> dict[str, Any]:
        desk = self._desk
        return {
            "uid": account.uid,
            "dropped": {"fills": account.dropped_fills, "bills": account.dropped_bills},
            "opening": {ccy: text(amount) for ccy, amount in account.opening.items()},
            "cash": {ccy: text(amount) for ccy, amount in account.cash.items()},
            "frozen": {ccy: text(amount) for ccy, amount in account.frozen.items() if amount != ZERO},
            "orders": [rest_row(order) for order in account.orders.values()],
            "fills": [fill_row(order, fill) for order, fill in account.fills],
            "bills": [bill_row(bill) for bill in account.bills],
            "positions": [position_row(account, position, desk) for position in account.held()],
            "balance": balance_row(account, desk),
        }


def _answer(status: int, data: Any) -> Response:
    return Response(status, JSON_HEADERS, msgspec.json.encode(data))
