"""The matrix: every route of the OpenAPI description against every kind of credential, whether it opens or not.

A route that declares no scope fails it. What opens hooks alone has its matrix in test_api_hooks.py.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.connections import CERTIFICATE
from app.api.running import RunningSystem
from app.api.sign_on import SignOn
from app.domain.access import ROLES, Scope
from tests.support.api_world import BASE_URL, ApiWorld, api_world
from tests.support.issuer import SECOND, LocalIssuer, local_issuer

KEYS, TOKENS, HOOKS = "/api/v1/keys", "/api/v1/tokens", "/api/v1/hooks"
PAGE = frozenset({Scope.READ, Scope.AUDIT, Scope.HALT})


@dataclass(frozen=True)
class Shown:
    """What a caller shows: headers, and perhaps a certificate of this common name. scopes: what it is for."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    scopes: frozenset[Scope] = frozenset()
    certificate: str | None = None


class Door:
    """One application, which a request enters from any address, perhaps with a certificate."""

    def __init__(self, world: ApiWorld, issuer: LocalIssuer) -> None:
        sign_on = SignOn.of(issuer.settings)
        options = ApiOptions(allowed_hosts=("127.0.0.1",), key_needed=True, sign_on=sign_on)
        self._app = build(RunningSystem(world.system), options)
        self._asked = 0

    async def ask(self, method: str, path: str, shown: Shown, body: dict[str, Any] | None = None) -> httpx2.Response:
        """From an address of its own, for of one too many attempts in vain are told to wait."""
        self._asked += 1

        async def app(scope: Any, receive: Any, send: Any) -> None:
            state = {} if shown.certificate is None else {CERTIFICATE: shown.certificate}
            await self._app({**scope, "state": state}, receive, send)

        transport = httpx2.ASGITransport(app=app, client=(f"2001:db9::{self._asked:x}", 1))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            given = (body or {}) if method in ("POST", "PATCH") else None
            return await client.request(method, path, json=given, headers=shown.headers)

    async def token(self, of: Shown, scopes: Iterable[Scope]) -> Shown:
        """What a page gets for a key."""
        answer = await self.ask("POST", TOKENS, of, {"scopes": sorted(scopes)})
        assert answer.status_code == 201, answer.text
        headers = {"authorization": f"Bearer {answer.json()['token']}"}
        return Shown(headers, frozenset(map(Scope, answer.json()["scopes"])))

    async def operations(self, shown: Shown) -> list[tuple[str, str, set[str]]]:
        """Method, path and scopes of every route, as the description has them."""
        schema = (await self.ask("GET", "/openapi.json", shown)).json()
        found: list[tuple[str, str, set[str]]] = []
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                assert "x-scopes" in operation, f"{method} {path} declares no scope"
                if "x-opened-by" in operation:
                    assert path.startswith(HOOKS), f"{method} {path} is opened by no key, and has no matrix"
                    continue
                path = re.sub(r"\{\w+\}", "x", path.replace("{instrument}", "BTC-USDT"))
                if "text/event-stream" in str(operation["responses"].get("200")):
                    path += "?nosuch=1"  # let in, it is refused for that: what it would say has no end
                found.append((method.upper(), path, set(operation["x-scopes"])))
        assert len(found) >= 60
        return found


@pytest.fixture
async def issuer() -> AsyncIterator[LocalIssuer]:
    async with local_issuer() as made:
        yield made


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


async def make(world: ApiWorld, name: str, scopes: Iterable[Scope], **terms: Any) -> Shown:
    body = {"name": name, "scopes": sorted(scopes), **terms}
    answer = await world.control.post(KEYS, json=body)
    assert answer.status_code == 201, answer.text
    return Shown({"x-api-key": answer.json()["secret"]}, frozenset(scopes))


async def test_every_route_with_every_kind_of_credential(world: ApiWorld, issuer: LocalIssuer) -> None:
    """Who has none of a route's scopes gets 403 and changes nothing, and who has one is let in."""
    door = Door(world, issuer)
    kinds = {f"role-{role}": await make(world, f"role-{role}", ROLES[role]) for role in sorted(ROLES)}
    for scope in Scope:
        name = f"only-{scope.replace(':', '-')}"
        kinds[name] = await make(world, name, [scope])
    admin = kinds["role-admin"]
    everything = await door.operations(admin)
    for name in ("role-viewer", "role-risk", "only-keys"):
        kinds[f"certificate of {name}"] = Shown({}, kinds[name].scopes, certificate=name)
    kinds["key beside a certificate"] = replace(kinds["role-viewer"], certificate="role-admin")
    kinds["token of a page"] = await door.token(admin, PAGE)
    kinds["token of a trader's page"] = await door.token(kinds["role-trader"], set(Scope) - {Scope.KEYS})
    kinds["token beside a certificate"] = replace(await door.token(admin, [Scope.READ]), certificate="role-admin")
    assert kinds["token of a page"].scopes == PAGE
    assert kinds["token of a trader's page"].scopes == ROLES["trader"]
    kinds["single sign-on of a trader"] = Shown(issuer.bearer("alice", "desk"), ROLES["trader"])
    kinds["single sign-on of two groups"] = Shown(
        issuer.bearer("bob", "eyes", "stop"), frozenset({Scope.READ, Scope.HALT})
    )
    kinds["single sign-on of nobody"] = Shown(issuer.bearer("carol"))
    for name, shown in kinds.items():
        for method, path, needed in everything:
            before = world.counted()
            answer = await door.ask(
                method, path, shown, {"scopes": sorted(shown.scopes)[:1] or ["read"]} if path == TOKENS else {}
            )
            allowed = not needed or bool(needed & {scope.value for scope in shown.scopes})
            assert answer.status_code != 401, (name, method, path)
            assert (answer.status_code != 403) == allowed, (name, method, path, answer.text)
            if not allowed:
                told = (answer.json()["type"].rpartition(":")[2], set(answer.json()["scopes"]))
                assert told == ("scope-needed", needed)
                assert (world.counted()[0], world.counted()[2]) == (before[0], before[2])


async def test_every_route_with_a_credential_that_does_not_open(world: ApiWorld, issuer: LocalIssuer) -> None:
    """Unknown, tampered with, expired, revoked, laid aside, or from elsewhere: one and the same answer."""
    door = Door(world, issuer)
    everyone = ROLES["admin"]
    admin = await make(world, "boss", everyone)
    everything = await door.operations(admin)
    shown = {name: await make(world, name, everyone) for name in ("gone", "old", "aside")}
    tokens = {f"token of {name}": await door.token(key, PAGE) for name, key in shown.items()}
    shown["elsewhere"] = await make(world, "elsewhere", everyone, addresses=["10.0.0.0/8", "2001:db8::/32"])
    shown |= tokens | {f"certificate of {name}": Shown(certificate=name) for name in shown}
    assert (await world.control.post(f"{KEYS}/gone/revoke", json={})).status_code == 200
    assert (await world.control.post(f"{KEYS}/aside/disable", json={})).status_code == 200
    book = world.system.keys
    for key in book.named("old"):
        book.keys[key.key_id] = replace(key, expires_ns=key.created_ns + 1)
    secret, token = admin.headers["x-api-key"], (await door.token(admin, PAGE)).headers["authorization"]
    shown["tampered"] = Shown({"x-api-key": secret[:-1] + ("A" if secret[-1] != "A" else "B")})
    shown["unknown"] = Shown({"x-api-key": "exk_0000000000_" + "x" * 43})
    shown["bare id"] = Shown({"authorization": f"Bearer exk_{secret.split('_')[1]}_"})
    shown["token cut short"] = Shown({"authorization": token[:-2]})
    shown["token of another process"] = await Door(world, issuer).token(admin, PAGE)
    shown["single sign-on that is over"] = Shown(issuer.bearer("alice", "office", exp=issuer.claims()["iat"] - 60))
    shown["single sign-on of another issuer"] = Shown(issuer.bearer("alice", "office", iss="https://evil.example"))
    shown["single sign-on by a key that is none"] = Shown(issuer.bearer("alice", "office", key=SECOND))
    shown["two that differ"] = Shown({"x-api-key": secret, "authorization": token})
    shown |= {
        f"certificate of {name}": Shown(certificate=name) for name in ("nobody", "legacy", "local", "", "api:boss")
    }
    shown["wrong key beside a certificate"] = replace(shown["unknown"], certificate="boss")
    said: set[str] = set()
    before = world.counted()
    for name, each in shown.items():
        for method, path, needed in everything:
            answer = await door.ask(method, path, each)
            if needed:
                assert answer.status_code == 401, (name, method, path)
                said.add(answer.text)
            else:
                assert answer.status_code < 400
    assert (world.counted()[0], world.counted()[2]) == (before[0], before[2])
    assert len(said) == 1, "no answer tells whether there is such a key"
