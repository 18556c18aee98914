"""Parameters of strategies: each is declared once, with kind, unit, range and a line of help.

    @dataclass(frozen=True)
    class Config(Parameters):
        size: Decimal = number("0.001", "of each entry", Unit.SIZE, above="0")

From the declaration come the parsing, the JSON schema of the API, the command line's help and the tables of the pages.
Unknown keys are refused, floats become the decimals that a person reads in them, and a configuration has one canonical
text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, cast

from app.domain.money import exact, from_config, plain
from app.domain.refusals import InvalidValue

CHECK = "execution_strategy"
C = TypeVar("C", bound="Parameters")


class Kind(StrEnum):
    """What a parameter is, in JSON too."""

    NUMBER = "number"
    INTEGER = "integer"
    NUMBERS = "array"
    FLAG = "boolean"
    CHOICE = "string"


class Unit(StrEnum):
    """What a number counts. FRACTION: 0.01 is 1 %. SIZE: of the instrument, base for spot and contracts for swaps."""

    NONE = ""
    SECONDS = "seconds"
    FRACTION = "fraction"
    SIZE = "size"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class Declared:
    """One parameter as its strategy declares it. above, at_least, at_most: of a number, and of each of a list. values:
    and of: of a choice. lengths: that a list may have beside none. amendable: of a parent that has begun."""

    kind: Kind
    help: str
    unit: Unit = Unit.NONE
    above: Decimal | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    optional: bool = False
    values: tuple[str, ...] = ()
    of: type[StrEnum] | None = None
    lengths: tuple[int, ...] = ()
    amendable: bool = True


def number(
    default: str | None,
    help: str,
    unit: Unit = Unit.NONE,
    *,
    above: str | None = None,
    at_least: str | None = None,
    at_most: str | None = None,
    whole: bool = False,
    amendable: bool = True,
) -> Any:
    """A Decimal parameter (int when whole). default None: optional, and None means none."""
    value = None if default is None else (int(default) if whole else Decimal(default))
    above_, least, most = (None if bound is None else Decimal(bound) for bound in (above, at_least, at_most))
    kind = Kind.INTEGER if whole else Kind.NUMBER
    declared = Declared(kind, help, unit, above_, least, most, optional=default is None, amendable=amendable)
    return _declared(value, declared)


def numbers(help: str, *, at_least: str, lengths: tuple[int, ...]) -> Any:
    """A list of Decimals, empty by default, else of one of these lengths."""
    return _declared((), Declared(Kind.NUMBERS, help, at_least=Decimal(at_least), lengths=lengths))


def flag(default: bool, help: str, *, amendable: bool = True) -> Any:
    return _declared(default, Declared(Kind.FLAG, help, amendable=amendable))


def member(default: StrEnum, help: str, *, amendable: bool = True) -> Any:
    """A member of default's StrEnum, given as such or as its text."""
    kind = type(default)
    return _declared(default, Declared(Kind.CHOICE, help, values=tuple(kind), of=kind, amendable=amendable))


def choice(of: type[StrEnum], help: str) -> Any:
    """As member(), but optional and None by default."""
    return _declared(None, Declared(Kind.CHOICE, help, values=tuple(of), of=of, optional=True))


def _declared(default: Any, declared: Declared) -> Any:
    return field(default=default, metadata={"declared": declared})


@dataclass(frozen=True)
class Parameters:
    """What a configuration is made of: parameters declared as number(), flag() and the like."""


def declarations(cls: type[Parameters]) -> dict[str, tuple[Declared, Any]]:
    """Of each parameter by its name, what is declared of it and its default."""
    found: dict[str, tuple[Declared, Any]] = {}
    for parameter in fields(cls):
        assert parameter.default is not MISSING, "every parameter has a default"
        found[parameter.name] = (parameter.metadata["declared"], parameter.default)
    return found


def parse(cls: type[C], config: Mapping[str, object] | C | None) -> C:
    """The validated configuration; raises InvalidValue naming key, value and rule."""
    if isinstance(config, cls):
        return config
    said: Any = {} if config is None else config
    if not isinstance(said, Mapping):
        raise InvalidValue("config", repr(config), f"must be a mapping or {cls.__name__}", check=CHECK)
    given = cast("Mapping[str, object]", said)
    known = declarations(cls)
    for key, value in given.items():
        if key not in known:
            raise InvalidValue(str(key), repr(value), f"unknown key; known are {', '.join(known)}", check=CHECK)
    values: dict[str, Any] = {key: _parse_value(key, value, known[key][0]) for key, value in given.items()}
    return cls(**values)


def canonical(config: Parameters) -> str:
    """JSON with sorted keys, decimals as plain text: equal configurations give equal text, and parse reads it back."""
    values = {parameter.name: _shown(getattr(config, parameter.name)) for parameter in fields(config)}
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def _shown(value: object) -> object:
    if isinstance(value, tuple):
        return [_shown(each) for each in cast("tuple[object, ...]", value)]
    return plain(value) if isinstance(value, Decimal) else value


def _parse_value(key: str, value: object, declared: Declared) -> object:
    if value is None and declared.optional:
        return None
    if declared.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise InvalidValue(key, repr(value), "must be True or False", check=CHECK)
        return value
    if declared.kind is Kind.CHOICE:
        if value not in declared.values:
            raise InvalidValue(key, repr(value), f"must be one of {', '.join(declared.values)}", check=CHECK)
        assert declared.of is not None  # member() and choice() see to it
        return declared.of(value)
    if declared.kind is Kind.NUMBERS:
        return _parse_numbers(key, value, declared)
    return _parse_number(key, value, declared)


def _parse_numbers(key: str, value: object, declared: Declared) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise InvalidValue(key, repr(value), "must be a list of numbers", check=CHECK)
    given = cast("Sequence[object]", value)
    if given and len(given) not in declared.lengths:
        lengths = " or ".join(map(str, declared.lengths))
        raise InvalidValue(key, f"{len(given)} numbers", f"must be none, or {lengths} of them", check=CHECK)
    return tuple(_parse_number(f"{key}[{place}]", each, declared) for place, each in enumerate(given))


def _parse_number(key: str, value: object, declared: Declared) -> Decimal | int:
    parsed = exact(key, from_config(key, value))
    if declared.above is not None and parsed <= declared.above:
        raise InvalidValue(key, plain(parsed), f"must be above {declared.above}", check=CHECK)
    if declared.at_least is not None and parsed < declared.at_least:
        raise InvalidValue(key, plain(parsed), f"must be at least {declared.at_least}", check=CHECK)
    if declared.at_most is not None and parsed > declared.at_most:
        raise InvalidValue(key, plain(parsed), f"must be at most {declared.at_most}", check=CHECK)
    if declared.kind is not Kind.INTEGER:
        return parsed
    if parsed % 1:
        raise InvalidValue(key, plain(parsed), "must be a whole number", check=CHECK)
    return int(parsed)
