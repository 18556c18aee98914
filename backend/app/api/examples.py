"""The examples of the OpenAPI document: of every parameter, and of what every route answers.

The answers were recorded of a running system (answers.json, written by `python -m tests.support.api_examples`).
"""

import json
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from app.api.encoding import PROBLEM
from app.api.errors import TITLES, Problem, invalid, problem_body
from app.domain.refusals import Refusal

ANSWERS = Path(__file__).with_name("answers.json")

PARAMETERS: dict[str, Any] = {
    "after": 1200,
    "after_seq": 1200,
    "alert_id": "al-1200",
    "all": True,
    "approval_id": "ap-0123456789abcdef",
    "asset": "BTC",
    "bar": "1h",
    "books": "BTC-USDT",
    "channels": "orders,fills",
    "contains": "USDT",
    "cursor": "eyJhdCI6MX0",
    "days": 28,
    "depth": 5,
    "exchange_order_id": "1234567890123456789",
    "for_seconds": 60,
    "Idempotency-Key": "rebalance-2026-01-31",
    "include_flat": True,
    "kind": "order.intent",
    "limit": 50,
    "name": "tv",
    "open_only": True,
    "order_id": "ord-KKC31CBT00000004B",
    "parent_id": "par-KKC31CBT00000004B",
    "trade_id": "1234567",
    "position_side": "long",
    "side": "buy",
    "status": ["live", "partially_filled"],
    "strategy_id": "mine",
    "tag": "rebalance",
    "ticket": "tic-0123456789abcdef",
    "trade_mode": "cross",
}
"""By name; what a parameter says of itself comes first."""

_KINDS = {
    400: "malformed-json",
    401: "api-key-needed",
    403: "scope-needed",
    404: "order-not-found",
    405: "read-only",
    409: "order-over",
    410: "resume-too-old",
    429: "too-many-attempts",
    502: "exchange",
    503: "not-ready",
}
_SAID = {
    400: "the body is not JSON: Expecting value at line 1, column 1",
    401: "give an API key that is valid, from here, as X-API-Key or as Authorization: Bearer",
    403: "this asks for the scope orders:place; api:dashboard has it not",
    404: "ord-KKC31CBT00000004B: there is no such order",
    409: "ord-KKC31CBT00000004B is over: filled",
    503: "not ready: the market stream is down",
}
_BELOW = Refusal("instrument", "size", "0.000001", "is below minimum size 0.00001 of BTC-USDT")

_STREAM = 'id: 1201\ndata: {"type": "heartbeat", "as_of": 1201}\n\n'
_TABLE = "instrument_id,position_side,trade_mode,size\r\nBTC-USDT,net,cash,0.00999\r\n"
TEXTS = {"GET /api/v1/stream/events": _STREAM, "GET /api/v1/trading/exports/{what}": _TABLE}


def illustrate(paths: dict[str, dict[str, Any]]) -> None:
    """Put an example beside every parameter and every answer of the document's paths that has none."""
    answers = _answers()
    for path, operations in paths.items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                known = parameter["name"] in PARAMETERS and "examples" not in parameter.get("schema", {})
                if known and "example" not in parameter and "examples" not in parameter:
                    parameter["example"] = PARAMETERS[parameter["name"]]
            name = f"{method.upper()} {path}"
            for status, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    if kind == "application/json" and status in answers.get(name, {}):
                        content["example"] = answers[name][status]
                    elif kind == PROBLEM:
                        content["example"] = _problem(int(status))
                    elif name in TEXTS and kind.startswith("text/"):
                        content["example"] = TEXTS[name]


@cache
def _problem(status: int) -> dict[str, Any]:
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return problem_body(invalid([_BELOW]))
    return problem_body(Problem(status, _SAID.get(status, TITLES[status].lower()), kind=_KINDS.get(status, "")))


@cache
def _answers() -> dict[str, dict[str, Any]]:
    return json.loads(ANSWERS.read_text("utf-8"))
