"""Orders over HTTP, against the whole system with the exchange in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.exchanges.port import OutcomeKind
from app.services.trading.account import idempotency
from app.store import queries
from tests.support.api_world import MARKET_BUY, ORDERS, RESTING_BUY, ApiWorld, D, api_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


async def test_an_order_lives_on_both_databases(tmp_path: Path, tables_url: str) -> None:
    async with api_world(tmp_path, database_url=tables_url) as world:
        bought = await world.fill()
        assert (bought["status"], bought["filled_size"], bought["average_fill_price"]) == ("filled", "0.001", "50000.1")
        trades = (await world.client.get("/api/v1/trading/trades")).json()["trades"]
        assert [(trade["order_id"], trade["price"], trade["size"]) for trade in trades] == [
            (bought["order_id"], "50000.1", "0.001")
        ]
        resting = await world.place()
        gone = await world.client.delete(f"{ORDERS}/{resting['order_id']}")
        assert (gone.status_code, gone.json()["status"]) == (200, "canceled")


async def test_create_answers_201_with_the_whole_order(world: ApiWorld) -> None:
    answer = await world.client.post(ORDERS, json=RESTING_BUY | {"strategy_id": "mine"})
    order = answer.json()
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert {name: order[name] for name in ("status", "size", "price", "side", "strategy_id", "trade_mode")} == {
        "status": "live",
        "size": "0.001",
        "price": "49000",
        "side": "buy",
        "strategy_id": "mine",
        "trade_mode": "cash",
    }
    assert order["created_at"].endswith("Z")
    assert (order["price"], order["average_fill_price"], order["reasons"]) == ("49000", None, [])


async def test_an_order_is_found_by_either_id(world: ApiWorld) -> None:
    order = await world.place()
    for name in (order["order_id"], order["client_order_id"]):
        found = await world.client.get(f"{ORDERS}/{name}")
        assert (found.status_code, found.json()) == (200, order)
    listed = await world.client.get(ORDERS, params={"exchange_order_id": order["exchange_order_id"]})
    assert listed.json()["orders"] == [order]
    assert (await world.client.get(ORDERS, params={"exchange_order_id": "none"})).json()["orders"] == []


async def test_active_orders_and_their_filter(world: ApiWorld) -> None:
    first = await world.place()
    second = await world.place(instrument_id="ETH-USDT", price="2900", size="0.01")
    await world.fill()

    async def active(query: str = "") -> list[str]:
        answer = await world.client.get(f"{ORDERS}/active{query}")
        return [order["order_id"] for order in answer.json()["orders"]]

    assert await active() == [first["order_id"], second["order_id"]]
    assert await active("?instrument_id=ETH-USDT") == [second["order_id"]]
    assert await active("?instrument_id=BTC-USDT-SWAP") == []


async def test_history_by_filter_and_page(world: ApiWorld) -> None:
    made = [await world.place(price=str(49000 - index), strategy_id="a" if index % 2 else "b") for index in range(5)]
    sold = await world.client.post(ORDERS, json=RESTING_BUY | {"side": "sell", "price": "51000"})
    assert sold.status_code == 422  # nothing to sell: denied, and so a row of history too

    async def history(**query: Any) -> list[str]:
        answer = await world.client.get(ORDERS, params=query)
        assert answer.status_code == 200, answer.text
        return [order["order_id"] for order in answer.json()["orders"]]

    newest_first = [order["order_id"] for order in reversed(made)]
    assert await history(side="buy") == newest_first
    assert await history(strategy_id="a") == [newest_first[1], newest_first[3]]
    assert await history(status="denied") == [sold.json()["order_id"]]
    assert len(await history(status=["denied", "live"])) == 6
    assert await history(instrument_id="ETH-USDT") == []
    assert await history(start_date="2000-01-01T00:00:00Z", end_date="2001-01-01T00:00:00Z") == []
    assert len(await history(start_date=made[0]["created_at"])) == 6

    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        query = {"side": "buy", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await world.client.get(ORDERS, params=query)).json()
        seen += [order["order_id"] for order in page["orders"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (newest_first, None)


async def test_a_market_order_with_a_price_goes_out_as_ioc(world: ApiWorld) -> None:
    answer = await world.client.post(ORDERS, json=MARKET_BUY | {"price": "50000"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["order_type"], answer.json()["price"]) == ("ioc", "50000")
    await world.system.executor.wait_for(answer.json()["order_id"], 5)
    done = (await world.client.get(f"{ORDERS}/{answer.json()['order_id']}")).json()
    assert (done["order_type"], done["status"], done["filled_size"]) == ("ioc", "canceled", "0")


async def test_amend_changes_price_and_size(world: ApiWorld) -> None:
    order = await world.place()
    answer = await world.client.patch(f"{ORDERS}/{order['order_id']}", json={"price": "48500", "size": "0.002"})
    assert answer.status_code == 200, answer.text
    await asyncio.sleep(0)
    now = (await world.client.get(f"{ORDERS}/{order['order_id']}")).json()
    assert (now["price"], now["size"], now["status"]) == ("48500", "0.002", "live")


async def test_a_denied_order_names_every_reason_and_is_a_row(world: ApiWorld) -> None:
    answer = await world.client.post(ORDERS, json=RESTING_BUY | {"size": "1.000000001", "price": "20000.05"})
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].endswith("order-denied")
    assert {"size", "price"} <= {error["field"] for error in problem["errors"]}
    assert all(set(error) == {"field", "value", "rule", "check"} for error in problem["errors"])
    found = (await world.client.get(f"{ORDERS}/{problem['order_id']}")).json()
    assert found["status"] == "denied"
    assert len(found["reasons"]) == len(problem["errors"])
    assert world.exchange.sends == []


async def test_an_unanswered_order_is_accepted_and_not_known(world: ApiWorld) -> None:
    world.exchange.answer_next("place", OutcomeKind.UNKNOWN)
    answer = await world.client.post(ORDERS, json=RESTING_BUY)
    assert (answer.status_code, answer.json()["status"]) == (202, "unknown")
    active = (await world.client.get(f"{ORDERS}/active")).json()["orders"]
    assert [order["order_id"] for order in active] == [answer.json()["order_id"]]


async def test_an_order_that_the_exchange_rejects_is_a_problem_with_its_code(world: ApiWorld) -> None:
    world.exchange.answer_next("place", OutcomeKind.REJECTED, code="51008", message="insufficient balance")
    answer = await world.client.post(ORDERS, json=RESTING_BUY)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("order-rejected")
    assert "51008" in answer.json()["detail"]


async def test_not_ready_is_503_and_nothing_is_sent(world: ApiWorld) -> None:
    world.system.gate.phase = "stopping"
    answer = await world.client.post(ORDERS, json=RESTING_BUY)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"].endswith("not-ready")
    ready = await world.client.get("/health/ready")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert world.exchange.sends == []


async def test_cancel_twice_is_a_conflict_and_journalled(world: ApiWorld) -> None:
    order = await world.place()
    assert (await world.client.delete(f"{ORDERS}/{order['client_order_id']}")).status_code == 200
    again = await world.client.delete(f"{ORDERS}/{order['order_id']}")
    assert again.status_code == 409
    assert again.json()["type"].endswith("order-over")
    assert again.json()["errors"][0]["field"] == "order_id"
    assert again.json()["order"]["status"] == "canceled"
    amended = await world.client.patch(f"{ORDERS}/{order['order_id']}", json={"price": "48000"})
    assert amended.status_code == 409
    assert len(world.events("request.refused")) == 2


@pytest.mark.parametrize("method", ["get", "delete", "patch"])
async def test_an_unknown_order_is_404(world: ApiWorld, method: str) -> None:
    options = {"json": {"price": "1"}} if method == "patch" else {}
    answer = await getattr(world.client, method)(f"{ORDERS}/no-such-order", **options)
    assert answer.status_code == 404
    assert answer.json()["errors"] == [
        {
            "field": "order_id",
            "value": "no-such-order",
            "rule": "is not an order of this account",
            "check": "input",
        }
    ]


# --- Idempotency-Key ---------------------------------------------------------------------------------------------


async def test_a_hundred_identical_posts_make_one_order(world: ApiWorld) -> None:
    headers = {"Idempotency-Key": "once-and-only"}
    answers = await asyncio.gather(*(world.client.post(ORDERS, json=MARKET_BUY, headers=headers) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    assert len(world.exchange.sends) == 1
    assert D((await world.client.get("/api/v1/trading/positions/BTC-USDT")).json()["size"]) < D("0.0011")


async def test_the_same_key_with_another_order_is_a_conflict(world: ApiWorld) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await world.client.post(ORDERS, json=RESTING_BUY, headers=headers)
    same = await world.client.post(ORDERS, json=dict(reversed(RESTING_BUY.items())), headers=headers)
    other = await world.client.post(ORDERS, json=RESTING_BUY | {"size": "0.002"}, headers=headers)
    assert (first.status_code, same.status_code, other.status_code) == (201, 201, 409)
    assert first.json()["order_id"] == same.json()["order_id"]
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(world.exchange.sends) == 1


async def test_a_key_is_remembered_after_a_restart(tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "over-a-restart"}
    async with api_world(tmp_path) as world:
        first = await world.client.post(ORDERS, json=MARKET_BUY, headers=headers)
        await world.system.executor.wait_for(first.json()["order_id"], 5)
    async with api_world(tmp_path) as world:
        again = await world.client.post(ORDERS, json=MARKET_BUY, headers=headers)
        assert again.json()["order_id"] == first.json()["order_id"]
        assert world.exchange.sends == []


async def test_a_key_is_forgotten_after_its_days_and_not_before(
    tmp_path: Path, tables_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "old"}
    async with api_world(tmp_path, database_url=tables_url) as world:

        async def asked() -> str:
            return (await world.client.post(ORDERS, json=RESTING_BUY, headers=headers)).json()["order_id"]

        first = await asked()
        requests = world.system.idempotency
        await requests.forget_old()
        requests.forget()  # as a restart does
        assert await asked() == first
        monkeypatch.setattr(idempotency, "KEPT_DAYS", 0)
        await requests.forget_old()
        assert queries.idempotent(world.system.database, "main", "old") is None
        assert await asked() != first


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders/cancel-all", {}),
        ("positions/flatten", {}),
        ("positions/sync", {}),
        ("kill-switch", {"engaged": True, "reason": "test"}),
    ],
)
async def test_every_other_post_answers_a_key_once(world: ApiWorld, path: str, body: dict[str, Any]) -> None:
    await world.fill()
    await world.place()
    headers = {"Idempotency-Key": "again"}
    first, beside = await asyncio.gather(
        *(world.client.post(f"/api/v1/trading/{path}", json=body, headers=headers) for _ in range(2))
    )
    before = world.counted()
    later = await world.client.post(f"/api/v1/trading/{path}", json=body, headers=headers)
    assert (first.status_code, beside.status_code, later.status_code) == (200, 200, 200), first.text
    assert first.json() == beside.json() == later.json()
    assert world.counted() == before
    other = await world.client.post(f"/api/v1/trading/{path}", json={"instrument_id": "ETH-USDT"}, headers=headers)
    assert other.status_code in (409, 422)


@pytest.mark.parametrize("key", ["", "x" * 65, "two words", "umlaut-ä"])
async def test_a_key_that_is_none_is_refused(world: ApiWorld, key: str) -> None:
    answer = await world.client.post(ORDERS, json=RESTING_BUY, headers=[(b"Idempotency-Key", key.encode("latin-1"))])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert world.exchange.sends == []
