"""What a parent order met when it was accepted: the market of that moment, kept for ever to measure it by.

Pure.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.money import ONE
from app.domain.orders import OrderSide

DEPTH_PCT = Decimal("0.001")
"""How far from the mid the depth counts."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """The book when a parent was accepted: the best of each side. at_ns: our time; venue_ns: of its last change.

    bid_depth, ask_depth: what each side showed within 0.1 % of the mid; None where nobody counted it.
    """

    bid: Decimal
    bid_size: Decimal
    ask: Decimal
    ask_size: Decimal
    at_ns: int
    venue_ns: int
    bid_depth: Decimal | None = None
    ask_depth: Decimal | None = None

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2

    @property
    def microprice(self) -> Decimal:
        """The mid weighted by the opposite queues: nearer to the side that is about to give way."""
        return (self.bid * self.ask_size + self.ask * self.bid_size) / (self.bid_size + self.ask_size)

    def cap(self, side: OrderSide, offset: Decimal) -> Decimal:
        """The price so far beyond the mid for an order of this side, nearer than it when negative."""
        return self.mid * (ONE + side.sign * offset)
