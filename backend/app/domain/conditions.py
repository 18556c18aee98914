"""What an order waits for that stands at the exchange itself until a price is reached, and only then trades. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Watched(StrEnum):
    """Whose price is compared: what the public trades at, or the exchange's mark or index."""

    LAST = "last"
    MARK = "mark"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Trail:
    """How far behind the best price since it was placed, or since activation was reached: a part of it (ratio, 0.01 is
    1 %), or a difference of prices (spread)."""

    ratio: Decimal | None = None
    spread: Decimal | None = None
    activation: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """It fires at take_profit (the market came the order's way) or at stop_loss (it came against it), whichever is
    there and first reached; which way that is follows from the order's side. With a trail it is neither: it fires when
    the market comes back by that."""

    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    watched: Watched = Watched.LAST
    trail: Trail | None = None

    @property
    def prices(self) -> tuple[Decimal, ...]:
        """What it waits for, at least one; of a trail none is known."""
        return tuple(price for price in (self.take_profit, self.stop_loss) if price is not None)

    def dearest(self, mid: Decimal | None, *, buying: bool) -> Decimal | None:
        """The dearest price at which it may fire. That of a trail is where it would now; a buy's only comes down."""
        trail = self.trail
        if trail is None or mid is None:
            return max(self.prices, default=None)
        return mid + (trail.spread or mid * (trail.ratio or 0)) if buying else mid

    @property
    def key(self) -> tuple[Decimal | str, ...]:
        """For a fixed order of any two, in which one whose activation was reached comes after one that waits for it."""
        trail = self.trail or Trail()
        numbers = (self.take_profit, self.stop_loss, trail.ratio, trail.spread)
        return (*(number or Decimal(0) for number in numbers), -(trail.activation or Decimal(0)), self.watched.value)
