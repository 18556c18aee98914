"""What the named keys of the API are, and what their orders of a day were: read at a start."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.access_keys import Key, KeyCharge
from app.domain.events import EventKind
from app.domain.orders import Order
from app.models.parents import read_parts
from app.models.trading import ApiKeyRow, ExecutionEvent, ParentOrder
from app.models.trading import Order as OrderRow
from app.store.queries_base import Row, mappings, read_orders

CHUNK = 500
DAY_NS = 86_400 * 1_000_000_000


def read_keys(connection: Connection, account: str) -> list[Row]:
    """The rows of the named keys of the API, oldest first."""
    order = (ApiKeyRow.created_ns, ApiKeyRow.key_id)
    return mappings(connection, sa.select(ApiKeyRow.__table__).where(ApiKeyRow.account == account).order_by(*order))


def read_charges(connection: Connection, account: str, keys: Sequence[Row], now_ns: int) -> list[KeyCharge]:
    """The orders and executions that the keys with a daily limit asked for since 00:00 UTC, and those still open."""
    names = {key.principal for key in map(Key.of, keys) if key.limits.max_daily_notional is not None}
    if not names:
        return []
    since_ns = now_ns // DAY_NS * DAY_NS
    asked = _asked(connection, account, names, since_ns)
    found: list[KeyCharge] = []
    ids = sorted(asked)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        orders = read_orders(connection, OrderRow.account == account, OrderRow.order_id.in_(some))
        found.extend(_charge(order, asked[order.order_id]) for order in orders)
    return [*found, *_parents(connection, account, names, since_ns)]


def _charge(order: Order, principal: str) -> KeyCharge:
    """What an order counts for."""
    request = order.request
    prices = [p for p in (order.price, request.reference_price, *(a.price for a in order.amendments)) if p is not None]
    size = order.filled if order.settled else order.max_possible
    price = max(prices, default=None)
    return KeyCharge(
        principal, order.order_id, request.instrument_id, size, price, not order.settled, request.created_ns // DAY_NS
    )


def _asked(connection: Connection, account: str, names: set[str], since_ns: int) -> dict[str, str]:
    """Who asked for the orders of the day and the open ones."""
    found: dict[str, str] = {}
    for which in (OrderRow.created_ns >= since_ns, OrderRow.is_open == sa.true()):
        statement = (
            sa.select(OrderRow.order_id, ExecutionEvent.principal)
            .join(
                ExecutionEvent,
                sa.and_(ExecutionEvent.account == OrderRow.account, ExecutionEvent.order_id == OrderRow.order_id),
            )
            .where(OrderRow.account == account, which, ExecutionEvent.kind == EventKind.ORDER_INTENT.value)
            .where(ExecutionEvent.principal.in_(names))
        )
        found.update({row.order_id: row.principal for row in connection.execute(statement)})
    return found


def _parents(connection: Connection, account: str, names: set[str], since_ns: int) -> list[KeyCharge]:
    found: dict[str, KeyCharge] = {}
    for which in (ParentOrder.created_ns >= since_ns, ParentOrder.is_open == sa.true()):
        statement = sa.select(ParentOrder.__table__).where(ParentOrder.account == account, which)
        for row in mappings(connection, statement):
            first = connection.execute(
                sa.select(ExecutionEvent.principal)
                .where(ExecutionEvent.account == account, ExecutionEvent.parent_id == row["parent_id"])
                .where(ExecutionEvent.kind == EventKind.PARENT_CHANGED.value)
                .order_by(ExecutionEvent.seq)
                .limit(1)
            ).scalar()
            if first in names:
                found[row["parent_id"]] = _parent_charge(row, first)
    return list(found.values())


def _parent_charge(row: Row, principal: str) -> KeyCharge:
    parts = read_parts(row["params"], row["state"])
    size, price, day = parts["size"], parts["limit_price"], row["created_ns"] // DAY_NS
    return KeyCharge(principal, row["parent_id"], parts["instrument_id"], size, price, row["is_open"], day)
