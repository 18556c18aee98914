"""Named keys: from where and until when they open, how they end, and what their orders may be.

What each opens, on every route: test_access_matrix.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.api.application import ApiOptions, build
from app.api.attempts import FAILED_MAX
from app.api.running import RunningSystem
from app.domain.access import LEGACY
from app.journal.audit import audit
from app.main import create_read_only_app
from app.services.trading.account.refused_lines import LINES_MAX
from app.store import queries
from tests.support.api_world import BASE_URL, MARKET_BUY, ORDERS, RESTING_BUY, ApiWorld, api_world

KEYS = "/api/v1/keys"
TOKENS = "/api/v1/tokens"
KILL_SWITCH = "/api/v1/trading/kill-switch"
EXECUTIONS, SIGNALS = "/api/v1/trading/executions", "/api/v1/signals"
ELSEWHERE = ("203.0.113.9", 1)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


def client_of(world: ApiWorld, address: tuple[str, int] = ("127.0.0.1", 1), **options: Any) -> httpx2.AsyncClient:
    app = build(RunningSystem(world.system), ApiOptions(allowed_hosts=("127.0.0.1",), **options))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app, client=address), base_url=BASE_URL)


async def make(world: ApiWorld, name: str, **terms: Any) -> dict[str, str]:
    """A new key, as the header that presents it."""
    answer = await world.control.post(KEYS, json={"name": name, **terms})
    assert answer.status_code == 201, answer.text
    return {"x-api-key": answer.json()["secret"]}


async def test_from_where_a_key_may_be_used(world: ApiWorld) -> None:
    headers = await make(world, "desk", role="viewer", addresses=["203.0.113.0/24", "2001:db8::1"])
    for address, status in (
        ("203.0.113.9", 200), ("::ffff:203.0.113.9", 200), ("2001:db8::1", 200),
        ("203.0.114.1", 401), ("2001:db8::2", 401), ("127.0.0.1", 401),
    ):  # fmt: skip
        async with client_of(world, (address, 1)) as client:
            assert (await client.get(ORDERS, headers=headers)).status_code == status, address


async def test_a_wrong_key_is_no_caller_without_one(world: ApiWorld) -> None:
    """On a simulated exchange none is asked for; one that does not open is refused all the same."""
    assert (await world.client.get(ORDERS)).status_code == 200
    for headers in ({"x-api-key": "x"}, {"x-api-key": "", "authorization": "Bearer y"}):
        assert (await world.client.get(ORDERS, headers=headers)).status_code == 401
    async with client_of(world, ELSEWHERE) as client:
        assert (await client.get(ORDERS)).status_code == 401, "who comes from elsewhere is not local"


async def test_the_journal_names_the_key_and_never_holds_it(world: ApiWorld, searched: Any) -> None:
    headers = await make(world, "grid-bot", role="trader")
    placed = await world.client.post(ORDERS, json=RESTING_BUY, headers=headers)
    assert placed.status_code == 201
    assert world.events("order.intent")[-1]["principal"] == "api:grid-bot"
    refused = await world.client.post(KILL_SWITCH, json={"engaged": False, "reason": "mine"}, headers=headers)
    assert (refused.status_code, refused.json()["scopes"]) == (403, ["resume"])
    turned = await world.client.post("/api/v1/trading/balances/declare", json={}, headers=headers)
    assert turned.status_code == 403
    told = world.events("request.refused")[-1]
    assert (told["principal"], "risk:write" in told["payload"]) == ("api:grid-bot", True)
    tried = await world.client.post(ORDERS, json=MARKET_BUY, headers={"x-api-key": "exk_00_nonsense"})
    assert tried.status_code == 401
    assert world.events("request.refused")[-1]["principal"] == "api:unknown"
    made = world.events("key.created")[-1]
    assert made["principal"] == "local:control"
    secret = headers["x-api-key"]
    text = repr(world.events()) + repr(queries.api_keys(world.system.database, "main"))
    assert secret not in text
    assert secret.split("_", 2)[2] not in text  # the words of the secret itself may hold "_"
    assert secret not in (await world.control.get(KEYS)).text


async def test_a_key_is_rotated_with_overlap_and_revoked_for_ever(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        old = await make(world, "bot", role="viewer")
        rotated = (await world.control.post(f"{KEYS}/bot/rotate", json={"overlap_seconds": 3600})).json()
        new = {"x-api-key": rotated["secret"]}
        assert [key["expires_at"] is not None for key in rotated["replaced"]] == [True]
        for headers in (old, new):
            assert (await world.client.get(ORDERS, headers=headers)).status_code == 200
        newest = {"x-api-key": (await world.control.post(f"{KEYS}/bot/rotate", json={})).json()["secret"]}
        assert [(await world.client.get(ORDERS, headers=h)).status_code for h in (old, new, newest)] == [401, 401, 200]
        aside = await world.control.post(f"{KEYS}/bot/disable", json={})
        assert {key["state"] for key in aside.json()["keys"]} == {"expired", "disabled"}
        assert (await world.client.get(ORDERS, headers=newest)).status_code == 401
        await world.control.post(f"{KEYS}/bot/enable", json={})
    async with api_world(tmp_path) as world:
        assert (await world.client.get(ORDERS, headers=newest)).status_code == 200
        await world.control.post(f"{KEYS}/bot/revoke", json={})
        assert (await world.client.get(ORDERS, headers=newest)).status_code == 401
        for verb in ("rotate", "enable"):
            await world.control.post(f"{KEYS}/bot/{verb}", json={})
        assert (await world.client.get(ORDERS, headers=newest)).status_code == 401
        taken = await world.control.post(KEYS, json={"name": "bot", "role": "viewer"})
        assert (taken.status_code, "was used before" in taken.text) == (422, True)
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean


async def test_a_disabled_name_that_is_rotated_opens_when_it_is_enabled(world: ApiWorld) -> None:
    """Whoever holds `keys` gives a new secret, and with it takes nothing back that somebody laid aside."""
    await make(world, "bot", role="viewer")
    await world.control.post(f"{KEYS}/bot/disable", json={})
    rotated = (await world.control.post(f"{KEYS}/bot/rotate", json={"overlap_seconds": 60})).json()
    new = {"x-api-key": rotated["secret"]}
    assert {key["state"] for key in (rotated["key"], *rotated["replaced"])} == {"disabled"}
    assert (await world.client.get(ORDERS, headers=new)).status_code == 401
    await world.control.post(f"{KEYS}/bot/enable", json={})
    assert (await world.client.get(ORDERS, headers=new)).status_code == 200
    assert audit(world.system.database, "main", world.system.ledger.instruments).clean


async def test_a_row_that_somebody_changed_is_found(world: ApiWorld) -> None:
    await make(world, "bot", role="viewer")
    with world.system.database.writer_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE api_keys SET scopes = '[\"keys\"]'")
    found = audit(world.system.database, "main", world.system.ledger.instruments)
    assert not found.clean
    assert any("scopes" in str(finding) for finding in found.findings)


async def test_nobody_grants_more_than_he_has(world: ApiWorld) -> None:
    keeper = await make(world, "keeper", scopes=["read", "keys"])
    bounded = await make(world, "bounded", scopes=["read", "keys"], instruments=["BTC-USDT"])
    await make(world, "boss", role="admin")
    for path, body in ((KEYS, {"name": "mine", "role": "admin"}), (f"{KEYS}/boss/rotate", {})):
        answer = await world.client.post(path, json=body, headers=keeper)
        assert (answer.status_code, "cannot grant them" in answer.text) == (422, True)
        assert world.events("request.refused")[-1]["principal"] == "api:keeper"
    made = await world.client.post(KEYS, json={"name": "mine", "scopes": ["read"]}, headers=keeper)
    assert made.status_code == 201
    answer = await world.client.post(KEYS, json={"name": "other", "scopes": ["read"]}, headers=bounded)
    assert (answer.status_code, "limits of its own" in answer.text) == (422, True)


async def test_the_installations_own_key_goes_on_until_it_is_revoked(tmp_path: Path, planted: Any) -> None:
    headers = {"x-api-key": planted.api_key}
    async with api_world(tmp_path, api_key=planted.api_key) as world:
        placed = await world.client.post(ORDERS, json=RESTING_BUY, headers=headers)
        assert (placed.status_code, world.events("order.intent")[-1]["principal"]) == (201, LEGACY)
        assert (await world.client.get(KEYS, headers=headers)).status_code == 200
        assert (await world.control.post(f"{KEYS}/legacy/revoke", json={})).status_code == 200
        assert (await world.client.get(ORDERS, headers=headers)).status_code == 401
    async with api_world(tmp_path, api_key=planted.api_key) as world:
        assert (await world.client.get(ORDERS, headers=headers)).status_code == 401
        assert audit(world.system.database, "main", world.system.ledger.instruments).clean
    async with api_world(tmp_path, api_key=planted.api_key + "-a-new-one") as world:
        again = {"x-api-key": planted.api_key + "-a-new-one"}
        assert (await world.client.get(ORDERS, headers=again)).status_code == 200, "its owner made another"


async def test_who_tries_too_often_is_told_to_wait_and_a_key_that_opens_is_let_in(world: ApiWorld) -> None:
    good = await make(world, "good", role="viewer")
    before = len(world.events("request.refused"))
    for _ in range(FAILED_MAX):
        assert (await world.client.post(ORDERS, json={}, headers={"x-api-key": "x"})).status_code == 401
    answer = await world.client.post(ORDERS, json={}, headers={"x-api-key": "x"})
    assert (answer.status_code, int(answer.headers["retry-after"]) <= 60) == (429, True)
    assert len(world.events("request.refused")) == before + FAILED_MAX
    assert (await world.client.get(ORDERS, headers=good)).status_code == 200
    async with client_of(world, ELSEWHERE) as client:
        assert (await client.get(ORDERS, headers={"x-api-key": "x"})).status_code == 401


async def test_a_key_that_asks_beyond_its_scopes_for_ever_fills_no_journal(world: ApiWorld) -> None:
    """A program in a loop with the wrong key: so many lines a minute, the last of which says so."""
    looping, other = await make(world, "looping", role="viewer"), await make(world, "other", role="viewer")
    for _ in range(3 * LINES_MAX):
        assert (await world.client.post(ORDERS, json=RESTING_BUY, headers=looping)).status_code == 403
    assert (await world.client.post(ORDERS, json=RESTING_BUY, headers=other)).status_code == 403
    lines = world.events("request.refused")
    assert [line["principal"] for line in lines] == ["api:looping"] * LINES_MAX + ["api:other"]
    assert "not written" in str(lines[LINES_MAX - 1])


async def test_a_key_that_is_wrong_for_ever_fills_no_journal(world: ApiWorld) -> None:
    """Bad values, an order that is over, an execution and an amend beyond all bounds: each is answered, and counted."""
    looping, other = await make(world, "looping", role="trader"), await make(world, "other", role="trader")
    resting, over = (await world.place())["order_id"], (await world.fill())["order_id"]
    wrong: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", ORDERS, RESTING_BUY | {"size": "many"}),
        ("POST", ORDERS, RESTING_BUY | {"instrument_id": "NO-SUCH"}),
        ("PATCH", f"{ORDERS}/{resting}", {"size": "0.00000001"}),
        ("PATCH", f"{ORDERS}/{over}", {"size": "0.002"}),
        ("POST", EXECUTIONS, MARKET_BUY | {"strategy": "twap", "size": "0.000000001"}),
        ("POST", SIGNALS, {"type": "buy", "instrument_id": "NO-SUCH", "size": "1"}),
    ]
    answers = [
        (await world.client.request(method, path, json=body, headers=headers)).status_code
        for headers, times in ((looping, 20), (other, 1))
        for _ in range(times)
        for method, path, body in wrong
    ]
    assert answers == [422, 422, 422, 409, 422, 422] * 21
    written = [line["principal"] for line in world.events("request.refused")]
    assert written == ["api:looping"] * LINES_MAX + ["api:other"] * len(wrong)
    assert world.system.ledger.refused_lines.dropped == 20 * len(wrong) - LINES_MAX
    metrics = (await world.client.get("/metrics")).text
    assert f"trading_executor_refusals_not_written {float(20 * len(wrong) - LINES_MAX)}" in metrics
    assert (await world.client.delete(f"{ORDERS}/{resting}", headers=looping)).status_code < 300, "it may act as ever"


async def test_a_key_whose_orders_are_denied_for_ever_fills_no_disk(world: ApiWorld) -> None:
    """Each is answered with its reasons; what is within the limits goes out, and an execution's own are all written."""
    looping = await make(world, "looping", role="trader", max_order_notional="60")
    keyed = {**looping, "Idempotency-Key": "once"}
    answers = [
        await world.client.post(ORDERS, json=MARKET_BUY | {"size": "0.002"}, headers=headers)
        for headers in (*[looping] * LINES_MAX, keyed, keyed)
    ]
    assert [(each.status_code, each.json()["errors"][0]["check"]) for each in answers] == [(422, "key_limits")] * (
        LINES_MAX + 2
    )
    assert len(world.events("order.denied")) == len(world.system.ledger.orders) == LINES_MAX
    assert [each["principal"] for each in world.events("request.refused")] == ["api:looping"], (
        "that more are not written"
    )
    assert world.system.ledger.refused_lines.dropped == 2
    unwritten = answers[-1].json()
    assert "not written" in unwritten["order"]["error_message"]
    assert (await world.client.get(f"{ORDERS}/{unwritten['order_id']}", headers=looping)).status_code == 404
    rows = len(world.events("request.kept"))
    signal = {"type": "buy", "instrument_id": "BTC-USDT", "size": "0.002"}
    for path, body in ((SIGNALS, signal), (EXECUTIONS, MARKET_BUY | {"strategy": "twap", "size": "0.01"})):
        for number in range(2):
            vain = await world.client.post(path, json=body, headers={**looping, "Idempotency-Key": f"{number}"})
            assert (vain.status_code, vain.json()["errors"][0]["check"]) == (422, "key_limits")
    assert len(world.events("request.kept")) == rows, "nor does it fill with keys and answers"
    small = await world.client.post(ORDERS, json=MARKET_BUY, headers=keyed)
    assert small.status_code == 201, "nothing went out under that key"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "A", "role": "viewer"}, "name"),
        ({"name": "local", "role": "viewer"}, "name"),
        ({"name": "a"}, "role"),
        ({"name": "a", "role": "viewer", "scopes": ["read"]}, "role"),
        ({"name": "a", "role": "king"}, "role"),
        ({"name": "a", "scopes": []}, "scopes"),
        ({"name": "a", "scopes": ["read", "write"]}, "scopes"),
        ({"name": "a", "role": "viewer", "instruments": []}, "instruments"),
        ({"name": "a", "role": "viewer", "addresses": ["10.0.0.1/8"]}, "addresses"),
        ({"name": "a", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "role": "viewer", "expires_at": "tomorrow"}, "expires_at"),
        ({"name": "a", "role": "viewer", "max_order_notional": 1.5}, "max_order_notional"),
        ({"name": "a", "role": "viewer", "max_daily_notional": "-1"}, "max_daily_notional"),
        ({"name": "a", "role": "viewer", "secret": "x"}, "secret"),
    ],
)
async def test_a_key_that_cannot_be_made(world: ApiWorld, body: dict[str, Any], field: str) -> None:
    answer = await world.control.post(KEYS, json=body)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert world.system.keys.keys == {}


async def test_a_name_that_there_is_not(world: ApiWorld) -> None:
    for verb in ("rotate", "revoke", "disable", "enable"):
        assert (await world.control.post(f"{KEYS}/nobody/{verb}", json={})).status_code == 422
    assert (await world.control.post(f"{KEYS}/legacy/revoke", json={})).status_code == 422


async def test_a_read_only_server_knows_the_keys_too(world: ApiWorld) -> None:
    headers = await make(world, "viewer", role="viewer")
    settings = world.system.settings.model_copy(update={"host": "0.0.0.0"})
    app = await asyncio.to_thread(create_read_only_app, settings)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as client:
        assert (await client.get(ORDERS, headers=headers)).status_code == 200
        assert (await client.get(KEYS, headers=headers)).status_code == 403
        assert (await client.get(ORDERS)).status_code == 401
        assert (await client.get(ORDERS, headers={"x-api-key": "exk_00_x"})).status_code == 401


async def test_a_key_of_the_simulated_exchange_opens_no_other(world: ApiWorld) -> None:
    await make(world, "bot", role="admin")
    (key,) = world.system.keys.named("bot")
    now_ns = world.system.clock.now_ns()
    assert [key.opens(now_ns, None, environment) for environment in ("simulated", "demo", "live")] == [
        True, False, False,
    ]  # fmt: skip
    assert replace(key, environment="live").opens(now_ns, None, "live")


async def test_when_a_key_was_last_used_is_known_and_written_beside_the_orders(world: ApiWorld) -> None:
    headers = await make(world, "bot", role="viewer")
    seq = world.system.ledger.seq
    assert (await world.client.get(ORDERS, headers=headers)).status_code == 200
    (shown,) = (await world.control.get(KEYS)).json()["keys"]
    assert shown["used_at"] is not None
    assert queries.api_keys(world.system.database, "main")[0]["used_ns"] is None
    await world.system.access_keys.write_used()
    assert queries.api_keys(world.system.database, "main")[0]["used_ns"] is not None
    assert world.system.ledger.seq == seq, "no event tells of it"


async def test_what_a_limited_key_may_trade(world: ApiWorld) -> None:
    """Instruments, strategies and the worth of an order; a cancel is nobody's to block."""
    bot = await make(world, "bot", role="trader", instruments=["BTC-USDT"], strategies=["grid"],
                     max_order_notional="100")  # fmt: skip
    order = RESTING_BUY | {"strategy_id": "grid"}

    async def placed(path: str = ORDERS, **changes: Any) -> tuple[int, set[str]]:
        answer = await world.client.post(path, json=order | changes, headers=bot)
        errors = answer.json().get("errors", [])
        assert {error["check"] for error in errors} <= {"key_limits"}, answer.text
        return answer.status_code, {error["field"] for error in errors}

    assert await placed() == (201, set())
    assert await placed(size="0.003") == (422, {"size"})
    assert await placed(order_type="market", price=None, size="0.002") == (422, {"size"})
    assert await placed(strategy_id=None) == (422, {"strategy_id"})
    assert await placed(strategy_id="other") == (422, {"strategy_id"})
    assert await placed(instrument_id="ETH-USDT", price="2900", size="0.01") == (422, {"instrument_id"})
    for terms in ({"size": "0.003"}, {"order_type": "market", "price": None, "size": "0.003"}):
        twap = {"strategy": "twap", "config": {"duration": 60, "num_slices": 3}}
        assert await placed("/api/v1/trading/executions", **twap, **terms) == (422, {"size"})
    mine = (await world.client.get(f"{ORDERS}/active")).json()["orders"][0]
    path = f"{ORDERS}/{mine['order_id']}"
    grown = await world.client.patch(path, json={"size": "0.003"}, headers=bot)
    assert (grown.status_code, grown.json()["errors"][0]["check"]) == (422, "key_limits")
    assert (await world.client.patch(path, json={"size": "0.0015"}, headers=bot)).status_code == 200
    assert (await world.client.delete(path, headers=bot)).status_code == 200
    for kind in ("order.denied", "request.refused"):
        assert world.events(kind)[-1]["principal"] == "api:bot"
    assert (await world.client.post(ORDERS, json=order | {"size": "0.003"})).status_code == 201, "others are free"


async def test_what_a_key_trades_in_a_day_is_counted_as_if_all_of_it_filled(tmp_path: Path) -> None:
    """Over a restart, beside others' orders, with an execution as a whole; what is cancelled is given back."""
    path = "/api/v1/trading/executions"
    twap = {"strategy": "twap", "config": {"duration": 600, "num_slices": 2}}

    async def placed(world: ApiWorld, size: str, **more: Any) -> int:
        answer = await world.client.post(
            more.pop("path", ORDERS), json=RESTING_BUY | {"size": size} | more, headers=bot
        )
        if answer.status_code == 422:
            (error,) = answer.json()["errors"]
            assert (error["check"], "trades today" in error["rule"]) == ("key_limits", True)
            assert world.events()[-1]["principal"] == "api:bot"
        return answer.status_code

    async with api_world(tmp_path) as world:  # a BTC is worth 49,000 or 50,000: 0.01 of it are some 500
        bot = await make(world, "bot", role="trader", max_daily_notional="500")
        await world.place(size="0.1")
        assert await placed(world, "0.004") == 201
        assert await placed(world, "0.007") == 422
        filled = {"order_type": "market", "price": None}
        assert await placed(world, "0.002", **filled) == 201
        assert await placed(world, "0.005") == 422
        assert await placed(world, "0.002", **(twap | {"path": path})) == 201
        assert await placed(world, "0.003") == 422
        first = (await world.client.get(f"{ORDERS}/active")).json()["orders"][1]
        assert (first["size"], first["strategy_id"]) == ("0.004", None)
        grown = await world.client.patch(f"{ORDERS}/{first['order_id']}", json={"size": "0.007"}, headers=bot)
        assert grown.status_code == 422
        assert (await world.client.delete(f"{ORDERS}/{first['order_id']}", headers=bot)).status_code == 200
        assert await placed(world, "0.007") == 422, "what filled, and the execution, stay counted"
        assert await placed(world, "0.005") == 201
        assert await placed(world, "0.002") == 422
        before = world.system.keys.use.total("api:bot", world.system.clock.now_ns())
    async with api_world(tmp_path) as world:
        assert await placed(world, "0.002") == 422, "a restart forgets nothing"
        now = world.system.keys.use.total("api:bot", world.system.clock.now_ns())
        assert before is not None
        assert now is not None
        assert abs(now - before) < 1
        assert await placed(world, "0.001") == 201


async def test_a_limited_key_may_get_out_of_what_it_may_trade(world: ApiWorld) -> None:
    bot = await make(world, "bot", role="trader", instruments=["BTC-USDT"], max_order_notional="100")
    await world.fill(size="0.01")
    await world.fill(size="0.1", instrument_id="ETH-USDT")
    answer = await world.client.post("/api/v1/trading/positions/flatten", json={}, headers=bot)
    by_instrument = {order["instrument_id"]: order for order in answer.json()["orders"]}
    assert by_instrument["BTC-USDT"]["reasons"] == []
    assert [reason["check"] for reason in by_instrument["ETH-USDT"]["reasons"]] == ["key_limits"]
    await world.system.executor.wait_for(by_instrument["BTC-USDT"]["order_id"], 60)


async def test_a_limited_key_sets_the_leverage_of_its_instruments_alone(world: ApiWorld) -> None:
    bot = await make(world, "bot", role="trader", instruments=["BTC-USDT"])
    body = {"instrument_id": "BTC-USDT-SWAP", "leverage": "3"}
    answer = await world.client.post("/api/v1/trading/leverage", json=body, headers=bot)
    assert (answer.status_code, answer.json()["errors"][0]["check"]) == (422, "key_limits")


async def test_a_limited_key_moves_no_execution_that_it_could_not_have_started(world: ApiWorld) -> None:
    """Laid aside, taken up or given other terms: a stop that is paused protects nobody. Its end it may bring about."""
    path = "/api/v1/trading/executions"
    bot = await make(world, "bot", role="trader", instruments=["BTC-USDT"], strategies=["grid"])
    twap = {**RESTING_BUY, "size": "0.004", "strategy": "twap", "config": {"duration": 600, "num_slices": 2}}
    wanted = (
        {"instrument_id": "ETH-USDT", "price": "2900", "size": "0.1", "strategy_id": "grid"},
        {"strategy_id": "a"},
    )
    for terms, field in zip(wanted, ("instrument_id", "strategy_id"), strict=True):
        begun = (await world.client.post(path, json=twap | terms)).json()
        of = f"{path}/{begun['parent_id']}"
        for method, end, body in (
            ("POST", "/pause", {}), ("POST", "/resume", {}), ("PATCH", "", {"config": {"duration": 900}}),
        ):  # fmt: skip
            if end == "/resume":
                assert (await world.client.post(f"{of}/pause", json={})).status_code == 200
            answer = await world.client.request(method, of + end, json=body, headers=bot)
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["check"], error["field"]) == (422, "key_limits", field)
        assert (await world.client.delete(of, headers=bot)).status_code == 200


async def test_a_conditional_order_is_worth_what_it_would_trade_at(world: ApiWorld) -> None:
    """A stop to buy at 100,000 is no order of 50,000, though that is the price now."""
    bot = await make(world, "bot", role="trader", max_order_notional="75", max_daily_notional="150")
    stop = {"instrument_id": "BTC-USDT", "side": "buy", "order_type": "stop", "size": "0.001", "trade_mode": "cash"}
    dear = await world.client.post(ORDERS, json=stop | {"trigger_price": "100000"}, headers=bot)
    assert (dear.status_code, dear.json()["errors"][0]["check"]) == (422, "key_limits")
    taken = await world.client.post(ORDERS, json=stop | {"trigger_price": "60000"}, headers=bot)
    assert taken.status_code == 201, taken.text
    assert world.system.keys.use.total("api:bot", world.system.clock.now_ns()) == D(60)


async def test_what_a_key_makes_of_anothers_order_counts_for_it_too(tmp_path: Path) -> None:
    """One key cannot spend its day through the orders of another one that has a day of its own."""
    async with api_world(tmp_path) as world:
        first = await make(world, "first", role="trader", max_daily_notional="500")
        second = await make(world, "second", role="trader", max_daily_notional="100")
        for status in (200, 422):
            order = (await world.client.post(ORDERS, json=RESTING_BUY, headers=first)).json()
            path = f"{ORDERS}/{order['order_id']}"
            grown = await world.client.patch(path, json={"size": "0.0015"}, headers=second)
            assert grown.status_code == status, grown.text
        counted = {name: world.system.keys.use.total(f"api:{name}", world.system.clock.now_ns())
                   for name in ("first", "second")}  # fmt: skip
    async with api_world(tmp_path) as world:
        assert counted == {name: world.system.keys.use.total(f"api:{name}", world.system.clock.now_ns())
                           for name in ("first", "second")}, "a restart forgets nothing"  # fmt: skip
