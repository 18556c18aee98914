"""Everything that must not pass the door: each names field, value and rule, leaves a line in the journal where it was
a write, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog.testing

from app.store.errors import StoreError
from app.store.writer import StoreFailed
from tests.support.api_world import MARKET_BUY, ORDERS, RESTING_BUY, ApiWorld, api_world

JSON = {"content-type": "application/json"}
TRADING = "/api/v1/trading"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiWorld]:
    """One world for all tests that leave it as it was."""
    async with api_world(tmp_path_factory.mktemp("shared")) as made:
        yield made


def raw(**changes: str) -> bytes:
    """A market order's JSON text with values put in as they are written."""
    parts = {name: json.dumps(value) for name, value in MARKET_BUY.items()} | changes
    return ("{" + ", ".join(f'"{name}": {value}' for name, value in parts.items()) + "}").encode()


FAULTS = [
    # name, body, field, part of the rule
    ("unknown instrument", raw(instrument_id='"NO-SUCH"'), "instrument_id", "is not an instrument"),
    ("size below minimum", raw(size='"0.000001"'), "size", "below minimum size"),
    ("size off the lot", raw(size='"0.0012345678901"'), "size", "multiple of lot size"),
    ("price off the tick", raw(order_type='"limit"', price='"49000.05"'), "price", "multiple of tick size"),
    ("wrong side", raw(side='"hold"'), "side", "must be one of buy, sell"),
    ("wrong type", raw(order_type='"hope"'), "order_type", "must be one of"),
    ("wrong trade mode", raw(trade_mode='"margin"'), "trade_mode", "must be one of"),
    ("JSON float", raw(size="0.001"), "size", "a JSON float is not exact"),
    ("JSON float of an integer", raw(size="1.0"), "size", "a JSON float is not exact"),
    ("JSON exponent", raw(size="1e400"), "size", "a JSON float is not exact"),
    ("NaN", raw(size="NaN"), "size", "a JSON float is not exact"),
    ("infinity", raw(size="-Infinity"), "size", "a JSON float is not exact"),
    ("text NaN", raw(size='"NaN"'), "size", "must be finite"),
    ("text infinity", raw(size='"Infinity"'), "size", "must be finite"),
    ("1e400 as text", raw(size='"1e400"'), "size", "at most 24 digits"),
    ("5,000 digits", raw(size='"' + "9" * 5000 + '"'), "size", "at most 24 digits"),
    ("5,000 digits as integer", raw(size="9" * 5000), "size", "not exact"),
    ("negative size", raw(size='"-0.001"'), "size", "must be above zero"),
    ("negative integer", raw(size="-1"), "size", "must be above zero"),
    ("zero size", raw(size='"0"'), "size", "must be above zero"),
    ("size that is no number", raw(size='"much"'), "size", "must be a decimal number"),
    ("size true", raw(size="true"), "size", "must be a decimal in quotes"),
    ("size null", raw(size="null"), "size", "must be a decimal in quotes"),
    ("size list", raw(size="[1]"), "size", "must be a decimal in quotes"),
    ("negative price", raw(order_type='"limit"', price='"-1"'), "price", "must be above zero"),
    ("limit without price", raw(order_type='"limit"'), "price", "is required for order type limit"),
    ("reduce_only as text", raw(reduce_only='"yes"'), "reduce_only", "must be true or false"),
    ("unknown key", raw(prize='"5"'), "prize", "unknown key; known are instrument_id"),
    ("instrument as number", raw(instrument_id="7"), "instrument_id", "must be text"),
    ("NUL in the instrument", raw(instrument_id=r'"BTC\u0000USDT"'), "instrument_id", "must be printable text"),
    ("lone surrogate", raw(instrument_id=r'"\ud800"'), "instrument_id", "must be printable text"),
    ("very long strategy", raw(strategy_id='"' + "s" * 65 + '"'), "strategy_id", "of 1 to 64 characters"),
    ("missing key", b'{"side": "buy", "order_type": "market", "size": "1"}', "instrument_id", "is required"),
    ("empty body", b"", "instrument_id", "is required"),
]


@pytest.mark.parametrize(("body", "field", "rule"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_bad_order_names_field_value_and_rule(shared: ApiWorld, body: bytes, field: str, rule: str) -> None:
    world = shared
    before = world.system.ledger.seq
    answer = await world.client.post(ORDERS, content=body, headers=JSON)
    problem = answer.json()
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    at_fault = [error for error in problem["errors"] if error["field"] == field and rule in error["rule"]]
    assert at_fault, problem["errors"]
    assert world.exchange.sends == []
    assert (await world.client.get(f"{ORDERS}/active")).json() == {"orders": []}
    # The refusal is in the journal: as a denied order of ours, or as a request that became none.
    kinds = [event["kind"] for event in world.events() if event["seq"] > before]
    assert kinds in (["request.refused"], ["order.denied"]), kinds


async def test_every_value_at_fault_is_named_at_once(world: ApiWorld) -> None:
    body = raw(side='"up"', size="0.5", prize="1", reduce_only="0")
    answer = await world.client.post(ORDERS, content=body, headers=JSON)
    assert sorted(error["field"] for error in answer.json()["errors"]) == ["prize", "reduce_only", "side", "size"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"size": "1", "size": "2"}',
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"[" * 60_000,
    ],
    ids=["cut", "nonsense", "list", "text", "null", "not UTF-8", "key twice", "deep", "deeper"],
)
async def test_malformed_json_is_400_on_every_write(world: ApiWorld, body: bytes) -> None:
    order = await world.place()
    if len(body) > 64 * 1024:
        body = body[: 64 * 1024]
    for method, path in (
        ("POST", ORDERS),
        ("PATCH", f"{ORDERS}/{order['order_id']}"),
        ("POST", f"{ORDERS}/cancel-all"),
        ("POST", f"{TRADING}/positions/flatten"),
        ("POST", f"{TRADING}/kill-switch"),
        ("POST", f"{TRADING}/executions"),
    ):
        answer = await world.client.request(method, path, content=body, headers=JSON)
        assert answer.status_code == 400, (method, path, answer.text)
        assert answer.json()["type"].endswith("malformed-json")
    assert (await world.client.get(f"{ORDERS}/{order['order_id']}")).json()["status"] == "live"
    assert len(world.events("request.refused")) == 6


AMENDS = [
    ("nothing", {}, "size", "give size, price or both"),
    ("nothing but null", {"price": None}, "size", "give size, price or both"),
    ("zero", {"size": "0"}, "size", "must be above zero"),
    ("off the tick", {"price": "49000.05"}, "price", "multiple of tick"),
    ("unknown key", {"qty": "1"}, "qty", "unknown key"),
]


@pytest.mark.parametrize(("body", "field", "rule"), [case[1:] for case in AMENDS], ids=[case[0] for case in AMENDS])
async def test_a_bad_amend_changes_nothing(world: ApiWorld, body: dict[str, Any], field: str, rule: str) -> None:
    order = await world.place()
    answer = await world.client.patch(f"{ORDERS}/{order['order_id']}", json=body)
    assert answer.status_code == 422
    assert any(error["field"] == field and rule in error["rule"] for error in answer.json()["errors"]), answer.text
    await world.system.ledger.writer.drain()
    assert len(world.events("request.refused")) == 1
    assert (await world.client.get(f"{ORDERS}/{order['order_id']}")).json() == order


QUERIES = [
    ("/orders?limit=0", "limit", "greater than or equal to 1"),
    ("/orders?limit=501", "limit", "less than or equal to 500"),
    ("/orders?limit=ten", "limit", "valid integer"),
    ("/orders?limit=1&limit=2", "limit", "may come once"),
    ("/orders?status=open", "status", "must be one of pending, "),
    ("/orders?side=up", "side", "must be one of buy, sell"),
    ("/trades?side=up", "side", "must be one of buy, sell"),
    ("/trades?cursor=nonsense", "cursor", "next_cursor"),
    ("/positions/BTC-USDT?trade_mode=spot", "trade_mode", "must be one of cash, cross, isolated"),
    ("/orders?cursor=nonsense", "cursor", "next_cursor"),
    ("/orders?cursor=W10", "cursor", "next_cursor"),
    ("/orders?instrument=BTC-USDT", "instrument", "did you mean instrument_id?"),
    ("/orders?instrument_id=NO-SUCH", "instrument_id", "is not an instrument"),
    ("/orders?instrument_id=%00", "instrument_id", "printable"),
    ("/orders?start_date=2024-01-01T00:00:00", "start_date", "timezone"),
    ("/orders?start_date=yesterday", "start_date", "ISO 8601"),
    ("/orders?start_date=2024", "start_date", "ISO 8601"),
    ("/trades?end_date=1735689600", "end_date", "ISO 8601"),
    ("/performance?start_date=2024", "start_date", "ISO 8601"),
    ("/orders?end_date=9999-12-31T23:59:59Z", "end_date", "1970 to 2261"),
    ("/orders?start_date=0001-01-01T00:00:00%2B23:00", "start_date", "1970 to 2261"),
    ("/orders/active?instrument_id=NO-SUCH", "instrument_id", "is not an instrument"),
    ("/positions?instrument_id=NO-SUCH", "instrument_id", "is not an instrument"),
    ("/positions?include_flat=perhaps", "include_flat", "boolean"),
    ("/trades?limit=0", "limit", "greater than or equal to 1"),
    ("/trades?cursor=nonsense", "cursor", "next_cursor"),
    ("/tax-lots?cursor=nonsense", "cursor", "next_cursor"),
    ("/tax-lots?asset=NOSUCH", "asset", "was never held"),
    ("/tax-lots?method=lifo", "method", "must be one of fifo, average"),
    ("/tax-lots?limit=0", "limit", "greater than or equal to 1"),
    ("/tax-lots?start_date=2024", "start_date", "ISO 8601"),
    ("/trades?instrument_id=NO-SUCH", "instrument_id", "is not an instrument"),
    ("/performance/tear-sheet?period=fortnight", "period", "must be one of day, week, month, quarter, year"),
    ("/performance/tear-sheet?rolling_days=1", "rolling_days", "greater than or equal to 2"),
    ("/performance/tear-sheet?strategy_id=nobody", "strategy_id", "has never ordered"),
    (
        "/performance/tear-sheet?start_date=2024-02-01T00:00:00Z&end_date=2024-01-01T00:00:00Z",
        "end_date",
        "must be after start_date",
    ),
    ("/performance?instrument_id=NO-SUCH", "instrument_id", "is not an instrument"),
    *(
        (f"/{what}?start_date=2024-01-02T00:00:00Z&end_date=2024-01-01T00:00:00Z", "end_date", "must be after")
        for what in ("orders", "trades", "performance", "statistics")
    ),
    ("/statistics?strategy_id=", "strategy_id", "at least 1"),
    ("/executions?limit=0", "limit", "greater than or equal to 1"),
]


@pytest.mark.parametrize(("path", "field", "rule"), QUERIES, ids=[query[0] for query in QUERIES])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_bad_query_names_field_value_and_rule(shared: ApiWorld, path: str, field: str, rule: str) -> None:
    answer = await shared.client.get(TRADING + path)
    assert answer.status_code == 422, answer.text
    assert any(error["field"] == field and rule in error["rule"] for error in answer.json()["errors"]), answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"engaged": "yes", "reason": "x"},
        {"engaged": True},
        {"engaged": True, "reason": ""},
        {"engaged": True, "reason": "a\nb"},
        {"engaged": True, "reason": "x" * 501},
    ],
)
async def test_a_kill_switch_wants_yes_or_no_and_a_reason(world: ApiWorld, body: dict[str, Any]) -> None:
    answer = await world.client.post(f"{TRADING}/kill-switch", json=body)
    assert answer.status_code == 422
    assert not world.system.ledger.kill_switch.engaged


async def test_unknown_paths_and_methods_are_problems_too(world: ApiWorld) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("PUT", ORDERS, 405), ("DELETE", ORDERS, 405)):
        answer = await world.client.request(method, path, headers=JSON)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_failed_store_is_503_and_says_to_use_the_same_key(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object, **__: object) -> None:
        raise StoreFailed("database sqlite:///x: disk full")

    monkeypatch.setattr(world.system.executor, "place_order", failing)
    answer = await world.client.post(ORDERS, json=RESTING_BUY)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (503, "store-failed")
    assert "same Idempotency-Key" in answer.json()["detail"]


async def test_a_database_that_cannot_be_read_is_503(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise StoreError("database sqlite:///x: locked")

    monkeypatch.setattr(world.system.orders, "get_order_history", failing)
    answer = await world.client.get(ORDERS)
    assert (answer.status_code, answer.json()["detail"]) == (503, "database sqlite:///x: locked")


async def test_what_nobody_foresaw_is_500_without_details(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret internals")

    monkeypatch.setattr(world.system, "status", failing)
    transport = world.client._transport
    transport.raise_app_exceptions = False  # pyright: ignore[reportAttributeAccessIssue]
    with structlog.testing.capture_logs() as logged:
        answer = await world.client.get("/api/v1/status")
    assert answer.status_code == 500
    assert "internals" not in answer.text
    assert [(entry["event"], entry["path"]) for entry in logged] == [("api.failed", "/api/v1/status")]
    assert answer.headers["x-content-type-options"] == "nosniff"
