"""Four eyes: what the settings name is asked for by one person and done on another's word; over restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.api.approvals import ACTS
from app.journal.audit import audit
from app.settings import SettingsError, load_settings
from app.store import queries
from tests.support.api_world import ORDERS, RESTING_BUY, ApiWorld, api_world

KEYS, APPROVALS, KILL_SWITCH = "/api/v1/keys", "/api/v1/approvals", "/api/v1/trading/kill-switch"
ALL = ("keys", "limits", "resume")
Headers = dict[str, str]


async def people(tmp_path: Path) -> list[Headers]:
    """alice, bob and carol, whose keys the owner made before anything needed two; zoe, whose key alice made."""
    async with api_world(tmp_path) as world:
        made: list[Headers] = []
        for name in ("alice", "bob", "carol", "zoe"):
            asking = world.control if name != "zoe" else world.client
            headers = made[0] if name == "zoe" else {}
            answer = await asking.post(KEYS, json={"name": name, "role": "admin"}, headers=headers)
            made.append({"x-api-key": answer.json()["secret"]})
        return made


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[tuple[ApiWorld, list[Headers]]]:
    known = await people(tmp_path)
    async with api_world(tmp_path, second_person=ALL) as made:
        yield made, known


async def ask(world: ApiWorld, who: Headers, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await world.client.post(path, json=body, headers=who)
    assert answer.status_code == 202, answer.text
    return answer.json()


async def decide(world: ApiWorld, who: Headers, asked: dict[str, Any], what: str = "confirm") -> tuple[int, str]:
    path = f"{APPROVALS}/{asked['approval']['approval_id']}/{what}"
    answer = await world.client.post(path, json={}, headers=who)
    body = answer.json()
    return answer.status_code, body["state"] if answer.status_code == 200 else body["errors"][0]["rule"]


async def opens(world: ApiWorld, secret: str) -> bool:
    return (await world.client.get(ORDERS, headers={"x-api-key": secret})).status_code == 200


async def test_a_key_opens_nothing_before_a_second_person_says_so(world: tuple[ApiWorld, list[Headers]]) -> None:
    """Whoever asked has the secret, whoever confirmed never sees it; the journal names both, and never the secret."""
    system, (alice, bob, _, zoe) = world[0], world[1]
    asked = await ask(system, alice, KEYS, {"name": "dora", "role": "trader", "max_order_notional": "100"})
    assert not await opens(system, asked["secret"])
    for who, why in ((alice, "the same person"), (zoe, "the same hand")):
        status, rule = await decide(system, who, asked)
        assert (status, why in rule) == (422, True), rule
    assert not await opens(system, asked["secret"])
    assert await decide(system, bob, asked) == (200, "confirmed")
    assert await opens(system, asked["secret"])
    status, rule = await decide(system, bob, asked)
    assert (status, "does not wait" in rule) == (422, True), "once"
    told = {event["kind"]: event for event in system.events()}
    assert told["approval.asked"]["principal"] == "api:alice"
    assert told["approval.confirmed"]["principal"] == told["key.created"]["principal"] == "api:bob"
    assert '"asked_by":"api:alice"' in told["approval.confirmed"]["payload"]
    assert '"created_by":"api:alice"' in told["key.created"]["payload"]
    assert asked["secret"] not in str(system.events())
    listed = (await system.client.get(APPROVALS, headers=bob)).json()["approvals"][0]
    assert (listed["asked_by"], listed["decided_by"], listed["state"]) == ("api:alice", "api:bob", "confirmed")
    assert "digest" not in str(listed)
    assert audit(system.system.database, "main", system.system.ledger.instruments).clean


async def test_the_kill_switch_is_released_by_two(world: tuple[ApiWorld, list[Headers]]) -> None:
    """One engages it; two release it. An ask is of one engagement: of a later one it is worth nothing."""
    system, (alice, bob, _, _) = world[0], world[1]
    on, off = {"engaged": True, "reason": "too fast"}, {"engaged": False, "reason": "found and mended"}

    async def engaged() -> bool:
        return (await system.client.get(KILL_SWITCH, headers=alice)).json()["engaged"]

    assert (await system.client.post(KILL_SWITCH, json=on, headers=alice)).status_code == 200
    asked = await ask(system, alice, KILL_SWITCH, off)
    again = await ask(system, alice, KILL_SWITCH, off)
    assert asked == again, "asked again it is the same"
    assert await engaged()
    assert await decide(system, bob, asked) == (200, "confirmed")
    assert not await engaged()
    assert "asked by api:alice, confirmed by api:bob" in system.events("kill_switch.off")[-1]["payload"]
    assert (await system.client.post(KILL_SWITCH, json=on, headers=alice)).status_code == 200
    old = await ask(system, alice, KILL_SWITCH, off)
    assert (await system.client.post(KILL_SWITCH, json=on, headers=bob)).status_code == 200
    status, rule = await decide(system, bob, old)
    assert (status, "used since" in rule, await engaged()) == (422, True, True)
    assert (await system.control.post(KILL_SWITCH, json=off)).status_code == 202, "the owner is one person too"


async def test_limits_are_lowered_by_one_and_raised_by_two(world: tuple[ApiWorld, list[Headers]]) -> None:
    system, (alice, bob, _, _) = world[0], world[1]
    asked = await ask(system, alice, KEYS, {"name": "bot", "role": "trader", "max_order_notional": "1000"})
    assert await decide(system, bob, asked) == (200, "confirmed")
    bot = {"x-api-key": asked["secret"]}
    path = f"{KEYS}/bot/limits"

    async def placed(size: str) -> int:
        answer = await system.client.post(ORDERS, json=RESTING_BUY | {"size": size}, headers=bot)
        return answer.status_code

    assert await placed("0.01") == 201
    lower = await system.client.post(path, json={"max_order_notional": "100"}, headers=alice)
    assert (lower.status_code, lower.json()["keys"][0]["max_order_notional"]) == (200, "100")
    assert await placed("0.01") == 422
    day = {"max_order_notional": "100", "max_daily_notional": "550"}
    assert (await system.client.post(path, json=day, headers=alice)).status_code == 200
    assert (await placed("0.001"), await placed("0.001")) == (201, 422), "the day counts from its beginning"
    for looser in (
        {"max_order_notional": "100"},
        {"max_order_notional": "101", "max_daily_notional": "550"},
        {"max_daily_notional": "550"},
        {},
    ):
        raised = await ask(system, alice, path, looser)
        assert await placed("0.001") == 422, looser
        assert await decide(system, bob, raised, "refuse") == (200, "refused")
    narrow = day | {"instruments": ["BTC-USDT"]}
    assert (await system.client.post(path, json=narrow, headers=alice)).status_code == 200
    raised = await ask(system, alice, path, day | {"instruments": ["BTC-USDT", "ETH-USDT"]})
    assert await decide(system, bob, raised) == (200, "confirmed")
    assert system.system.keys.limits_of("api:bot").instruments == {"BTC-USDT", "ETH-USDT"}
    assert audit(system.system.database, "main", system.system.ledger.instruments).clean


async def test_an_ask_waits_over_a_restart(tmp_path: Path) -> None:
    alice, bob, *_ = await people(tmp_path)
    async with api_world(tmp_path, second_person=ALL) as world:
        made = await ask(world, alice, KEYS, {"name": "dora", "role": "viewer"})
        turned = await ask(world, alice, f"{KEYS}/carol/rotate", {"overlap_seconds": 60})
    async with api_world(tmp_path, second_person=ALL) as world:
        for asked in (made, turned):
            assert not await opens(world, asked["secret"])
            assert await decide(world, bob, asked) == (200, "confirmed")
            assert await opens(world, asked["secret"])
    async with api_world(tmp_path, second_person=ALL) as world:
        assert await opens(world, made["secret"])
        status, rule = await decide(world, bob, made)
        assert (status, "does not wait" in rule) == (422, True), "confirmed it stays, and once"


async def test_an_ask_expires(tmp_path: Path) -> None:
    alice, bob, *_ = await people(tmp_path)
    async with api_world(tmp_path, second_person=ALL) as world:
        asked = await ask(world, alice, KEYS, {"name": "dora", "role": "viewer"})
        pending = world.system.ledger.approvals
        approval_id = asked["approval"]["approval_id"]
        (row,) = queries.approvals(world.system.database, "main", ACTS, 1)
        pending.load([{**row, "expires_ns": world.system.clock.now_ns()}])
        status, rule = await decide(world, bob, asked)
        assert (status, "expired" in rule, await opens(world, asked["secret"])) == (422, True, False)
        again = await ask(world, alice, KEYS, {"name": "dora", "role": "viewer"})
        assert again["approval"]["approval_id"] != approval_id, "its name is free again"


async def test_an_ask_dies_with_the_scope_of_who_asked(world: tuple[ApiWorld, list[Headers]]) -> None:
    system, (alice, bob, carol, _) = world[0], world[1]
    asked = await ask(system, alice, KEYS, {"name": "dora", "role": "viewer"})
    assert (await system.client.post(f"{KEYS}/alice/disable", json={}, headers=carol)).status_code == 200
    status, rule = await decide(system, bob, asked)
    assert (status, "no longer has the scope keys" in rule) == (422, True)
    back = await ask(system, carol, f"{KEYS}/alice/enable", {})
    assert await decide(system, bob, back) == (200, "confirmed")
    assert await decide(system, bob, asked) == (200, "confirmed")


async def test_who_gave_a_key_its_secret_is_its_hand(world: tuple[ApiWorld, list[Headers]]) -> None:
    """carol turned bob's key: she has its secret, so that bob's word is hers until he turns it himself."""
    system, (alice, bob, carol, _) = world[0], world[1]
    turned = await ask(system, carol, f"{KEYS}/bob/rotate", {})
    assert await decide(system, alice, turned) == (200, "confirmed")
    bob = {"x-api-key": turned["secret"]}
    asked = await ask(system, carol, KEYS, {"name": "dora", "role": "viewer"})
    status, rule = await decide(system, bob, asked)
    assert (status, "the same hand" in rule) == (422, True)
    assert await decide(system, alice, asked) == (200, "confirmed")


async def test_a_hand_stays_in_what_its_key_made_when_that_key_is_ended(tmp_path: Path) -> None:
    """alice made zoe's key, and with that one yan's: revoking zoe's does not make yan a second person."""
    alice, _, _, zoe = await people(tmp_path)
    async with api_world(tmp_path) as world:
        answer = await world.client.post(KEYS, json={"name": "yan", "role": "admin"}, headers=zoe)
        yan = {"x-api-key": answer.json()["secret"]}
    async with api_world(tmp_path, second_person=ALL) as world:
        asked = await ask(world, alice, KEYS, {"name": "dora", "role": "viewer"})
        assert (await world.client.post(f"{KEYS}/zoe/revoke", json={}, headers=alice)).status_code == 200
        status, rule = await decide(world, yan, asked)
        assert (status, "the same hand" in rule, await opens(world, asked["secret"])) == (422, True, False)


async def test_a_limit_of_a_day_that_a_second_person_confirmed_counts_what_was_before(
    world: tuple[ApiWorld, list[Headers]],
) -> None:
    system, (alice, bob, _, _) = world[0], world[1]
    asked = await ask(system, alice, KEYS, {"name": "bot", "role": "trader", "max_order_notional": "100"})
    assert await decide(system, bob, asked) == (200, "confirmed")
    bot = {"x-api-key": asked["secret"]}
    order = RESTING_BUY | {"size": "0.001"}
    assert (await system.client.post(ORDERS, json=order, headers=bot)).status_code == 201
    wider = {"max_order_notional": "200", "max_daily_notional": "70"}
    raised = await ask(system, alice, f"{KEYS}/bot/limits", wider)
    assert await decide(system, bob, raised) == (200, "confirmed")
    assert (await system.client.post(ORDERS, json=order, headers=bot)).status_code == 422


async def test_a_confirmation_needs_the_scope_of_the_act(tmp_path: Path) -> None:
    """A risk manager releases the kill switch, and makes no keys; who may only read decides nothing."""
    alice, *_ = await people(tmp_path)
    async with api_world(tmp_path) as world:
        answer = await world.control.post(KEYS, json={"name": "risk", "role": "risk"})
        risk = {"x-api-key": answer.json()["secret"]}
        answer = await world.control.post(KEYS, json={"name": "viewer", "role": "viewer"})
        viewer = {"x-api-key": answer.json()["secret"]}
    async with api_world(tmp_path, second_person=ALL) as world:
        asked = await ask(world, alice, KEYS, {"name": "dora", "role": "viewer"})
        path = f"{APPROVALS}/{asked['approval']['approval_id']}/confirm"
        for who in (risk, viewer):
            assert (await world.client.post(path, json={}, headers=who)).status_code == 403
        assert not await opens(world, asked["secret"])
        assert (await world.client.post(KILL_SWITCH, json={"engaged": True, "reason": "x"}, headers=risk)).is_success
        release = await ask(world, alice, KILL_SWITCH, {"engaged": False, "reason": "y"})
        assert await decide(world, risk, release) == (200, "confirmed")


async def test_nothing_waits_where_nothing_needs_a_second_person(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        assert (await world.control.post(KEYS, json={"name": "a", "role": "viewer"})).status_code == 201
        await world.control.post(KILL_SWITCH, json={"engaged": True, "reason": "x"})
        assert (await world.control.post(KILL_SWITCH, json={"engaged": False, "reason": "y"})).status_code == 200
        assert queries.approvals(world.system.database, "main", ACTS, 10) == []
        answer = await world.control.post(f"{APPROVALS}/nosuch/confirm", json={})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "approval_id")


@pytest.mark.parametrize(
    ("given", "rule"), [(("resume",), "must name keys too"), (("keys", "orders"), "second_person")]
)
def test_settings_of_a_second_person_that_mean_nothing(given: tuple[str, ...], rule: str) -> None:
    with pytest.raises(SettingsError, match=rule.replace("second_person", "(?i)second_person")):
        load_settings(second_person=given)
