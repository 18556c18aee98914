"""Frozen values, fast: made in one step, and changed copies of them, which every fold takes many times an order.

dataclass's own __init__ and dataclasses.replace set each field by itself through the frozen check, several times as
slow.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, dataclass
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

_new, _set = object.__new__, object.__setattr__


@dataclass_transform(frozen_default=True)
def frozen(kind: type[T]) -> type[T]:
    """dataclass(frozen=True), for what every order makes some of. Without slots and __post_init__."""
    made: Any = dataclass(frozen=True)(kind)
    slow, made.__init__ = made.__init__, _init(dataclasses.fields(made))
    for name in ("__name__", "__qualname__", "__annotations__"):
        setattr(made.__init__, name, getattr(slow, name))
    return made


def evolve(value: T, **changes: object) -> T:
    """A copy of a dataclass instance (one without slots) with some fields changed.

    Raises TypeError for a name that is no field. __post_init__ is not run.
    """
    fields = value.__dict__
    changed = fields | changes
    if len(changed) != len(fields):
        raise TypeError(f"{type(value).__name__} has no field {', '.join(sorted(changes.keys() - fields.keys()))}")
    copy = _new(value.__class__)
    _set(copy, "__dict__", changed)
    return copy


def _init(fields: Sequence[Field[Any]]) -> Callable[..., None]:
    """An __init__ of these fields that puts them all at once."""
    names: dict[str, Any] = {"_set": _set, "_unset": MISSING}
    positional, by_name, values = list[str](), list[str](), list[str]()
    for field in fields:
        name, parameter, value = field.name, field.name, field.name
        if field.default_factory is not MISSING:
            names[f"_make_{name}"] = field.default_factory
            parameter, value = f"{name}=_unset", f"_make_{name}() if {name} is _unset else {name}"
        elif field.default is not MISSING:
            names[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
        (by_name if field.kw_only else positional).append(parameter)
        values.append(f"{name!r}: {value}")
    parameters = ", ".join(["self", *positional, *(["*", *by_name] if by_name else [])])
    source = f"lambda {parameters}: _set(self, '__dict__', {{{', '.join(values)}}})"
    return eval(source, {"__builtins__": {}, **names})  # noqa: S307  the text is made of our own fields
