"""A refusal of the moment is nobody's final answer; one by risk or the kill switch is. Readiness is one truth."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.refusals import RefusalClass
from app.exchanges.port import CommittedIntent, Outcome, OutcomeKind
from app.journal.audit import audit
from app.services.trading.risk_checks.limits import RiskLimits
from tests.support.api_world import MARKET_BUY, ORDERS, TIMING, ApiWorld, api_world

STATUS = "/api/v1/status"
TRADING = "/api/v1/trading"
KEY = {"Idempotency-Key": "one"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


def outage(world: ApiWorld, on: bool) -> None:
    world.system.gate.execution_up = not on


async def ask(world: ApiWorld, **changes: Any) -> Any:
    return await world.client.post(ORDERS, json=MARKET_BUY | changes, headers=KEY)


async def test_an_outage_is_tried_anew_by_the_same_key_as_a_new_row(world: ApiWorld) -> None:
    outage(world, True)
    first, second = await ask(world), await ask(world)
    for refused in (first, second):
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert first.json()["order_id"] != second.json()["order_id"]
    assert world.exchange.sends == []
    outage(world, False)
    done, again = await ask(world), await ask(world)
    assert (done.status_code, again.status_code) == (201, 201)
    assert done.json()["order_id"] == again.json()["order_id"]
    assert len(world.exchange.sends) == 1
    rows = (await world.client.get(ORDERS)).json()["orders"]
    assert [row["status"] for row in rows] == ["filled", "denied", "denied"]


async def test_it_is_so_after_a_restart_too(tmp_path: Path) -> None:
    async with api_world(tmp_path) as world:
        outage(world, True)
        assert (await ask(world)).status_code == 503
    async with api_world(tmp_path) as world:
        assert (await ask(world)).status_code == 201
    async with api_world(tmp_path) as world:
        assert (await ask(world)).status_code == 201
        assert world.exchange.sends == []


async def test_another_request_with_the_key_is_a_conflict_all_the_same(world: ApiWorld) -> None:
    outage(world, True)
    assert (await ask(world)).status_code == 503
    assert (await ask(world, size="0.002")).status_code == 409


async def test_what_was_asked_too_long_ago_is_refused_for_good(tmp_path: Path) -> None:
    async with api_world(tmp_path, timing=TIMING | {"stale_request_seconds": 0.001}) as world:
        outage(world, True)
        assert (await ask(world)).status_code == 503
        outage(world, False)
        for _ in range(2):
            stale = await ask(world)
            assert (stale.status_code, "retry-after" in stale.headers) == (422, False)
            assert stale.json()["errors"][0]["check"] == "stale_request"
        assert world.exchange.sends == []
        fresh = await world.client.post(ORDERS, json=MARKET_BUY, headers={"Idempotency-Key": "two"})
        assert fresh.status_code == 201


@pytest.mark.parametrize("by", ["kill switch", "risk", "both an outage and the kill switch"])
async def test_a_refusal_by_risk_or_the_kill_switch_is_final(world: ApiWorld, by: str) -> None:
    if by != "risk":
        await world.client.post(f"{TRADING}/kill-switch", json={"engaged": True, "reason": "drill"})
    if by.startswith("both"):
        outage(world, True)
    changes = {"size": "1"} if by == "risk" else {}
    first = await ask(world, **changes)
    assert (first.status_code, "retry-after" in first.headers) == (422, False)
    outage(world, False)
    await world.control.post(f"{TRADING}/kill-switch", json={"engaged": False, "reason": "over"})
    world.system.risk.limits = RiskLimits.from_config({"max_book_age_seconds": 3600, "max_order_value": 1_000_000})
    again = await ask(world, **changes)
    assert (again.status_code, again.json()["order_id"]) == (422, first.json()["order_id"])
    assert world.exchange.sends == []


async def test_a_market_of_which_nothing_is_heard_is_an_outage_too(world: ApiWorld) -> None:
    """It was a final 422: the book was too old for a moment, and whoever asked again got that for ever."""
    heard = world.system.risk.limits
    world.system.risk.limits = RiskLimits.from_config({"max_book_age_seconds": "0.000001", "max_daily_notional": 100})
    first, second = await ask(world), await ask(world)
    for refused in (first, second):
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert {error["field"] for error in refused.json()["errors"]} == {"book"}
    assert first.json()["order_id"] != second.json()["order_id"]
    world.system.risk.limits = heard
    assert (await ask(world)).status_code == 201
    assert len(world.exchange.sends) == 1


async def test_an_order_too_small_for_a_market_of_which_nothing_is_heard_is_refused_for_good(world: ApiWorld) -> None:
    heard = world.system.risk.limits
    limits = {"max_book_age_seconds": "0.000001", "min_order_size": "0.002"}
    world.system.risk.limits = RiskLimits.from_config(limits)
    assert (await ask(world)).status_code == 422
    world.system.risk.limits = heard
    assert (await ask(world)).status_code == 422


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome(OutcomeKind.REJECTED, code="50011", message="too many", refusal=RefusalClass.PASSING), 503),
        (Outcome(OutcomeKind.NOT_SENT, code="rate_limited", message="ours", refusal=RefusalClass.PASSING), 503),
        (Outcome(OutcomeKind.REJECTED, code="51008", message="balance", refusal=RefusalClass.STANDING), 422),
        (Outcome(OutcomeKind.REJECTED, code="51000", message="parameter", refusal=RefusalClass.WRONG), 422),
    ],
)
async def test_the_exchange_s_refusal_of_the_moment_is_tried_anew(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, status: int
) -> None:
    async def refuse(intent: Any) -> Outcome:
        intent.take()
        return outcome

    with monkeypatch.context() as patch:
        patch.setattr(world.exchange, "submit", refuse)
        refused = await ask(world)
        assert (refused.status_code, "retry-after" in refused.headers) == (status, status == 503)
    assert (await ask(world)).status_code == (201 if status == 503 else 422)


async def test_readiness_is_one_truth_the_kill_switch_included(world: ApiWorld) -> None:
    async def told() -> tuple[Any, ...]:
        health = await world.client.get("/health/ready")
        status = (await world.client.get(STATUS)).json()
        metrics = (await world.client.get("/metrics")).text
        gauge = next(line for line in metrics.splitlines() if line.split(" ")[0].endswith("_ready"))
        assert health.json() == {"ready": status["ready"], "reasons": status["reasons"]}
        assert (health.status_code == 200) is status["ready"] is gauge.endswith(" 1.0")
        return status["ready"], json.dumps(status["reasons"])

    assert await told() == (True, "[]")
    await world.client.post(f"{TRADING}/kill-switch", json={"engaged": True, "reason": "drill"})
    ready, reasons = await told()
    assert (ready, "the kill switch is on: drill (set by api:local)" in reasons) == (False, True)
    outage(world, True)
    ready, reasons = await told()
    assert (ready, "execution_stream" in reasons, "kill switch" in reasons) == (False, True, True)
    await world.control.post(f"{TRADING}/kill-switch", json={"engaged": False, "reason": "over"})
    outage(world, False)
    assert await told() == (True, "[]")


async def test_a_flatten_in_an_outage_is_tried_anew_by_the_same_key(world: ApiWorld) -> None:
    """It was answered 200 with what was refused, and so for ever."""
    await world.fill("buy", "0.01")
    await world.fill("buy", "0.1", instrument_id="ETH-USDT")
    sends = len(world.exchange.sends)

    async def flatten() -> Any:
        return await world.client.post(f"{TRADING}/positions/flatten", json={}, headers=KEY)

    outage(world, True)
    for _ in range(2):
        refused = await flatten()
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert [error["field"] for error in refused.json()["errors"]] == ["execution_stream"]
    outage(world, False)
    done, again = await flatten(), await flatten()
    assert (done.status_code, again.json()) == (200, done.json())
    assert [order["reasons"] for order in done.json()["orders"]] == [[], []]
    assert len(world.exchange.sends) == sends + 2


async def test_of_a_flatten_what_the_moment_refused_is_tried_anew_and_the_rest_is_not(world: ApiWorld) -> None:
    await world.fill("buy", "0.01")
    await world.fill("buy", "0.1", instrument_id="ETH-USDT")
    sends = len(world.exchange.sends)
    submit = world.exchange.submit

    async def busy(intent: CommittedIntent) -> Outcome:
        if intent.request.instrument_id == "BTC-USDT":
            return await submit(intent)
        intent.take()
        return Outcome(OutcomeKind.REJECTED, code="50011", message="too many requests", refusal=RefusalClass.PASSING)

    async def flatten() -> dict[str, str]:
        answer = await world.client.post(f"{TRADING}/positions/flatten", json={}, headers=KEY)
        assert answer.status_code == 200
        return {order["instrument_id"]: order["status"] for order in answer.json()["orders"]}

    world.exchange.submit = busy  # type: ignore[method-assign]
    assert (await flatten())["ETH-USDT"] == "rejected"
    world.exchange.submit = submit  # type: ignore[method-assign]
    assert (await flatten())["ETH-USDT"] in ("live", "filled")
    assert len(world.exchange.sends) == sends + 2


def answering(outcome: Outcome) -> Callable[[CommittedIntent], Awaitable[Outcome]]:
    async def answer(intent: CommittedIntent) -> Outcome:
        intent.take()
        return outcome

    return answer


async def amend(world: ApiWorld, order_id: str) -> tuple[int, bool]:
    answer = await world.client.patch(f"{ORDERS}/{order_id}", json={"size": "0.002"})
    return answer.status_code, "retry-after" in answer.headers


def limited(world: ApiWorld, **limits: str) -> None:
    world.system.risk.limits = RiskLimits.from_config({"max_book_age_seconds": 3600, **limits})


async def test_what_risk_refuses_of_an_execution_is_final_and_kept_under_its_key_as_an_order_is(
    world: ApiWorld,
) -> None:
    body = MARKET_BUY | {"strategy": "market", "size": "0.02"}

    async def start(key: str, **changes: Any) -> Any:
        return await world.client.post(f"{TRADING}/executions", json=body | changes, headers={"Idempotency-Key": key})

    limited(world, max_order_size="0.01", max_order_value="100")
    refused = await start("k")
    problem = refused.json()
    assert (refused.status_code, problem["type"].rpartition(":")[2]) == (422, "execution-denied")
    assert [each["check"] for each in problem["errors"]] == ["max_order_size", "max_order_value"]
    assert len(world.events("request.refused")) == 1
    limited(world)
    again = await start("k")
    assert (again.status_code, again.json()) == (422, problem)
    assert again.headers["content-type"] == refused.headers["content-type"] == "application/problem+json"
    assert len(world.events("request.refused")) == 1
    assert (await start("k", size="0.03")).status_code == 409
    assert (await start("another")).status_code == 201
    assert audit(world.system.database, "main", world.system.ledger.instruments).clean


async def test_a_wrong_configuration_of_an_execution_is_journalled_and_its_key_stays_free(world: ApiWorld) -> None:
    path, body = f"{TRADING}/executions", MARKET_BUY | {"strategy": "twap"}
    wrong = await world.client.post(path, json=body | {"config": {"durations": 60}}, headers=KEY)
    assert (wrong.status_code, len(world.events("request.refused"))) == (422, 1)
    assert (await world.client.post(path, json=body | {"config": {"duration": 60}}, headers=KEY)).status_code == 201


async def test_an_amend_that_the_moment_refused_may_be_asked_for_again(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was a 422, as if the new terms were wrong."""
    order_id = (await world.place())["order_id"]
    outage(world, True)
    assert await amend(world, order_id) == (503, True)
    outage(world, False)

    for code, refusal, said in (
        ("50011", RefusalClass.PASSING, (503, True)),
        ("51008", RefusalClass.STANDING, (422, False)),
    ):
        outcome = Outcome(OutcomeKind.REJECTED, code=code, message="refused", refusal=refusal)
        with monkeypatch.context() as patch:
            patch.setattr(world.exchange, "amend", answering(outcome))
            assert await amend(world, order_id) == said
    world.system.risk.limits = RiskLimits.from_config({"max_book_age_seconds": 3600, "max_order_size": "0.0015"})
    assert await amend(world, order_id) == (422, False)
    world.system.risk.limits = RiskLimits.from_config({"max_book_age_seconds": 3600})
    assert await amend(world, order_id) == (200, False)
