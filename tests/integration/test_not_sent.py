"""What never left is shown as not sent, with its reasons, wherever a person or a program looks: never as a refusal by
the exchange, which has not heard of it, nor as risk's, which had approved it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.cli import client
from app.cli.errors import BAD_INPUT, FAILED, REFUSED
from app.clock import NS_PER_SECOND
from app.domain.orders import Order, OrderStatus
from app.domain.refusals import RefusalClass
from app.exchanges.port import Outcome, OutcomeKind
from app.journal.audit import audit
from tests.support.api_world import ORDERS, RESTING_BUY, ApiWorld, api_world
from trading_executor.client.errors import problem_of

PASSING, STANDING, WRONG = RefusalClass.PASSING, RefusalClass.STANDING, RefusalClass.WRONG
KEY = {"Idempotency-Key": "one"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


def clean(world: ApiWorld) -> None:
    report = audit(world.system.database, "main", world.system.ledger.instruments)
    assert report.clean, report.findings


async def seen(world: ApiWorld, answer: Any, code: str, refusal: RefusalClass, status: int) -> dict[str, Any]:
    """The order that was not sent, as everything shows it that shows orders."""
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, "urn:trading-executor:problem:order-not-sent")
    assert ("retry-after" in answer.headers) is (status == 503)
    assert problem["detail"].startswith(f"the order was not sent, and nothing of it left: {code}")
    order = (await world.client.get(f"{ORDERS}/{problem['order_id']}")).json()
    assert order == problem["order"]
    shown = (order["status"], order["error_code"], order["refusal"], order["sent_at"], order["settled"])
    assert shown == ("not_sent", code, refusal.value, None, True)
    assert order["completed_at"] is not None
    listed = (await world.client.get(ORDERS, params={"status": "not_sent"})).json()["orders"]
    assert listed == [order]
    assert (await world.client.get(ORDERS, params={"status": ["rejected", "denied"]})).json()["orders"] == []
    metrics = (await world.client.get("/metrics")).text
    assert 'trading_executor_orders_total{status="not_sent"} 1.0' in metrics
    assert 'status="rejected"' not in metrics
    (event,) = world.events("order.not_sent")
    assert event["order_id"] == order["order_id"]
    told = msgspec.json.decode(event["payload"])
    assert (told["outcome"], told["sent_ns"]) == ("not_sent", None)
    assert world.events("order.rejected") == []
    clean(world)
    return order


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [
        (Outcome(OutcomeKind.NOT_SENT, code="rate_limited", message="no token", refusal=PASSING), "rate_limited", 503),
        (Outcome(OutcomeKind.NOT_SENT, message="the trade connection is closed"), "not_sent", 503),
        (Outcome(OutcomeKind.NOT_SENT, code="KeysMissing", message="no key", refusal=STANDING), "KeysMissing", 422),
        (Outcome(OutcomeKind.NOT_SENT, code="invalid_request", message="tag", refusal=WRONG), "invalid_request", 422),
    ],
    ids=["our own limiter", "a dead connection", "no keys", "what cannot be written"],
)
async def test_what_the_adapter_did_not_send(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, code: str, status: int
) -> None:
    async def keep(intent: Any) -> Outcome:
        intent.take()
        return outcome

    with monkeypatch.context() as patch:
        patch.setattr(world.exchange, "submit", keep)
        answer = await world.client.post(ORDERS, json=RESTING_BUY, headers=KEY)
    order = await seen(world, answer, code, outcome.refusal or PASSING, status)
    assert (order["error_message"], order["reasons"]) == (outcome.message, [])
    again = await world.client.post(ORDERS, json=RESTING_BUY, headers=KEY)
    assert again.status_code == (201 if status == 503 else 422), "only the moment's is tried anew by the same key"


async def decided(world: ApiWorld) -> Order:
    """The order that was asked for, as soon as it is approved: its intent is on the way to the disk."""
    for _ in range(10_000):
        for order in world.system.ledger.open_orders():
            return order
        await asyncio.sleep(0)
    raise AssertionError("nothing was approved")


def gate(world: ApiWorld, _: pytest.MonkeyPatch) -> None:
    world.system.gate.execution_up = False


def expired(world: ApiWorld, patch: pytest.MonkeyPatch) -> None:
    late = world.exchange.server_time_ns() + 3600 * NS_PER_SECOND
    patch.setattr(world.exchange, "server_time_ns", lambda: late)


def killed(world: ApiWorld, _: pytest.MonkeyPatch) -> None:
    turn = world.system.ledger.turn("operator:me")
    turn.set_kill_switch(True, "drill")
    turn.commit()


@pytest.mark.parametrize(
    ("change", "code", "refusal", "status"),
    [(gate, "readiness", PASSING, 503), (expired, "expired", PASSING, 503), (killed, "kill_switch", STANDING, 422)],
    ids=["the gate closed", "its time ran out", "the kill switch"],
)
async def test_what_our_last_look_held_back(
    world: ApiWorld,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[ApiWorld, pytest.MonkeyPatch], None],
    code: str,
    refusal: RefusalClass,
    status: int,
) -> None:
    """Approved, and changed between the decision and the wire."""
    with monkeypatch.context() as patch:
        asked = asyncio.create_task(world.client.post(ORDERS, json=RESTING_BUY))
        assert (await decided(world)).status is OrderStatus.PENDING
        change(world, patch)
        answer = await asked
    order = await seen(world, answer, code, refusal, status)
    assert [reason["check"] for reason in order["reasons"]] == [code]
    assert [error["check"] for error in answer.json()["errors"]] == [code]
    assert world.exchange.sends == []


async def test_one_cancelled_before_it_was_sent(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    submit, told = world.system.sender.submit, asyncio.Event()

    async def held(*arguments: Any, **options: Any) -> Any:
        await told.wait()
        return await submit(*arguments, **options)

    monkeypatch.setattr(world.system.sender, "submit", held)
    asked = asyncio.create_task(world.client.post(ORDERS, json=RESTING_BUY))
    canceling = asyncio.create_task(world.system.executor.cancel_order((await decided(world)).order_id))
    while not (await decided(world)).cancel_requested:  # noqa: ASYNC110 (a state of the ledger, no event)
        await asyncio.sleep(0)
    told.set()
    await canceling
    order = await seen(world, await asked, "canceled", STANDING, 422)
    assert [str(reason["rule"]) for reason in order["reasons"]] == ["it was cancelled before it was sent"]


async def test_an_amend_that_did_not_leave_is_not_the_exchange_s_word(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = await world.place()

    async def keep(_: object) -> Outcome:
        return Outcome(OutcomeKind.NOT_SENT, code="rate_limited", message="no token", refusal=PASSING)

    monkeypatch.setattr(world.exchange, "amend", keep)
    answer = await world.client.patch(f"{ORDERS}/{placed['order_id']}", json={"price": "48000"})
    assert (answer.status_code, [error["check"] for error in answer.json()["errors"]]) == (503, ["not_sent"])


async def test_it_is_the_same_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def keep(intent: Any) -> Outcome:
        intent.take()
        return Outcome(OutcomeKind.NOT_SENT, code="connect", message="connection refused")

    async with api_world(tmp_path) as world:
        monkeypatch.setattr(world.exchange, "submit", keep)
        order = (await world.client.post(ORDERS, json=RESTING_BUY)).json()["order"]
    async with api_world(tmp_path) as world:
        assert (await world.client.get(f"{ORDERS}/{order['order_id']}")).json() == order
        clean(world)


KILLED = {"field": "kill_switch", "value": "engaged", "rule": "drill", "check": "kill_switch"}


@pytest.mark.parametrize(
    ("status", "errors", "ended", "said"),
    [
        (422, [KILLED], REFUSED, "kill_switch=engaged: drill"),
        (422, [], BAD_INPUT, "the order was not sent, and nothing of it left: KeysMissing: no key"),
        (503, [], FAILED, "the order was not sent, and nothing of it left: KeysMissing: no key"),
    ],
    ids=["the kill switch", "the adapter", "the moment"],
)
def test_the_command_line_says_so_too(status: int, errors: list[dict[str, str]], ended: int, said: str) -> None:
    detail = "the order was not sent, and nothing of it left: KeysMissing: no key"
    problem = {"type": "urn:trading-executor:problem:order-not-sent", "detail": detail, "errors": errors}
    refused = client.said(problem_of(status, problem))
    assert (refused.status, str(refused)) == (ended, said)
