"""How the costs of many orders are spread: quantiles in a memory that does not grow with the number of orders."""

import math
from decimal import ROUND_HALF_EVEN, Decimal

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
DIGITS = 3
"""What is larger is counted to so many digits, so that the counts stay few."""


class Distribution:
    """Counts values by the nearest multiple of `unit`; from 1,000 units on by their first three digits."""

    def __init__(self, unit: Decimal) -> None:
        self.n = 0
        self._unit = unit
        self._counts: dict[int, int] = {}

    def add(self, value: Decimal) -> None:
        units = int((value / self._unit).to_integral_value(rounding=ROUND_HALF_EVEN))
        units = round(units, min(0, DIGITS - len(str(abs(units)))))
        self._counts[units] = self._counts.get(units, 0) + 1
        self.n += 1

    def quantiles(self, shares: tuple[float, ...] = QUANTILES) -> list[Decimal]:
        """By nearest rank, each to the precision that it was counted with; none of nothing."""
        found: list[Decimal] = []
        passed = 0
        for units, count in sorted(self._counts.items()):
            passed += count
            while len(found) < len(shares) and passed >= math.ceil(shares[len(found)] * self.n):
                found.append(units * self._unit)
        return found
