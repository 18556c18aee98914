"""The OKX adapter's transport straight into the simulator's core: same bytes, no sockets, any clock.

SimulatedVenue drives one SimulatedExchange by the event loop's timers, so under a VirtualTimeLoop time costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.backtest.venue import REST_URL, WS_URL, LocalConnection, LocalTransport, LocalVenue
from app.clock import Clock
from app.exchanges.okx import OkxConfig
from app.exchanges.okx.transport import NotSent, Response
from app.simulator import AccountConfig, Close, Config

MemoryTransport = LocalTransport

MAIN = AccountConfig("main", "key-main", "secret-main", "pass-main")


def okx_config(account: AccountConfig = MAIN, **changes: Any) -> OkxConfig:
    """The adapter's configuration for an account of the venue."""
    return OkxConfig(account.api_key, account.secret, account.passphrase, REST_URL, WS_URL, **changes)


class SimulatedVenue(LocalVenue):
    """A simulated exchange that lives on the running event loop, and whatever may befall the way to it."""

    def __init__(
        self, clock: Clock, config: Config | None = None, saved: Mapping[str, Any] | None = None, **changes: Any
    ) -> None:
        """saved: what an earlier exchange left, as persistence.Store.load gives it."""
        super().__init__(clock, config or Config(accounts=(MAIN,), **{"flow_rate": 0.0, **changes}), saved)
        self.reachable = True
        """While false nothing connects and open connections hear nothing."""
        self.requests: list[tuple[str, str]] = []
        """Every REST request that arrived: (method, target)."""
        self.frames: list[str] = []
        """Every WebSocket text that arrived."""

    def set_faults(self, knobs: Mapping[str, Mapping[str, Any] | None], *, profile: str = "") -> None:
        """Set knobs, or replace all by a profile's ("none" clears), through the simulator's own control."""
        self.control({"knobs": knobs, **({"profile": profile} if profile else {})})

    def act(self, name: str, **given: Any) -> None:
        """The venue does something of its own, as POST acts of the simulator's control has it."""
        self.control({"act": name, **given}, "acts")

    def control(self, body: Mapping[str, Any], what: str = "faults") -> None:
        now_ns = self._clock.now_ns()
        answer = self.exchange.http("POST", f"/simulator/v1/{what}", {}, json.dumps(body).encode(), now_ns)
        assert answer.status == 200, answer.body
        self.pump()

    def ledger(self, account: str = "main") -> dict[str, Any]:
        """The venue's own truth of one account."""
        self.exchange.advance(self._clock.now_ns())
        return self.exchange.control.ledger()["accounts"][account]

    async def handle(self, method: str, target: str, headers: Mapping[str, str], body: str) -> Response:
        if not self.reachable:
            raise NotSent("the simulated venue is not reachable")
        self.requests.append((method, target))
        return await super().handle(method, target, headers, body)

    def open(self, path: str) -> LocalConnection:
        if not self.reachable:
            raise NotSent("the simulated venue is not reachable")
        return super().open(path)

    def receive(self, stream_id: int, text: str) -> None:
        self.frames.append(text)
        if self.reachable:
            super().receive(stream_id, text)

    def cut_all(self, code: int = 1006) -> None:
        """Every open connection ends without warning."""
        for stream_id, connection in list(self._connections.items()):
            if self.reachable:
                connection.deliver(Close(code, "cut by test"))
            connection._closed = True
            self.forget(stream_id)

    def _hand_over(self, stream_id: int, item: str | Close) -> None:
        if self.reachable:
            super()._hand_over(stream_id, item)
        elif isinstance(item, Close) and (connection := self._connections.pop(stream_id, None)) is not None:
            connection._closed = True


def quoted_balances(**amounts: str) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in amounts.items()}
