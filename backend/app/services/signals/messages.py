"""A message as JSON, read strictly: what a file or a subject holds, and what an alert does."""

import json
from decimal import Decimal
from typing import Any

from app.domain.money import exact
from app.domain.refusals import InvalidValue

BYTES_MAX = 64 * 1024


def read_json(raw: bytes, *, exact_numbers: bool = False) -> dict[str, Any]:
    """A JSON object, strictly: UTF-8, no repeated key, no NaN, of bounded size and depth. exact_numbers: numbers with a
    fraction as the decimals that their digits say, for tools that write money so. Raises InvalidValue that shows
    nothing of it."""
    if len(raw) > BYTES_MAX:
        raise InvalidValue("body", f"{len(raw)} bytes", f"must have at most {BYTES_MAX}")
    try:
        found = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_float=_decimal if exact_numbers else None,
        )
    except UnicodeDecodeError:
        raise InvalidValue("body", f"{len(raw)} bytes", "must be UTF-8") from None
    except RecursionError:
        raise InvalidValue("body", f"{len(raw)} bytes", "must not be nested so deeply") from None
    except InvalidValue:
        raise
    except json.JSONDecodeError as error:
        rule = f"must be JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise InvalidValue("body", f"{len(raw)} bytes", rule) from None
    except ValueError:  # a number of more digits than int() takes
        raise InvalidValue("body", f"{len(raw)} bytes", "must hold numbers of a reasonable length") from None
    if not isinstance(found, dict):
        raise InvalidValue("body", type(found).__name__, "must be a JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidValue("body", "a key", "must not come twice in an object")
        found[key] = value
    return found


def _no_constant(text: str) -> float:
    raise InvalidValue("body", text, "must hold finite numbers alone")


def _decimal(text: str) -> Decimal:
    return exact("body", text)
