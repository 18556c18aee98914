"""A token for a page: got with a key, for a while, for less than the key may do; it dies with its key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest

from app.api.application import ApiOptions, build
from app.api.running import RunningSystem
from app.api.tokens import PREFIX, SECONDS, SESSION_SECONDS, Tokens
from app.clock import SimulatedClock, SystemClock, VirtualTimeLoop
from app.domain.access import OF_LEGACY, Scope
from app.observability import redaction
from tests.support.api_world import BASE_URL, ORDERS, RESTING_BUY, ApiWorld, api_world

KEYS, TOKENS, KILL_SWITCH = "/api/v1/keys", "/api/v1/tokens", "/api/v1/trading/kill-switch"
HALT = {"engaged": True, "reason": "from the page"}


async def test_tokens_are_masked_and_leave_nothing_behind() -> None:
    """Whoever may read can ask for as many as he likes; each that was remembered made every log line slower."""
    tokens, before = Tokens(SystemClock()), redaction._process._forms
    for _ in range(3):
        made = tokens.make("0123456789", OF_LEGACY, frozenset({Scope.READ})).token
        assert redaction.redact(f"key={made}, shown") == "key=***, shown"
    assert redaction._process._forms == before


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


async def make(world: ApiWorld, name: str, **terms: Any) -> dict[str, str]:
    answer = await world.control.post(KEYS, json={"name": name, **terms})
    assert answer.status_code == 201, answer.text
    return {"x-api-key": answer.json()["secret"]}


async def token_of(world: ApiWorld, headers: dict[str, str], *scopes: str) -> tuple[dict[str, str], dict[str, Any]]:
    answer = await world.client.post(TOKENS, json={"scopes": list(scopes)} if scopes else {}, headers=headers)
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}"}, answer.json()


async def test_it_reads_unless_more_is_asked_for_and_never_does_more_than_its_key(world: ApiWorld) -> None:
    admin, viewer = await make(world, "boss", role="admin"), await make(world, "eyes", role="viewer")
    reading, told = await token_of(world, admin)
    assert (told["principal"], told["scopes"]) == ("api:boss", ["read"])
    assert (await world.client.get(ORDERS, headers=reading)).status_code == 200
    for path, body in ((ORDERS, RESTING_BUY), (KILL_SWITCH, HALT)):
        assert (await world.client.post(path, json=body, headers=reading)).status_code == 403
    acting, told = await token_of(world, admin, "read", "halt")
    assert told["scopes"] == ["halt", "read"]
    assert (await world.client.post(KILL_SWITCH, json=HALT, headers=acting)).status_code == 200
    assert world.events("kill_switch.on")[-1]["principal"] == "api:boss"
    _, told = await token_of(world, viewer, "read", "halt", "orders:place")
    assert told["scopes"] == ["read"]
    nothing = await world.client.post(TOKENS, json={"scopes": ["halt"]}, headers=viewer)
    assert (nothing.status_code, nothing.json()["scopes"]) == (403, ["halt"])
    keys = await world.client.post(TOKENS, json={"scopes": ["keys"]}, headers=admin)
    assert (keys.status_code, keys.json()["errors"][0]["field"]) == (422, "scopes")
    assert (await world.client.post(KEYS, json={"name": "x", "role": "viewer"}, headers=acting)).status_code == 403


async def test_it_is_renewed_with_itself_and_gains_nothing(world: ApiWorld) -> None:
    admin = await make(world, "boss", role="admin")
    first, told = await token_of(world, admin, "read", "halt")
    second, again = await token_of(world, first)
    assert (again["scopes"], again["ends_at"]) == (told["scopes"], told["ends_at"])
    _, less = await token_of(world, second, "read", "resume")
    assert less["scopes"] == ["read"]


@pytest.mark.parametrize("end", ["revoke", "disable"])
async def test_it_dies_with_its_key(world: ApiWorld, end: str) -> None:
    token, _ = await token_of(world, await make(world, "eyes", role="viewer"))
    assert (await world.client.get(ORDERS, headers=token)).status_code == 200
    await world.control.post(f"{KEYS}/eyes/{end}", json={})
    assert (await world.client.get(ORDERS, headers=token)).status_code == 401
    assert (await world.client.post(TOKENS, json={}, headers=token)).status_code == 401


async def test_it_is_used_from_where_its_key_may_be_used(world: ApiWorld) -> None:
    token, _ = await token_of(world, await make(world, "eyes", role="viewer", addresses=["127.0.0.1"]))
    app = build(RunningSystem(world.system), ApiOptions(allowed_hosts=("127.0.0.1",)))
    app.state.tokens._signing = b"the other server's own, so that nothing else could be the reason"
    transport = httpx2.ASGITransport(app=app, client=("203.0.113.9", 1))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        assert (await client.get(ORDERS, headers=token)).status_code == 401


async def test_another_process_knows_it_not(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        token, _ = await token_of(world, await make(world, "eyes", role="viewer"))
    async with api_world(tmp_path) as world:
        assert (await world.client.get(ORDERS, headers=token)).status_code == 401


async def test_a_forged_token_opens_nothing(world: ApiWorld) -> None:
    """Another algorithm or none, another signature, a claim changed, a claim left out, rubbish."""
    good, _ = await token_of(world, await make(world, "eyes", role="viewer"))
    text = good["authorization"].removeprefix(f"Bearer {PREFIX}")
    claims = jwt.decode(text, options={"verify_signature": False})
    head, body, signature = text.split(".")
    more = jwt.utils.base64url_encode(json.dumps({**claims, "scp": ["keys"]}).encode()).decode()
    forged = [
        jwt.encode(claims, "", "none"),
        jwt.encode(claims, "a-guess-of-the-secret-that-is-long-enough", "HS256"),
        f"{head}.{body}.",
        f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        f"{head}.{more}.{signature}",
        "", ".", "..", "a.b.c", "\u00e9",
    ]  # fmt: skip
    for each in forged:
        headers = {"authorization": f"Bearer {PREFIX}{each}".encode("latin-1")}
        assert (await world.client.get(ORDERS, headers=headers)).status_code == 401, each
    assert (await world.client.get(ORDERS, headers=good)).status_code == 200


async def test_without_a_key_there_is_nothing_to_make_one_of(world: ApiWorld) -> None:
    answer = await world.client.post(TOKENS, json={})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "no-key")


def test_it_is_over_in_time() -> None:
    async def scenario() -> None:
        clock = SimulatedClock()
        tokens, scopes = Tokens(clock), frozenset({Scope.READ})
        made = tokens.make("legacy", OF_LEGACY, scopes)
        session = tokens.read(made.token)
        assert session is not None
        await clock.sleep(SECONDS - 1)
        assert tokens.read(made.token) == session
        await clock.sleep(1)
        assert tokens.read(made.token) is None
        await clock.sleep(SESSION_SECONDS - SECONDS - 60)
        last = tokens.make("legacy", OF_LEGACY, scopes, session.ends_ns)
        await clock.sleep(59)
        assert tokens.read(last.token) is not None
        await clock.sleep(1)
        assert tokens.read(last.token) is None, "a session is not renewed for ever"

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(scenario())
