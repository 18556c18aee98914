"""What the schema of a body says of several of its members together: which go with which type of order."""

from app.api import shapes
from app.domain.conditional_types import ConditionalType
from app.domain.orders import OrderType

PRICED_TYPES = [each.value for each in (*OrderType, *ConditionalType) if each.has_price]
_WAIT_FOR: dict[str, tuple[list[str], list[str]]] = {
    "stop": (["trigger_price"], ["distance", "distance_pct", "take_profit", "stop_loss", "price"]),
    "stop_limit": (["trigger_price"], ["distance", "distance_pct", "take_profit", "stop_loss"]),
    "take_profit": (["trigger_price"], ["distance", "distance_pct", "take_profit", "stop_loss", "price"]),
    "take_profit_limit": (["trigger_price"], ["distance", "distance_pct", "take_profit", "stop_loss"]),
    "trailing_stop": ([], ["trigger_price", "take_profit", "stop_loss", "price"]),
    "oco": (["take_profit", "stop_loss"], ["trigger_price", "distance", "distance_pct", "price"]),
    "market": ([], ["trigger_price", "distance", "distance_pct"]),
    "limit": ([], ["trigger_price", "distance", "distance_pct"]),
    **dict.fromkeys(
        ("post_only", "ioc", "fok"),
        ([], ["trigger_price", "distance", "distance_pct", "take_profit", "stop_loss", "trigger_by", "held"]),
    ),
}
"""What each order type must have, and what does not go with it (execution_strategies/conditions.py)."""


def where(name: str, words: list[str], then: dict[str, object]) -> dict[str, object]:
    """A rule for requests that say one of these words."""
    return {"if": {"properties": {name: {"enum": words}}, "required": [name]}, "then": then}


def _of_type(words: list[str], needed: list[str], without: list[str]) -> dict[str, object]:
    """A rule over order types."""
    shown: dict[str, object] = {name: {"not": {"type": "null"}} for name in needed}
    shown |= {name: {"type": "null"} for name in without}
    then: dict[str, object] = {"properties": shown}
    if needed:
        then["required"] = needed
    return where("order_type", words, then)


NEED_A_PRICE = _of_type(PRICED_TYPES, ["price"], [])
_ONE_OF_BOTH: dict[str, object] = {
    "if": {"properties": {"order_type": {"const": "trailing_stop"}}, "required": ["order_type"]},
    "then": {"oneOf": [shapes.told("distance"), shapes.told("distance_pct")]},
}
_ONLY_OF_A_BRACKET = where(
    "order_type",
    ["market", "limit"],
    {
        "anyOf": [
            shapes.told("take_profit"),
            shapes.told("stop_loss"),
            {"properties": {"trigger_by": {"type": "null"}, "held": {"type": "null"}}},
        ]
    },
)


ORDER_RULES = {
    "allOf": [
        NEED_A_PRICE,
        *(_of_type([word], needed, without) for word, (needed, without) in _WAIT_FOR.items()),
        _ONE_OF_BOTH,
        _ONLY_OF_A_BRACKET,
    ]
}
