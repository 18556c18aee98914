"""The entry point: which key is asked for, what is published, and the factory that starts and stops a system."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import httpx2
import pytest

import app.main as entry
from app.api.auth import KeyFileError
from app.chosen_exchange import EXCHANGES
from app.clock import SystemClock
from app.exchanges.memory.exchange import MemoryExchange
from app.settings import load_settings
from app.system import System
from tests.support.api_world import BASE_URL, ORDERS, api_world


def client_of(application: Any, base_url: str = BASE_URL) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=application), base_url=base_url)


def test_no_key_for_the_simulated_exchange_on_loopback(tmp_path: Path) -> None:
    assert entry.api_key(load_settings(data_dir=tmp_path), SystemClock()) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("settings", [{"host": "0.0.0.0"}, {"environment": "demo"}])
def test_a_key_is_made_where_one_is_required(tmp_path: Path, settings: dict[str, str]) -> None:
    found = load_settings(data_dir=tmp_path, **settings)
    first, again = entry.api_key(found, SystemClock()), entry.api_key(found, SystemClock())
    assert first is not None
    assert again is not None
    assert (first.created, again.created, first.value == again.value) == (True, False, True)
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    first.path.chmod(0o640)
    with pytest.raises(KeyFileError, match="0600"):
        entry.api_key(found, SystemClock())


@pytest.mark.parametrize("environment", ["demo", "live"])
def test_a_key_that_was_made_on_a_simulated_exchange_opens_no_other(tmp_path: Path, environment: str) -> None:
    made = entry.api_key(load_settings(data_dir=tmp_path, host="0.0.0.0"), SystemClock())
    assert made is not None
    local = entry.api_key(load_settings(data_dir=tmp_path), SystemClock())
    assert local is not None, "where none is asked for it opens all the same"
    assert local.value == made.value
    for settings in ({}, {"api_key": made.value}):
        with pytest.raises(KeyFileError, match="made on a simulated exchange") as refused:
            entry.api_key(load_settings(data_dir=tmp_path, environment=environment, **settings), SystemClock())
        assert made.value not in str(refused.value)


async def test_a_key_that_was_set_is_asked_for_on_loopback_too(tmp_path: Path, planted: Any) -> None:
    async with api_world(tmp_path, api_key=planted.api_key) as world:
        assert (await world.client.get("/api/v1/status")).status_code == 401
        assert (await world.client.get("/health/live")).status_code == 200
        headers = {"X-API-Key": planted.api_key}
        assert (await world.client.get("/api/v1/status", headers=headers)).status_code == 200
        schema = (await world.client.get("/openapi.json", headers=headers)).json()
        assert set(schema["components"]["securitySchemes"]) == {"ApiKey", "Bearer"}
        assert schema["paths"][ORDERS]["post"]["security"]


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, 200),
        ({"api_docs": False}, 404),
        ({"environment": "demo"}, 404),
        ({"environment": "demo", "api_docs": True}, 200),
    ],
)
async def test_the_description_is_published_with_the_simulated_exchange_or_when_asked(
    tmp_path: Path, planted: Any, settings: dict[str, Any], status: int
) -> None:
    found = load_settings(data_dir=tmp_path, **({"api_key": planted.api_key} | settings))
    system = System(found)
    async with client_of(entry.create_app(system)) as client:
        answer = await client.get("/openapi.json", headers={"X-API-Key": planted.api_key})
        assert answer.status_code == status
        described = answer.json() if status == 200 else None
    system.database.close()
    if described is not None:
        assert described["paths"][ORDERS]["post"]["requestBody"]["content"]["application/json"]["examples"]


async def test_the_factory_starts_and_stops_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_DATA_DIR", str(tmp_path))
    monkeypatch.setitem(EXCHANGES, "okx", lambda _settings, clock: MemoryExchange(clock))
    application = entry.app()
    async with application.router.lifespan_context(application), client_of(application) as client:
        assert (await client.get("/health/ready")).json() == {"ready": True, "reasons": []}
    async with client_of(application) as client:
        assert (await client.get("/health/ready")).json()["ready"] is False
