"""The client knows the whole API: a call for every route with every parameter and member, and its answers' types are
those that are served.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from app.domain.orders import OrderSide
from tests.support import client_models
from trading_executor.client import calls, wire
from trading_executor.client.asynchronous import AsyncClient
from trading_executor.client.blocking import Client
from trading_executor.client.errors import Conflict, NoAnswer, NotAvailable, problem_of
from trading_executor.client.wire import Answer, Attempts, Call, Lost, Patience

NOT_CALLS = {
    ("GET", "/"): "a page",
    ("GET", "/metrics"): "for Prometheus",
    ("GET", "/api/v1/stream/events"): "Client.stream",
    ("GET", "/api/v1/trading/exports/{what}"): "a file; its rows are those of other calls, page by page",
    ("POST", "/api/v1/hooks/{name}"): "alerts are other tools' to send, as the template of the hook reads them",
    ("DELETE", "/api/v1/trading/executions/{parent_id}"): "cancel_execution, which can say why",
}
BUILDERS: dict[str, Callable[..., Call[Any]]] = {
    name: value
    for name, value in vars(calls).items()
    if inspect.isfunction(value) and value.__module__.startswith(calls.__name__) and not name.startswith("_")
}
PREVIEWS = {"preview_execution": calls.start_execution, "preview_signal": calls.send_signal}
BUILDERS = {name: build for name, build in BUILDERS.items() if not name.endswith("preview_of")}
OBJECTS = {"config", "metadata"}


@cache
def described() -> Mapping[str, Any]:
    return client_models.openapi()["paths"]


def filled(name: str) -> Call[Any]:
    """A call with every argument given."""
    told = inspect.signature(PREVIEWS.get(name, BUILDERS[name]))
    return BUILDERS[name](**{each: {"key": 1} if each in OBJECTS else "x-1" for each in told.parameters})


def operation(call: Call[Any]) -> tuple[str, str]:
    """Its method and path as the description has it; a fixed path before one with a parameter."""
    for path in sorted(described(), key=lambda path: path.count("{")):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        if re.fullmatch(pattern, call.path) and call.method.lower() in described()[path]:
            return call.method, path
    raise AssertionError(f"{call.method} {call.path} is no route")


def test_every_route_has_a_call_and_no_call_is_without_a_route() -> None:
    routes = {(method.upper(), path) for path, methods in described().items() for method in methods}
    assert {operation(filled(name)) for name in BUILDERS} == routes - set(NOT_CALLS)


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_a_call_takes_all_that_its_route_takes(name: str) -> None:
    call = filled(name)
    method, path = operation(call)
    told = described()[path][method.lower()]
    query = {each["name"] for each in told.get("parameters", ()) if each["in"] == "query"}
    assert set(call.query) == query
    keyed = any(each["name"] == "Idempotency-Key" for each in told.get("parameters", ()))
    assert call.keyed == (keyed and not call.safe)
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    assert set(call.body or ()) == set(body.get("properties", ())) - {"idempotency_key"}  # the header has it


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_both_clients_have_it(name: str) -> None:
    assert hasattr(Client, name)
    assert hasattr(AsyncClient, name)


def test_the_types_of_the_answers_are_those_that_are_served() -> None:
    for path, text in client_models.files().items():
        assert path.read_text() == client_models.formatted(text), (
            "the answers have changed: python -m tests.support.client_models writes the client's types anew"
        )


def test_what_is_sent_is_exact() -> None:
    call = calls.place_order("BTC-USDT", OrderSide.BUY, "limit", Decimal("1E-7"), price=Decimal(50000))
    assert wire.content(call) == (
        b'{"instrument_id": "BTC-USDT", "side": "buy", "order_type": "limit", "size": "0.0000001", "price": "50000"}'
    )
    start = datetime(2026, 1, 31, 14, tzinfo=UTC)
    page = calls.order_history(status=["filled", "live"], start_date=start)
    query = "status=filled&status=live&start_date=2026-01-31T14%3A00%3A00%2B00%3A00&limit=100"
    assert wire.target(page) == f"/api/v1/trading/orders?{query}"
    assert wire.target(calls.get_order("a/b c")) == "/api/v1/trading/orders/a%2Fb%20c"
    with pytest.raises(ValueError, match="zone"):
        wire.target(calls.trades(end_date=datetime(2026, 1, 31)))  # noqa: DTZ001 - what is refused


KEYED = calls.place_order("BTC-USDT", "buy", "market", "1")
UNKEYED = calls.modify_order("o", size="1")
READ = calls.account()
GONE, NEVER = Lost("reset", sent=True), Lost("refused", sent=False)
NOT_READY = Answer(503, b'{"type": "urn:trading-executor:problem:not-ready"}', "1")
STORE_FAILED = Answer(503, b'{"type": "urn:trading-executor:problem:store-failed"}', "1")


def attempts(call: Call[Any], seconds: float = 30, *, unavailable: bool = True) -> Attempts:
    return Attempts("http://x", call, Patience(seconds, unavailable), 0)


@pytest.mark.parametrize("call", [KEYED, READ])
def test_a_lost_answer_is_asked_for_again_with_growing_waits_until_the_budget_is_spent(call: Call[Any]) -> None:
    asking, waits = attempts(call, 10), list[float]()

    def ask_for_ever() -> None:
        while True:
            waits.append(asking.after_lost(GONE, sum(waits)))

    with pytest.raises(NoAnswer) as caught:
        ask_for_ever()
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert (caught.value.never_sent, caught.value.open) == (False, call is KEYED)
    assert caught.value.idempotency_key == asking.key
    assert (asking.key is not None) == (call is KEYED)


def test_a_call_without_a_key_is_never_repeated_once_it_may_have_arrived() -> None:
    with pytest.raises(NoAnswer) as caught:
        attempts(UNKEYED).after_lost(GONE, 0)
    assert (caught.value.open, caught.value.idempotency_key) == (True, None)
    assert attempts(UNKEYED).after_lost(NEVER, 0) == 0.2
    assert attempts(UNKEYED).after_answer(NOT_READY, 0) == 1
    assert attempts(UNKEYED).after_answer(STORE_FAILED, 0) is None


def test_not_now_is_waited_for_as_long_as_it_says() -> None:
    asking = attempts(KEYED, 2.5)
    assert asking.after_answer(NOT_READY, 0) == 1
    assert asking.after_answer(STORE_FAILED, 1) == 1
    assert asking.after_answer(NOT_READY, 2) is None
    with pytest.raises(NotAvailable):
        asking.result(NOT_READY)
    hasty = attempts(KEYED, unavailable=False)
    assert hasty.after_answer(NOT_READY, 0) is None
    with pytest.raises(NoAnswer) as caught:
        hasty.after_lost(NEVER, 0)
    assert (caught.value.never_sent, caught.value.open) == (True, False)


def test_what_may_have_arrived_once_stays_open_though_nobody_is_reached_afterwards() -> None:
    asking = attempts(KEYED, 0.5)
    asking.after_lost(GONE, 0)
    with pytest.raises(NoAnswer) as caught:
        asking.after_lost(NEVER, 0.4)
    assert caught.value.open


def test_each_call_has_a_key_of_its_own_and_a_given_one_is_kept() -> None:
    assert attempts(KEYED).key != attempts(KEYED).key
    mine = calls.place_order("BTC-USDT", "buy", "market", "1", idempotency_key="mine")
    assert attempts(mine).headers == {"Idempotency-Key": "mine"}


def test_a_cancel_that_is_repeated_finds_the_order_over_which_is_what_it_wanted() -> None:
    over = Answer(409, b'{"type": "urn:trading-executor:problem:order-over", "order": {"order_id": "o"}}')
    asking = attempts(calls.cancel_order("o"))
    with pytest.raises(Conflict):
        asking.result(over)
    asking.after_lost(GONE, 0)
    assert asking.result(over) == {"order_id": "o"}


@pytest.mark.parametrize(
    ("status", "kind", "name"),
    [
        (401, "api-key-needed", "NotAllowed"),
        (403, "scope-needed", "NotAllowed"),
        (404, "order-not-found", "NotFound"),
        (409, "order-over", "Conflict"),
        (410, "resume-too-old", "Conflict"),
        (415, "unsupported", "InvalidRequest"),
        (422, "invalid-request", "InvalidRequest"),
        (422, "order-denied", "Refused"),
        (422, "order-rejected", "Refused"),
        (429, "too-many-attempts", "NotAvailable"),
        (502, "exchange", "NotAvailable"),
        (503, "not-ready", "NotAvailable"),
        (500, "internal", "Problem"),
    ],
)
def test_each_problem_is_an_error_of_its_kind(status: int, kind: str, name: str) -> None:
    errors = [{"field": "size", "value": "0", "rule": "must be above zero", "check": "input"}]
    found = problem_of(status, {"type": f"urn:trading-executor:problem:{kind}", "errors": errors})
    assert (type(found).__name__, found.kind, str(found)) == (name, kind, "size=0: must be above zero")
