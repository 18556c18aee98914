"""A disk that takes nothing more: what ends risk is done all the same, and says what it did (FAULTS E2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_world import MARKET_BUY, ORDERS, ApiWorld, api_world

KILL_SWITCH = "/api/v1/trading/kill-switch"


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """Two resting orders, and a disk that takes nothing more."""
    async with api_world(tmp_path) as world:
        await world.place()
        await world.place(price="48900")
        committer: Any = world.system.ledger.writer._committer

        def fail(_group: Any) -> Any:
            raise OSError(28, "No space left on device")

        committer.prepare = fail
        yield world


async def resting(world: ApiWorld) -> int:
    return len(await world.exchange.open_orders())


async def test_a_cancel_says_what_it_did(full: ApiWorld) -> None:
    order = full.system.ledger.open_orders()[0]
    answer = await full.client.delete(f"{ORDERS}/{order.order_id}")
    assert (answer.status_code, answer.json()["recorded"]) == (202, False)
    assert [(sent["order_id"], sent["answer"]) for sent in answer.json()["cancels"]] == [(order.order_id, "accepted")]
    assert await resting(full) == 1


async def test_cancel_all_says_what_it_did(full: ApiWorld) -> None:
    wanted = {order.order_id for order in full.system.ledger.open_orders()}
    answer = await full.client.post(f"{ORDERS}/cancel-all", json={})
    assert (answer.status_code, answer.json()["recorded"]) == (202, False)
    assert {(sent["order_id"], sent["answer"]) for sent in answer.json()["cancels"]} == {
        (order_id, "accepted") for order_id in wanted
    }
    assert await resting(full) == 0


async def test_the_kill_switch_says_what_it_did_and_holds(full: ApiWorld) -> None:
    answer = await full.client.post(KILL_SWITCH, json={"engaged": True, "reason": "disk"})
    body = answer.json()
    assert (answer.status_code, body["recorded"], body["kill_switch_engaged"]) == (202, False, True)
    assert len(body["cancels"]) == 2
    assert await resting(full) == 0
    assert full.system.ledger.kill_switch.engaged
    refused = await full.client.post(ORDERS, json=MARKET_BUY)
    assert refused.status_code in (422, 503)
    assert [kind for kind, _ in full.exchange.sends] == ["place", "place", "cancel", "cancel"]
