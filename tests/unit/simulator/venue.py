"""A client of the simulated exchange for its tests: signs requests, keeps streams, moves time by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.simulator import AccountConfig, Close, Config, Response, SimulatedExchange
from app.simulator.doors.signing import sign

START_NS = 1_780_000_000_000_000_000
MS = 1_000_000
SECOND = 1_000_000_000
SPOT, SWAP, INVERSE = 20001, 20011, 20021
MAIN = AccountConfig("main", "key", "secret", "pass")


def iso(now_ns: int) -> str:
    moment = datetime.fromtimestamp(now_ns // SECOND, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{now_ns // MS % 1000:03d}Z"


class Venue:
    """An exchange and one account's view of it. A still book (flow_rate 0) unless asked otherwise."""

    def __init__(self, *, saved: dict[str, Any] | None = None, now_ns: int = START_NS, **settings: Any) -> None:
        settings = {"accounts": (MAIN,), "flow_rate": 0.0, "rate_limits": False, **settings}
        self.now_ns = now_ns
        self.exchange = SimulatedExchange(Config(**settings), self.now_ns, saved)
        self.frames: dict[int, list[Any]] = {}

    def wait(self, ns: int) -> None:
        """Let `ns` pass, event by event."""
        self.now_ns += ns
        self.exchange.advance(self.now_ns)
        self._collect()

    def raw(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Response:
        response = self.exchange.http(method, path, headers, body, self.now_ns)
        self._collect()
        return response

    def headers(self, method: str, path: str, body: bytes = b"", account: AccountConfig = MAIN) -> dict[str, str]:
        stamp = iso(self.now_ns)
        return {
            "OK-ACCESS-KEY": account.api_key,
            "OK-ACCESS-PASSPHRASE": account.passphrase,
            "OK-ACCESS-TIMESTAMP": stamp,
            "OK-ACCESS-SIGN": sign(account.secret, stamp, (method + path).encode() + body),
            "Content-Type": "application/json",
        }

    def call(self, method: str, path: str, body: Any = None, account: AccountConfig = MAIN, **extra: str) -> Any:
        """Signed call below /api/v5/; returns the decoded body."""
        full = f"/api/v5/{path}"
        data = b"" if body is None else json.dumps(body).encode()
        response = self.raw(method, full, self.headers(method, full, data, account) | extra, data)
        return json.loads(response.body) if response.body[:1] == b"{" else {}

    def get(self, path: str, account: AccountConfig = MAIN) -> Any:
        """The data of a successful GET."""
        reply = self.call("GET", path, account=account)
        assert reply["code"] == "0", reply
        return reply["data"]

    def place(self, account: AccountConfig = MAIN, **params: Any) -> dict[str, Any]:
        """Place by REST; returns the result row. Spot limit buy unless `params` say otherwise."""
        body = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", **params}
        reply = self.call("POST", "trade/order", body, account)
        return reply["data"][0] if reply.get("data") else reply

    def order(self, order_id: str, inst_id: str = "BTC-USDT", account: AccountConfig = MAIN) -> dict[str, Any]:
        return self.get(f"trade/order?instId={inst_id}&ordId={order_id}", account)[0]

    def cash(self, ccy: str, account: AccountConfig = MAIN) -> Decimal:
        return self.exchange.accounts[account.name].cash[ccy]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        response = self.raw(method, f"/simulator/v1/{path}", {}, data)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def best(self, side: str, inst_id: str = "BTC-USDT") -> Decimal:
        """Best "bids" or "asks" price."""
        return Decimal(self.get(f"market/books?instId={inst_id}&sz=1")[0][side][0][0])

    # -- streams ---------------------------------------------------------------------------------------------------

    def stream(self, path: str = "private", account: AccountConfig | None = None) -> int:
        """Open a stream; with an account, log it in."""
        stream_id = self.exchange.open_stream(f"/ws/v5/{path}", self.now_ns)
        self.frames[stream_id] = []
        if account is not None:
            stamp = str(self.now_ns // SECOND)
            signature = sign(account.secret, stamp, b"GET/users/self/verify")
            arg = {
                "apiKey": account.api_key,
                "passphrase": account.passphrase,
                "timestamp": stamp,
                "sign": signature,
            }
            assert self.send(stream_id, {"op": "login", "args": [arg]})[0]["code"] == "0"
        return stream_id

    def send(self, stream_id: int, message: Any) -> list[Any]:
        """Send one frame; returns what had come on that stream and what came back at once."""
        text = message if isinstance(message, str) else json.dumps(message)
        self.exchange.receive(stream_id, text, self.now_ns)
        self._collect()
        return self.taken(stream_id)

    def subscribe(self, stream_id: int, *args: dict[str, Any]) -> list[Any]:
        return self.send(stream_id, {"op": "subscribe", "args": list(args)})

    def operate(self, stream_id: int, op: str, *args: dict[str, Any], **extra: Any) -> list[Any]:
        return self.send(stream_id, {"id": "1", "op": op, "args": list(args), **extra})

    def taken(self, stream_id: int) -> list[Any]:
        """What has come since the last look."""
        found, self.frames[stream_id] = self.frames[stream_id], []
        return found

    def _collect(self) -> None:
        for stream_id, item in self.exchange.outbox():
            decoded = item if isinstance(item, Close) or item == "pong" else json.loads(item)
            self.frames.setdefault(stream_id, []).append(decoded)
