"""All reads of the database, by one name: `from app.store import queries`.

Synchronous; call them from a thread where the event loop must not wait. Everything is read from committed rows.
"""

from app.store.queries_account import (
    BookHistory,
    LoadedState,
    ModelessKey,
    OpenParent,
    book_history,
    fills_of_position,
    find_order,
    load_account,
    opening_of,
    ordered_modes,
)
from app.store.queries_base import PAGE_MAX, BadCursor, Page, Row, page_limit, snapshot
from app.store.queries_history import (
    OrderFilter,
    TradeFilter,
    ValuedIn,
    events,
    iter_trades,
    order_history,
    trades,
    valued_in,
)
from app.store.queries_holdings import booked_history
from app.store.queries_tables import (
    accounts,
    balances,
    booked_bills,
    cash_movements,
    equity_days,
    idempotent,
    kill_switch,
    lease,
    parent,
    parents,
    positions,
    quarantine,
)

__all__ = [
    "PAGE_MAX",
    "BadCursor",
    "BookHistory",
    "LoadedState",
    "ModelessKey",
    "OpenParent",
    "OrderFilter",
    "Page",
    "Row",
    "TradeFilter",
    "ValuedIn",
    "accounts",
    "balances",
    "book_history",
    "booked_bills",
    "booked_history",
    "cash_movements",
    "equity_days",
    "events",
    "fills_of_position",
    "find_order",
    "idempotent",
    "iter_trades",
    "kill_switch",
    "lease",
    "load_account",
    "opening_of",
    "order_history",
    "ordered_modes",
    "page_limit",
    "parent",
    "parents",
    "positions",
    "quarantine",
    "snapshot",
    "trades",
    "valued_in",
]
