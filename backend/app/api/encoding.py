"""What leaves as JSON: decimals as plain text, instants as ISO 8601 UTC with Z, NaN as null.

One walk turns the services' values into JSON types; msgspec writes them. Stands between services and responses.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import msgspec
from starlette.responses import Response

from app.domain.money import plain, without_exponent

JSON = "application/json"
PROBLEM = "application/problem+json"

_encoder = msgspec.json.Encoder()


def json_ready(value: Any) -> Any:
    """The value as dicts, lists, text, numbers, booleans and None. Raises TypeError for what has no JSON form."""
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is Decimal:
        return plain(value) if value.is_finite() else None
    if kind is int:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if isinstance(value, Enum):
        return json_ready(value.value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Mapping):
        return {str(json_ready(key)): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [json_ready(item) for item in value]
    if is_dataclass(value):
        return {name: json_ready(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, (str, int)):
        return json_ready(value.__str__() if isinstance(value, str) else int(value))
    raise TypeError(f"{kind.__name__} has no JSON form")


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, microseconds where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def json_response(
    value: Any, status_code: int = 200, headers: Mapping[str, str] | None = None, *, media_type: str = JSON
) -> Response:
    body = _encoder.encode(json_ready(value))
    return Response(body, status_code, dict(headers or {}), media_type)


def plain_text(value: Any) -> Any:
    """JSON read from a row, for showing: decimals stand there as Python writes them, small ones with an exponent."""
    if isinstance(value, str):
        return without_exponent(value)
    if isinstance(value, dict):
        return {key: plain_text(item) for key, item in value.items()}
    return [plain_text(item) for item in value] if isinstance(value, list) else value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _text(value: str) -> str:
    """Lone surrogates, which JSON text from outside may hold, have no UTF-8 form: shown by their escapes."""
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
