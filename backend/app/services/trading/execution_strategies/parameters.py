"""What the strategies may be told, for programs and for people, from what each of them declares (config.py)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.domain.money import plain
from app.services.trading.execution_strategies.base import ExecutionStrategy
from app.services.trading.execution_strategies.config import Declared, Kind, StrategyConfig, declarations


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key of a strategy's configuration. kind: of JSON. default: as JSON has it, numbers as text. allowed: range or
    values, in words. amendable: of a parent that has begun."""

    name: str
    kind: str
    unit: str
    default: Any
    allowed: str
    help: str
    amendable: bool = True


def parameters(strategy: type[ExecutionStrategy]) -> tuple[Parameter, ...]:
    """Its own ones first, then those that every strategy has."""
    known = declarations(strategy.Config)
    shared = [name for name in declarations(StrategyConfig) if known[name] == declarations(StrategyConfig)[name]]
    names = [name for name in known if name not in shared] + shared
    return tuple(_parameter(name, *known[name]) for name in names)


def summary(strategy: type[ExecutionStrategy]) -> str:
    """What it is, in a few words: the first sentence of its class."""
    first = " ".join((strategy.__doc__ or "").split()).partition(". ")[0]
    return first.removesuffix(".")


def json_schema(strategy: type[ExecutionStrategy]) -> dict[str, Any]:
    """Its configuration as a JSON schema: every number may be text too, as floats are not exact."""
    properties = {name: _schema(*declared) for name, declared in declarations(strategy.Config).items()}
    return {"type": "object", "title": strategy.name, "additionalProperties": False, "properties": properties}


def table(strategies: Mapping[str, type[ExecutionStrategy]]) -> str:
    """The table of docs/execution.md: what every strategy has stands first, and is not repeated."""
    shared = declarations(StrategyConfig)
    lines = ["| strategy | key | default | unit | allowed | meaning |", "|---|---|---|---|---|---|"]
    lines += _rows("all", (_parameter(name, *declared) for name, declared in shared.items()))
    for strategy in strategies.values():
        own = [
            each for each in parameters(strategy) if declarations(strategy.Config)[each.name] != shared.get(each.name)
        ]
        lines += _rows(f"`{strategy.name}`", own)
    return "\n".join(lines)


def _rows(title: str, wanted: Iterable[Parameter]) -> list[str]:
    rows: list[str] = []
    for each in wanted:
        help = each.help if each.amendable else f"{each.help}; cannot be amended"
        cells = (f"`{each.name}`", shown(each.default), each.unit, each.allowed, help)
        rows.append(f"| {' | '.join((title if not rows else '', *cells))} |")
    return rows


def shown(value: Any) -> str:
    """A default as people read it."""
    if value is None or value == []:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parameter(name: str, declared: Declared, default: Any) -> Parameter:
    unit = declared.unit.value
    allowed = _allowed(declared)
    return Parameter(name, declared.kind.value, unit, _json(default), allowed, declared.help, declared.amendable)


def _allowed(declared: Declared) -> str:
    if declared.values:
        return ", ".join(declared.values)
    bounds = (("above", declared.above), ("at least", declared.at_least), ("at most", declared.at_most))
    return ", ".join(f"{word} {plain(bound)}" for word, bound in bounds if bound is not None)


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _schema(declared: Declared, default: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"default": _json(default), "description": _described(declared)}
    if declared.kind is Kind.CHOICE:
        one = {"type": "string", "enum": list(declared.values)}
        return {"anyOf": [one, {"type": "null"}], **shown} if declared.optional else {**one, **shown}
    if declared.kind is Kind.FLAG:
        return {"type": "boolean", **shown}
    bounds = {
        name: int(bound) if bound == int(bound) else float(plain(bound))  # house: floats - a schema's bound, for show
        for name, bound in (
            ("exclusiveMinimum", declared.above),
            ("minimum", declared.at_least),
            ("maximum", declared.at_most),
        )
        if bound is not None
    }
    one = {"anyOf": [{"type": "number", **bounds}, {"type": "string"}]}
    if declared.kind is Kind.INTEGER:
        one = {"type": "integer", **bounds}
    if declared.kind is Kind.NUMBERS:
        return {"type": "array", "items": one, **shown}
    if declared.optional:
        one = {"anyOf": [*one["anyOf"], {"type": "null"}]} if "anyOf" in one else {"anyOf": [one, {"type": "null"}]}
    return {**one, **shown}


def _described(declared: Declared) -> str:
    unit = f" ({declared.unit.value})" if declared.unit else ""
    fixed = "" if declared.amendable else " It cannot be amended."
    return f"{declared.help[:1].upper()}{declared.help[1:]}{unit}.{fixed}"
