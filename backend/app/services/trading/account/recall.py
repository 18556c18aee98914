"""What memory has let go of, from the database: an order that is settled, a position's whole history."""

import asyncio
from dataclasses import replace

from app.domain.orders import Fill, Order, PositionKey
from app.domain.positions import PositionFold, refold
from app.services.trading.account.ledger import Ledger
from app.services.trading.errors import OrderNotFound
from app.store import queries
from app.store.database import Database


class KnownOrders:
    """The account's orders by either of our ids: those in memory, and older ones from the database."""

    def __init__(self, ledger: Ledger, database: Database) -> None:
        self._ledger = ledger
        self._database = database

    def find(self, order_id: str) -> Order:
        """One order by our order id or its client order id. Raises OrderNotFound."""
        order = self.in_memory(order_id)
        if order is None:
            account = self._ledger.account
            order = queries.find_order(self._database, account, order_id=order_id)
            order = order or queries.find_order(self._database, account, client_order_id=order_id)
        if order is None:
            raise OrderNotFound(order_id)
        return order

    def in_memory(self, order_id: str) -> Order | None:
        return self._ledger.orders.get(order_id) or self._ledger.find(client_order_id=order_id)

    async def load(self, order_id: str) -> Order:
        """The order, brought into memory if it is not there. Raises OrderNotFound, StoreError."""
        order = self.in_memory(order_id)
        if order is None:
            # An order may have left memory before its last turn was durable; what is read must not be older.
            await self._ledger.writer.drain()
            order = await asyncio.to_thread(self.find, order_id)
            self._ledger.adopt_loaded([order])
        return self._ledger.orders[order.order_id]


def refolded(ledger: Ledger, database: Database, key: PositionKey, fill: Fill) -> PositionFold:
    """The position after `fill`, folded anew from its whole history with the fill in its place.

    Reads the database; every commit must have ended before (tracker). The fill may be new, or known without fee: then
    it stays the fill that was recorded, and only its fee is taken from what is told now.
    """
    instrument, account = ledger.instrument(key.instrument_id), ledger.account
    modeless = ledger.modes.get((key.instrument_id, key.side)) is key.mode
    fills = {f.key: f for f in queries.fills_of_position(database, account, key, modeless=modeless)}
    stored = fills.get(fill.key)
    fills[fill.key] = replace(stored, fee=fill.fee, fee_currency=fill.fee_currency) if stored is not None else fill
    return refold(instrument, key, fills.values(), queries.opening_of(database, account, key))
