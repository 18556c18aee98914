"""Single sign-on against a real issuer on this machine: what its tokens open, what none of them opens, and its keys."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.api import issuer as under_test
from app.api.application import ApiOptions, build
from app.api.issuer import (
    AGAIN_SECONDS,
    KEYS_SECONDS,
    KEYS_SECONDS_MAX,
    LEEWAY_SECONDS,
    Issuer,
    Unreachable,
    fetched,
    keys_of,
)
from app.api.running import RunningSystem
from app.api.sign_on import SignOn
from app.cli.serving import listening_socket
from app.clock import NS_PER_SECOND, SimulatedClock, VirtualTimeLoop
from app.domain.access import ROLES
from app.domain.refusals import InvalidValue
from app.settings import load_settings
from tests.support.api_world import BASE_URL, ORDERS, RESTING_BUY, ApiWorld, api_world
from tests.support.issuer import AUDIENCE, CURVE, FIRST, GRANTS, SECOND, LocalIssuer, local_issuer
from tests.support.stream import connected, end_of, serving, until

KEYS, APPROVALS, KILL_SWITCH = "/api/v1/keys", "/api/v1/approvals", "/api/v1/trading/kill-switch"
ISSUER = "https://sso.example"


@pytest.fixture
async def issuer() -> AsyncIterator[LocalIssuer]:
    async with local_issuer() as made:
        yield made


@pytest.fixture
async def world(tmp_path: Path, issuer: LocalIssuer) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path, oidc=issuer.settings) as made:
        yield made


@asynccontextmanager
async def asking(world: ApiWorld, issuer: LocalIssuer) -> AsyncIterator[httpx2.AsyncClient]:
    """A door that knows no key of the issuer yet, and asks everybody who he is."""
    options = ApiOptions(allowed_hosts=("127.0.0.1",), key_needed=True, sign_on=SignOn.of(issuer.settings))
    app = build(RunningSystem(world.system), options)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as client:
        yield client


async def test_a_token_does_what_the_groups_of_somebody_may(world: ApiWorld, issuer: LocalIssuer) -> None:
    placed = await world.client.post(ORDERS, json=RESTING_BUY, headers=issuer.bearer("alice", "desk", "unheard of"))
    assert placed.status_code == 201, placed.text
    assert world.events("order.intent")[-1]["principal"] == "oidc:alice"
    refused = await world.client.post(ORDERS, json=RESTING_BUY, headers=issuer.bearer("bob", "eyes"))
    assert (refused.status_code, refused.json()["scopes"]) == (403, ["orders:place"])
    assert world.events("request.refused")[-1]["principal"] == "oidc:bob"
    halted = {"engaged": True, "reason": "from the phone"}
    both = issuer.bearer("carol|1", "eyes", "stop")
    assert (await world.client.post(KILL_SWITCH, json=halted, headers=both)).status_code == 200
    assert world.events("kill_switch.on")[-1]["principal"] == "oidc:carol|1"
    for nothing in (issuer.bearer("dave"), issuer.bearer("dave", "unheard of"), issuer.bearer("dave", groups=None)):
        assert (await world.client.get(ORDERS, headers=nothing)).status_code == 403
    assert issuer.asked == 1, "its keys are kept"
    made = await world.client.post(KEYS, json={"name": "x", "role": "admin"}, headers=issuer.bearer("erin", "office"))
    assert made.status_code == 201
    assert made.json()["key"]["created_by"] == "oidc:erin"


async def test_whoever_came_by_it_is_one_of_two_persons(tmp_path: Path, issuer: LocalIssuer) -> None:
    async with api_world(tmp_path, oidc=issuer.settings, second_person=("keys",)) as world:
        erin, frank = issuer.bearer("erin", "office"), issuer.bearer("frank", "office")
        asked = await world.client.post(KEYS, json={"name": "bot", "role": "viewer"}, headers=erin)
        path = f"{APPROVALS}/{asked.json()['approval']['approval_id']}/confirm"
        assert (await world.client.post(path, json={}, headers=erin)).status_code == 422
        assert (await world.client.post(path, json={}, headers=frank)).json()["decided_by"] == "oidc:frank"


def signed(claims: dict[str, Any], header: dict[str, Any], secret: bytes = b"") -> str:
    """By hand: without a signature, or by a secret."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in (header, claims)]
    if not secret:
        return ".".join((*parts, ""))
    signature = base64.urlsafe_b64encode(hmac.digest(secret, ".".join(parts).encode(), "sha256")).decode()
    return ".".join((*parts, signature.rstrip("=")))


def tokens_that_open_nothing(issuer: LocalIssuer) -> dict[str, str]:
    def made(*, key: Any = FIRST, header: Any = None, **changes: Any) -> str:
        return issuer.token("alice", "office", key=key, header=header, **changes)

    claims, public = issuer.claims("alice", "office"), serialization.PublicFormat.SubjectPublicKeyInfo
    pem = FIRST.public_key.public_bytes(serialization.Encoding.PEM, public)
    good, stranger = made(), RSAKey.generate_key(2048, {"kid": "one"})
    for_all = RSAKey.import_key({**FIRST.as_dict(private=True), "alg": "RS512"})
    now = claims["iat"]
    head, said, signature = good.split(".")
    return {
        "over": made(exp=now - LEEWAY_SECONDS - 2),
        "not yet": made(nbf=now + 3600),
        "of the future": made(iat=now + 3600),
        "for ever": made(exp=now + 30 * 86_400),
        "without an end": made(exp=None),
        "an end that is none": made(exp="tomorrow"),
        "for somebody else": made(aud="another program"),
        "for nobody": made(aud=None),
        "of another issuer": made(iss="https://evil.example"),
        "of nobody": made(iss=None),
        "without a name": made(sub=None),
        "a name of two words": made(sub="alice bob"),
        "a name that is none": made(sub=["alice"]),
        "a name without end": made(sub="a" * 129),
        "unsigned": signed(claims, {"alg": "none"}),
        "unsigned, of a key": signed(claims, {"alg": "none", "kid": "one"}),
        "signed by the public key": signed(claims, {"alg": "HS256", "kid": "one"}, pem),
        "signed by a shared secret": signed(claims, {"alg": "HS256", "kid": "shared"}, b"secret" * 8),
        "an algorithm that the key is not for": made(key=for_all, header={"alg": "RS512"}),
        "of a key that it has not": made(key=SECOND),
        "of another key of that name": made(key=stranger),
        "with its own key beside it": made(key=stranger, header={"jwk": stranger.as_dict(private=False)}),
        "a key's name that is none": f"{signed({}, {'alg': 'RS256', 'kid': 5})[:-1].split('.')[0]}.{said}.{signature}",
        "changed": f"{head}.{signed(claims | {'sub': 'mallory'}, {}).split('.')[1]}.{signature}",
        "cut short": good[:-8],
        "without its signature": f"{head}.{said}.",
        "of another purpose": made(header={"typ": "logout+jwt"}),
        "no claims": f"{head}..{signature}",
        "nothing in it": "..",
        "deep": base64.urlsafe_b64encode(b"[" * 6000).decode() + ".e30.x",
    }


async def test_tokens_that_open_nothing(world: ApiWorld, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer to all of them, which does not say why, and no side effect."""
    monkeypatch.setattr("app.api.attempts.FAILED_MAX", 1_000)
    bad = tokens_that_open_nothing(issuer)
    async with asking(world, issuer) as client:
        assert (await client.get(ORDERS, headers=issuer.bearer("alice", "office"))).status_code == 200
        before, said = world.counted(), set[str]()
        for name, token in bad.items():
            for method, path in (("GET", ORDERS), ("POST", ORDERS), ("POST", KEYS)):
                body = RESTING_BUY if path == ORDERS else {"name": "x", "role": "viewer"}
                given = {"json": body} if method == "POST" else {}
                headers = {"authorization": f"Bearer {token}"}
                answer = await client.request(method, path, headers=headers, **given)
                assert answer.status_code == 401, name
                said.add(answer.text)
        assert (world.counted()[0], world.counted()[2]) == (before[0], before[2])
        assert len(said) == 1
        assert issuer.asked <= 2, "nobody has us ask it at his pace"
        two = {"authorization": f"Bearer {issuer.token('alice', 'office')}", "x-api-key": issuer.token("bob", "office")}
        assert (await client.get(ORDERS, headers=two)).status_code == 401
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=build(RunningSystem(world.system), ApiOptions(("127.0.0.1",)))),
        base_url=BASE_URL,
    ) as without:
        assert (await without.get(ORDERS, headers=issuer.bearer("alice", "office"))).status_code == 401


async def test_a_new_key_is_taken_up_and_one_that_is_withdrawn_opens_no_longer(
    world: ApiWorld, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "AGAIN_SECONDS", 0)
    old, new = issuer.bearer("alice", "desk"), issuer.bearer("alice", "desk", key=SECOND)
    curve = issuer.bearer("alice", "desk", key=CURVE, aud=["else", AUDIENCE])
    nameless = issuer.bearer("alice", "desk", key=CURVE, header={"kid": None})
    async with asking(world, issuer) as client:

        async def open_now() -> list[bool]:
            answers = [await client.get(ORDERS, headers=each) for each in (old, new, curve, nameless)]
            return [answer.status_code == 200 for answer in answers]

        assert await open_now() == [True, False, False, False]
        issuer.keys = [FIRST, SECOND, CURVE]
        assert await open_now() == [True, True, True, False], "of which of them it is, it must say"
        issuer.keys = [CURVE]
        assert (await client.get(ORDERS, headers=issuer.bearer("x", key=RSAKey.generate_key(2048)))).status_code == 401
        assert await open_now() == [False, False, True, True]


async def test_an_issuer_that_cannot_be_reached(
    world: ApiWorld, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who cannot be looked at is told to come again, nobody else is kept out, and known keys go on."""
    monkeypatch.setattr(under_test, "FETCH_SECONDS", 0.2)
    good = issuer.bearer("alice", "desk")
    key = (await world.control.post(KEYS, json={"name": "bot", "role": "viewer"})).json()["secret"]

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    whole, tell = dict(issuer.metadata), issuer.tell_of_itself
    async with asking(world, issuer) as client:
        monkeypatch.setattr(issuer, "tell_of_itself", slow)
        answers = await asyncio.gather(*(client.get(ORDERS, headers=good) for _ in range(3)))
        assert [answer.status_code for answer in answers] == [503] * 3
        assert answers[0].headers["retry-after"] == str(AGAIN_SECONDS)
        assert answers[0].json()["type"].endswith("issuer-unreachable")
        assert (await client.get(ORDERS, headers={"x-api-key": key})).status_code == 200
        assert (await client.get("/health/live", headers=good)).status_code == 200
        monkeypatch.setattr(issuer, "tell_of_itself", tell)
        monkeypatch.setattr(under_test, "AGAIN_SECONDS", 0)
        for broken in (
            {"issuer": "https://evil.example"},
            {"jwks_uri": "http://evil.example/keys"},
            {"jwks_uri": None},
            {"jwks_uri": "http://127.0.0.1:1/keys"},
        ):
            issuer.metadata = whole | broken
            assert (await client.get(ORDERS, headers=good)).status_code == 503, broken
        issuer.metadata = whole
        for said in (
            web.Response(status=500),
            web.Response(status=302, headers={"location": f"{issuer.url}/keys"}),
            web.Response(text="[]"),
            web.Response(text='{"keys": []}'),
            web.Response(text='{"keys": 5}'),
            web.Response(body=b" " * (under_test.FETCH_BYTES + 1)),
        ):
            issuer.broken = said
            assert (await client.get(ORDERS, headers=good)).status_code == 503
        issuer.broken = None
        assert (await client.get(ORDERS, headers=good)).status_code == 200
        issuer.broken = web.Response(status=500)
        assert (await client.get(ORDERS, headers=issuer.bearer("bob", key=SECOND))).status_code == 401
        assert (await client.get(ORDERS, headers=good)).status_code == 200, "the key that it is known by"


async def test_a_stream_by_a_token_in_a_header_or_the_first_message(world: ApiWorld, issuer: LocalIssuer) -> None:
    token, bad = issuer.token("alice", "eyes"), issuer.token("alice", "eyes", key=SECOND)
    settings = world.system.settings.model_copy(update={"api_key": None})
    options = ApiOptions(allowed_hosts=("127.0.0.1",), key_needed=True, sign_on=SignOn.of(issuer.settings))
    async with serving(build(RunningSystem(world.system), options), settings) as base:
        async with connected(base, additional_headers={"authorization": f"Bearer {token}"}) as socket:
            assert (await until(socket, lambda message: message["type"] == "hello"))[-1]["type"] == "hello"
        async with connected(base) as socket:
            await socket.send(json.dumps({"key": token}))
            assert (await until(socket, lambda message: message["type"] == "hello"))[-1]["type"] == "hello"
        async with connected(base) as socket:
            await socket.send(json.dumps({"key": bad}))
            assert (await end_of(socket))[1] == 4401


def test_keys_age_and_a_token_ends() -> None:
    """In virtual time: asked for once an hour, kept for a day without an issuer; a stream ends with its token."""

    async def story() -> None:
        clock, asked, up, shown = SimulatedClock(), list[str](), True, FIRST

        async def fetch(url: str) -> bytes:
            asked.append(url)
            if not up:
                raise Unreachable(url)
            if url.endswith("/keys"):
                return json.dumps({"keys": [shown.as_dict(private=False)]}).encode()
            return json.dumps({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}).encode()

        sign_on = SignOn.of({"issuer": ISSUER, "audience": AUDIENCE, "grants": GRANTS})
        assert sign_on is not None
        issuer = Issuer(sign_on, clock, fetch)

        def token(seconds: int = 300) -> str:
            now = clock.now_ns() // NS_PER_SECOND
            claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "groups": "desk eyes", "exp": now + seconds}
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, FIRST)

        first = token()
        await asyncio.gather(*(issuer.prepare(first) for _ in range(20)))
        assert asked == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"], "once for all of them"
        found = issuer.admit(first)
        assert found is not None
        assert found.grant.scopes == ROLES["trader"]
        assert issuer.stands(found)
        assert issuer.admit(first) is found, "its signature is checked once"
        assert issuer.admit(first[:-8]) is None
        await clock.sleep(300 + LEEWAY_SECONDS)
        assert (issuer.admit(first), issuer.stands(found)) == (None, False)
        await clock.sleep(KEYS_SECONDS)
        await issuer.prepare(token())
        assert len(asked) == 2, "nobody waits for keys that are as good as any"
        await issuer.prepare(token())
        await clock.sleep(0.001)
        assert len(asked) == 4
        up = False
        await clock.sleep(KEYS_SECONDS_MAX - AGAIN_SECONDS)
        long = token(2 * AGAIN_SECONDS)
        await issuer.prepare(long)
        held = issuer.admit(long)
        assert held is not None
        await clock.sleep(AGAIN_SECONDS)
        assert (issuer.admit(long), issuer.stands(held)) == (None, False), "older keys count no longer"
        with pytest.raises(Exception, match="cannot be had"):
            await issuer.prepare(long)
        up = True
        await clock.sleep(AGAIN_SECONDS)
        await issuer.prepare(long)
        assert issuer.stands(held)
        shown = RSAKey.import_key({**SECOND.as_dict(private=False), "kid": "one"})
        await clock.sleep(KEYS_SECONDS)
        lasting = token()
        held = issuer.admit(lasting)
        assert held is not None
        await issuer.prepare(lasting)
        await clock.sleep(0.001)
        assert (issuer.admit(lasting), issuer.stands(held)) == (None, False), "its name is another key's by now"

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(story())


def test_keys_that_check_no_signature_of_ours() -> None:
    weak = RSAKey.import_key(rsa.generate_private_key(65537, 1024)).as_dict(private=False)
    public = FIRST.as_dict(private=False)
    assert (
        keys_of([weak | {"kid": "weak"}, public | {"use": "enc"}, public | {"kty": "oct"}, {"kty": "oct", "k": "eA"}])
        == {}
    )
    assert list(keys_of([public])) == ["one"]


SAID: dict[str, Any] = {"issuer": ISSUER, "audience": "us", "grants": {"desk": ["trader"]}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": None}, "oidc.issuer"),
        ({"issuer": "http://sso.example"}, "oidc.issuer"),
        ({"issuer": "https://sso.example?x=1"}, "oidc.issuer"),
        ({"issuer": "https://user:word@sso.example"}, "oidc.issuer"),
        ({"issuer": "https://sso.example:port"}, "oidc.issuer"),
        ({"audience": ""}, "oidc.audience"),
        ({"audience": ["us"]}, "oidc.audience"),
        ({"grants": {}}, "oidc.grants"),
        ({"grants": ["trader"]}, "oidc.grants"),
        ({"grants": {"desk": []}}, "oidc.grants.desk"),
        ({"grants": {"desk": ["trade"]}}, "oidc.grants.desk"),
        ({"grants": {"desk": [["trader"]]}}, "oidc.grants.desk"),
        ({"claim": 5}, "oidc.claim"),
        ({"audiences": "us"}, "oidc.audiences"),
    ],
)
def test_settings_that_are_no_single_sign_on(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as error:
        SignOn.of(SAID | changes)
    assert error.value.refusal.field == field


def test_what_a_claim_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its whole name, through objects, as a list or as words; without the library the start is refused."""
    for claim, claims in (
        ("https://desk.example/roles", {"https://desk.example/roles": ["desk"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["desk", 5, {}, "else"]}}),
        ("scope", {"scope": "openid desk"}),
    ):
        sign_on = SignOn.of(SAID | {"claim": claim, "name_claim": "email"})
        assert sign_on is not None
        grant = sign_on.grant({"email": "alice@desk.example", **claims})
        assert grant is not None
        assert (grant.principal, grant.scopes) == ("oidc:alice@desk.example", ROLES["trader"])
    assert SignOn.of({}) is None
    monkeypatch.setattr("app.api.sign_on.find_spec", lambda _: None)
    with pytest.raises(InvalidValue, match=r"pip install 'trading-executor\[oidc\]'"):
        SignOn.of(SAID)


def test_it_is_declared_in_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_OIDC", json.dumps(SAID))
    assert load_settings(data_dir=tmp_path).oidc == SAID
    monkeypatch.setenv("TRADING_EXECUTOR_OIDC", json.dumps(SAID | {"grants": {"desk": "boss"}}))
    with pytest.raises(InvalidValue, match=r"oidc.grants.desk=boss"):
        listening_socket(load_settings(data_dir=tmp_path, port=0))


async def test_an_address_that_answers_no_more(issuer: LocalIssuer) -> None:
    assert b"keys" in await fetched(f"{issuer.url}/keys")
    with pytest.raises(Unreachable, match="404"):
        await fetched(f"{issuer.url}/nothing")
