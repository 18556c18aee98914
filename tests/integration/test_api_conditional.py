"""Conditional orders over HTTP: as orders by their type, looked up, amended and cancelled by id; and cancel-all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api_world import ORDERS, ApiWorld, api_world

STOP = {"instrument_id": "BTC-USDT", "side": "sell", "order_type": "stop", "size": "0.001", "trigger_price": "40000"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


async def test_a_stop_is_an_order(world: ApiWorld) -> None:
    await world.fill(size="0.002")
    placed = await world.client.post(ORDERS, json=STOP, headers={"Idempotency-Key": "one"})
    assert placed.status_code == 201, placed.text
    order = placed.json()
    assert (order["status"], order["order_type"], order["parent_id"]) == ("pending", "stop", order["order_id"])
    again = await world.client.post(ORDERS, json=STOP, headers={"Idempotency-Key": "one"})
    assert again.json()["order_id"] == order["order_id"]
    other = await world.client.post(ORDERS, json=STOP | {"size": "0.002"}, headers={"Idempotency-Key": "one"})
    assert other.status_code == 409
    path = f"{ORDERS}/{order['order_id']}"
    changed = await world.client.patch(path, json={"trigger_price": "41000", "size": "0.0015"})
    assert (changed.status_code, changed.json()["size"]) == (200, "0.0015"), changed.text
    shown = await world.client.get(f"/api/v1/trading/executions/{order['order_id']}")
    assert shown.json()["config"]["trigger_price"] == "41000"
    assert (await world.client.get(path)).json()["size"] == "0.0015"
    assert (await world.client.post(f"{ORDERS}/cancel-all", json={})).json() == {"orders": []}
    assert (await world.client.get(path)).json()["status"] == "pending"
    canceled = await world.client.delete(path)
    assert (canceled.status_code, canceled.json()["cancel_requested"]) == (200, True)


async def test_what_cannot_be_is_refused_by_name(world: ApiWorld) -> None:
    for body, said in (
        (STOP | {"trigger_price": None}, "trigger_price"),
        (STOP | {"trigger_price": "60000"}, "is reached already"),
        (STOP | {"order_type": "stops"}, "order_type"),
        (STOP | {"trigger_by": "mark"}, "must be last or book: BTC-USDT is spot, and has no mark price"),
        (STOP | {"held": "there"}, "held"),
        (STOP | {"held": "exchange", "trigger_by": "book"}, "must be last, mark or index: an exchange watches no book"),
        (
            STOP | {"held": "exchange", "order_type": "market", "trigger_price": None},
            "without take_profit or stop_loss",
        ),
    ):
        refused = await world.client.post(ORDERS, json=body)
        assert refused.status_code == 422, refused.text
        assert said in refused.text


async def test_cancel_all_with_protection_ends_a_stop(world: ApiWorld) -> None:
    await world.fill(size="0.002")
    order = (await world.client.post(ORDERS, json=STOP)).json()
    await world.client.post(f"{ORDERS}/cancel-all", json={"protection": True})
    shown = (await world.client.get(f"{ORDERS}/{order['order_id']}")).json()
    assert shown["cancel_requested"]
