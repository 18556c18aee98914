"""POST /api/v1/hooks/{name}: an alert is an order once; only the hook's own secret opens it, and stands nowhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.attempts import FAILED_MAX
from app.api.running import RunningSystem
from app.clock import NS_PER_SECOND, utc
from app.domain.refusals import InvalidValue
from app.journal.audit import audit
from app.main import create_hooks_app
from app.services.signals.wishes import Wish
from tests.support.api_world import BASE_URL, MARKET_BUY, ORDERS, ApiWorld, api_world, client_of

D = Decimal
HOOKS = "/api/v1/hooks"
TV_HOOK = f"{HOOKS}/tv"
KEYS = "/api/v1/keys"
DECLARED: dict[str, Any] = {
    "tv": {
        "secret": "{secret}",
        "time": "{time}",
        "alerts_per_minute": 30,
        "symbols": {"BTCUSDT": "BTC-USDT"},
        "words": {"long": "buy", "flat": "close"},
        "signal": {
            "type": "{action}",
            "instrument_id": "{ticker}",
            "size": "{contracts?}",
            "strategy_id": "tv",
            "metadata": {"comment": "{comment?}"},
        },
    },
    "script": {
        "text": "{id} {action} {amount} USDT of {instrument}",
        "id": "{id}",
        "signal": {
            "type": "{action}",
            "instrument_id": "{instrument}",
            "size": "{amount}",
            "size_in": "quote",
        },
    },
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path, hooks=DECLARED) as made:
        yield made
        report = await asyncio.to_thread(audit, made.system.database, "main", made.system.ledger.instruments)
        assert report.clean, [str(finding) for finding in report.findings]


async def secret_of(world: ApiWorld, name: str = "tv", **terms: Any) -> str:
    given = {"scopes": ["orders:place", "exit"], **terms}
    answer = await world.control.post(KEYS, json={"name": f"hook:{name}", **given})
    assert answer.status_code == 201, answer.text
    return answer.json()["secret"]


def alert(world: ApiWorld, secret: str, seconds: float = 0, **changes: Any) -> dict[str, Any]:
    at = utc(world.system.clock.now_ns() + int(seconds * NS_PER_SECOND)).isoformat()
    said = {"secret": secret, "time": at, "action": "buy", "ticker": "BTCUSDT", "contracts": 0.001}
    return said | changes


async def send(world: ApiWorld, said: dict[str, Any] | str, path: str = TV_HOOK, **headers: str) -> httpx2.Response:
    content = said if isinstance(said, str) else json.dumps(said)
    kind = {"content-type": "text/plain; charset=utf-8"}
    return await world.client.post(path, content=content.encode(), headers=kind | headers)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def fields(answer: httpx2.Response) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


async def test_an_alert_becomes_an_order_once(world: ApiWorld) -> None:
    secret = await secret_of(world)
    said = alert(world, secret)
    first = await send(world, said)
    assert first.status_code == 201, first.text
    assert (first.json()["order"]["size"], first.json()["order"]["strategy_id"]) == ("0.001", "tv")
    again = await asyncio.gather(*(send(world, said) for _ in range(5)))
    assert {each.json()["order"]["order_id"] for each in again} == {first.json()["order"]["order_id"]}
    assert len(world.exchange.sends) == 1
    assert world.events("order.intent")[-1]["principal"] == "hook:tv"
    another = await send(world, alert(world, secret, 1))
    assert another.json()["order"]["order_id"] != first.json()["order"]["order_id"]


async def test_a_line_of_text_with_the_secret_in_a_header(world: ApiWorld) -> None:
    secret = await secret_of(world, "script")
    path = f"{HOOKS}/script"
    for headers in ({"x-api-key": secret}, {"authorization": f"Bearer {secret}"}):
        first = await send(world, "a-1 buy 100 USDT of BTC-USDT", path, **headers)
        assert first.status_code == 201, first.text
        assert D("0.0019") < D(first.json()["size"]) < D("0.002")
    changed = await send(world, "a-1 sell 900 USDT of BTC-USDT", path, **{"x-api-key": secret})
    assert changed.json()["order"]["order_id"] == first.json()["order"]["order_id"], "its id makes it one"
    assert len(world.exchange.sends) == 1
    assert (await send(world, "a-2 buy 100 USDT of BTC-USDT", path)).status_code == 401


async def test_closing_by_an_alert(world: ApiWorld) -> None:
    secret = await secret_of(world)
    await send(world, alert(world, secret, contracts="0.01"))
    flat = alert(world, secret, 1, action="flat")
    del flat["contracts"]
    closed = await send(world, flat)
    assert (closed.status_code, closed.json()["order"]["side"]) == (201, "sell")


async def test_only_its_own_secret_opens_a_hook_and_it_opens_nothing_else(world: ApiWorld) -> None:
    secret, other = await secret_of(world), await secret_of(world, "script")
    key = (await world.control.post(KEYS, json={"name": "boss", "role": "admin"})).json()["secret"]
    said = set[str]()
    for shown in (other, key, secret[:-1] + "x", "", "exk_0000000000_" + "x" * 43):
        refused = await send(world, alert(world, shown))
        assert refused.status_code == 401
        said.add(refused.text)
    said.add((await send(world, alert(world, secret), f"{HOOKS}/nosuch")).text)
    said.add((await send(world, alert(world, secret), **{"x-api-key": other})).text)
    said.add((await send(world, "no JSON")).text)
    assert len(said) == 1, "no answer tells what there is"
    told = world.events("request.refused")[-1]
    assert (told["principal"], TV_HOOK in told["payload"]) == ("api:unknown", True)
    for path in (ORDERS, KEYS, "/api/v1/status"):
        assert (await world.client.get(path, headers={"x-api-key": secret})).status_code == 401
    assert (await world.client.post(ORDERS, json=MARKET_BUY, headers={"x-api-key": secret})).status_code == 401
    assert world.exchange.sends == []


async def test_a_rotated_expired_or_revoked_secret(world: ApiWorld) -> None:
    old = await secret_of(world)
    answer = await world.control.post(f"{KEYS}/hook:tv/rotate", json={})
    new = answer.json()["secret"]
    assert (await send(world, alert(world, old))).status_code == 401
    assert (await send(world, alert(world, new))).status_code == 201
    assert (await world.control.post(f"{KEYS}/hook:tv/revoke", json={})).status_code == 200
    assert (await send(world, alert(world, new, 1))).status_code == 401
    shown = (await world.client.get(HOOKS)).json()["hooks"]
    assert [(hook["name"], hook["states"]) for hook in shown] == [("tv", ["revoked", "revoked"]), ("script", [])]


async def test_scopes_and_limits_of_a_hook_hold(world: ApiWorld) -> None:
    await secret_of(world, instruments=["BTC-USDT"], max_order_notional="100")
    refused = await world.control.post(KEYS, json={"name": "hook:x", "role": "viewer"})
    assert (refused.status_code, fields(refused)) == (422, ["scopes"])
    secret = (await world.control.post(f"{KEYS}/hook:tv/rotate", json={})).json()["secret"]
    dear = await send(world, alert(world, secret, contracts="0.003"))
    assert (dear.status_code, dear.json()["errors"][0]["check"]) == (422, "key_limits")
    narrow = await secret_of(world, "script", scopes=["exit"])
    beyond = await send(world, "a buy 100 USDT of BTC-USDT", f"{HOOKS}/script", **{"x-api-key": narrow})
    assert (beyond.status_code, fields(beyond)) == (422, ["type"])
    assert "orders:place" in beyond.json()["detail"]
    assert world.exchange.sends == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ticker": "DOGEUSDT"}, "instrument_id"),
        ({"action": "panic"}, "type"),
        ({"action": None}, "hooks.tv.signal.type"),
        ({"contracts": "lots"}, "size"),
        ({"contracts": None}, "size"),
        ({"comment": ["x"]}, "metadata.comment"),
        ({"comment": "\ud800"}, "metadata"),
        ({"time": "soon"}, "time"),
    ],
)
async def test_what_does_not_map_is_refused_by_field_and_journalled(
    world: ApiWorld, changes: dict[str, Any], field: str
) -> None:
    refused = await send(world, alert(world, await secret_of(world), **changes))
    assert (refused.status_code, fields(refused)) == (422, [field]), refused.text
    told = world.events("request.refused")[-1]
    assert (told["principal"], field in told["payload"]) == ("hook:tv", True)
    assert world.exchange.sends == []


async def test_an_old_alert_is_refused_and_a_repeat_is_told_what_became_of_the_first(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = await secret_of(world)
    late = await send(world, alert(world, secret, -301))
    assert (late.status_code, fields(late)) == (422, ["expires_at"])
    ahead = await send(world, alert(world, secret, 3600))
    assert (ahead.status_code, fields(ahead)) == (422, ["time"])
    in_time = alert(world, secret)
    first = await send(world, in_time)
    monkeypatch.setattr(Wish, "expired", lambda *_: True)  # five minutes go by
    again = await send(world, in_time)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["order"]["order_id"] == first.json()["order"]["order_id"]
    assert len(world.exchange.sends) == 1


async def test_bodies_and_rates_are_bounded(world: ApiWorld) -> None:
    secret = await secret_of(world)
    large = await send(world, alert(world, secret, comment="x" * 9_000), **{"x-api-key": secret})
    assert (large.status_code, fields(large)) == (422, ["body"])
    assert (await send(world, alert(world, secret, comment="x" * 70_000))).status_code == 413
    answers = [(await send(world, alert(world, secret, -place))).status_code for place in range(40)]
    assert answers == [201] * 30 + [429] * 10
    lines = [event for event in world.events("request.refused") if "alerts_per_minute" in event["payload"]]
    assert len(lines) == 1, "a flood writes no journal"
    wrong = [(await send(world, alert(world, "wrong"))).status_code for _ in range(FAILED_MAX + 5)]
    assert wrong[-5:] == [429] * 5


async def test_secrets_stand_in_no_journal_row_log_or_answer(
    world: ApiWorld, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = await secret_of(world)
    answers = [
        await send(world, alert(world, secret, comment=f"mine: {secret}")),
        await send(world, alert(world, secret, 1, ticker=secret)),
        await send(world, alert(world, secret, 2, contracts=secret)),
        await send(world, json.dumps(alert(world, secret))[:-1], **{"x-api-key": secret}),
        await send(world, alert(world, secret + "x")),
        await world.client.post(f"{TV_HOOK}/try", json={"alert": json.dumps(alert(world, secret, action=secret))}),
    ]
    assert [answer.status_code for answer in answers] == [201, 422, 422, 422, 401, 422]
    await world.system.stop()
    written = await asyncio.to_thread(everything_in, tmp_path)
    shown = "".join(answer.text for answer in answers) + "".join(capfd.readouterr())
    assert secret.encode() not in written
    assert secret not in shown


async def test_a_trial_shows_what_would_be_done_and_does_nothing(world: ApiWorld) -> None:
    said = json.dumps(alert(world, "anything"))
    before = world.counted()
    bare = (await world.client.post(f"{TV_HOOK}/try", json={"alert": said})).json()
    assert [reason["field"] for reason in bare["signal"]["refused"]] == ["type"], "without a secret it may do nothing"
    assert world.counted() == before
    await secret_of(world)
    before = world.counted()
    shown = (await world.client.post(f"{TV_HOOK}/try", json={"alert": said})).json()
    assert (shown["signal"]["orders"][0]["size"], shown["signal"]["refused"]) == ("0.001", [])
    assert world.counted() == before
    refused = await world.client.post(f"{TV_HOOK}/try", json={"alert": said.replace("BTCUSDT", "DOGE")})
    assert (refused.status_code, fields(refused)) == (422, ["instrument_id"])
    assert (await world.client.post(f"{HOOKS}/nosuch/try", json={"alert": said})).status_code == 404
    assert (await world.client.post(f"{TV_HOOK}/try", json={"alert": 7})).status_code == 422


async def test_a_port_of_its_own_serves_nothing_else(world: ApiWorld) -> None:
    secret = await secret_of(world)
    async with client_of(create_hooks_app(world.system)) as client:
        done = await client.post(TV_HOOK, content=json.dumps(alert(world, secret)))
        assert done.status_code == 201
        for path in ("/", "/openapi.json", "/health/live", "/metrics", ORDERS, HOOKS, "/api/v1/stream/events"):
            assert (await client.get(path)).status_code == 404, path
        for path in (ORDERS, "/api/v1/signals", f"{TV_HOOK}/try", "/api/v1/trading/kill-switch"):
            assert (await client.post(path, json={})).status_code == 404, path
    app = create_hooks_app(world.system)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, client=("203.0.113.9", 1)), base_url=BASE_URL
    ) as client:
        assert (await client.get("/health/live")).status_code == 401
        assert (await client.post(TV_HOOK, content=json.dumps(alert(world, secret, 1)))).status_code == 201


async def test_a_secret_may_be_of_some_addresses_only(world: ApiWorld) -> None:
    secret = await secret_of(world, addresses=["203.0.113.0/24"])
    assert (await send(world, alert(world, secret))).status_code == 401
    app = build(RunningSystem(world.system), ApiOptions(("127.0.0.1",)))
    transport = httpx2.ASGITransport(app=app, client=("203.0.113.9", 1))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        said = json.dumps(alert(world, secret))
        forged = {"x-forwarded-for": "127.0.0.1"}
        assert (await client.post(TV_HOOK, content=said, headers=forged)).status_code == 201


async def test_a_page_of_another_site_sends_no_alert(world: ApiWorld) -> None:
    secret = await secret_of(world)
    foreign = await send(world, alert(world, secret), origin="https://evil.example")
    assert foreign.status_code == 403
    assert world.exchange.sends == []


async def test_settings_that_are_no_hook_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"hooks\.tv\.sekret"):
        async with api_world(tmp_path, hooks={"tv": DECLARED["tv"] | {"sekret": "x"}}):
            pass
