"""Orders, trades and fees against the journal: every row is folded again from its events and compared column by column.

Goes through the orders in chunks, so that memory does not grow with history.
"""

import functools
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.domain.events import Event
from app.domain.order_changes import mark_sent
from app.domain.orders import FillKey, Order
from app.journal.chain import EVENT_COLUMNS, event_of
from app.journal.codec import decode_plain
from app.journal.findings import Findings
from app.journal.order_fold import FoldedOrder, UnfoldableEvent, fold_order
from app.models.order_facts import order_facts
from app.models.trading import ExecutionEvent, FeePayment, Trade
from app.models.trading import Order as OrderRow
from app.store import rows
from app.store.queries_base import Paged, Row, among, equal, paged, pages_within

CHUNK = 400
STRAYS_SHOWN = 100

Trades = Mapping[FillKey, tuple[Any, ...]]


@dataclass(slots=True)
class Counts:
    """How many rows were compared; events counts those that belong to an order."""

    orders: int = 0
    trades: int = 0
    fees: int = 0
    events: int = 0


def check_orders(connection: Connection, account: str, findings: Findings) -> Counts:
    """Fold every order of the account again and compare its row, its trades and its fees."""
    counts = Counts()
    for chunk in _order_rows(connection, account):
        ids = [row["order_id"] for row in chunk]
        events, trades, fees = _events(connection, ids), _trades(connection, ids), _fees(connection, ids)
        for row in chunk:
            order_id = row["order_id"]
            own_events = sorted(events.get(order_id, ()), key=lambda event: event.seq)
            counts.orders += 1
            counts.events += len(own_events)
            counts.trades += len(trades.get(order_id, {}))
            counts.fees += len(fees.get(order_id, {}))
            _check_order(row, own_events, trades.get(order_id, {}), fees.get(order_id, {}), findings)
    _check_strays(connection, account, findings)
    return counts


def _check_order(stored: Row, events: list[Event], trades: Trades, fees: Trades, findings: Findings) -> None:
    subject = f"order {stored['order_id']}"
    try:
        folded = fold_order(events)
    except UnfoldableEvent as error:
        findings.add("P4", subject, str(error))
        return
    order = folded.order
    if order is None:
        findings.add("S1", subject, "no intent or adoption stands in the journal")
        return
    if not order.sent and stored["facts"] != order_facts(order):
        # That it is on the wire is known before it is journalled, with the answer; a row written meanwhile says so.
        order = _as_sent(order, stored)
    _check_row(subject, stored, order, folded, findings)
    _check_promises(subject, stored, order, folded, findings)
    _check_fills(subject, order, folded, trades, fees, findings)


def _as_sent(order: Order, stored: Mapping[str, Any]) -> Order:
    sent = mark_sent(order)
    return sent if order_facts(sent) == stored["facts"] else order


def _check_row(subject: str, stored: Mapping[str, Any], order: Order, folded: FoldedOrder, findings: Findings) -> None:
    for column, value in rows.ORDER.named(order, folded.hashed, folded.decision).items():
        if column == "facts":
            _check_facts(subject, stored[column], value, findings)
        else:
            findings.compare("P4", subject, column, stored[column], value)


def _check_facts(subject: str, stored: str, replayed: str, findings: Findings) -> None:
    """Byte for byte; what differs is told field by field."""
    if stored == replayed:
        return
    try:
        was, now = decode_plain(stored), decode_plain(replayed)
    except ValueError as error:
        findings.add("P4", subject, f"facts cannot be read: {error}")
        return
    different = [key for key in sorted(was.keys() | now.keys()) if was.get(key) != now.get(key)]
    for key in different:
        findings.compare("P4", subject, f"facts.{key}", was.get(key), now.get(key))
    if not different:
        findings.add("P4", subject, "facts hold the right values, but are written otherwise")


def _check_promises(
    subject: str, stored: Mapping[str, Any], order: Order, folded: FoldedOrder, findings: Findings
) -> None:
    if folded.intents != 1:
        findings.add("S2", subject, f"has {folded.intents} intents; one client order id may be sent once")
    if not order.request.external and folded.answered and folded.verdict != "pass" and order.sent:
        findings.add("S11", subject, f"was sent with the risk verdict {folded.verdict!r}")
    if bool(stored["is_open"]) is order.settled:
        findings.add("S5", subject, f"is_open is {stored['is_open']}, but settled is {order.settled}")


def _check_fills(
    subject: str, order: Order, folded: FoldedOrder, trades: Trades, fees: Trades, findings: Findings
) -> None:
    account = order.request.account
    for key, fill in order.fills.items():
        trade = rows.TRADE.named(order, folded.first_told.get(key, fill), folded.booked.get(key, 0))
        _check_one("trade", subject, key, trades, trade, findings)
        if fill.fee is not None:
            fee = rows.FEE.named(account, fill, folded.charged.get(key, 0))
            _check_one("fee", subject, key, fees, fee, findings)
    charged = {key for key, fill in order.fills.items() if fill.fee is not None}
    for kind, stored, known in (("trade", trades, order.fills.keys()), ("fee", fees, charged)):
        for key in stored.keys() - known:
            findings.add("S13", subject, f"{kind} {key} stands in the table, but not in the journal")


def _check_one(
    kind: str, subject: str, key: FillKey, stored: Trades, replayed: Mapping[str, Any], findings: Findings
) -> None:
    found = stored.get(key)
    if found is None:
        findings.add("S3", subject, f"{kind} {key} stands in the journal, but not in the table")
        return
    for was, (column, now) in zip(found, replayed.items(), strict=True):
        findings.compare("P4", f"{kind} {'/'.join(key)} of {subject}", column, was, now)


def _order_rows(connection: Connection, account: str) -> Generator[list[Row]]:
    return pages_within(connection, _orders(), chunk=CHUNK, account=account)


@functools.cache
def _orders() -> Paged:
    orders = sa.select(*rows.ORDER.select()).where(*equal(OrderRow, "account"))
    return paged(orders, OrderRow.created_ns, OrderRow.order_id)


def _events(connection: Connection, order_ids: list[str]) -> Mapping[str, list[Event]]:
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for row in connection.execute(_events_of_orders(), {"order_ids": order_ids}):
        event = event_of(row)
        assert event.order_id is not None
        found[event.order_id].append(event)
    return found


@functools.cache
def _events_of_orders() -> sa.Select[Any]:
    # Neither account nor ORDER BY: SQLite would take them as a reason to walk the whole journal for every chunk.
    return sa.select(*EVENT_COLUMNS).where(among(ExecutionEvent.order_id))


def _trades(connection: Connection, order_ids: list[str]) -> Mapping[str, dict[FillKey, tuple[Any, ...]]]:
    return _by_fill(
        (row.order_id, (row.trade_id, row.exchange_order_id), tuple(row))
        for row in connection.execute(_trades_of_orders(), {"order_ids": order_ids})
    )


@functools.cache
def _trades_of_orders() -> sa.Select[Any]:
    return sa.select(*rows.TRADE.select()).where(among(Trade.order_id))


def _fees(connection: Connection, order_ids: list[str]) -> Mapping[str, dict[FillKey, tuple[Any, ...]]]:
    return _by_fill(
        (row.order_id, (row.trade_id, row.exchange_order_id), tuple(row)[1:])
        for row in connection.execute(_fees_of_orders(), {"order_ids": order_ids})
    )


@functools.cache
def _fees_of_orders() -> sa.Select[Any]:
    return sa.select(Trade.order_id, *rows.FEE.select()).join(Trade, _same_trade()).where(among(Trade.order_id))


def _same_trade() -> sa.ColumnElement[bool]:
    return sa.and_(
        FeePayment.account == Trade.account,
        FeePayment.instrument_id == Trade.instrument_id,
        FeePayment.trade_id == Trade.trade_id,
        FeePayment.exchange_order_id == Trade.exchange_order_id,
    )


def _by_fill(
    found: Iterable[tuple[str, FillKey, tuple[Any, ...]]],
) -> Mapping[str, dict[FillKey, tuple[Any, ...]]]:
    sorted_out: defaultdict[str, dict[FillKey, tuple[Any, ...]]] = defaultdict(dict)
    for order_id, key, values in found:
        sorted_out[order_id][key] = values
    return sorted_out


def _check_strays(connection: Connection, account: str, findings: Findings) -> None:
    """Rows that belong to no order would have been seen by nobody above."""
    given = {"account": account}
    events, trades, fees = _strays()
    for seq, order_id in connection.execute(events, given):
        findings.add("P4", f"order {order_id}", f"event {seq} is about it, but this account has no such row")
    for trade_id, order_id in connection.execute(trades, given):
        findings.add("S13", f"trade {trade_id}", f"belongs to order {order_id}, of which this account has no row")
    for trade_id, exchange_order_id in connection.execute(fees, given):
        findings.add("S13", f"fee of {trade_id}/{exchange_order_id}", "belongs to no trade")


@functools.cache
def _strays() -> list[sa.Executable]:
    """Events and trades of no order, and fees of no trade."""
    of_no_order = OrderRow.order_id.is_(None)
    own = tuple(equal(OrderRow, "account"))
    events = (
        sa.select(ExecutionEvent.seq, ExecutionEvent.order_id)
        .outerjoin(OrderRow, sa.and_(OrderRow.order_id == ExecutionEvent.order_id, *own))
        .where(*equal(ExecutionEvent, "account"), ExecutionEvent.order_id.is_not(None), of_no_order)
    )
    trades = (
        sa.select(Trade.trade_id, Trade.order_id)
        .outerjoin(OrderRow, sa.and_(OrderRow.order_id == Trade.order_id, *own))
        .where(*equal(Trade, "account"), of_no_order)
    )
    fees = (
        sa.select(FeePayment.trade_id, FeePayment.exchange_order_id)
        .outerjoin(Trade, _same_trade())
        .where(*equal(FeePayment, "account"), Trade.trade_id.is_(None))
    )
    return [each.limit(STRAYS_SHOWN) for each in (events, trades, fees)]
