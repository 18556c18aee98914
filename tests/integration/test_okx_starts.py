"""Starts while what stands before the exchange answers in its place: the start waits, whichever request it meets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.exchanges.okx.transport import AnswerLost, NotSent, Response
from tests.support.okx_system import BTC, ETH, OkxSystem
from tests.support.simulated_okx import MemoryTransport, SimulatedVenue
from tests.support.trading_world import VirtualTimePolicy

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")
OUTAGE_SECONDS = 25.0
PAGE = b"<html><body>We will be back soon</body></html>"
ANSWERS = {
    "a gateway's page": Response(502, PAGE),
    "a page with 200": Response(200, PAGE),
    "nothing": Response(200, b""),
    "cut short": Response(200, b'{"code":"0","msg":"","data":[{"instId":"BTC-'),
    "busy": Response(200, b'{"code":"50001","msg":"Service temporarily unavailable","data":[]}'),
    "too many": Response(429, PAGE),
}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


class Gateway(MemoryTransport):
    """From its `at`-th request on, for a while, every request gets the answer, or ends as a lost one where there is
    none, and no connection is made."""

    def __init__(self, venue: SimulatedVenue, at: int, answer: Response | None) -> None:
        super().__init__(venue)
        self._of = venue
        self._left = at
        self._answer = answer
        self._until: float | None = None

    @property
    def _out(self) -> bool:
        now = asyncio.get_running_loop().time()
        if self._until is None and self._left <= 0:
            self._until = now + OUTAGE_SECONDS
            self._of.cut_all()
        return self._until is not None and now < self._until

    async def request(
        self, method: str, url: str, headers: dict[str, str], body: str, timeout_seconds: float
    ) -> Response:
        self._left -= 1
        if not self._out:
            return await super().request(method, url, headers, body, timeout_seconds)
        if self._answer is None:
            await asyncio.sleep(timeout_seconds)
            raise AnswerLost("no answer in time")
        return self._answer

    async def connect(self, url: str, timeout_seconds: float) -> Any:
        if self._out:
            raise NotSent("connection refused")
        return await super().connect(url, timeout_seconds)


@pytest.mark.parametrize("answer", [*ANSWERS, "no answer"])
@pytest.mark.parametrize("at", [1, 3, 4, 7, 8, 10, 16, 20, 25])
async def test_a_first_start_waits_out_an_outage_that_begins_at_any_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, at: int
) -> None:
    world = OkxSystem(tmp_path)
    gateway = Gateway(world.venue, at, ANSWERS.get(answer))
    monkeypatch.setattr(world.venue, "transport", lambda: gateway)
    took = asyncio.get_running_loop().time()
    await world.start()
    try:
        await world.until(lambda: world.system.ready, 60)
        assert OUTAGE_SECONDS <= asyncio.get_running_loop().time() - took < OUTAGE_SECONDS + 20
        assert not any(world.system.status()["differences"][kind] for kind in ("balances", "positions", "standing"))
        await world.system.follow(BTC)
        await asyncio.sleep(1)
        assert (await world.place(BTC)).filled_size
    finally:
        await world.system.stop()


@pytest.mark.parametrize("to", ["many", None, 7, "NaN"])
@pytest.mark.parametrize("field", ["last", "instId", "ts"])
async def test_a_ticker_that_cannot_be_read_prevents_no_first_start(tmp_path: Path, field: str, to: Any) -> None:
    """The market of a coin that is held from before, which nobody asked to trade."""
    world = OkxSystem(tmp_path)
    mutation = {"where": "market/ticker", "match": {"instId": "ETH-USDT"}, "field": field, "to": to}
    world.venue.set_faults({"bad_field": {"probability": 1, "value": [mutation]}})
    await world.start()
    try:
        await world.until(lambda: world.system.ready, 10)
        await world.system.follow(BTC)
        await asyncio.sleep(1)
        assert (await world.place(BTC)).filled_size
    finally:
        await world.system.stop()


async def test_a_market_without_a_ticker_prevents_no_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listed, and not traded yet: OKX answers with no row."""
    world = OkxSystem(tmp_path)
    transport = MemoryTransport(world.venue)
    ask = transport.request

    async def request(method: str, url: str, headers: dict[str, str], body: str, timeout_seconds: float) -> Response:
        if "market/ticker?" in url and ETH in url:
            return Response(200, b'{"code":"0","msg":"","data":[]}')
        return await ask(method, url, headers, body, timeout_seconds)

    monkeypatch.setattr(transport, "request", request)
    monkeypatch.setattr(world.venue, "transport", lambda: transport)
    await world.start()
    try:
        await world.until(lambda: world.system.ready, 10)
    finally:
        await world.system.stop()
