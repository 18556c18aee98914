"""Repeated requests: the same key with the same content finds the order that the first one made.

An order that was refused for the moment alone (a start, an outage, a rate) is nobody's final answer: asked again in
time the key makes a new one. The key is a row in the same transaction as the order's intent, so a crash cannot separate
them (INVARIANTS S14).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from app.clock import NS_PER_SECOND
from app.domain.events import EventKind
from app.domain.refusals import Refusal
from app.journal.codec import content_hash, encode
from app.services.trading.account.ledger import Ledger
from app.services.trading.account.refusal_classes import STALE
from app.services.trading.account.turn import SYSTEM, Turn
from app.services.trading.errors import IdempotencyConflict
from app.store import queries
from app.store.database import Database

KEYS_KEPT = 10_000
KEPT_DAYS = 90
"""After so long a key is forgotten, and the same makes a new order; no alert, signal or source is so late."""
FORGOTTEN_AT_ONCE = 500
STALE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a key was used for: the order that it made last, and when it was first used (ns)."""

    body_hash: str
    order_id: str
    first_ns: int


class IdempotentRequests:
    """Keys of one account; the newest are in memory, all are in the database.

    stale_seconds: how long after its first use a key whose order was refused for the moment may still be tried anew.
    """

    def __init__(self, ledger: Ledger, database: Database, stale_seconds: float = STALE_SECONDS) -> None:
        self._ledger = ledger
        self._database = database
        self._stale_seconds = stale_seconds
        self._known: OrderedDict[str, Earlier] = OrderedDict()

    async def load(self, key: str) -> None:
        """Bring a key from the database into memory, if it is there."""
        if key in self._known:
            return
        row = await asyncio.to_thread(queries.idempotent, self._database, self._ledger.account, key)
        if row is not None and row["order_id"] is not None and key not in self._known:
            self._keep(key, Earlier(row["body_hash"], row["order_id"], row["at_ns"]))

    def earlier(self, key: str, body: object) -> Earlier | None:
        """What this key made before; None for a new key. Raises IdempotencyConflict for other content.

        Call it right before the turn, without an await between, so that of two equal requests one is the first.
        """
        found = self._known.get(key)
        if found is not None and found.body_hash != _hash(body):
            raise IdempotencyConflict(key)
        return found

    def stale(self, earlier: Earlier) -> Refusal | None:
        """Why a request is too old to be tried anew: what was wanted then may not be wanted now."""
        age = (self._ledger.clock.now_ns() - earlier.first_ns) / NS_PER_SECOND
        if age <= self._stale_seconds:
            return None
        rule = f"seconds ago it was first asked, above stale_request_seconds {self._stale_seconds:g}; use a new key"
        return Refusal(STALE, "Idempotency-Key", f"{age:.0f}", rule)

    def forget(self) -> None:
        """A commit failed: which keys there are is known from the database alone."""
        self._known.clear()

    async def forget_old(self) -> None:
        """Remove the keys that are older than KEPT_DAYS. Raises StoreError."""
        before_ns = self._ledger.clock.now_ns() - KEPT_DAYS * 86_400 * NS_PER_SECOND
        while not self._ledger.writer_failed:
            old = await asyncio.to_thread(
                queries.old_requests, self._database, self._ledger.account, before_ns, FORGOTTEN_AT_ONCE
            )
            if not old:
                return
            turn = self._ledger.turn(SYSTEM)
            for key in old:
                self._known.pop(key, None)
                turn.drop_row("idempotent_requests", {"account": self._ledger.account, "key": key})
            await turn.commit()

    def stage(
        self, turn: Turn, key: str, body: object, order_id: str, again: Earlier | None = None
    ) -> Callable[[], None]:
        """Stage the key's row in the order's own turn; call what is returned once the turn is committed. again: what it
        made before, whose place the new order takes."""
        kept = Earlier(_hash(body), order_id, turn.now_ns if again is None else again.first_ns)
        row = {"key": key, "body_hash": kept.body_hash, "order_id": order_id, "at_ns": kept.first_ns}
        turn.row("idempotent_requests", {"account": self._ledger.account, **row}, replace=again is not None)
        turn.event(EventKind.REQUEST_KEPT, row, order_id=order_id)
        return lambda: self._keep(key, kept)

    def _keep(self, key: str, kept: Earlier) -> None:
        self._known[key] = kept
        while len(self._known) > KEYS_KEPT:
            self._known.popitem(last=False)


def _hash(body: object) -> str:
    return content_hash(encode(body))
