"""What the named keys of the API are, and what their orders of a day were: read at a start."""

import functools
import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.access_keys import Key, KeyCharge
from app.domain.approvals import Act, Approval, ApprovalState
from app.domain.events import EventKind
from app.domain.orders import Order
from app.models.parents import read_parts
from app.models.trading import ApiKeyRow, ApprovalRow, ExecutionEvent, ParentOrder
from app.models.trading import Order as OrderRow
from app.store.queries_base import Row, among, equal, mappings, number, of_account, orders_among, read_orders

CHUNK = 500
DAY_NS = 86_400 * 1_000_000_000


def read_keys(connection: Connection, account: str) -> list[Row]:
    """The rows of the named keys of the API, oldest first."""
    return mappings(connection, _keys(), account=account)


@functools.cache
def _keys() -> sa.Select[Any]:
    return of_account(ApiKeyRow).order_by(ApiKeyRow.created_ns, ApiKeyRow.key_id)


def read_approvals(connection: Connection, account: str, open_orders: Mapping[str, Order]) -> list[Row]:
    """The rows of what waits for a second person, and of the proposals that are these orders, oldest first."""
    waiting = mappings(connection, _approvals("state"), account=account, state=ApprovalState.PENDING.value)
    if not open_orders:
        return waiting
    # A proposal is confirmed in the turn of its order, and so at the same moment.
    since_ns = min(order.request.created_ns for order in open_orders.values())
    kind = {"state": ApprovalState.CONFIRMED.value, "act": Act.ORDER.value}
    confirmed = mappings(connection, _decided_since(), account=account, since_ns=since_ns, **kind)
    return waiting + [row for row in confirmed if Approval.of(row).became in open_orders]


@functools.cache
def _approvals(*names: str) -> sa.Select[Any]:
    return of_account(ApprovalRow, *names).order_by(ApprovalRow.asked_ns, ApprovalRow.approval_id)


@functools.cache
def _decided_since() -> sa.Select[Any]:
    return _approvals("state", "act").where(ApprovalRow.decided_ns >= sa.bindparam("since_ns"))


def newest_approvals(connection: Connection, account: str, acts: Collection[Act], limit: int) -> list[Row]:
    """The rows of what was asked for last of these acts, newest first."""
    return mappings(connection, _newest_approvals(), account=account, acts=[act.value for act in acts], limit=limit)


@functools.cache
def _newest_approvals() -> sa.Select[Any]:
    order = (ApprovalRow.asked_ns.desc(), ApprovalRow.approval_id)
    return of_account(ApprovalRow).where(among(ApprovalRow.act)).order_by(*order).limit(number("limit"))


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
        orders = read_orders(connection, orders_among("order_id"), account=account, order_ids=some)
        found.extend(_charge(order, who) for order in orders for who in asked[order.order_id])
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


def _asked(connection: Connection, account: str, names: set[str], since_ns: int) -> dict[str, set[str]]:
    """Who asked for the orders of the day and the open ones, let them happen, or changed them."""
    found: dict[str, set[str]] = {}
    asking = (EventKind.ORDER_INTENT.value, EventKind.APPROVAL_CONFIRMED.value, EventKind.AMEND_INTENT.value)
    given = {"account": account, "since_ns": since_ns, "kinds": asking, "principals": sorted(names)}
    for statement in _asking():
        for row in connection.execute(statement, given):
            found.setdefault(row.order_id, set()).add(row.principal)
    return found


@functools.cache
def _asking() -> list[sa.Executable]:
    """Of the orders of the day, and of the open ones."""
    asked = (
        sa.select(OrderRow.order_id, ExecutionEvent.principal)
        .join(
            ExecutionEvent,
            sa.and_(ExecutionEvent.account == OrderRow.account, ExecutionEvent.order_id == OrderRow.order_id),
        )
        .where(*equal(OrderRow, "account"), among(ExecutionEvent.kind), among(ExecutionEvent.principal))
        .distinct()
    )
    return [asked.where(OrderRow.created_ns >= sa.bindparam("since_ns")), asked.where(OrderRow.is_open == sa.true())]


def _parents(connection: Connection, account: str, names: set[str], since_ns: int) -> list[KeyCharge]:
    found: dict[tuple[str, str], KeyCharge] = {}
    for statement in _limited_parents():
        for row in mappings(connection, statement, account=account, since_ns=since_ns):
            for who in _asked_of_parent(connection, account, row["parent_id"]) & names:
                found[row["parent_id"], who] = _parent_charge(row, who)
    return list(found.values())


@functools.cache
def _limited_parents() -> list[sa.Select[Any]]:
    """Those of the day, and the open ones."""
    parents = of_account(ParentOrder)
    return [
        parents.where(ParentOrder.created_ns >= sa.bindparam("since_ns")),
        parents.where(ParentOrder.is_open == sa.true()),
    ]


def _asked_of_parent(connection: Connection, account: str, parent_id: str) -> set[str]:
    """Who began it, who let that happen, and who amended it."""
    given = {"account": account, "parent_id": parent_id}
    return {found for statement in _asking_for_parent() for found in connection.scalars(statement, given)}


@functools.cache
def _asking_for_parent() -> list[sa.Select[Any]]:
    events = sa.select(ExecutionEvent.principal).where(*equal(ExecutionEvent, "account", "parent_id"))
    begun = events.where(ExecutionEvent.kind == EventKind.PARENT_CHANGED.value).order_by(ExecutionEvent.seq).limit(1)
    amended = events.where(
        ExecutionEvent.kind == EventKind.PARENT_CONTROLLED.value,
        ExecutionEvent.payload.startswith('{"control":"amend"'),
    )
    confirmed = events.where(ExecutionEvent.kind == EventKind.APPROVAL_CONFIRMED.value)
    return [begun, confirmed, amended.distinct()]


def _parent_charge(row: Row, principal: str) -> KeyCharge:
    parts = read_parts(row["params"], row["state"])
    size, day = parts["size"], row["created_ns"] // DAY_NS
    levels = (parts["limit_price"], _fires_at(row["config"]))
    price = max((each for each in levels if each is not None), default=None)
    return KeyCharge(principal, row["parent_id"], parts["instrument_id"], size, price, row["is_open"], day)


def _fires_at(config: str) -> Decimal | None:
    """The price that a conditional one waits for."""
    said = json.loads(config).get("trigger_price")
    return None if said is None else Decimal(str(said))
