"""What the settings say of a strategy of one's own.

[strategies.momentum]
file = "strategies/momentum.py:Momentum"
instruments = ["BTC-USDT"]
budget = 5000                        in the quote currency: what it may have at risk
execution = "twap"                   by which execution strategy its entries are worked
[strategies.momentum.execution_config]
duration = 30
[strategies.momentum.config]
size = "0.001"
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.money import from_config, plain
from app.domain.parameters import parse
from app.domain.refusals import InvalidValue
from app.services.strategies.schedule import Schedule
from app.services.trading.execution_strategies import STRATEGIES
from app.services.trading.execution_strategies.wheel import WHEEL
from app.strategies.base import INSTRUMENTS_MAX
from app.strategies.loading import StrategyFile

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
NO_CONFIG: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """budget, max_order: in the quote currency of an order's instrument; None for no limit of its own. timer_seconds:
    instead of the class's own. handler_seconds: after so long without an answer it is killed. schedule: when it may
    enter; None for always."""

    name: str
    file: StrategyFile
    instruments: tuple[str, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    budget: Decimal | None = None
    max_order: Decimal | None = None
    signals_per_minute: int = 60
    timer_seconds: Decimal | None = None
    handler_seconds: Decimal = Decimal(1)
    schedule: Schedule | None = None
    execution: str | None = None
    execution_config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, said: object, folder: Path | None = None) -> "Declared":
        """From the settings. Raises InvalidValue naming the key at fault."""
        at = f"strategies.{name}"
        if not NAME.fullmatch(name):
            raise InvalidValue(at, name, "must be 1 to 32 of a-z, 0-9, '_' and '-'")
        given = _table(at, said)
        known = [each.name for each in fields(cls) if each.name != "name"]
        for key in given:
            if key not in known:
                rule = f"is no setting of a strategy; known are {', '.join(known)}"
                raise InvalidValue(f"{at}.{key}", "given", rule)
        for key in ("file", "instruments"):
            if key not in given:
                raise InvalidValue(f"{at}.{key}", "missing", "is required")
        amounts = {
            key: _number(f"{at}.{key}", given[key], above="0")
            for key in ("budget", "max_order", "timer_seconds")
            if given.get(key) is not None
        }
        execution = given.get("execution")
        if execution is not None and execution not in (*STRATEGIES, WHEEL):
            raise InvalidValue(f"{at}.execution", execution, f"must be one of {', '.join((*STRATEGIES, WHEEL))}")
        execution_config = _table(f"{at}.execution_config", given.get("execution_config", NO_CONFIG))
        if execution is not None:
            _check_config(f"{at}.execution_config", execution, execution_config)
        elif execution_config:
            raise InvalidValue(f"{at}.execution_config", "given", "is an execution strategy's, and none is named")
        rate = _number(f"{at}.signals_per_minute", given.get("signals_per_minute", 60), above="0", most="6000")
        if rate != int(rate):
            raise InvalidValue(f"{at}.signals_per_minute", plain(rate), "must be a whole number")
        return cls(
            name=name,
            file=StrategyFile.of(f"{at}.file", given["file"], folder),
            instruments=_instruments(f"{at}.instruments", given["instruments"]),
            config=_table(f"{at}.config", given.get("config", NO_CONFIG)),
            **amounts,
            signals_per_minute=int(rate),
            handler_seconds=_number(f"{at}.handler_seconds", given.get("handler_seconds", 1), above="0", most="60"),
            schedule=None if given.get("schedule") is None else Schedule.of(f"{at}.schedule", given["schedule"]),
            execution=execution,
            execution_config=execution_config,
        )

    def config_text(self) -> str:
        return json.dumps(_jsonable(self.config))


def declared(said: Mapping[str, Mapping[str, Any]], folder: Path | None = None) -> dict[str, Declared]:
    """All that the settings name. folder: what relative paths are relative to. Raises InvalidValue."""
    return {name: Declared.of(name, table, folder) for name, table in said.items()}


def _check_config(at: str, execution: str, config: Mapping[str, Any]) -> None:
    """Raises InvalidValue: else its first signal would, when nobody looks."""
    if execution == WHEEL:
        if config:
            raise InvalidValue(at, "given", "goes not with a wheel: each of its arms has its own")
        return
    try:
        parse(STRATEGIES[execution].Config, config)
    except InvalidValue as error:
        refusal = error.refusal
        raise InvalidValue(f"{at}.{refusal.field}", refusal.value, refusal.rule) from None


def _table(field: str, said: object) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise InvalidValue(field, repr(said), "must be a table")
    return said


def _number(field: str, said: object, *, above: str, most: str | None = None) -> Decimal:
    number = from_config(field, said)  # type: ignore[arg-type]
    if number <= Decimal(above):
        raise InvalidValue(field, plain(number), f"must be above {above}")
    if most is not None and number > Decimal(most):
        raise InvalidValue(field, plain(number), f"must be at most {most}")
    return number


def _instruments(field: str, said: object) -> tuple[str, ...]:
    found = tuple(said) if isinstance(said, list | tuple) else ()
    named = all(isinstance(each, str) and each for each in found)
    if not 1 <= len(found) <= INSTRUMENTS_MAX or not named or len(set(found)) != len(found):
        raise InvalidValue(field, said, f"must be a list of 1 to {INSTRUMENTS_MAX} different instrument ids")
    return found


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(each) for each in value]
    if isinstance(value, float):
        return plain(Decimal(repr(value)))  # as a person reads it
    return plain(value) if isinstance(value, Decimal) else value
