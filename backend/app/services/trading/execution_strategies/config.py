"""Configuration of execution strategies: each parameter is declared once, with its kind and range, and parsed once.

Unknown keys are refused, floats become the decimals that a person reads in them, and the canonical text of a
configuration is what a parent order's row keeps.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, TypeVar

from app.domain.money import exact, from_config, plain
from app.domain.parents import OnRestart
from app.domain.refusals import InvalidValue

NS_PER_SECOND = 1_000_000_000
CHECK = "execution_strategy"
C = TypeVar("C", bound="StrategyConfig")


def number(
    default: str | None,
    *,
    above: str | None = None,
    at_least: str | None = None,
    at_most: str | None = None,
    whole: bool = False,
) -> Any:
    """A Decimal parameter (int when whole). default None: optional, and None means none."""
    value = None if default is None else (int(default) if whole else Decimal(default))
    bounds = {"above": above, "at_least": at_least, "at_most": at_most}
    limits = {name: Decimal(bound) for name, bound in bounds.items() if bound is not None}
    return field(default=value, metadata={"kind": "number", "whole": whole, "optional": default is None, **limits})


def numbers(*, at_least: str, lengths: tuple[int, ...]) -> Any:
    """A list of Decimals, empty by default, else of one of these lengths."""
    limits = {"at_least": Decimal(at_least), "whole": False, "optional": False}
    return field(default=(), metadata={"kind": "numbers", "lengths": lengths, **limits})


def flag(default: bool) -> Any:
    return field(default=default, metadata={"kind": "flag"})


def member(default: Any) -> Any:
    """A member of default's StrEnum, given as such or as its text."""
    return field(default=default, metadata={"kind": "choice", "values": type(default)})


@dataclass(frozen=True)
class StrategyConfig:
    """What every strategy knows.

    max_slippage_pct: a crossing order goes at most this fraction beyond the far touch (0.01 is 1 %). max_book_age:
    seconds after which a book gives no price any more. on_restart: resume or cancel.
    """

    max_slippage_pct: Decimal = number("0.01", at_least="0", at_most="0.5")
    max_book_age: Decimal = number("2", above="0", at_most="60")
    on_restart: OnRestart = member(OnRestart.RESUME)  # noqa: RUF009 (a dataclass field, as number() and flag() make)


def parse(cls: type[C], config: Mapping[str, object] | C | None) -> C:
    """The validated configuration; raises InvalidValue naming key, value and rule."""
    if isinstance(config, cls):
        return config
    given: Mapping[str, object] = {} if config is None else config  # type: ignore[assignment]
    if not isinstance(given, Mapping):
        raise InvalidValue("config", repr(config), f"must be a mapping or {cls.__name__}", check=CHECK)
    declared = {parameter.name: parameter.metadata for parameter in fields(cls)}
    for key, value in given.items():
        if key not in declared:
            raise InvalidValue(str(key), repr(value), f"unknown key; known are {', '.join(declared)}", check=CHECK)
    values: dict[str, Any] = {key: _parse_value(key, value, declared[key]) for key, value in given.items()}
    return cls(**values)


def canonical(config: StrategyConfig) -> str:
    """JSON with sorted keys, decimals as plain text: equal configurations give equal text, and parse reads it back."""
    values = {parameter.name: _shown(getattr(config, parameter.name)) for parameter in fields(config)}
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def seconds_ns(seconds: Decimal) -> int:
    """Nanoseconds, rounded down."""
    return int(seconds * NS_PER_SECOND)


def _shown(value: object) -> object:
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    return plain(value) if isinstance(value, Decimal) else value


def _parse_value(key: str, value: object, declared: Mapping[str, Any]) -> object:
    if declared["kind"] == "flag":
        if not isinstance(value, bool):
            raise InvalidValue(key, repr(value), "must be True or False", check=CHECK)
        return value
    if declared["kind"] == "choice":
        if value not in list(declared["values"]):
            raise InvalidValue(key, repr(value), f"must be one of {', '.join(declared['values'])}", check=CHECK)
        return declared["values"](value)
    if declared["kind"] == "numbers":
        return _parse_numbers(key, value, declared)
    return _parse_number(key, value, declared)


def _parse_numbers(key: str, value: object, declared: Mapping[str, Any]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise InvalidValue(key, repr(value), "must be a list of numbers", check=CHECK)
    if value and len(value) not in declared["lengths"]:
        lengths = " or ".join(map(str, declared["lengths"]))
        raise InvalidValue(key, f"{len(value)} numbers", f"must be none, or {lengths} of them", check=CHECK)
    return tuple(_parse_number(f"{key}[{number}]", each, declared) for number, each in enumerate(value))


def _parse_number(key: str, value: object, declared: Mapping[str, Any]) -> Decimal | int | None:
    if value is None and declared["optional"]:
        return None
    parsed = exact(key, from_config(key, value))
    if "above" in declared and parsed <= declared["above"]:
        raise InvalidValue(key, plain(parsed), f"must be above {declared['above']}", check=CHECK)
    if "at_least" in declared and parsed < declared["at_least"]:
        raise InvalidValue(key, plain(parsed), f"must be at least {declared['at_least']}", check=CHECK)
    if "at_most" in declared and parsed > declared["at_most"]:
        raise InvalidValue(key, plain(parsed), f"must be at most {declared['at_most']}", check=CHECK)
    if not declared["whole"]:
        return parsed
    if parsed % 1:
        raise InvalidValue(key, plain(parsed), "must be a whole number", check=CHECK)
    return int(parsed)
