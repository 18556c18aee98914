"""What one transaction writes: the rows and events of all turns that were taken while the last commit ran.

Rows of one order or one position are coalesced: only their last state in the group is written. Events never are.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.events import Event
from app.domain.instruments import Instrument
from app.domain.orders import Fill, Order
from app.domain.positions import PositionFold
from app.store.rows import NewOrder

PositionKey = tuple[str, str]
"""(instrument id, position side)."""


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row of one of the rarely written tables. replace: take the place of a row with the same key."""

    table: str
    values: dict[str, Any]
    replace: bool = False


@dataclass(slots=True)
class Group:
    """Everything that is committed together, or not at all.

    fills: (order, fill, recorded_ns). fees: (fill, recorded_ns). positions: (fold, instrument, event seq, now_ns).
    balances: currency to (total by the ledger, total by the venue, now_ns).
    """

    new_orders: dict[str, NewOrder] = field(default_factory=dict[str, NewOrder])
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    fills: list[tuple[Order, Fill, int]] = field(default_factory=list[tuple[Order, Fill, int]])
    fees: list[tuple[Fill, int]] = field(default_factory=list[tuple[Fill, int]])
    positions: dict[PositionKey, tuple[PositionFold, Instrument, int, int]] = field(
        default_factory=dict[PositionKey, tuple[PositionFold, Instrument, int, int]]
    )
    balances: dict[str, tuple[Decimal, Decimal | None, int]] = field(
        default_factory=dict[str, tuple[Decimal, Decimal | None, int]]
    )
    strategy_sizes: dict[tuple[str, str, str], Decimal] = field(default_factory=dict[tuple[str, str, str], Decimal])
    events: list[Event] = field(default_factory=list[Event])
    plain: list[PlainRow] = field(default_factory=list[PlainRow])
    turns: int = 0

    def __bool__(self) -> bool:
        return bool(self.turns)
