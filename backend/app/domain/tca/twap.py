"""The market's time-weighted average price: the time integral of the mid, which holds until the next one."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class MidIntegral:
    """area: sum of mid * nanoseconds; seen_ns: for how long there was a mid. Not the mean of the ticks."""

    area: Decimal = ZERO
    seen_ns: int = 0

    def held(self, mid: Decimal | None, for_ns: int) -> "MidIntegral":
        """The mid stood so for so long; None: there was none, and that time does not count."""
        if mid is None or for_ns <= 0:
            return self
        return MidIntegral(self.area + mid * for_ns, self.seen_ns + for_ns)

    @property
    def average(self) -> Decimal | None:
        """The TWAP; None where no mid was seen."""
        return self.area / self.seen_ns if self.seen_ns else None


NOTHING_SEEN = MidIntegral()
