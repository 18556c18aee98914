"""What a signal strategy is: it sees events in order and answers each with a Signal or None.

Pure of I/O: time comes from the events, so that the same events always give the same signals. Memory is bounded.
"""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from app.domain.market import PublicTrade
from app.domain.money import from_config
from app.domain.refusals import InvalidValue
from app.market_data.view import BookView
from app.strategies.signals import Signal

INSTRUMENTS_MAX = 100


class SignalStrategy(Protocol):
    """name: also the strategy_id of its orders; instruments: which ones it wants to see."""

    @property
    def name(self) -> str: ...

    @property
    def instruments(self) -> tuple[str, ...]: ...

    def take_over(self, instrument_id: str, held: Decimal) -> None:
        """What the strategy already holds (signed) of one of its instruments when it starts: go on from there."""
        ...

    def on_trade(self, trade: PublicTrade) -> Signal | None: ...

    def on_book(self, view: BookView) -> Signal | None: ...


ConfigT = TypeVar("ConfigT")


def read_config(kind: type[ConfigT], given: Mapping[str, Any]) -> ConfigT:
    """A configuration dataclass from a plain mapping; InvalidValue names a key that it does not know."""
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for key, value in given.items():
        if key not in known:
            raise InvalidValue(str(key), value, f"is no setting; known are {', '.join(known)}", check="config")
    return kind(**given)


def settle_decimals(config: object, **bounds: tuple[str, str]) -> None:
    """For __post_init__ of a frozen configuration: makes the named fields exact Decimals within [low, high].

    Bounds are text; a float in the configuration becomes the decimal that a person reads in it.
    """
    for name, (low, high) in bounds.items():
        number = from_config(name, getattr(config, name))
        if not from_config(name, low) <= number <= from_config(name, high):
            raise InvalidValue(name, number, f"must be from {low} to {high}", check="config")
        object.__setattr__(config, name, number)


def settle_instruments(config: object) -> None:
    """The same for the field `instruments`: one to 100 different ids, as a tuple."""
    given: Any = getattr(config, "instruments")  # noqa: B009
    found = tuple(given) if isinstance(given, (tuple, list)) else ()
    named = all(isinstance(instrument_id, str) and instrument_id for instrument_id in found)
    if not 1 <= len(found) <= INSTRUMENTS_MAX or not named or len(set(found)) != len(found):
        rule = f"must be a list of 1 to {INSTRUMENTS_MAX} different instrument ids"
        raise InvalidValue("instruments", given, rule, check="config")
    object.__setattr__(config, "instruments", found)
