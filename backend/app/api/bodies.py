"""Request bodies: one table of fields each, from which both the reading and the OpenAPI schema come.

JSON is read strictly: no unknown and no repeated key, and no JSON float where money stands, because 0.1 is not exact
in binary. Every value at fault is named, not just the first.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_of
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.api.errors import Problem, invalid
from app.domain.money import exact, positive
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.reports.window import FIRST_INSTANT, LAST_INSTANT

TEXT_MAX = 64
REASON_MAX = 500
INTEGER_DIGITS_MAX = 64

Reader = Callable[[str, Any], Any]
Schema = Mapping[str, Any]

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:")
_REQUIRED: Any = object()


class JsonFloat(str):
    """A JSON number with a fraction, an exponent or no finite value, exactly as it was written."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class BodyField:
    """One key of a body. read(name, value) gives the value or raises InvalidValue. default: of a key not given."""

    name: str
    read: Reader
    schema: Schema
    default: Any = _REQUIRED

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object of these fields. examples: by title, for the OpenAPI page. rules: what the schema says of several
    fields together. bare: its route takes a request without a body and its type."""

    name: str
    fields: Sequence[BodyField]
    examples: Mapping[str, Mapping[str, Any]]
    rules: Schema = made_of(default_factory=dict[str, Any])
    bare: bool = False

    def read(self, raw: bytes) -> dict[str, Any]:
        """Every field's value. Raises Problem: 400 for what is no JSON object, 422 naming each value at fault."""
        given = read_object(raw or b"{}")
        known = {field.name: field for field in self.fields}
        errors = [
            Refusal("input", key, _shown(value), f"unknown key; known are {', '.join(known)}")
            for key, value in given.items()
            if key not in known
        ]
        values: dict[str, Any] = {}
        for field in self.fields:
            if field.name not in given:
                if field.required:
                    errors.append(Refusal("input", field.name, "missing", "is required"))
                values[field.name] = None if field.required else field.default
                continue
            try:
                values[field.name] = field.read(field.name, given[field.name])
            except InvalidValue as error:
                errors.append(error.refusal)
        if errors:
            raise invalid(errors)
        return values

    def openapi(self) -> dict[str, Any]:
        """The operation's requestBody."""
        schema = {
            "type": "object",
            "title": self.name,
            "additionalProperties": False,
            "properties": {field.name: dict(field.schema) for field in self.fields},
            "required": [field.name for field in self.fields if field.required],
        }
        if not schema["required"]:
            del schema["required"]
        examples = {title: {"value": dict(example)} for title, example in self.examples.items()}
        schema |= self.rules
        content = {"application/json": {"schema": schema, "examples": examples}}
        return {"requestBody": {"required": not self.bare, "content": content}}


def read_object(raw: bytes) -> dict[str, Any]:
    """A JSON object with its floats as JsonFloat. Raises Problem 400 for anything else."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_float=JsonFloat,
            parse_constant=JsonFloat,
            parse_int=_integer,
            object_pairs_hook=_without_repeats,
        )
    except UnicodeDecodeError:
        raise Problem(400, "the body is not UTF-8", kind="malformed-json") from None
    except json.JSONDecodeError as error:
        detail = f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise Problem(400, detail, kind="malformed-json") from None
    except RecursionError:
        raise Problem(400, "the body is nested too deeply", kind="malformed-json") from None
    if not isinstance(value, dict):
        raise Problem(400, "the body must be a JSON object", kind="malformed-json")
    return value


# --- readers of single values ---


def text(name: str, value: Any, *, most: int = TEXT_MAX) -> str:
    """Printable text."""
    if isinstance(value, JsonFloat) or not isinstance(value, str):
        raise InvalidValue(name, _shown(value), "must be text")
    if not value or len(value) > most or not value.isprintable():
        raise InvalidValue(name, value, f"must be printable text of 1 to {most} characters")
    return value


def reason(name: str, value: Any) -> str:
    return text(name, value, most=REASON_MAX)


def optional(read: Reader) -> Reader:
    """null is taken as not given."""

    def reading(name: str, value: Any) -> Any:
        return None if value is None else read(name, value)

    return reading


def amount(name: str, value: Any) -> Decimal:
    """A positive decimal, as text or as a JSON integer."""
    if isinstance(value, JsonFloat):
        raise InvalidValue(name, str(value), 'must be a decimal in quotes, such as "0.001": a JSON float is not exact')
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InvalidValue(name, _shown(value), 'must be a decimal in quotes, such as "0.001"')
    return positive(name, value)


def signed(name: str, value: Any) -> Decimal:
    """A decimal of either sign, as text or as a JSON integer."""
    if isinstance(value, (JsonFloat, bool)) or not isinstance(value, (str, int)):
        raise InvalidValue(name, _shown(value), 'must be a decimal in quotes, such as "-0.001"')
    return exact(name, value)


def fraction(name: str, value: Any) -> float:
    """A number from 0 to 1, no money: a JSON number, with a fraction too."""
    if isinstance(value, (JsonFloat, int)) and not isinstance(value, bool):
        number = exact(name, str(value))
        if 0 <= number <= 1:
            return float(number)
    raise InvalidValue(name, _shown(value), "must be a number from 0 to 1")


def scalars(name: str, value: Any) -> dict[str, Any]:
    """An object of texts, numbers, true, false and null, none of them money."""
    if not isinstance(value, dict):
        raise InvalidValue(name, _shown(value), "must be an object")
    return {key: float(item) if isinstance(item, JsonFloat) else item for key, item in value.items()}


def moment(name: str, value: Any) -> datetime:
    """An ISO 8601 instant with its zone."""
    said = text(name, value)
    try:
        found = datetime.fromisoformat(said) if _INSTANT.match(said) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not FIRST_INSTANT <= found < LAST_INSTANT:
        rule = "must be an ISO 8601 instant with its zone from 1970 to 2261, such as 2026-01-31T14:30:00Z"
        raise InvalidValue(name, said, rule)
    return found


def words(name: str, value: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list):
        raise InvalidValue(name, _shown(value), "must be a list of words")
    return [text(f"{name}[{place}]", each) for place, each in enumerate(value)]


def truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(name, _shown(value), "must be true or false")
    return value


def one_of(choices: Sequence[str]) -> Reader:
    def reading(name: str, value: Any) -> str:
        if isinstance(value, JsonFloat) or not isinstance(value, str) or value.lower() not in choices:
            raise InvalidValue(name, _shown(value), f"must be one of {', '.join(choices)}")
        return value.lower()

    return reading


def configuration(name: str, value: Any) -> dict[str, Any]:
    """An object of settings: its floats become the decimals that they show; the strategy checks its keys."""
    if not isinstance(value, dict):
        raise InvalidValue(name, _shown(value), "must be an object")
    return {key: _setting(f"{name}.{key}", item) for key, item in value.items()}


def _setting(name: str, value: Any) -> Any:
    if isinstance(value, JsonFloat):
        return exact(name, str(value))
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, list):
        return [_setting(name, item) for item in value]
    raise InvalidValue(name, _shown(value), "must be a number, text, true, false, null or a list of them")


def _integer(digits: str) -> int | JsonFloat:
    return int(digits) if len(digits) <= INTEGER_DIGITS_MAX else JsonFloat(digits)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Problem(400, f"the key {key[:TEXT_MAX]!r} comes twice", kind="malformed-json")
        found[key] = value
    return found


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
