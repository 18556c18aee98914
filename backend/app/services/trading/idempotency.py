"""Repeated requests: the same key with the same content finds the order that the first one made.

The key is a row in the same transaction as the order's intent, so a crash cannot separate them (INVARIANTS S14).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from app.domain.events import EventKind
from app.journal.codec import content_hash, encode
from app.services.trading.errors import IdempotencyConflict
from app.services.trading.ledger import Ledger, Turn
from app.store import queries
from app.store.database import Database

KEYS_KEPT = 10_000


class IdempotentRequests:
    """Keys of one account; the newest are in memory, all are in the database."""

    def __init__(self, ledger: Ledger, database: Database) -> None:
        self._ledger = ledger
        self._database = database
        self._known: OrderedDict[str, tuple[str, str]] = OrderedDict()

    async def load(self, key: str) -> None:
        """Bring a key from the database into memory, if it is there."""
        if key in self._known:
            return
        row = await asyncio.to_thread(queries.idempotent, self._database, self._ledger.account, key)
        if row is not None and row["order_id"] is not None and key not in self._known:
            self._keep(key, row["body_hash"], row["order_id"])

    def earlier(self, key: str, body: object) -> str | None:
        """The order id that this key made before; None for a new key. Raises IdempotencyConflict for other content.

        Call it right before the turn, without an await between, so that of two equal requests one is the first.
        """
        found = self._known.get(key)
        if found is None:
            return None
        if found[0] != _hash(body):
            raise IdempotencyConflict(key)
        return found[1]

    def forget(self) -> None:
        """A commit failed: which keys there are is known from the database alone."""
        self._known.clear()

    def stage(self, turn: Turn, key: str, body: object, order_id: str) -> Callable[[], None]:
        """Stage the key's row in the order's own turn; call what is returned once the turn is committed."""
        body_hash = _hash(body)
        kept = {"key": key, "body_hash": body_hash, "order_id": order_id, "at_ns": turn.now_ns}
        turn.row("idempotent_requests", {"account": self._ledger.account, **kept})
        turn.event(EventKind.REQUEST_KEPT, kept, order_id=order_id)
        return lambda: self._keep(key, body_hash, order_id)

    def _keep(self, key: str, body_hash: str, order_id: str) -> None:
        self._known[key] = (body_hash, order_id)
        while len(self._known) > KEYS_KEPT:
            self._known.popitem(last=False)


def _hash(body: object) -> str:
    return content_hash(encode(body))
