"""Databases, a writer and orders for tests of the store: everything real but the clock's seed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from app.clock import Clock, SystemClock
from app.domain.events import Event
from app.domain.instruments import Instrument, InstrumentKind, SizeUnit
from app.domain.orders import Fill, Order, OrderRequest, OrderSide, OrderType, TradeMode
from app.store import migrating
from app.store.committer import ConnectionDisk, GroupCommitter
from app.store.database import Database
from app.store.group import Group
from app.store.leases import LeaseSql, this_owner
from tests.support.databases import fresh_database

ACCOUNT = "main"
T0 = 1_795_000_000_000_000_000

BTC_USDT = Instrument(
    "BTC-USDT", InstrumentKind.SPOT, "BTC", "USDT", "USDT", Decimal("0.1"), Decimal("0.00000001"), Decimal("0.00001")
)


@contextmanager
def opened(url: str, *, migrate: bool = True) -> Iterator[Database]:
    """migrate: with its tables; a SQLite file that is not there yet is a copy of one that was migrated."""
    database = Database(url)
    if migrate and database.is_sqlite and not os.path.getsize(database.address.database):
        fresh_database(Path(database.address.database))
    try:
        if migrate:
            migrating.upgrade(database)
        yield database
    finally:
        database.close()


def committer(
    database: Database,
    *,
    account: str = ACCOUNT,
    owner: str | None = None,
    last_hash: str = "",
    last_seq: int = 0,
    lease_seconds: float = 60,
    clock: Clock | None = None,
) -> GroupCommitter:
    """A committer that holds the account's lease."""
    clock = clock or SystemClock()
    sql = LeaseSql(database, clock, lease_seconds)
    connection = database.writer_connection()
    try:
        lease = sql.acquire(connection, account, owner or this_owner())
    finally:
        connection.close()
    return GroupCommitter(ConnectionDisk(database), database, clock, lease, sql, last_hash, last_seq)


def request(number: int, **changes: object) -> OrderRequest:
    """Order number `number`: a limit buy of 0.5 BTC at 50,000, created `number` seconds after T0."""
    base = OrderRequest(
        order_id=f"order-{number:06}",
        account=ACCOUNT,
        client_order_id=f"client{number:06}",
        instrument_id=BTC_USDT.instrument_id,
        side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        size=Decimal("0.5"),
        size_unit=SizeUnit.BASE,
        price=Decimal(50_000),
        trade_mode=TradeMode.CASH,
        created_ns=T0 + number * 10**9,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def fill(order: Order, number: int, size: str, price: str = "50000", fee: str | None = "0.01") -> Fill:
    return Fill(
        instrument_id=order.request.instrument_id,
        trade_id=str(number),
        venue_order_id=order.venue_order_id or f"venue-{order.order_id}",
        side=order.request.side,
        price=Decimal(price),
        size=Decimal(size),
        time_ns=order.request.created_ns + number,
        fee=None if fee is None else Decimal(fee),
        fee_currency="" if fee is None else "USDT",
    )


def with_fills(order: Order, *fills: Fill) -> Order:
    return replace(
        order,
        sent=True,
        acknowledged=True,
        venue_order_id=order.venue_order_id or f"venue-{order.order_id}",
        fills=MappingProxyType({f.key: f for f in fills}),
        filled=sum((f.size for f in fills), Decimal(0)),
        reported_filled=sum((f.size for f in fills), Decimal(0)),
        cost=sum((f.size * f.price for f in fills), Decimal(0)),
    )


def event(seq: int, kind: str = "anomaly", payload: str = "{}", **links: object) -> Event:
    return Event(ACCOUNT, seq, T0 + seq, kind, "system", payload, **links)  # type: ignore[arg-type]


def run_groups(made: GroupCommitter, *groups: Group) -> None:
    for group in groups:
        group.turns = max(group.turns, 1)
        made.commit(made.prepare(group))


async def until(condition: asyncio.Event, seconds: float = 10) -> None:
    await asyncio.wait_for(condition.wait(), seconds)
