"""When an order was decided, and at which price: what its cost counts from."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Decision:
    """at_ns: when, by the word of whoever asked, or when the signal came. price: theirs; None where they said none, and
    what the market was then is what somebody saw of it, or not known."""

    at_ns: int
    price: Decimal | None = None
