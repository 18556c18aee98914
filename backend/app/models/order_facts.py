"""The column `facts` of an order: all of its state that changes, as canonical JSON, for an exact reload.

Made of the fields of Order itself: one that is added there is written and read from then on, and has its default in
rows of before. The request stands in columns of its own and is written once; fills are rows of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields
from decimal import Decimal
from operator import attrgetter
from types import MappingProxyType, NoneType
from typing import Any, get_args, get_type_hints

import msgspec

from app.domain.conditions import Condition
from app.domain.decisions import Decision
from app.domain.money import ZERO
from app.domain.orders import Fill, Order, OrderRequest
from app.models.columns import Form, to_json

CONDITION = Form(to_json, msgspec.json.Decoder(Condition).decode, json=True)
"""What an order was to wait for at the exchange."""
DECISION = Form(to_json, msgspec.json.Decoder(Decision).decode, json=True)

_FIELDS = tuple(field for field in fields(Order) if field.name not in ("request", "fills"))
_NAMES = tuple(field.name for field in _FIELDS)
_AMOUNTS = tuple(field.name for field in _FIELDS if field.default is ZERO)
"""Left out where they are zero."""
_PLACES = tuple(_NAMES.index(name) for name in _AMOUNTS)
_SETTLED = _NAMES.index("settled_amendments")


def _field(field: Field[Any], kinds: dict[str, Any]) -> tuple[Any, ...]:
    name, kind = field.name, kinds[field.name]
    if name in _AMOUNTS:
        return name, Decimal | None, None
    if name == "settled_amendments":
        # In one order, so that the same state is the same bytes.
        return name, tuple[str, ...], ()
    if field.default is not MISSING:
        return name, kind, field.default
    # None is left out, a field's default or not.
    return (name, kind, None) if NoneType in get_args(kind) else (name, kind)


_Facts: Callable[..., Any] = msgspec.defstruct(
    "_Facts", [_field(field, get_type_hints(Order)) for field in _FIELDS], omit_defaults=True
)
_of = attrgetter(*_NAMES)
_decode = msgspec.json.Decoder(_Facts).decode


def order_facts(order: Order) -> str:
    values = list(_of(order))
    for place in _PLACES:
        values[place] = values[place] or None
    values[_SETTLED] = tuple(sorted(values[_SETTLED]))
    return to_json(_Facts(*values))


def order_from_facts(request: OrderRequest, facts: str, fills: Sequence[Fill]) -> Order:
    """The order as it was written, with its fills. Raises MsgspecError."""
    read = dict(zip(_NAMES, _of(_decode(facts)), strict=True))
    read.update({name: read[name] or ZERO for name in _AMOUNTS})
    read["settled_amendments"] = frozenset(read["settled_amendments"])
    return Order(request, **read, fills=MappingProxyType({fill.key: fill for fill in fills}))
