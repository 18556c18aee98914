"""What is asked for reaches the request, the checks and the answer by name: a field in both shapes is carried."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, make_dataclass
from decimal import Decimal
from typing import Any

import pytest

from app.domain.alike import common
from app.domain.orders import OrderRequest
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.schemas import OrderParams, OrderResponse
from tests.support import store

SHARED = {"side", "trade_mode", "position_side", "reduce_only", "strategy_id"}
PATHS = {
    "params to request": (OrderParams, OrderRequest, {"instrument_id", "size", "price", "order_type"}),
    "params to checks": (OrderParams, Candidate, {"size", "price", "order_type"}),
    "request to checks": (OrderRequest, Candidate, {"size", "price", "order_type"}),
    "request to answer": (
        OrderRequest,
        OrderResponse,
        {"size", "price", "order_type", "order_id", "client_order_id", "account", "instrument_id", "parent_id"},
    ),
}


@dataclass
class Asked:
    size: int
    side: str
    own: int = 0


@dataclass
class Answered:
    side: str
    size: int
    more: int = 0


def test_common_fields_are_copied_and_no_others() -> None:
    assert common(Asked, Answered)(Asked(3, "buy", 7)) == {"side": "buy", "size": 3}
    assert common(Asked, Answered, "size")(Asked(3, "buy", 7)) == {"side": "buy"}


@pytest.mark.parametrize("name", PATHS)
def test_what_the_shapes_of_an_order_have_in_common(name: str) -> None:
    source, target, beside = PATHS[name]
    # At least: a field that is added needs no word here.
    assert {f.name for f in fields(source)} & {f.name for f in fields(target)} >= SHARED | beside


@pytest.mark.parametrize("name", PATHS)
def test_a_field_that_is_added_to_both_is_carried(name: str) -> None:
    source, target, _ = PATHS[name]

    def longer(kind: type[Any]) -> type[Any]:
        return make_dataclass(
            "Longer", [("unheard_of", Any, field(default=None, kw_only=True))], bases=(kind,), frozen=True
        )

    given = {"side": "buy", "order_type": "limit", "size": Decimal(1), "price": Decimal(2), "instrument_id": "BTC-USDT"}
    if source is OrderRequest:
        given = {f.name: getattr(store.request(1), f.name) for f in fields(OrderRequest)}
    asked = longer(source)(**given, unheard_of=Decimal("9.5"))
    assert common(longer(source), longer(target))(asked)["unheard_of"] == Decimal("9.5")
