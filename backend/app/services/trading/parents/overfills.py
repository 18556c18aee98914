"""Parent orders that filled beyond their size: a fill that the exchange tells after the parent was over, and its end.

Nothing is ever reversed. The excess is a position like any other; the parent says so until an operator has accepted
it with a reason, which the journal keeps and the audit goes by.
"""

import asyncio
from collections.abc import Container
from dataclasses import replace
from decimal import Decimal

import structlog

from app.domain.events import EventKind
from app.domain.money import plain
from app.domain.parents import ParentOrder
from app.domain.refusals import InvalidValue
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.turn import SYSTEM
from app.services.trading.parents.records import filled_by, parent_row
from app.services.trading.tasks import TaskGroup
from app.services.trading.venue.operator_evidence import check_why
from app.store import queries
from app.store.database import Database
from app.store.errors import StoreError
from app.store.queries import OpenParent
from app.store.rows import parent_from_row

PARENT_OVERFILLED = "parent_overfilled"

log = structlog.get_logger("parents")


class Overfills:
    """running: the parents that a driver has; theirs are its business."""

    def __init__(self, ledger: Ledger, database: Database, tasks: TaskGroup, running: Container[str]) -> None:
        self._ledger = ledger
        self._database = database
        self._tasks = tasks
        self._running = running
        self._one_at_a_time = asyncio.Lock()

    def child_changed(self, parent_id: str) -> None:
        """A child of a parent that nobody drives has changed: its parent's row is to tell of what has filled."""
        self._tasks.spawn(self._note(parent_id), f"late fill of parent {parent_id}")

    async def settle(self, parent_id: str, *, principal: str, why: str) -> ParentOrder | None:
        """Accept what has filled beyond the size; None when there is no such parent. Raises InvalidValue."""
        check_why(why)
        async with self._one_at_a_time:
            loaded = await self._load(parent_id)
            if loaded is None:
                return None
            parent = replace(parent_from_row(loaded.row), filled=filled_by(loaded.children))
            if parent_id in self._running or not parent.status.terminal:
                raise InvalidValue("parent_id", parent_id, "is still open: only what is over can be settled")
            if not parent.overfilled:
                rule = f"is not overfilled: {plain(parent.filled)} of {plain(parent.size)} have filled"
                raise InvalidValue("parent_id", parent_id, rule)
            reason = f"overfilled: {_amounts(parent)}; accepted by {principal}: {why}"
            turn = self._ledger.turn(principal)
            evidence = {"parent_filled": parent.filled, "size": parent.size, "why": why}
            turn.event(EventKind.OPERATOR_EVIDENCE, evidence, parent_id=parent_id)
            settled = replace(parent, accepted=parent.filled, reason=reason, updated_ns=turn.now_ns)
            row = parent_row(settled, loaded.row["next_step"])
            turn.row("parent_orders", row, replace=True)
            turn.event(EventKind.PARENT_CHANGED, row, parent_id=parent_id)
            await turn.commit()
            return settled

    async def _note(self, parent_id: str) -> None:
        async with self._one_at_a_time:
            try:
                loaded = await self._load(parent_id)
                if loaded is not None and parent_id not in self._running:
                    await self._tell(parent_from_row(loaded.row), filled_by(loaded.children), loaded.row["next_step"])
            except StoreError as error:
                log.error("parent.late_fill_not_noted", parent_id=parent_id, reason=str(error))

    async def _tell(self, parent: ParentOrder, filled: Decimal, next_step: int) -> None:
        if not parent.status.terminal or filled == parent.filled:
            return
        turn = self._ledger.turn(SYSTEM)
        after = replace(parent, filled=filled, updated_ns=turn.now_ns)
        if after.overfilled:
            reason = f"needs operator: overfilled by a late fill: {_amounts(after)}"
            after = replace(after, reason=reason)
            turn.anomaly(PARENT_OVERFILLED, {"parent_id": parent.parent_id, "reason": reason})
            log.error("parent.overfilled", parent_id=parent.parent_id, reason=reason)
        row = parent_row(after, next_step)
        turn.row("parent_orders", row, replace=True)
        turn.event(EventKind.PARENT_CHANGED, row, parent_id=parent.parent_id)
        await turn.commit()

    async def _load(self, parent_id: str) -> OpenParent | None:
        return await asyncio.to_thread(queries.parent, self._database, self._ledger.account, parent_id)


def _amounts(parent: ParentOrder) -> str:
    return f"{plain(parent.filled)} of {plain(parent.size)}"
