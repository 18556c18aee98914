"""JSON out: exact decimals, UTC instants with Z, null for NaN; and the documented shape of every answer."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from app.api.documents import documented
from app.api.encoding import json_ready, json_response
from app.domain.orders import OrderSide
from app.services.trading.schemas import (
    Account,
    CurrencyBalance,
    OrderResponse,
    PerformanceMetrics,
    PositionResponse,
    TradeResponse,
    TradeStatistics,
)

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Inner:
    amount: Decimal | None
    ratio: float


@dataclass(frozen=True, slots=True)
class Outer:
    side: OrderSide
    at: datetime | None
    inner: tuple[Inner, ...]
    fees: dict[str, Decimal]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-9"), "0.000000001"),
        (Decimal("0.100"), "0.1"),
        (Decimal("-0"), "0"),
        (Decimal("NaN"), None),
        (math.nan, None),
        (math.inf, None),
        (0.25, 0.25),
        (True, True),
        (OrderSide.BUY, "buy"),
        (NOON, "2026-01-02T12:00:00Z"),
        (NOON + timedelta(microseconds=7), "2026-01-02T12:00:00.000007Z"),
        (datetime(2026, 1, 2, 14, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T12:00:00Z"),
        ("\ud800", "\\ud800"),
        ("größer", "größer"),
        ({OrderSide.SELL: [1, (2,)]}, {"sell": [1, [2]]}),
    ],
)
def test_values(value: Any, wanted: Any) -> None:
    assert json_ready(value) == wanted
    json_response(value)


def test_a_dto_and_its_documented_shape_agree() -> None:
    value = Outer(OrderSide.BUY, NOON, (Inner(Decimal("1.50"), math.nan), Inner(None, 0.5)), {"BTC": Decimal("1E-8")})
    body = json.loads(bytes(json_response(value).body))
    assert body == {
        "side": "buy",
        "at": "2026-01-02T12:00:00Z",
        "inner": [{"amount": "1.5", "ratio": None}, {"amount": None, "ratio": 0.5}],
        "fees": {"BTC": "0.00000001"},
    }
    documented(Outer).model_validate(body)
    with pytest.raises(ValidationError):
        documented(Outer).model_validate(body | {"side": "hold"})


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        json_ready({"a": object()})


@pytest.mark.parametrize(
    "kind",
    [
        Account,
        CurrencyBalance,
        OrderResponse,
        PerformanceMetrics,
        PositionResponse,
        TradeResponse,
        TradeStatistics,
    ],
)
def test_every_dto_is_documented(kind: type[Any]) -> None:
    schema = documented(kind).model_json_schema()
    assert set(schema["properties"]) == set(kind.__dataclass_fields__)
