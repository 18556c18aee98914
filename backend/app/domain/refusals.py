"""How the system says no: a value naming the field, the value and the rule.

Expected refusals (risk, validation) travel as Refusal values; InvalidValue carries one where a caller must be
stopped at the door. RefusalClass says what a refused order's owner may do next.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

STORED_MAX = 500


class RefusalClass(StrEnum):
    """What a refusal is about, and so what would help.

    PASSING: the moment (rate, outage, clock, a price band): the same again later, as a new order. STANDING: the key,
    the account, the instrument, a limit: a person or the market must change something first. WRONG: the request
    itself, which would be refused again.
    """

    PASSING = "passing"
    STANDING = "standing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why something is not done.

    check: which rule set spoke (for example "max_order_value"); field: the input at fault; value: what was given, as
    text; rule: the sentence that the value breaks.
    """

    check: str
    field: str
    value: str
    rule: str

    def __str__(self) -> str:
        return f"{self.field}={self.value}: {self.rule}"


def storable(refusal: Refusal) -> Refusal:
    """The same, in text that every database takes: no lone surrogates, no NUL, no megabytes."""
    return Refusal(*map(_clean, (refusal.check, refusal.field, refusal.value, refusal.rule)))


def _clean(text: str) -> str:
    shown = text[:STORED_MAX].encode("utf-8", "backslashreplace").decode()
    return shown if shown.isprintable() else repr(shown)


class InvalidValue(ValueError):
    """A value that may not pass the door; `refusal` holds field, value and rule. journalled: whoever raised it has
    written it down already."""

    journalled = False

    def __init__(self, field: str, value: object, rule: str, *, check: str = "input") -> None:
        shown = format(value, "f") if isinstance(value, Decimal) else str(value)
        self.refusal = Refusal(check=check, field=field, value=shown[:120], rule=rule)
        super().__init__(str(self.refusal))

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, from process to process, of every subclass; what it was made of is not asked for again."""
        return _as_it_was, (type(self), self.args), self.__dict__

    @classmethod
    def for_first(cls, refusals: Iterable[Refusal]) -> None:
        """Raise for the first of them; nothing when there is none."""
        for first in refusals:
            raise cls(first.field, first.value, first.rule, check=first.check)


def _as_it_was(kind: type[InvalidValue], args: tuple[Any, ...]) -> InvalidValue:
    return kind.__new__(kind, *args)
