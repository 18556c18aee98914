"""POST /api/v1/signals: a wish becomes one order or execution for its key, within scopes and limits, or is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.clock import NS_PER_SECOND, utc
from app.journal.audit import audit
from app.main import create_app
from app.services.signals.wishes import Wish
from tests.support.api_world import ApiWorld, api_world
from tests.support.stream import serving
from trading_executor.client import AsyncClient

D = Decimal
SIGNALS = "/api/v1/signals"
KEYS = "/api/v1/keys"
BUY = {"type": "buy", "instrument_id": "BTC-USDT", "size": "0.001"}
TWAP = {"strategy": "twap", "config": {"duration": 20, "num_slices": 2}}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made
        report = await asyncio.to_thread(audit, made.system.database, "main", made.system.ledger.instruments)
        assert report.clean, [str(finding) for finding in report.findings]


async def send(world: ApiWorld, key: str | None = None, **body: Any) -> httpx2.Response:
    return await world.client.post(SIGNALS, json=BUY | body, headers={"Idempotency-Key": key} if key else {})


def instant(world: ApiWorld, seconds: float) -> str:
    return utc(world.system.clock.now_ns() + int(seconds * NS_PER_SECOND)).isoformat()


def said(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["rule"]) for error in answer.json()["errors"]]


async def test_a_signal_becomes_an_order_once(world: ApiWorld) -> None:
    first = await send(world, "k", strategy_id="mine")
    assert first.status_code == 201, first.text
    shown = first.json()
    assert (shown["key"], shown["size"], shown["execution"]) == ("k", "0.001", None)
    assert (shown["order"]["size"], shown["order"]["strategy_id"]) == ("0.001", "mine")
    again = await send(world, strategy_id="mine", idempotency_key="k")
    assert again.json()["order"]["order_id"] == shown["order"]["order_id"]
    assert len(world.exchange.sends) == 1
    assert (await send(world, "k", strategy_id="mine", size="0.002")).status_code == 409
    differs = await send(world, "k", idempotency_key="other")
    assert said(differs) == [("idempotency_key", "differs from the header Idempotency-Key, k")]


async def test_without_a_key_each_is_another(world: ApiWorld) -> None:
    keys = {(await send(world)).json()["key"] for _ in range(2)}
    assert (len(keys), len(world.exchange.sends)) == (2, 2)


async def test_a_named_strategy_is_an_execution(world: ApiWorld) -> None:
    first = await send(world, "k", size="0.01", **TWAP)
    assert first.status_code == 201, first.text
    works = first.json()["execution"]
    assert (works["strategy"], works["size"]) == ("twap", "0.01")
    again = await send(world, "k", size="0.01", **TWAP)
    assert again.json()["execution"]["parent_id"] == works["parent_id"]
    assert len((await world.client.get("/api/v1/trading/executions")).json()["executions"]) == 1
    assert (await send(world, "k", size="0.01")).status_code == 409


async def test_close_and_hold(world: ApiWorld) -> None:
    held = await world.client.post(SIGNALS, json={"type": "hold", "instrument_id": "BTC-USDT"})
    assert (held.status_code, held.json()["order"]) == (200, None)
    await world.fill(size="0.02")
    closed = await world.client.post(SIGNALS, json={"type": "close", "instrument_id": "BTC-USDT"})
    assert closed.status_code == 201
    assert (closed.json()["order"]["side"], closed.json()["order"]["exit"]) == ("sell", True)
    nothing = await world.client.post(SIGNALS, json={"type": "close", "instrument_id": "ETH-USDT"})
    assert nothing.status_code == 422


@pytest.mark.parametrize(
    ("size", "size_in", "instrument_id", "expected"),
    [
        ("100", "quote", "BTC-USDT", "0.00199999"),  # at 50000.1, down to the lot
        ("0.5", "equity_percent", "BTC-USDT", "0.0999998"),  # of 1,000,000
        ("0.01", "base", "BTC-USDT", "0.01"),
        ("0.02", "base", "BTC-USDT-SWAP", "2"),
        ("3", "contracts", "BTC-USDT-SWAP", "3"),
    ],
)
async def test_a_size_is_counted_in_what_it_says(
    world: ApiWorld, size: str, size_in: str, instrument_id: str, expected: str
) -> None:
    found = await send(world, "k", size=size, size_in=size_in, instrument_id=instrument_id)
    assert found.status_code == 201, found.text
    got, lot = D(found.json()["size"]), world.system.ledger.instruments[instrument_id].lot
    assert D(expected) - lot < got <= D(expected)
    assert D(found.json()["order"]["size"]) == got
    world.quote("59999.9", "60000.1")
    again = await send(world, "k", size=size, size_in=size_in, instrument_id=instrument_id)
    assert (again.status_code, again.json()["size"]) == (201, found.json()["size"]), "a repeat is of the first size"


async def test_a_wish_that_is_too_old_is_refused_and_nothing_is_sent(world: ApiWorld) -> None:
    late = await send(world, "k", expires_at=instant(world, -1))
    assert (late.status_code, said(late)[0][0]) == (422, "expires_at")
    told = world.events("request.refused")[-1]
    assert ("expires_at" in told["payload"], told["principal"]) == (True, "api:local")
    assert world.exchange.sends == []
    in_time = await send(world, "k2", expires_at=instant(world, 3_600))
    assert in_time.status_code == 201
    again = await send(world, "k2", expires_at=instant(world, 7_200))
    assert again.status_code == 409, "another wish"


async def test_what_was_begun_in_time_is_told_also_later(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    until = instant(world, 3_600)
    first = await send(world, "k", expires_at=until)
    assert first.status_code == 201
    monkeypatch.setattr(Wish, "expired", lambda *_: True)  # an hour goes by
    assert (await send(world, "k2", expires_at=until)).status_code == 422
    again = await send(world, "k", expires_at=until)
    assert (again.status_code, again.json()["order"]["order_id"]) == (201, first.json()["order"]["order_id"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"size": 0.001}, "size"),
        ({"size": "-1"}, "size"),
        ({"size": None}, "size"),
        ({"type": "short"}, "type"),
        ({"type": "close", "strategy": "twap"}, "strategy"),
        ({"type": "close", "size_in": "quote"}, "size_in"),
        ({"size_in": "percent"}, "size_in"),
        ({"size": "1001", "size_in": "equity_percent"}, "size"),
        ({"size": "0.01", "size_in": "quote"}, "size"),
        ({"instrument_id": "NO-SUCH"}, "instrument_id"),
        ({"config": {"duration": 3}}, "config"),
        ({"strategy": "twap", "config": {"slices": 3}}, "slices"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": "1"}, "confidence"),
        ({"metadata": {"a": []}}, "metadata.a"),
        ({"metadata": []}, "metadata"),
        ({"strategi": "twap"}, "strategi"),
        ({"idempotency_key": "ä"}, "idempotency_key"),
        ({"take_profit": "60000", "strategy": "twap"}, "take_profit"),
        ({"size": "0.000000001"}, "size"),
    ],
)
async def test_what_is_no_wish_is_refused_by_field(world: ApiWorld, body: dict[str, Any], field: str) -> None:
    before = world.counted()
    refused = await send(world, **body)
    assert refused.status_code == 422, refused.text
    assert field in [name for name, _ in said(refused)]
    assert world.counted()[2] == before[2]
    kinds = [event["kind"] for event in world.events()[before[1] :]]
    assert {"request.refused", "order.denied"} & set(kinds), "a journal line where money could have moved"


async def test_a_refusal_is_the_answer_to_every_repeat(world: ApiWorld) -> None:
    first = await send(world, "k", instrument_id="NO-SUCH")
    seq = world.system.ledger.seq
    again = await send(world, "k", instrument_id="NO-SUCH")
    assert (first.status_code, again.status_code, again.json()) == (422, 422, first.json())
    assert world.system.ledger.seq == seq
    large = await send(world, "large", size="1000")
    assert (large.status_code, large.json()["type"].rpartition(":")[2]) == (422, "order-denied")
    repeated = await send(world, "large", size="1000")
    assert repeated.json()["order_id"] == large.json()["order_id"]


async def test_scopes_and_limits_of_a_key_hold(world: ApiWorld) -> None:
    async def made(name: str, **terms: Any) -> dict[str, str]:
        answer = await world.control.post(KEYS, json={"name": name, **terms})
        return {"x-api-key": answer.json()["secret"]}

    placer = await made("placer", scopes=["orders:place"])
    for body in (TWAP, {"type": "close", "size": None}):
        refused = await world.client.post(SIGNALS, json=BUY | body, headers=placer)
        assert refused.status_code == 403
        told = world.events("request.refused")[-1]
        assert told["principal"] == "api:placer"
    assert (await world.client.post(SIGNALS, json=BUY, headers=placer)).status_code == 201
    reader = await made("reader", role="viewer")
    assert (await world.client.post(SIGNALS, json=BUY, headers=reader)).status_code == 403
    assert (await world.client.post(f"{SIGNALS}/preview", json=BUY, headers=reader)).status_code == 200
    narrow = await made("narrow", role="trader", instruments=["ETH-USDT"], max_order_notional="100")
    for body, field in (({}, "instrument_id"), ({"instrument_id": "ETH-USDT", "size": "1"}, "size")):
        denied = await world.client.post(SIGNALS, json=BUY | body, headers=narrow)
        assert (denied.status_code, denied.json()["errors"][0]["check"]) == (422, "key_limits")
        assert field in [name for name, _ in said(denied)]
    worked = await world.client.post(SIGNALS, json=BUY | TWAP | {"size": "0.01"}, headers=narrow)
    assert (worked.status_code, worked.json()["errors"][0]["check"]) == (422, "key_limits")
    assert len(world.exchange.sends) == 1


async def test_keys_of_two_principals_never_meet(world: ApiWorld) -> None:
    answer = await world.control.post(KEYS, json={"name": "other", "role": "trader"})
    header = {"x-api-key": answer.json()["secret"], "Idempotency-Key": "k"}
    mine = await send(world, "k")
    theirs = await world.client.post(SIGNALS, json=BUY, headers=header)
    placed = await world.client.post(
        "/api/v1/trading/orders",
        json={"instrument_id": "BTC-USDT", "side": "buy", "order_type": "market", "size": "0.001"},
        headers={"Idempotency-Key": "k"},
    )
    ids = {each.json()["order"]["order_id"] for each in (mine, theirs)} | {placed.json()["order_id"]}
    assert len(ids) == 3


async def test_a_preview_does_nothing(world: ApiWorld) -> None:
    before = world.counted()
    shown = (await world.client.post(f"{SIGNALS}/preview", json=BUY | {"size": "100", "size_in": "quote"})).json()
    assert (shown["orders"][0]["size"], shown["refused"]) == (shown["size"], [])
    works = (await world.client.post(f"{SIGNALS}/preview", json=BUY | {"size": "0.01"} | TWAP)).json()
    assert works["execution"] is not None
    large = (await world.client.post(f"{SIGNALS}/preview", json=BUY | {"size": "1000"})).json()
    assert "max_order_size" in [reason["check"] for reason in large["refused"]]
    assert world.counted() == before


async def test_a_thousand_identical_requests_make_one_order(world: ApiWorld) -> None:
    """Over sockets, at once, by a client that asks again on 503."""
    async with serving(create_app(world.system), world.system.settings) as url, AsyncClient(url) as client:
        asked = [client.send_signal("buy", "BTC-USDT", size="0.001", idempotency_key="k") for _ in range(1_000)]
        answers = await asyncio.gather(*asked)
    assert len({answer.order and answer.order.order_id for answer in answers}) == 1
    assert len(world.exchange.sends) == 1
