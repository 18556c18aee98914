"""What the fold of fills into round trips (round_trips.py) knows between two fills: what each book holds of each
position, with its open trip. It is all that a fold which goes on later needs of the past.
"""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.performance.fills import ZERO

Place = tuple[str, str, str]
"""(instrument, position side, margin mode): what the exchange keeps as one position."""


@dataclass(slots=True)
class OpenTrip:
    """Entered and exited: size in contracts, then both sides of the average price (quote and base value)."""

    strategy_id: str | None
    opened_ns: int
    opening_key: object
    direction: int
    entered_size: Decimal = ZERO
    entered_quote: Decimal = ZERO
    entered_base: Decimal = ZERO
    exited_quote: Decimal = ZERO
    exited_base: Decimal = ZERO
    gross_profit: Decimal = ZERO
    fees: Decimal = ZERO
    fill_count: int = 0


@dataclass(slots=True)
class Holding:
    """What one book holds of a position: signed size, what it cost in quote and in base, and what it has earned."""

    inverse: bool
    multiplier: Decimal
    size: Decimal = ZERO
    cost_quote: Decimal = ZERO
    cost_base: Decimal = ZERO
    gained: Decimal = ZERO
    gained_value: Decimal = ZERO
    trip: OpenTrip | None = None


Places = dict[Place, dict[str, Holding]]
"""By book; the order is part of the state."""
