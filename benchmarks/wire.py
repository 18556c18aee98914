"""Signal to wire: from execute_signal to the first byte handed to the transport, one order in flight.

Beside it, in the same run, a bare durable sqlite3 commit, and the same path with a million past orders in the database;
orders of the three take turns, so that the disk's mood is the same for all.
"""

import asyncio
import contextlib
import sqlite3
import statistics
import tempfile
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import lives

from app.domain.evolve import evolve
from app.domain.instruments import SizeUnit
from app.domain.order_changes import mark_accepted, new_order
from app.domain.orders import Ending, OrderRequest, OrderSide, OrderType, TradeMode
from app.store import migrating, rows
from app.store.database import Database
from app.store.statements import hot_tables
from app.strategies.signals import Signal, SignalType
from app.system import System

PAST_ORDERS = 1_000_000
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Wire:
    """Microseconds."""

    p50_us: float
    p99_us: float
    bare_p50_us: float
    bare_p99_us: float
    million_p50_us: float

    @property
    def million_ratio(self) -> float:
        return self.million_p50_us / self.p50_us


async def signal_to_wire(orders: int = 2_000, past_orders: int = PAST_ORDERS, warm_up: int = 200) -> Wire:
    """Percentiles over `orders` of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old.db"
        fill_with_past(old, past_orders)
        async with contextlib.AsyncExitStack() as stack:
            fresh = await stack.enter_async_context(lives.running(""))
            grown = await stack.enter_async_context(lives.running(f"sqlite:///{old}"))
            plain = stack.enter_context(contextlib.closing(bare(Path(folder) / "bare.db")))
            times: tuple[list[float], ...] = ([], [], [])
            for number in range(warm_up + orders):
                taken = (await _one(*fresh, number), await _one(*grown, number), commit(plain, number))
                if number >= warm_up:
                    for kind, value in zip(times, taken, strict=True):
                        kind.append(value)
    ours, million, base = times
    return Wire(_quantile(ours, 50), _quantile(ours, 99), _quantile(base, 50), _quantile(base, 99),
                _quantile(million, 50))  # fmt: skip


async def _one(system: System, exchange: lives.TimedExchange, number: int) -> float:
    side = SignalType.BUY if number % 2 == 0 else SignalType.SELL
    signal = Signal(type=side, instrument_id=lives.INSTRUMENT, size=lives.SIZE, confidence=0.9)
    began = time.perf_counter_ns()
    order = await system.executor.execute_signal(signal, None, "bench")
    assert order is not None
    assert not order.reasons, order
    await system.executor.wait_for(order.order_id, 10)
    await system.ledger.writer.drain()
    return (exchange.reached_ns - began) / 1000


def bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, content TEXT)")
    return connection


def commit(connection: sqlite3.Connection, number: int) -> float:
    began = time.perf_counter_ns()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO orders (id, content) VALUES (?, ?)", (number, "x" * 700))
    connection.execute("COMMIT")
    return (time.perf_counter_ns() - began) / 1000


def _quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def fill_with_past(path: Path, count: int) -> None:
    """A database with `count` settled orders of the account, as the writer would have left them."""
    database = Database(f"sqlite:///{path}")
    migrating.upgrade(database)
    connection = database.writer_connection()
    cursor = connection.cursor()
    insert = hot_tables(True).insert_order
    for start in range(0, count, CHUNK):
        cursor.execute("BEGIN IMMEDIATE")
        insert.execute(cursor, [_past(number) for number in range(start, min(start + CHUNK, count))])
        cursor.execute("COMMIT")
    connection.close()
    database.close()


def _past(number: int) -> tuple[object, ...]:
    request = OrderRequest(
        order_id=f"ord-past-{number}", account="main", client_order_id=f"PAST{number:020d}",
        instrument_id=lives.INSTRUMENT, side=OrderSide.BUY, order_type=OrderType.LIMIT, size=Decimal("0.001"),
        size_unit=SizeUnit.BASE, price=Decimal(50000), trade_mode=TradeMode.CASH, created_ns=number,
    )  # fmt: skip
    order = mark_accepted(new_order(request), str(number), number, number)
    order = evolve(order, ending=Ending.CANCELED, completed_ns=number)
    return rows.ORDER.insert(order, "0" * 64, None)


if __name__ == "__main__":
    print(asyncio.run(signal_to_wire(orders=500, past_orders=20_000)))
