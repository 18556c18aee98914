"""The column `facts` of an order: its whole state but its fills, which are rows of their own, as canonical JSON.

Made of the fields of Order itself: one that is added there is written and read from then on, and has its default in
rows of before.
"""

from collections.abc import Sequence
from dataclasses import MISSING, fields
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType, NoneType
from typing import Any, get_args, get_type_hints

import msgspec

from app.domain.money import ZERO
from app.domain.orders import Fill, Order
from app.models.columns import to_json

_APART = ("fills",)
_ONLY_IF_ANY = ("filled_before", "terms_filled")
"""Left out where they are zero; older rows, which do not have them, keep their bytes."""


def _field(name: str, kind: Any, default: Any) -> tuple[Any, ...]:
    if name in _ONLY_IF_ANY:
        return name, Decimal | None, None
    if name == "settled_amendments":
        # In one order, so that the same state is the same bytes.
        return name, tuple[str, ...], ()
    if isinstance(default, Decimal):
        # What is left out is what is the default itself, and whether a zero is that one is nobody's intention.
        default = Decimal(str(default))
    if default is not MISSING:
        return name, kind, default
    # None is left out, a field's default or not.
    return (name, kind, None) if NoneType in get_args(kind) else (name, kind)


_KINDS = get_type_hints(Order)
_NAMES = tuple(field.name for field in fields(Order) if field.name not in _APART)
_Facts = msgspec.defstruct(
    "_Facts",
    [_field(field.name, _KINDS[field.name], field.default) for field in fields(Order) if field.name in _NAMES],
    omit_defaults=True,
)
_of_order = attrgetter(*_NAMES)
_decode = msgspec.json.Decoder(_Facts).decode


def order_facts(order: Order) -> str:
    facts: Any = _Facts(*_of_order(order))
    facts.settled_amendments = tuple(sorted(order.settled_amendments))
    facts.filled_before = order.filled_before or None
    facts.terms_filled = order.terms_filled or None
    return to_json(facts)


def order_from_facts(facts: str, fills: Sequence[Fill]) -> Order:
    """The order as it was written, with its fills."""
    read = dict(zip(_NAMES, _of_order(_decode(facts)), strict=True))
    read["settled_amendments"] = frozenset(read["settled_amendments"])
    for name in _ONLY_IF_ANY:
        read[name] = read[name] or ZERO
    return Order(**read, fills=MappingProxyType({fill.key: fill for fill in fills}))
