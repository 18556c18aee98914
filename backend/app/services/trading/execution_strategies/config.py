"""Configuration of execution strategies: what every one of them knows, and how parameters are declared
(domain/parameters.py). The canonical text of a configuration is what a parent order's row keeps; from the declarations
comes the table in docs/execution.md.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.parameters import (
    CHECK,
    Declared,
    Kind,
    Parameters,
    Unit,
    canonical,
    choice,
    declarations,
    flag,
    member,
    number,
    numbers,
    parse,
)
from app.domain.parents import OnRestart

__all__ = [
    "CHECK",
    "ClippedConfig",
    "Declared",
    "Kind",
    "StrategyConfig",
    "Unit",
    "canonical",
    "choice",
    "declarations",
    "flag",
    "member",
    "number",
    "numbers",
    "parse",
    "seconds_ns",
]

NS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True)
class StrategyConfig(Parameters):
    """What every strategy knows. Parameters are declared as number(), flag() and the like."""

    max_slippage_pct: Decimal = number(
        "0.01", "a crossing child goes at most so far beyond the far touch", Unit.FRACTION, at_least="0", at_most="0.5"
    )
    max_book_age: Decimal = number("2", "an older book gives no price any more", Unit.SECONDS, above="0", at_most="60")
    on_restart: OnRestart = member(OnRestart.RESUME, "what becomes of it when the process ended and starts again")  # noqa: RUF009 (a dataclass field)


@dataclass(frozen=True)
class ClippedConfig(StrategyConfig):
    """Of strategies that cut what they are to do into children of their own choice."""

    min_clip: Decimal | None = number(
        None, "no child is smaller, but for the last of what is left", Unit.SIZE, above="0"
    )
    max_clip: Decimal | None = number(None, "no child is larger", Unit.SIZE, above="0")


def seconds_ns(seconds: Decimal) -> int:
    """Nanoseconds, rounded down."""
    return int(seconds * NS_PER_SECOND)
