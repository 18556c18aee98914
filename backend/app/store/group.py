"""What one transaction writes: the rows and events of all turns that were taken while the last commit ran.

Rows of one order or one position are coalesced: only their last state in the group is written. Events never are.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.domain.events import Event
from app.domain.holdings import Book, Entry
from app.domain.instruments import Instrument
from app.domain.orders import Fill, Order, PositionKey
from app.domain.positions import PositionFold
from app.models.columns import Values
from app.store.rows import NewOrder

StrategyKey = tuple[str, PositionKey]
"""(strategy id, position): one book of a strategy."""


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row of one of the rarely written tables. replace: take the place of a row with the same key. remove: delete the
    one row that has these values. change: give the row with the same key, which come last, these values."""

    table: str
    values: dict[str, Any]
    replace: bool = False
    remove: bool = False
    change: bool = False


@dataclass(slots=True)
class Group:
    """Everything that is committed together, or not at all.

    fills: (order, fill, recorded_ns). fees: (fill, recorded_ns). positions: (fold, instrument or None for a delisted
    one, event seq, now_ns). balances: currency to (total by the ledger, total by the venue, now_ns). books: by (asset,
    book). entries: (number, event seq, entry). tca_windows, tca_fills: rows. commit_ns: how long the commit took, once
    it is durable.
    """

    new_orders: dict[str, NewOrder] = field(default_factory=dict[str, NewOrder])
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    fills: list[tuple[Order, Fill, int]] = field(default_factory=list[tuple[Order, Fill, int]])
    fees: list[tuple[Fill, int]] = field(default_factory=list[tuple[Fill, int]])
    positions: dict[PositionKey, tuple[PositionFold, Instrument | None, int, int]] = field(
        default_factory=dict[PositionKey, tuple[PositionFold, Instrument | None, int, int]]
    )
    balances: dict[str, tuple[Decimal, Decimal | None, int]] = field(
        default_factory=dict[str, tuple[Decimal, Decimal | None, int]]
    )
    strategy_sizes: dict[StrategyKey, Decimal] = field(default_factory=dict[StrategyKey, Decimal])
    books: dict[tuple[str, str], Book] = field(default_factory=dict[tuple[str, str], Book])
    entries: list[tuple[int, int, Entry]] = field(default_factory=list[tuple[int, int, Entry]])
    events: list[Event] = field(default_factory=list[Event])
    plain: list[PlainRow] = field(default_factory=list[PlainRow])
    tca_windows: list[Values] = field(default_factory=list[Values])
    tca_fills: list[Values] = field(default_factory=list[Values])
    turns: int = 0
    commit_ns: int = 0

    def __bool__(self) -> bool:
        return bool(self.turns)
