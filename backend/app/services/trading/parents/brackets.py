"""A parent that gets in and one that gets out of what it got: made in one turn, the second one's size what the first
has filled. They are two parents, each with its own side, children and states.

What gets out reads the other's children, so that a crash loses nothing; what it needs to know when that one is over is
written into its own row. Once it has fired the other is ended, or it would go on getting in.
"""

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from app.domain.money import ZERO
from app.domain.orders import Order, PositionSide, TradeMode
from app.domain.parent_transitions import PARENT_TRANSITIONS
from app.domain.parents import Entry, ParentOrder, ParentStatus
from app.services.trading.account.ledger import Ledger
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.parents.records import Record
from app.store import queries
from app.store.database import Database
from app.store.rows import parent_from_row


class Driver(Protocol):
    """The part of ParentDriver that is used here."""

    def rewrite(self, record: Record, after: ParentOrder) -> Awaitable[None]: ...

    def change(self, record: Record, status: ParentStatus, reason: str, principal: str) -> Awaitable[None]: ...


class Brackets:
    """Of one account. running: the parents that are driven."""

    def __init__(self, ledger: Ledger, database: Database, running: Mapping[str, Record]) -> None:
        self._ledger = ledger
        self._database = database
        self._running = running

    def entry(self, record: Record) -> Entry | None:
        """What the parent gets out of, while that may still become more; None for any other."""
        parent = record.parent
        if parent.entry_id is None or parent.entry_over:
            return None
        working = self._running.get(parent.entry_id)
        if working is not None:
            return _entry((child.order for child in working.children.values()), working.parent)
        loaded = queries.parent(self._database, self._ledger.account, parent.entry_id)
        assert loaded is not None, f"parent {parent.entry_id} was made in the turn of {parent.parent_id}"
        return _entry(loaded.children, parent_from_row(loaded.row))

    async def settled(self, record: Record, driver: Driver) -> bool:
        """Whether what it gets out of is over, which is written down now. One that has fired ends it."""
        parent, entry = record.parent, self.entry(record)
        if entry is None or not entry.over:
            working = None if entry is None or not record.fired else self._running.get(parent.entry_id or "")
            if working is not None and ParentStatus.CANCELING in PARENT_TRANSITIONS[working.parent.status]:
                reason = f"what gets out of it has fired: {parent.parent_id}"
                await driver.change(working, ParentStatus.CANCELING, reason, record.principal)
            return False
        if not entry.filled:
            return False  # it came to nothing, and the policy says so
        # What traded before it first filled stays unseen.
        seen_ns = max(parent.extreme_ns, (entry.first_ns or 0) - 1)
        await driver.rewrite(record, replace(parent, size=entry.filled, entry_over=True, extreme_ns=seen_ns))
        return True


def getting_out(entry: ParentOrder, parent_id: str, policy: ExecutionStrategy) -> ParentOrder:
    """The parent that gets out of what `entry` gets into."""
    net = entry.trade_mode is not TradeMode.CASH and entry.position_side is PositionSide.NET
    return replace(
        entry,
        parent_id=parent_id,
        side=entry.side.opposite,
        strategy=policy.name,
        config=policy.canonical_config,
        limit_price=None,
        limit_offset=None,
        start_ns=entry.created_ns,
        end_ns=policy.end_ns(entry.start_ns),
        reduce_only=net,
        on_restart=policy.config.on_restart,
        status=ParentStatus.RUNNING,
        entry_id=entry.parent_id,
        decision_ns=None,
        decision_price=None,
    )


def _entry(children: Iterable[Order], parent: ParentOrder) -> Entry:
    orders = tuple(children)
    filled = sum((order.filled_size for order in orders), ZERO)
    first_ns = min((fill.time_ns for order in orders for fill in order.fills.values()), default=None)
    return Entry(filled, first_ns, parent.status.terminal and all(order.settled for order in orders))
