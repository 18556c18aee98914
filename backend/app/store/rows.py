"""The rows that every order writes, and what is read from them; their columns are said in app.models.

An order's request is written once, in columns of its own; what changes stands in `facts`, exactly, as JSON, and in
readable columns for people and queries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.domain import positions
from app.domain.holdings import Book, Cause, Entry
from app.domain.orders import Fill, Order, OrderRequest, PositionKey
from app.domain.parents import ParentOrder as Parent
from app.domain.positions import FillOrder, PositionFold, anchored
from app.models.columns import RowType
from app.models.holdings import HoldingBook, HoldingEntry
from app.models.order_facts import order_from_facts
from app.models.parents import PARAM_FIELDS, STATE_FIELDS, ParentOrder, ParentStep, read_parts
from app.models.tca import TcaFill, TcaWindow
from app.models.trading import BalanceRow, FeePayment, Position, StrategyHolding, Trade
from app.models.trading import Order as OrderRow

ORDER = RowType(OrderRow, "order", "intent_hash", "risk_decision")
TRADE = RowType(Trade, "order", "fill", "recorded_ns")
FEE = RowType(FeePayment, "account", "fill", "recorded_ns")
POSITION = RowType(Position, "account", "key", "fold", "instrument", "event_seq", "now_ns")
BALANCE = RowType(BalanceRow, "account", "currency", "total", "venue_total", "updated_ns")
STRATEGY_SIZE = RowType(StrategyHolding, "account", "strategy_id", "key", "size")
BOOK = RowType(HoldingBook, "account", "asset", "name", "book")
PARENT = RowType(ParentOrder, "parent", "next_step")
STEP = RowType(ParentStep, "parent_id", "step", "act", "order", "decided_ns")
TCA_WINDOW = RowType(TcaWindow, "account", "window", "seen", "is_open")
TCA_FILL = RowType(TcaFill, "account", "watched", "is_open")
ENTRY = RowType(HoldingEntry, "account", "number", "seq", "entry")


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order's first row: with the decision and the hash that its intent rests on."""

    order: Order
    intent_hash: str
    risk_decision: str | None = None


ORDER_LOADED = (*ORDER.of("order.request"), "facts")
"""The columns that order_from_row reads."""

_request = ORDER.loader(OrderRequest, "order.request")
_fill = TRADE.loader(Fill, "fill", "fee", "fee_currency")
_cause = ENTRY.loader(Cause, "entry.cause")
_entry = ENTRY.loader(Entry, "entry", "cause")
_parent = PARENT.loader(Parent, "parent", "reason", *PARAM_FIELDS, *STATE_FIELDS)
_position = POSITION.loader(positions.Position, "fold.position", "instrument_id", "side", "mode", "last_fill_ns")

book_from_row = BOOK.loader(Book, "book")


def order_from_row(row: Mapping[str, Any], fills: Sequence[Fill]) -> Order:
    """The order as it was written, with its fills."""
    return order_from_facts(_request(row), row["facts"], fills)


def fill_from_row(row: Mapping[str, Any]) -> Fill:
    """A Fill from a row of trades joined with fees (fee_amount, fee_currency may be None)."""
    return _fill(row, fee=row["fee_amount"], fee_currency=row["fee_currency"] or "")


def entry_from_row(row: Mapping[str, Any]) -> Entry:
    return _entry(row, cause=_cause(row))


def parent_from_row(row: Mapping[str, Any]) -> Parent:
    return _parent(row, reason=row["reason"] or "", **read_parts(row["params"], row["state"]))


def fold_from_row(row: Mapping[str, Any], key: PositionKey) -> PositionFold:
    last = None if row["last_fill_order"] is None else msgspec.json.decode(row["last_fill_order"], type=FillOrder)
    position = _position(
        row, instrument_id=key.instrument_id, side=key.side, mode=key.mode, last_fill_ns=last[0] if last else 0
    )
    return anchored(position, last)
