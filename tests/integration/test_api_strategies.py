"""Strategies of one's own over HTTP and from the command line: seen, stopped, started and loaded anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from app.services.strategies.inline import InlineHost
from tests.support.api_world import ApiWorld, api_world

STRATEGIES = "/api/v1/strategies"
BUYS = """
from trading_executor.strategies import Signal, SignalType, Strategy

class Mine(Strategy):
    def on_book(self, book):
        if not self.state.get("asked"):
            self.state["asked"] = True
            return Signal(SignalType.BUY, book.instrument_id, size="0.01")
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(BUYS)
    path.chmod(0o600)
    return path


@pytest.fixture
async def world(tmp_path: Path, file: Path) -> AsyncIterator[ApiWorld]:
    mine = {"file": f"{file}:Mine", "instruments": ["BTC-USDT"], "budget": 5_000}
    async with api_world(tmp_path / "data", start_host=InlineHost, strategies={"mine": mine}) as made:
        made.quote("49999.8", "50000.2")
        await until(lambda: made.system.strategies.view("mine").signals_taken)
        await until(lambda: not made.system.strategies.view("mine").open_orders)
        yield made


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  what a handler does sets no event of ours
            await asyncio.sleep(0.01)


async def asked(world: ApiWorld, path: str, body: Any = None) -> dict[str, Any]:
    answer = await world.client.request("GET" if body is None else "POST", f"{STRATEGIES}{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_it_shows_its_book_its_budget_and_its_profit_and_loss(world: ApiWorld) -> None:
    (listed,) = (await asked(world, ""))["strategies"]
    assert (listed["strategy_id"], listed["standing"], listed["budget"]) == ("mine", "running", "5000")
    assert listed["held"] == {"BTC-USDT": "0.00999"}  # the fee was taken in coins
    shown = await asked(world, "/mine")
    assert shown["strategy"] | {"batches": 0} == listed | {"batches": 0}
    assert json.loads(shown["state"]) == {"asked": True}
    figures = shown["performance"]
    assert (figures["strategy_id"], figures["open_trips"], figures["total_fees"]) == ("mine", 1, "0.500002")


async def test_it_is_stopped_and_started_and_its_file_loaded_anew_while_the_executor_goes_on(
    world: ApiWorld, file: Path
) -> None:
    save = file.write_text
    stopped = await asked(world, "/mine/stop", {"reason": "enough"})
    assert (stopped["standing"], stopped["reason"]) == ("stopped", "enough")
    started = await asked(world, "/mine/start", {})
    assert started["standing"] == "starting"
    await until(lambda: world.system.strategies.view("mine").standing == "running")
    assert (await asked(world, "/mine/start", {}))["batches"] == world.system.strategies.view("mine").batches
    save(BUYS.replace("0.01", "0.02").replace('"asked"', '"asked anew"'))
    anew = await asked(world, "/mine/reload", {})
    assert anew["sha256"] != started["sha256"]
    await until(lambda: world.system.strategies.view("mine").held["BTC-USDT"] > 1 / 40)
    save("class Mine: pass")
    await asked(world, "/mine/reload", {})
    await until(lambda: world.system.strategies.view("mine").standing == "failed")
    assert "must be a subclass" in (await asked(world, "/mine"))["strategy"]["reason"]
    save(BUYS)
    await asked(world, "/mine/reload", {})
    await until(lambda: world.system.strategies.view("mine").standing == "running")
    (again,) = (await asked(world, ""))["strategies"]
    assert ("must be a subclass" in again["last_failure"], again["reason"]) == (True, "")
    assert world.system.ready
    words = [json.loads(row["payload"])["strategy"] for row in world.events("strategy.stopped")]
    assert (words, world.events("strategy.stopped")[0]["principal"]) == (["mine"], "api:local")


async def test_its_settings_are_read_anew_and_one_that_is_new_in_them_is_started(
    world: ApiWorld, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = tmp_path / "settings.toml"
    monkeypatch.setenv("TRADING_EXECUTOR_CONFIG", str(toml))
    save, table = toml.write_text, f'file = "{file}:Mine"\ninstruments = ["BTC-USDT"]\n'
    save(f"[strategies.mine]\n{table}budget = 7000\n[strategies.other]\n{table}signals_per_minute = 5\n")
    assert (await asked(world, "/mine/start", {}))["budget"] == "5000", "it runs, and goes on as it is"
    assert (await asked(world, "/mine/reload", {}))["budget"] == "7000"
    assert (await asked(world, "/other/start", {}))["signals_per_minute"] == 5
    await until(lambda: world.system.strategies.view("other").held)
    assert [each["strategy_id"] for each in (await asked(world, ""))["strategies"]] == ["mine", "other"]
    for wrong, field in (("budget = 0", "strategies.mine.budget"), ("= 3", "settings")):
        save(f"[strategies.mine]\n{table}{wrong}\n")
        answer = await world.client.post(f"{STRATEGIES}/mine/reload", json={})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        assert world.system.strategies.view("mine").standing == "running"


async def test_a_name_that_there_is_not_is_404(world: ApiWorld) -> None:
    for method, path in (("GET", ""), ("POST", "/start"), ("POST", "/reload"), ("POST", "/stop")):
        answer = await world.client.request(method, f"{STRATEGIES}/other{path}", json=None if method == "GET" else {})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "strategy_id")


LIMITS = {
    "another": ({"strategies": ["other"]}, "is none of the strategies of api:another"),
    "elsewhere": ({"instruments": ["ETH-USDT"]}, "trades BTC-USDT, and api:elsewhere not all of them"),
    "little": ({"max_daily_notional": "100"}, "has limits of its own"),
    "its": ({"strategies": ["mine"], "instruments": ["BTC-USDT"]}, None),
}


async def test_a_key_starts_no_strategy_beyond_its_limits(world: ApiWorld) -> None:
    for name, (limits, rule) in LIMITS.items():
        said = {"name": name, "scopes": ["executions", "read"], **limits}
        made = await world.control.post("/api/v1/keys", json=said)
        headers = {"X-API-Key": made.json()["secret"]}
        answer = await world.client.post(f"{STRATEGIES}/mine/reload", json={}, headers=headers)
        if rule is None:
            assert answer.status_code == 200
        else:
            assert (answer.status_code, rule in answer.text) == (422, True), answer.text
            assert world.system.strategies.view("mine").standing == "running"
    assert len(world.events("request.refused")) == 3
