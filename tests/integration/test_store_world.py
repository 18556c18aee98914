"""Random accounts on both databases: what memory holds is what is read back, and the audit finds nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from app.journal.audit import audit
from app.store import queries, queries_base
from app.store.database import Database
from tests.support import store
from tests.support.ledger_world import INSTRUMENTS, World, world

STEPS = 150


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with store.opened(tables_url) as database:
        yield database


async def lived(database: Database, account: str, seed: int, steps: int = STEPS) -> World:
    async with asyncio.TaskGroup() as tasks:
        made = await world(database, account, seed, tasks)
        for _ in range(steps):
            await made.step()
        await made.ledger.writer.close()
    return made


@pytest.mark.parametrize("account", ["first", "second"])
async def test_memory_is_what_is_read_back_and_the_audit_is_clean(database: Database, account: str, seed: int):
    made = await lived(database, account, seed)
    ledger = made.ledger
    read = queries.load_account(database, account)
    assert read.seq == ledger.seq
    assert list(read.open_orders) == sorted(read.open_orders, key=lambda key: ledger.orders[key].request.created_ns)
    assert read.open_orders == {order.order_id: order for order in ledger.open_orders()}
    assert {key: fold.position for key, fold in read.positions.items()} == {
        key: fold.position for key, fold in ledger.folds.items()
    }
    assert read.openings == made.openings
    assert read.balances == ledger.balances
    assert (read.kill_switch.engaged, read.kill_switch.reason, read.kill_switch.at_ns) == (
        ledger.kill_switch.engaged,
        ledger.kill_switch.reason,
        ledger.kill_switch.at_ns,
    )
    assert read.next_movement == ledger.next_movement
    for order_id, order in ledger.orders.items():
        assert queries.find_order(database, account, order_id=order_id) == order
        assert queries.find_order(database, account, client_order_id=order.request.client_order_id) == order
        if order.venue_order_id:
            assert queries.find_order(database, account, venue_order_id=order.venue_order_id) == order
    report = audit(database, account, INSTRUMENTS)
    assert [str(finding) for finding in report.findings] == []
    assert (report.chain.last_seq, report.chain.first_broken) == (ledger.seq, None)
    assert report.chain.last_hash == read.hash
    assert (report.replay.orders, report.replay.trades) == (
        len(ledger.orders),
        sum(len(order.fills) for order in ledger.orders.values()),
    )
    assert report.replay.unchecked == ()


async def test_what_is_read_in_parts_is_the_same_whatever_their_size(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
):
    await lived(database, "main", seed)
    whole, audited = read_in_parts(database), audit(database, "main", INSTRUMENTS)
    assert min(map(len, whole.values())) > 2
    monkeypatch.setattr(queries_base, "CHUNK", 2)
    assert read_in_parts(database) == whole
    assert audit(database, "main", INSTRUMENTS) == audited
    assert audited.findings == ()


def read_in_parts(database: Database) -> dict[str, list[Any]]:
    with queries.book_history(database, "main") as history:
        return {
            "what was booked": list(queries.booked_history(database, "main")),
            "entries": list(history.entries),
            "entries by time": list(queries.entries_by_time(history.connection, "main", 1, 2**62)),
            "trades": list(chain.from_iterable(queries.iter_trades(database, "main", chunk=queries_base.CHUNK))),
            "orders": list(queries.iter_orders(database, "main", queries.OrderFilter())),
        }


async def test_pages_hold_every_order_and_trade_once_newest_first(database: Database, seed: int):
    made = await lived(database, "main", seed)
    orders = sorted(
        made.ledger.orders.values(), key=lambda order: (order.request.created_ns, order.order_id), reverse=True
    )
    paged, cursor = [], None
    while True:
        page = queries.order_history(database, "main", limit=7, cursor=cursor)
        paged.extend(page.rows)
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(page.rows) == 7
    assert paged == orders
    fills = sorted(
        (fill for order in orders for fill in order.fills.values()),
        key=lambda fill: (fill.time_ns, fill.trade_id, fill.venue_order_id),
    )
    traded, cursor = [], None
    while True:
        page = queries.trades(database, "main", limit=11, cursor=cursor)
        traded.extend((row["traded_ns"], row["trade_id"], row["fee_amount"]) for row in page.rows)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert traded == [(fill.time_ns, fill.trade_id, fill.fee) for fill in reversed(fills)]
    chunked = [row["trade_id"] for chunk in queries.iter_trades(database, "main", chunk=13) for row in chunk]
    assert chunked == [fill.trade_id for fill in fills]
