"""The tables of keys and approvals (revisions 0011 and 0013) on SQLite and PostgreSQL: kept over restarts, exact, and
taken away and made anew by the migrations.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.journal.audit import audit
from app.store import migrating
from tests.support import store
from tests.support.api_world import ORDERS, ApiWorld, api_world

KEYS, APPROVALS = "/api/v1/keys", "/api/v1/approvals"
LIMITS = {"instruments": ["BTC-USDT"], "max_order_notional": "0.000000001", "max_daily_notional": "1" + "0" * 20}


async def test_keys_and_what_waits_for_a_second_person_are_kept(database_url: str, tmp_path: Path) -> None:
    secrets: dict[str, str] = {}
    async with api_world(tmp_path, database_url=database_url) as world:
        for name, terms in {
            "alice": {"role": "admin"},
            "bob": {"role": "admin", "expires_at": "2261-12-31T23:59:59.999999Z", "addresses": ["127.0.0.0/8"]},
            "aside": {"role": "viewer"},
            "gone": {"role": "viewer"},
            "bot": {"role": "trader", **LIMITS},
        }.items():
            answer = await world.control.post(KEYS, json={"name": name, **terms})
            assert answer.status_code == 201, answer.text
            secrets[name] = answer.json()["secret"]
        await world.control.post(f"{KEYS}/aside/disable", json={})
        await world.control.post(f"{KEYS}/gone/revoke", json={})
        rotated = await world.control.post(f"{KEYS}/aside/rotate", json={"overlap_seconds": 3600})
        secrets["aside again"] = rotated.json()["secret"]
        assert await who_get_in(world, secrets) == {"alice", "bob", "bot"}
        await world.system.access_keys.write_used()
        known = known_keys(world)
    async with api_world(tmp_path, database_url=database_url, second_person=("keys",)) as world:
        assert known_keys(world) == known
        asked = await world.client.post(f"{KEYS}/aside/enable", json={}, headers={"x-api-key": secrets["alice"]})
        assert asked.status_code == 202, asked.text
        approval = asked.json()["approval"]
    async with api_world(tmp_path, database_url=database_url, second_person=("keys",)) as world:
        bob = {"x-api-key": secrets["bob"]}
        waiting = (await world.client.get(APPROVALS, headers=bob)).json()["approvals"]
        assert waiting == [approval]
        path = f"{APPROVALS}/{approval['approval_id']}/confirm"
        assert (await world.client.post(path, json={}, headers=bob)).json()["state"] == "confirmed"
        assert (await world.client.post(path, json={}, headers=bob)).status_code == 422, "once"
    async with api_world(tmp_path, database_url=database_url) as world:
        assert await who_get_in(world, secrets) == {"alice", "bob", "bot", "aside", "aside again"}
        (decided,) = (await world.control.get(APPROVALS)).json()["approvals"]
        assert decided == approval | {
            "state": "confirmed",
            "decided_by": "api:bob",
            "decided_at": decided["decided_at"],
        }
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean
    with store.opened(database_url, migrate=False) as database:
        migrating.downgrade(database, "0010")
        assert migrating.upgrade(database)[:3] == ["0011", "0012", "0013"]
        assert migrating.differences(database) == []


async def who_get_in(world: ApiWorld, secrets: dict[str, str]) -> set[str]:
    return {
        name
        for name, secret in secrets.items()
        if (await world.client.get(ORDERS, headers={"x-api-key": secret})).status_code == 200
    }


def known_keys(world: ApiWorld) -> dict[str, dict[str, Any]]:
    return {key_id: asdict(key) for key_id, key in world.system.keys.keys.items()}
