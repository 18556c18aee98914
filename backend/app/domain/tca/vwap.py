"""The market's volume-weighted average price over a window, with and without our own prints."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class Traded:
    """What traded. size: in the instrument's unit. other: sum of size * price; for an inverse contract sum of
    size / price, so that the average is that of the coins."""

    size: Decimal = ZERO
    other: Decimal = ZERO

    def without(self, own: "Traded") -> "Traded | None":
        """What others traded; None when the tape holds less than we did: it missed something."""
        if own.size > self.size or own.other > self.other:
            return None
        return Traded(self.size - own.size, self.other - own.other)


def vwap(traded: Traded | None, *, inverse: bool) -> Decimal | None:
    """The average price; None where nothing traded."""
    if traded is None or not traded.size or not traded.other:
        return None
    return traded.size / traded.other if inverse else traded.other / traded.size
