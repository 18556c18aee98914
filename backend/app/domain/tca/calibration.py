"""How well an estimate told beforehand what came: came = intercept + slope * estimate, by least squares."""

from dataclasses import dataclass
from decimal import Decimal

ORDERS_MIN = 20


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of n orders, each counted once, in basis points. slope: 1 and intercept: 0 is an estimate that is right on the
    whole; a slope above 1 tells too little of what is dear. None where there is none, and why says why."""

    estimate: str
    n: int
    slope: float | None
    intercept: float | None
    why: str


class Calibrating:
    """Adds up order by order, about the running means, so that it takes no memory and loses no digits."""

    def __init__(self, estimate: str) -> None:
        self._estimate = estimate
        self._n, self._x, self._y, self._xx, self._xy = 0, 0.0, 0.0, 0.0, 0.0

    def add(self, told: Decimal, came: Decimal) -> None:
        """One order: what was told beforehand, and what came."""
        x, y = float(told), float(came)
        self._n += 1
        apart = x - self._x
        self._x += apart / self._n
        self._y += (y - self._y) / self._n
        self._xx += apart * (x - self._x)
        self._xy += apart * (y - self._y)

    def told(self) -> Calibration | None:
        """None of nothing."""
        if not self._n:
            return None
        if self._n < ORDERS_MIN:
            return Calibration(self._estimate, self._n, None, None, f"too few orders: {self._n}, it takes {ORDERS_MIN}")
        if self._xx <= 0:
            return Calibration(self._estimate, self._n, None, None, "the estimate was the same every time")
        slope = self._xy / self._xx
        return Calibration(self._estimate, self._n, slope, self._y - slope * self._x, "")
