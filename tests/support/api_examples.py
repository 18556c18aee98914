"""The examples of the OpenAPI document, recorded of a system over the exchange in memory: what each route answers.

`python -m tests.support.api_examples` writes them anew; a test holds each against its schema and asks for one of every
route.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2

from app.api.application import ApiOptions, build
from app.api.examples import ANSWERS
from app.api.running import RunningSystem
from app.domain.market import PublicTrade
from app.exchanges.okx.beyond.simulator_faults import SimulatorFaults
from app.services.strategies.inline import InlineHost
from tests.integration import test_api_hooks as hooks
from tests.integration.test_api_alerts import AT_ONCE
from tests.integration.test_api_schema import _candles, _remembered
from tests.integration.test_api_strategies import BUYS, until
from tests.support.api_world import BASE_URL, MARKET_BUY, RESTING_BUY, ApiWorld, api_world
from tests.support.client_models import openapi
from tests.support.simulated_okx import REST_URL, MemoryTransport, SimulatedVenue

API, KEYS, FAULTS = "/api/v1/trading", "/api/v1/keys", "/api/v1/simulator/faults"
ROWS_MAX, NUMBERS_MAX = 2, 24
TWAP = {
    **MARKET_BUY,
    "size": "0.02",
    "strategy": "twap",
    "config": {"duration": 600, "num_slices": 2},
    "tags": ["rebalance"],
}
NOT_SHOWN = {
    "secret": "exk_0123456789abcdef_shown-once",
    "token": "ext_0123456789abcdef_shown-once",
    "ticket": "0123456789abcdef",
    "file": "/srv/desk/mine.py:Mine",
    "owner": "desk/0123456789abcdef",
}
"""What opens something, and what is of the machine that recorded."""
MODES = ("keys", "limits", "resume")


RARE: dict[str, dict[str, Any]] = {
    "GET /health/ready": {"503": {"ready": False, "reasons": ["phase=starting: asking the exchange who we are"]}},
    f"POST {API}/differences/accept": {
        "200": {"kind": "balance", "subject": "USDT", "ledger": "100000", "venue": "99995"}
    },
}
"""What no good day brings about."""


class Recorder:
    """Keeps the first answer of each route and status of success."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        paths = openapi()["paths"]
        ordered = sorted(paths, key=lambda path: path.count("{"))
        self._routes = [(path, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))) for path in ordered]

    async def heard(self, response: httpx2.Response) -> None:
        await response.aread()
        request = response.request
        path = next((path for path, pattern in self._routes if pattern.fullmatch(request.url.path)), None)
        if path is None or response.status_code >= 300 or "json" not in response.headers.get("content-type", ""):
            return
        told = self.answers.setdefault(f"{request.method} {path}", {})
        if told.get(str(response.status_code)) in (None, {"alerts": []}):
            told[str(response.status_code)] = _short(response.json())


class Caller:
    """A client of a world whose answers are recorded; a key's, or nobody's."""

    def __init__(self, world: ApiWorld, recorder: Recorder, key: str | None = None) -> None:
        self.recorder = recorder
        app = build(RunningSystem(world.system), ApiOptions(("127.0.0.1",), key_needed=False))
        headers = {} if key is None else {"X-API-Key": key}
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url=BASE_URL,
            headers=headers,
            event_hooks={"response": [recorder.heard]},
        )

    async def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = await self.client.request(method, path, json=body, params=query)
        assert answer.status_code < 300, (method, path, answer.text)
        return answer.json() if "json" in answer.headers["content-type"] else answer.text


async def record() -> dict[str, dict[str, Any]]:
    recorder = Recorder()
    with tempfile.TemporaryDirectory() as folder:
        await _of_trading(Path(folder), recorder)
        await _of_four_eyes(Path(folder) / "four", recorder)
    answers = recorder.answers
    for name, told in RARE.items():
        answers[name] = answers.get(name, {}) | told
    parent = f"{API}/executions/{{parent_id}}"
    answers[f"POST {parent}/settle"] = answers[f"GET {parent}"]
    return answers


async def _of_trading(folder: Path, recorder: Recorder) -> None:
    file = folder / "mine.py"
    file.write_text(BUYS)
    file.chmod(0o600)
    mine = {"file": f"{file}:Mine", "instruments": ["BTC-USDT"], "budget": 5_000}
    given: dict[str, Any] = {"hooks": hooks.DECLARED, "strategies": {"mine": mine}, "alerts": AT_ONCE}
    async with api_world(folder / "data", start_host=InlineHost, **given) as world:
        for name, told in (("hourly_volumes", _remembered), ("candles", _candles)):
            setattr(world.exchange, name, told)  # the exchange in memory has none of its own
        world.quote("49999.8", "50000.2")
        await until(lambda: world.system.strategies.view("mine").signals_taken)
        admin = (await world.control.post(KEYS, json={"name": "boss", "role": "admin"})).json()["secret"]
        ask = Caller(world, recorder, admin)
        await _orders(world, ask)
        await _executions(ask)
        world.exchange.trade(
            PublicTrade("BTC-USDT", "1", Decimal("50000.2"), Decimal("0.01"), True, world.system.clock.now_ns())
        )
        await _money(ask)
        await _signals(world, ask)
        await _own_strategies(ask)
        await _keys(world, ask, recorder)
        for path in ("/health/live", "/health/ready", "/api/v1/status"):
            await ask("GET", path)
        await ask("GET", "/api/v1/events", limit=2)
        await ask("GET", "/api/v1/events/search", limit=2)
        await ask("POST", "/api/v1/stream/tickets", {})
        await _alerts(ask)
        await _faults(world, ask)
        await _controls(ask)


async def _orders(world: ApiWorld, ask: Caller) -> None:
    filled = await ask("POST", f"{API}/orders", MARKET_BUY | {"strategy_id": "mine"})
    await world.system.executor.wait_for(filled["order_id"], 60)
    resting = await ask("POST", f"{API}/orders", RESTING_BUY)
    await ask("GET", f"{API}/orders/active")
    await ask("GET", f"{API}/orders/{filled['order_id']}")
    await ask("PATCH", f"{API}/orders/{resting['order_id']}", {"price": "48000"})
    await ask("GET", f"{API}/orders", limit=2)
    await ask("DELETE", f"{API}/orders/{resting['order_id']}")
    lost = await ask("POST", f"{API}/orders", RESTING_BUY)
    said = {"state": "canceled", "by": "alice", "why": "told by mail"}
    await ask("POST", f"{API}/orders/{lost['order_id']}/resolve", said)
    await ask("GET", f"{API}/tca/orders/{filled['order_id']}")


async def _executions(ask: Caller) -> None:
    await ask("POST", f"{API}/executions/preview", TWAP)
    parent = f"{API}/executions/{(await ask('POST', f'{API}/executions', TWAP))['parent_id']}"
    for path in ("", "/progress", "/figures", "/orders"):
        await ask("GET", f"{parent}{path}")
    await ask("GET", f"{API}/executions")
    await ask("PATCH", parent, {"size": "0.03"})
    await ask("POST", f"{parent}/pause", {"reason": "news at three"})
    await ask("POST", f"{parent}/resume", {})
    await ask("POST", f"{parent}/cancel", {})
    await ask("DELETE", f"{API}/executions/{(await ask('POST', f'{API}/executions', TWAP))['parent_id']}")
    await ask("GET", f"{API}/tca/executions/{parent.rpartition('/')[2]}")
    await ask("GET", f"{API}/tca/report", by="strategy")
    await ask("GET", f"{API}/tca/estimate", instrument_id="BTC-USDT", side="buy", size="0.5")
    await ask("GET", f"{API}/strategies")


async def _money(ask: Caller) -> None:
    swap = {"instrument_id": "BTC-USDT-SWAP"}
    await ask("POST", f"{API}/leverage", swap | {"leverage": "3"})
    await ask("GET", f"{API}/leverage", **swap)
    for path in (
        "positions",
        "positions/BTC-USDT",
        "positions/flatten",
        "account",
        "trades",
        "tax-lots",
        "performance",
        "performance/tear-sheet",
    ):
        await ask("GET", f"{API}/{path}")
    await ask("POST", f"{API}/positions/sync", {})
    for path in (
        "statistics",
        "risk-limits",
        "volume-curve/BTC-USDT",
        "candles/BTC-USDT",
        "book/BTC-USDT",
        "market-trades/BTC-USDT",
    ):
        await ask("GET", f"{API}/{path}")
    await ask("GET", f"{API}/instruments/BTC-USDT-SWAP")
    await ask("GET", f"{API}/instruments", contains="BTC-USDT")
    deposit = {"currency": "USDT", "amount": "5", "by": "alice", "why": "a deposit of before"}
    await ask("POST", f"{API}/balances/declare", deposit)


async def _signals(world: ApiWorld, ask: Caller) -> None:
    wish = {"type": "buy", "instrument_id": "BTC-USDT", "size": "0.001", "strategy_id": "mine"}
    await ask("POST", "/api/v1/signals/preview", wish)
    await ask("POST", "/api/v1/signals", wish)
    await ask("POST", "/api/v1/signals", {"type": "hold", "instrument_id": "BTC-USDT"})
    await ask("GET", "/api/v1/hooks")
    secret = await hooks.secret_of(world)
    await ask("POST", "/api/v1/hooks/tv/try", {"alert": json.dumps(hooks.alert(world, secret))})
    tool = Caller(world, ask.recorder)
    await tool("POST", "/api/v1/hooks/tv", hooks.alert(world, secret))
    await tool("POST", "/api/v1/hooks/tv", hooks.alert(world, secret, 1, action="hold"))


async def _own_strategies(ask: Caller) -> None:
    await ask("GET", "/api/v1/strategies")
    await ask("GET", "/api/v1/strategies/mine")
    await ask("POST", "/api/v1/strategies/mine/stop", {"reason": "enough"})
    await ask("POST", "/api/v1/strategies/mine/start", {})
    await ask("POST", "/api/v1/strategies/mine/reload", {})


async def _keys(world: ApiWorld, ask: Caller, recorder: Recorder) -> None:
    bot = {"name": "bot", "scopes": ["read", "propose"], "instruments": ["BTC-USDT"], "max_order_notional": "500"}
    secret = (await ask("POST", KEYS, bot))["secret"]
    await _proposals(world, ask, Caller(world, recorder, secret))
    await ask("POST", f"{KEYS}/bot/limits", {"max_order_notional": "400"})
    await ask("POST", f"{KEYS}/bot/rotate", {})
    for path in ("disable", "enable", "revoke"):
        await ask("POST", f"{KEYS}/bot/{path}", {})
    await ask("GET", KEYS)
    await ask("POST", "/api/v1/tokens", {"scopes": ["read"]})


async def _proposals(world: ApiWorld, ask: Caller, bot: Caller) -> None:
    person = (await world.control.post(KEYS, json={"name": "anna", "role": "trader"})).json()["secret"]
    anna = Caller(world, ask.recorder, person)
    first = await bot("POST", "/api/v1/proposals/orders", MARKET_BUY)
    work = await bot("POST", "/api/v1/proposals/executions", TWAP | {"size": "0.002"})
    await anna("POST", f"/api/v1/proposals/{first['proposal_id']}/confirm", {})
    await anna("POST", f"/api/v1/proposals/{work['proposal_id']}/refuse", {"reason": "not today"})
    await anna("GET", "/api/v1/proposals")
    await anna("GET", f"/api/v1/proposals/{first['proposal_id']}")


async def _alerts(ask: Caller) -> None:
    async with asyncio.timeout(30):
        while not (found := (await ask("GET", "/api/v1/alerts"))["alerts"]):  # noqa: ASYNC110 - kept by no event of ours
            await asyncio.sleep(0.1)
    await ask("POST", f"/api/v1/alerts/{found[0]['alert_id']}/acknowledge", {"note": "seen"})


async def _faults(world: ApiWorld, ask: Caller) -> None:
    venue = SimulatedVenue(world.system.wall)
    world.system.fault_knobs = SimulatorFaults(REST_URL, 5, lambda: MemoryTransport(venue))
    await ask("POST", FAULTS, {"name": "drop_reply", "times": 1})
    await ask("GET", FAULTS)
    await ask("POST", f"{FAULTS}/repair", {})


async def _controls(ask: Caller) -> None:
    await ask("POST", f"{API}/orders", RESTING_BUY)
    await ask("POST", f"{API}/orders/cancel-all", {})
    await ask("POST", f"{API}/positions/flatten", {})
    await ask("POST", f"{API}/kill-switch", {"engaged": True, "reason": "spreads look wrong"})
    await ask("GET", f"{API}/kill-switch")


async def _of_four_eyes(folder: Path, recorder: Recorder) -> None:
    secrets: dict[str, str] = {}
    async with api_world(folder) as world:
        for name in ("alice", "bob"):
            made = await world.control.post(KEYS, json={"name": name, "role": "admin"})
            secrets[name] = made.json()["secret"]
    async with api_world(folder, second_person=MODES) as world:
        alice, bob = (Caller(world, recorder, secrets[name]) for name in ("alice", "bob"))
        for name, end in (("dora", "confirm"), ("emil", "refuse")):
            asked = await alice("POST", KEYS, {"name": name, "role": "viewer"})
            await bob("POST", f"/api/v1/approvals/{asked['approval']['approval_id']}/{end}", {})
        await bob("GET", "/api/v1/approvals")


def _short(value: Any) -> Any:
    """Long lists cut, and nothing that opens anything."""
    if isinstance(value, dict):
        return {name: NOT_SHOWN.get(name, _short(each)) if each else each for name, each in value.items()}
    if isinstance(value, list):
        most = ROWS_MAX if any(isinstance(each, (dict, list)) for each in value) else NUMBERS_MAX
        return [_short(each) for each in value[:most]]
    return value


def kept(before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What was recorded before where it still has the shape of now: a change of the file is a change of an answer."""
    return {
        name: {
            status: old if _alike(old := before.get(name, {}).get(status), answer) else answer
            for status, answer in told.items()
        }
        for name, told in now.items()
    }


def _alike(old: Any, new: Any) -> bool:
    """Whether old has all members and kinds of values of new, all the way down, and says no less."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_alike(old[name], new[name]) for name in old)
    if isinstance(old, list) and isinstance(new, list):
        return not new or (bool(old) and _alike(old[0], new[0]))
    return new is None or type(old) is type(new)


if __name__ == "__main__":
    told = kept(json.loads(ANSWERS.read_text()), asyncio.run(record()))
    ANSWERS.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
