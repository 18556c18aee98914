"""From a group to a transaction: its rows, its events chained, the lease's renewal in front.

Rows are made on the event loop; what is handed to the disk is plain data (app.store.transaction).
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.clock import Clock
from app.domain.events import GENESIS, Event, chain_hash
from app.store import rows, transaction
from app.store.database import Database
from app.store.durable import Durable
from app.store.group import Group, PlainRow
from app.store.leases import Lease, LeaseSql
from app.store.statements import amendment, hot_tables, parameters, plain_statement, removal
from app.store.transaction import EachRow, Row, Statement, Writes


class Disk(Protocol):
    """Where transactions go. commit() and close() return what ends later, None when it has ended; what they raise, or
    what that ends with, means that the outcome is not known. close() writes `last`, then lets go of the database.

    overlaps: whether it works while the event loop goes on.
    """

    @property
    def overlaps(self) -> bool: ...

    def commit(self, writes: Writes) -> Durable | None: ...

    def close(self, last: Writes) -> Awaitable[None] | None: ...


class ConnectionDisk:
    """A connection of this process: who commits waits for the disk. For simulations and tools."""

    overlaps = False

    def __init__(self, database: Database) -> None:
        self.connection = database.writer_connection()
        self._sqlite = database.is_sqlite

    def commit(self, writes: Writes) -> None:
        transaction.commit(self.connection, self._sqlite, writes)

    def close(self, last: Writes) -> None:
        try:
            if last:
                self.commit(last)
        finally:
            self.connection.close()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A group and what it writes; seq, head: number and hash of its last event, or of the last before it.
    began_ns: when the lease that it renews begins to run."""

    group: Group
    began_ns: int
    seq: int
    head: str
    writes: Writes


class GroupCommitter:
    """One disk, one lease, one hash chain. renewed_ns: when the last successful commit was prepared; the lease runs
    from then."""

    def __init__(
        self, disk: Disk, database: Database, clock: Clock, lease: Lease, lease_sql: LeaseSql, last_hash: str,
        last_seq: int,
    ) -> None:  # fmt: skip
        self.renewed_ns = clock.now_ns()
        self.disk = disk
        self._sqlite = database.is_sqlite
        self._clock = clock
        self._lease = lease
        self._lease_sql = lease_sql
        self._tables = hot_tables(self._sqlite)
        self._hash = last_hash or GENESIS
        self._seq = last_seq

    def prepare(self, group: Group) -> Prepared:
        """Everything that the group writes, its events chained to those of the group before."""
        began_ns, account, to = self._clock.now_ns(), self._lease.account, self._tables
        parents = [self._plain(row) for row in group.plain if row.table == "parent_orders"]
        others = [self._plain(row) for row in group.plain if row.table != "parent_orders"]
        new_orders = [
            rows.ORDER.insert(new.order, new.intent_hash, new.risk_decision) for new in group.new_orders.values()
        ]
        orders = [rows.ORDER.update(order) for order in group.orders.values()]
        positions = [rows.POSITION.insert(account, key, *item) for key, item in group.positions.items()]
        balances = [rows.BALANCE.insert(account, currency, *item) for currency, item in group.balances.items()]
        sizes = [rows.STRATEGY_SIZE.insert(account, *key, size) for key, size in group.strategy_sizes.items()]
        books = [rows.BOOK.insert(account, *key, book) for key, book in group.books.items()]
        entries = [rows.ENTRY.insert(account, *item) for item in group.entries]
        seq = group.events[-1].seq if group.events else self._seq
        head, events = self._chained(group.events)
        writes: list[tuple[Statement, Sequence[Row]]] = [
            self._lease_sql.renewal(self._lease, seq, began_ns),
            *parents,
            (to.insert_order, new_orders),
            (to.update_order, orders),
            (to.insert_trade, [rows.TRADE.insert(*item) for item in group.fills]),
            (to.insert_fee, [rows.FEE.insert(account, *item) for item in group.fees]),
            (to.put_position, positions),
            (to.put_balance, balances),
            (to.put_strategy_size, sizes),
            (to.put_book, books),
            (to.insert_entry, entries),
            *others,
            (to.put_tca_window, group.tca_windows),
            (to.put_tca_fill, group.tca_fills),
            (to.insert_event, events),
        ]
        return Prepared(group, began_ns, seq, head, [write for write in writes if write[1]])

    def commit(self, prepared: Prepared) -> Durable | None:
        """Write the group in one transaction; None: it is durable. Any exception, here or in what is returned, means:
        unknown."""
        started_ns = self._clock.monotonic_ns()
        durable = self.disk.commit(prepared.writes)

        def committed(error: Exception | None) -> None:
            if error is None:
                prepared.group.commit_ns = self._clock.monotonic_ns() - started_ns
                self._seq, self._hash, self.renewed_ns = prepared.seq, prepared.head, prepared.began_ns

        if durable is None:
            committed(None)
        else:
            durable.then(committed)
        return durable

    def close(self, release: bool = True) -> Awaitable[None] | None:
        """Let go of the database; of the lease too unless a commit failed (its outcome is not known then)."""
        return self.disk.close([self._lease_sql.release(self._lease)] if release else [])

    def _plain(self, row: PlainRow) -> tuple[Statement, list[Row]]:
        columns = tuple(row.values)
        if row.remove:
            return EachRow(removal(row.table, columns, self._sqlite)), [parameters(row.values)]
        if row.change:
            return EachRow(amendment(row.table, columns, self._sqlite)), [parameters(row.values)]
        statement = plain_statement(row.table, columns, row.replace, self._sqlite)
        return EachRow(statement), [parameters(row.values)]

    def _chained(self, events: list[Event]) -> tuple[str, list[Row]]:
        head = self._hash
        written: list[Row] = []
        for event in events:
            head = chain_hash(head, event)
            written.append((*event, head))
        return head, written
