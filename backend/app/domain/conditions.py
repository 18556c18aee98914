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
class Condition:
    """It fires at take_profit (the market came the order's way) or at stop_loss (it came against it), whichever is
    there and first reached; which way that is follows from the order's side."""

    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    watched: Watched = Watched.LAST

    @property
    def prices(self) -> tuple[Decimal, ...]:
        """What it waits for, at least one."""
        return tuple(price for price in (self.take_profit, self.stop_loss) if price is not None)

    @property
    def key(self) -> tuple[Decimal, Decimal, str]:
        """For a fixed order of any two."""
        return self.take_profit or Decimal(0), self.stop_loss or Decimal(0), self.watched.value
