"""The OpenAPI schema of a DTO, read off its dataclass: decimals as text, NaN as null, instants as date-time.

Only for documentation: answers are written by encoding.py from the same dataclass.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

DecimalText = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["0.001"], description="Exact decimal as text")]


@cache
def documented(kind: type[Any]) -> type[BaseModel]:
    """A pydantic model that describes how instances of the dataclass look as JSON."""
    hints = get_type_hints(kind)
    members: dict[str, Any] = {field.name: (_shape(hints[field.name]), ...) for field in fields(kind)}
    return create_model(kind.__name__, __config__=ConfigDict(extra="forbid"), __doc__=kind.__doc__, **members)


def listed(name: str, member: str, kind: type[Any], **others: Any) -> type[BaseModel]:
    """A model of an object that holds a list of the DTO, and whatever else stands beside it."""
    members: dict[str, Any] = {member: (list[documented(kind)], ...), **others}
    return create_model(name, __config__=ConfigDict(extra="forbid"), **members)


class ValueAtFault(BaseModel):
    """One value that breaks a rule."""

    field: str
    value: str
    rule: str
    check: str


class ProblemDetails(BaseModel):
    """An error as RFC 9457 has it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[ValueAtFault]


UNRECORDED: dict[int | str, dict[str, Any]] = {
    202: {"description": "Done, but the database does not take it: `cancels` says what was sent and what was answered"}
}
"""Of what is done whatever the disk says."""

PENDING: dict[int | str, dict[str, Any]] = {
    202: {"description": "Not done yet: `approval` waits for a second person, who confirms or refuses it"}
}
"""Of what can be set to need a second person."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems, beside those that every route may give."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        status: {"description": _DESCRIPTIONS[status], "content": content}
        for status in sorted({400, 401, 403, 413, 415, 421, 422, 503, *statuses})
    }


_DESCRIPTIONS = {
    400: "The request is not readable",
    401: "No valid API key",
    403: "From a page of another site",
    404: "There is no such thing",
    405: "This server only reads",
    409: "It is over, or the Idempotency-Key was used with another request",
    410: "The journal no longer has what comes next",
    413: "More than 64 KiB",
    415: "No Content-Type: application/json",
    421: "The Host is not served here",
    422: "Values that break rules, each with field, value and rule",
    429: "Too many of them: ask again after Retry-After",
    502: "The exchange refuses our access",
    503: "Not available now",
}


def _shape(hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Decimal:
        return DecimalText
    if hint is float:
        return float | None
    if origin in (Union, types.UnionType):
        shapes = tuple(_shape(argument) for argument in arguments)
        return Union[shapes]  # noqa: UP007 - built from a tuple
    if origin is not None and issubclass(origin, Mapping):
        return dict[str, _shape(arguments[1])]
    if origin is not None and issubclass(origin, Sequence):
        return list[_shape(arguments[0])]
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        return documented(hint)
    if hint in (str, int, bool, datetime, type(None), Any) or (isinstance(hint, type) and issubclass(hint, Enum)):
        return hint
    raise TypeError(f"{hint!r} has no documented JSON form")
