"""All reads of the database, by one name: `from app.store import queries`.

Synchronous; call them from a thread where the event loop must not wait. Everything is read from committed rows.
"""

from app.store.queries_account import (
    KillSwitch,
    LoadedState,
    OpenParent,
    PositionKey,
    VenueMarks,
    fills_of_order,
    fills_of_position,
    find_order,
    load_account,
)
from app.store.queries_base import PAGE_MAX, BadCursor, Page, Row, snapshot

__all__ = [
    "PAGE_MAX",
    "BadCursor",
    "KillSwitch",
    "LoadedState",
    "OpenParent",
    "Page",
    "PositionKey",
    "Row",
    "VenueMarks",
    "fills_of_order",
    "fills_of_position",
    "find_order",
    "load_account",
    "snapshot",
]
