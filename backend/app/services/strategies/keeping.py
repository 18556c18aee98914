"""What is kept of one strategy: its state as JSON, how far it has seen its fills, and how it stands, in one row."""

from collections.abc import Mapping
from typing import Any

import structlog

from app.clock import NS_PER_SECOND
from app.domain.events import EventKind
from app.services.trading.account.ledger import Ledger
from app.store.durable import Durable
from app.store.errors import StoreError

KEEP_SECONDS = 1
"""So old it may be, where neither a fill nor a signal came of it."""
NOTHING = "{}"
REASON_MAX = 1_000

log = structlog.get_logger("strategies")


class Keeping:
    """state, cursor: as they are now. changed(): they are newer than the row."""

    def __init__(self, name: str, ledger: Ledger) -> None:
        self.state, self.cursor = NOTHING, 0
        self.stands: tuple[str, str] = ("", "")
        """How it stands, and why."""
        self._name, self._ledger = name, ledger
        self._kept, self._kept_ns = True, 0
        self._loaded = False

    def load(self, row: Mapping[str, Any] | None, head: int) -> None:
        """Go on from the row, unless the database did not take what is newer; what was never kept begins at what
        happens from now on. head: the newest event that is durable, for the number of one that is lost on its way is
        given again."""
        if self._kept or not self._loaded:
            self.state, self.cursor = (NOTHING, head) if row is None else (row["state"], row["cursor"])
        self._loaded = True

    def changed(self, state: str | None, cursor: int | None) -> None:
        if state is not None:
            self.state, self._kept = state, False
        if cursor is not None:
            self.cursor, self._kept = cursor, False

    @property
    def loaded(self) -> bool:
        """Whether it is known what an earlier life has kept."""
        return self._loaded

    @property
    def whole(self) -> bool:
        """Whether the row has it all."""
        return self._kept

    def due(self, now_ns: int) -> bool:
        return not self._kept and now_ns - self._kept_ns >= KEEP_SECONDS * NS_PER_SECOND

    def soon(self, principal: str) -> Durable:
        """Stage the row. What is returned ends when it is durable, and raises StoreError where the database does not
        take it; then it stays due."""
        try:
            durable = self._stage(None, None, principal)
        except StoreError as error:
            durable = Durable()
            durable.settle(error)
        durable.then(self._not_kept)
        return durable

    async def now(self, principal: str, kind: EventKind | None = None, said: Mapping[str, Any] | None = None) -> None:
        """The row, and an event with it. What the database does not take is logged."""
        try:
            await self._stage(kind, said, principal)
        except StoreError as error:
            self._not_kept(error)

    def _not_kept(self, error: Exception | None) -> None:
        if error is not None:
            log.warning("strategy.not_kept", strategy=self._name, reason=str(error))
            self._kept = False

    def _stage(self, kind: EventKind | None, said: Mapping[str, Any] | None, principal: str) -> Durable:
        ledger, (standing, reason) = self._ledger, self.stands
        turn = ledger.turn(principal)
        row = {
            "account": ledger.account,
            "strategy_id": self._name,
            "cursor": self.cursor,
            "state": self.state,
            "standing": standing,
            "reason": reason[:REASON_MAX],
            "at_ns": turn.now_ns,
        }
        if self._loaded:  # before, it would take the place of what an earlier life has kept
            turn.row("strategy_states", row, replace=True)
        if kind is not None:
            turn.event(kind, said)
        self._kept_ns = ledger.clock.monotonic_ns()
        durable = turn.commit()
        self._kept = True
        return durable
