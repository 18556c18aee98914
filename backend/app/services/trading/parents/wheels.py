"""Algo wheels: the executions of one strategy label, each assigned at random to one of several ways of working it, so
that what these cost can be compared (docs/execution.md).

    [wheels.mean-reversion.patient]       the label, a strategy_id, and the name of an arm
    strategy = "twap"
    weight = 2                            against those of the other arms; 1 unless said
    config = { duration = 1800 }

Which arm it is comes of the parent's id alone, which a key makes for ever, and stands in the parent's row before
anything is done: no crash, and nobody who asks again, draws a second time.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.money import from_config, plain
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy
from app.services.trading.execution_strategies.wheel import WHEEL

ARMS_MAX = 10
WEIGHT_MAX = Decimal(1_000_000)
DRAW_BITS = 256
_LABEL_MAX = 64
_ARM = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_KEYS = ("strategy", "weight", "config")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of working an order."""

    name: str
    strategy: str
    config: Mapping[str, Any]
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Wheel:
    """Of one strategy label."""

    label: str
    arms: tuple[Arm, ...]

    @classmethod
    def of(cls, label: str, said: object) -> "Wheel":
        """From the settings. Raises InvalidValue naming the key at fault."""
        at = f"wheels.{label}"
        if not 1 <= len(label) <= _LABEL_MAX or not label.isprintable():
            raise InvalidValue(at, label, f"must be a strategy_id: printable text of 1 to {_LABEL_MAX} characters")
        arms = tuple(_arm(f"{at}.{name}", name, each) for name, each in _table(at, said).items())
        if not 2 <= len(arms) <= ARMS_MAX:
            raise InvalidValue(at, f"{len(arms)} arms", f"must have 2 to {ARMS_MAX}")
        return cls(label, arms)

    def drawn(self, parent_id: str) -> Arm:
        """The arm of this parent, with a chance of its weight over the sum of all."""
        digest = hashlib.sha256(f"{WHEEL} {self.label} {parent_id}".encode()).digest()
        left = Decimal(int.from_bytes(digest, "big")) / 2**DRAW_BITS * sum(arm.weight for arm in self.arms)
        for arm in self.arms:
            left -= arm.weight
            if left < 0:
                return arm
        return self.arms[-1]


class Wheels:
    """All of the settings, by label."""

    def __init__(self, said: Mapping[str, object]) -> None:
        self._wheels = {label: Wheel.of(label, each) for label, each in said.items()}

    def wheel(self, label: str | None, config: Mapping[str, object]) -> Wheel:
        """Of a parent that is to be assigned. Raises InvalidValue."""
        if config:
            rule = "goes not with a wheel: each of its arms has its own"
            raise InvalidValue("config", ", ".join(sorted(config)), rule)
        found = None if label is None else self._wheels.get(label)
        if found is None:
            known = ", ".join(self._wheels) or "none"
            rule = f"must be the label of a wheel of the settings ({known}) for an execution to be assigned by"
            raise InvalidValue("strategy_id", "none" if label is None else label, rule)
        return found


def of_arm(arm: Arm, refusals: Iterable[Refusal]) -> list[Refusal]:
    """The same, naming the arm that they are of."""
    return [Refusal(each.check, each.field, each.value, f"{each.rule} (arm {arm.name})") for each in refusals]


def _arm(at: str, name: str, said: object) -> Arm:
    if not _ARM.fullmatch(name):
        raise InvalidValue(at, name, "must be 1 to 32 of a-z, 0-9, '_' and '-'")
    given = _table(at, said)
    for key in given:
        if key not in _KEYS:
            raise InvalidValue(f"{at}.{key}", "given", f"is no setting of an arm; known are {', '.join(_KEYS)}")
    known = {each: strategy for each, strategy in STRATEGIES.items() if _works(strategy)}
    strategy = given.get("strategy")
    if strategy not in known:
        raise InvalidValue(f"{at}.strategy", str(strategy), f"must be one of {', '.join(known)}")
    config = _table(f"{at}.config", given.get("config", {}))
    try:
        known[strategy](None, config)
    except InvalidValue as error:
        raise InvalidValue(f"{at}.config.{error.refusal.field}", error.refusal.value, error.refusal.rule) from None
    weight = from_config(f"{at}.weight", given.get("weight", 1))
    if not 0 < weight <= WEIGHT_MAX:
        raise InvalidValue(f"{at}.weight", plain(weight), f"must be above zero and at most {WEIGHT_MAX}")
    return Arm(name, strategy, config, weight)


def _works(strategy: type[ExecutionStrategy]) -> bool:
    """Whether it works an order: none that waits for a price, gets out, or makes others that do."""
    return not (strategy.conditional or strategy.gets_out or strategy.exits is not ExecutionStrategy.exits)


def _table(field: str, said: object) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise InvalidValue(field, str(said)[:_LABEL_MAX], "must be a table")
    return said
