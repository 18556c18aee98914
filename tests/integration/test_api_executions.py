"""Parent orders over HTTP: terms, preview, controls that are done once for a key, and what stands of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.journal.audit import audit
from tests.support.api_world import ApiWorld, api_world

EXECUTIONS = "/api/v1/trading/executions"
TWAP: dict[str, Any] = {
    "strategy": "twap",
    "config": {"duration": 3600, "num_slices": 4},
    "instrument_id": "BTC-USDT",
    "side": "buy",
    "order_type": "market",
    "size": "0.04",
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


async def begin(world: ApiWorld, **changes: Any) -> Any:
    answer = await world.client.post(EXECUTIONS, json=TWAP | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_an_execution_is_asked_for_with_its_terms_and_shows_them(world: ApiWorld) -> None:
    terms = {
        "start_at": "2100-01-31T14:00:00Z",
        "limit_offset_pct": "-0.001",
        "decision_at": "2020-01-01T00:00:00+02:00",
        "decision_price": "49000",
        "tags": ["rebalance", "desk-7"],
    }
    refused = await world.client.post(EXECUTIONS, json=TWAP | terms)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "start_at")
    del terms["start_at"]
    started = await begin(world, **terms)
    assert started["arrival"]["mid"] == "50000"
    assert (started["limit_price"], started["limit_offset_pct"]) == ("49950", "-0.001")
    assert (started["decision_at"], started["decision_price"]) == ("2019-12-31T22:00:00Z", "49000")
    for tag, found in (("desk-7", 1), ("desk", 0)):
        listed = (await world.client.get(EXECUTIONS, params={"tag": tag})).json()["executions"]
        assert [each["tags"] for each in listed] == [["rebalance", "desk-7"]] * found
    await world.client.delete(f"{EXECUTIONS}/{started['parent_id']}")


async def test_one_that_waits_for_its_start_is_as_the_journal_tells_it(world: ApiWorld) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert (await begin(world, start_at=soon))["status"] == "scheduled"
    assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"start_at": "tomorrow"}, "start_at", "ISO 8601"),
        ({"start_at": "2100-01-01T00:00:00"}, "start_at", "with its zone"),
        ({"start_at": 1767225600}, "start_at", "must be text"),
        ({"end_at": "2020-01-01T00:00:00Z", "config": {}}, "end_at", "must be after its start"),
        ({"limit_offset_pct": 0.01}, "limit_offset_pct", "decimal in quotes"),
        ({"limit_offset_pct": "0.6"}, "limit_offset_pct", "from -0.5 to 0.5"),
        ({"tags": "rebalance"}, "tags", "list of words"),
        ({"tags": ["Re balance"]}, "tags", "lower-case"),
        ({"size_in": "lots"}, "size_in", "must be one of instrument, base, contracts, quote"),
        ({"config": {"num_slices": 5}, "size": "0.004"}, "num_slices", "at most 4 slices of at least 0.001 BTC"),
        ({"strategy": "limit", "config": {}, "price": "90000", "order_type": "limit"}, "price", "through the collar"),
    ],
)
async def test_what_cannot_be_is_refused_alike_by_preview_and_start(
    changes: dict[str, Any], field: str, rule: str, world: ApiWorld
) -> None:
    for path in (f"{EXECUTIONS}/preview", EXECUTIONS):
        answer = await world.client.post(path, json=TWAP | changes)
        assert answer.status_code == 422
        (error, *_) = answer.json()["errors"]
        assert error["field"] == field
        assert rule in error["rule"], error
    assert (await world.client.get(EXECUTIONS)).json() == {"executions": []}


async def test_a_preview_says_what_would_be_done_and_does_nothing(world: ApiWorld) -> None:
    before = (await world.client.get("/api/v1/events")).json()
    body = TWAP | {"config": {"duration": 400, "num_slices": 4}, "size": "2000", "size_in": "quote"}
    shown = (await world.client.post(f"{EXECUTIONS}/preview", json=body)).json()
    assert (shown["quote_size"], shown["size"], shown["mid_price"]) == ("2000", "0.03999992", "50000")
    assert [child["size"] for child in shown["children"]] == ["0.00999998"] * 4
    assert [child["reason"] for child in shown["children"]] == [f"slice {k}/4" for k in (1, 2, 3, 4)]
    assert shown["children"][0]["at"] == shown["start_at"]
    assert (shown["expected_price"], shown["at_once_price"]) == ("50000.1", "50000.1")
    assert (shown["expected_slippage_bps"], shown["expected_cost"]) == ("0.02", "0.003999992")
    assert (shown["expected_fees"], shown["expected_total"], shown["cost_currency"]) == (
        "1.999999999992",  # a thousandth of 0.03999992 x 50000.1
        "2.003999991992",
        "USDT",
    )
    assert shown["next_act"].startswith("place 0.00999998 as ioc at ")
    ladder = {"price_from": "49000", "price_to": "48000", "levels": 2}
    scale = TWAP | {"strategy": "scale", "config": ladder}
    rungs = (await world.client.post(f"{EXECUTIONS}/preview", json=scale)).json()["children"]
    assert [(rung["price"], rung["size"], rung["at"]) for rung in rungs] == [
        ("49000", "0.02", None),
        ("48000", "0.02", None),
    ]
    assert (await world.client.get("/api/v1/events")).json() == before
    assert world.exchange.sends == []


async def test_a_control_is_done_once_for_its_key(tmp_path: Path) -> None:
    key = {"Idempotency-Key": "one"}
    async with api_world(tmp_path) as world:
        # The market is beyond its limit: the second world's exchange is another, which counts its trades from one.
        path = f"{EXECUTIONS}/{(await begin(world, order_type='limit', price='49900'))['parent_id']}"
        paused = await world.client.post(f"{path}/pause", json={"clock": "frozen", "reason": "lunch"}, headers=key)
        assert (paused.status_code, paused.json()["status"]) == (200, "paused")
        assert paused.json()["frozen_since"] is not None
        amended = await world.client.patch(path, json={"size": "0.08", "reason": "more"}, headers=key)
        assert (amended.status_code, amended.json()["size"]) == (200, "0.08")
    async with api_world(tmp_path) as world:
        for _ in range(2):
            again = await world.client.post(f"{path}/pause", json={"clock": "frozen", "reason": "lunch"}, headers=key)
            assert again.json() == paused.json()
            again = await world.client.patch(path, json={"size": "0.08", "reason": "more"}, headers=key)
            assert again.json() == amended.json()
        other = await world.client.patch(path, json={"size": "0.09"}, headers=key)
        assert other.status_code == 409
        resumed = await world.client.post(f"{path}/resume", json={"reason": "back"}, headers=key)
        assert resumed.json()["status"] == "running"
        canceled = await world.client.post(f"{path}/cancel", json={"reason": "enough"}, headers=key)
        assert (canceled.status_code, canceled.json().get("reason")) == (200, "enough"), canceled.text
        assert (
            await world.client.post(f"{path}/cancel", json={"reason": "enough"}, headers=key)
        ).json() == canceled.json()
        events = (await world.client.get("/api/v1/events", params={"kind": "parent.controlled"})).json()["events"]
    told = [json.loads(event["payload"]) if isinstance(event["payload"], str) else event["payload"] for event in events]
    said = sorted((each["control"], each["why"]) for each in told)
    assert said == [("amend", "more"), ("cancel", "enough"), ("pause", "lunch"), ("resume", "back")]
    assert {event["principal"] for event in events} == {events[0]["principal"]}


async def test_progress_tells_how_it_stands_and_what_comes_next(world: ApiWorld) -> None:
    started = await begin(world, decision_price="49900")
    path = f"{EXECUTIONS}/{started['parent_id']}"
    shown = (await world.client.get(f"{path}/progress")).json()
    while not (shown["average_price"] and shown["next_act"] == "slice 1/4 is done"):
        await world.system.clock.sleep(0.01)
        shown = (await world.client.get(f"{path}/progress")).json()
    assert (shown["status"], shown["scheduled_size"], shown["ahead_size"]) == ("running", "0.01", "0")
    assert shown["children"][0]["reason"] == "slice 1/4"
    assert (shown["arrival_price"], shown["slippage_bps"]) == ("50000", "0.02")
    assert (shown["decision_price"], shown["decision_slippage_bps"]) == ("49900", "20.0601")
    assert shown["next_at"] is not None
    assert shown == (await world.client.get(f"{path}/figures")).json()
    await world.client.delete(path)
