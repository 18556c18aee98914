"""Sums that come out the same in any order: wide enough that nothing is rounded before the end.

What is added up in parts, day by day, must be to the last digit what is added up at once.
"""

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

EXACT = Context(prec=500)
"""Digits of a sum of amounts of 40 digits (round_trips.py), however far apart their places are."""


def exact_sums(parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Of amounts by name, likewise."""
    found: dict[str, Decimal] = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = EXACT.add(found.get(name, Decimal(0)), amount)
    return found


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Of amounts, none of its digits rounded off."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
