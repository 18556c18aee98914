"""The one writer of an account: turns gather in a group, and one transaction commits the group.

While a group commits, the next fills; so memory is ahead of the disk by at most two groups. A commit that fails is
ambiguous: every later group fails with it, and the account's memory must be rebuilt from the database (INVARIANTS P2).
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator
from typing import Any, Protocol

import psycopg
import structlog

from app.clock import Clock
from app.domain.events import GENESIS, Event, chain_hash
from app.store import rows
from app.store.database import Database, StoreError
from app.store.group import Group, PlainRow
from app.store.leases import Lease, LeaseSql
from app.store.statements import parameters, plain_statement, statements

log = structlog.get_logger("store")


class StoreFailed(StoreError):
    """A commit failed or its outcome is unknown; nothing after it is written until the account is reloaded."""


class RefusedByDatabase(StoreFailed):
    """A constraint refused the group: what it held will be refused again. group: what it held."""

    def __init__(self, message: str, group: Group) -> None:
        self.group = group
        super().__init__(message)


class Committer(Protocol):
    """Commits one group after another; runs in the writer's thread in life and in the loop in simulation."""

    def commit(self, group: Group) -> str: ...

    def close(self, release: bool = True) -> None: ...


class GroupCommitter:
    """One connection, one lease, one hash chain. renewed_ns: when the last successful commit began."""

    def __init__(
        self, database: Database, clock: Clock, lease: Lease, lease_sql: LeaseSql, last_hash: str, last_seq: int
    ) -> None:
        self.renewed_ns = clock.now_ns()
        self._connection = database.writer_connection()
        self._sqlite = database.is_sqlite
        self._clock = clock
        self._lease = lease
        self._lease_sql = lease_sql
        self._statements = statements(self._sqlite)
        self._hash = last_hash or GENESIS
        self._seq = last_seq

    def commit(self, group: Group) -> str:
        """Write the group in one transaction and return the hash of its last event. Any exception means: unknown."""
        cursor = self._connection.cursor()
        began_ns = self._clock.now_ns()
        try:
            if self._sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            if group.events:
                self._seq = group.events[-1].seq
            self._lease_sql.renew(cursor, self._lease, self._seq)
            head = self._write(cursor, group)
            if self._sqlite:
                cursor.execute("COMMIT")
            else:
                self._connection.commit()
            self._hash = head
            self.renewed_ns = began_ns
            return head
        except BaseException:
            self._undo()
            raise
        finally:
            cursor.close()

    def close(self, release: bool = True) -> None:
        """End the connection; release the lease too unless a commit failed (its outcome is not known then)."""
        try:
            if release:
                cursor = self._connection.cursor()
                self._lease_sql.release(cursor, self._lease)
                if not self._sqlite:
                    self._connection.commit()
                cursor.close()
        finally:
            self._connection.close()

    def _undo(self) -> None:
        """Give up the transaction; a connection that cannot even do that is replaced when the account is reloaded."""
        try:
            self._connection.rollback()
        except (sqlite3.Error, psycopg.Error) as error:
            log.error("rollback.failed", reason=str(error))

    def _write(self, cursor: Any, group: Group) -> str:
        sql = self._statements
        for row in group.plain:
            if row.table == "parent_orders":
                self._plain(cursor, row)
        if group.new_orders:
            self._insert(
                cursor,
                sql.insert_order,
                [
                    (key, *rows.order_fixed_values(new, new.order), *rows.order_changing_values(new.order))
                    for key, new in group.new_orders.items()
                ],
            )
        if group.orders:
            cursor.executemany(
                sql.update_order, [(*rows.order_changing_values(order), key) for key, order in group.orders.items()]
            )
            if cursor.rowcount != len(group.orders):
                raise StoreError(f"{len(group.orders)} orders were to be updated, but {cursor.rowcount} are there")
        if group.fills:
            self._insert(cursor, sql.insert_trade, [rows.trade_values(*item) for item in group.fills])
        if group.fees:
            account = self._lease.account
            self._insert(cursor, sql.insert_fee, [rows.fee_values(account, *item) for item in group.fees])
        if group.positions:
            account = self._lease.account
            cursor.executemany(
                sql.put_position,
                [(account, *key, *rows.position_changing_values(*item)) for key, item in group.positions.items()],
            )
        if group.balances:
            account = self._lease.account
            cursor.executemany(
                sql.put_balance, [(account, currency, *item) for currency, item in group.balances.items()]
            )
        if group.strategy_sizes:
            account = self._lease.account
            cursor.executemany(
                sql.put_strategy_size, [(account, *key, size) for key, size in group.strategy_sizes.items()]
            )
        for row in group.plain:
            if row.table != "parent_orders":
                self._plain(cursor, row)
        return self._write_events(cursor, group.events)

    def _insert(self, cursor: Any, statement: str, values: list[tuple[Any, ...]]) -> None:
        """New rows: executemany on SQLite, COPY on PostgreSQL, where it costs half the time of any INSERT."""
        if self._sqlite:
            cursor.executemany(statement, values)
            return
        with cursor.copy(statement) as copy:
            for row in values:
                copy.write_row(row)

    def _plain(self, cursor: Any, row: PlainRow) -> None:
        cursor.execute(plain_statement(row.table, tuple(row.values), row.replace, self._sqlite), parameters(row.values))

    def _write_events(self, cursor: Any, events: list[Event]) -> str:
        head = self._hash
        written: list[tuple[Any, ...]] = []
        for event in events:
            head = chain_hash(head, event)
            written.append(
                (
                    event.account,
                    event.seq,
                    event.at_ns,
                    event.kind,
                    event.principal,
                    event.order_id,
                    event.trade_id,
                    event.position,
                    event.parent_id,
                    event.cause_seq,
                    event.payload,
                    head,
                )
            )
        if written:
            self._insert(cursor, self._statements.insert_event, written)
        return head


class Durable:
    """Ends when a group is on the disk; raises StoreFailed. Cancelling who waits does not cancel the commit."""

    __slots__ = ("_future",)

    def __init__(self, future: asyncio.Future[None]) -> None:
        self._future = future

    def __await__(self) -> Generator[Any, None, None]:
        if self._future.done():
            return self._future.result()
        return (yield from asyncio.shield(self._future).__await__())


class GroupWriter:
    """Collects turns into groups and resolves one future a group; lives on the event loop.

    `filling` is the group that the next turn writes into; flush() asks for it to be committed and gives what ends when
    it is durable. on_commit(group) is called on the loop after each commit, in order, before who waits goes on.
    """

    def __init__(self, committer: Committer, *, on_commit: Callable[[Group], None], threaded: bool = True) -> None:
        self.filling = Group()
        self.failed: StoreFailed | None = None
        self._committer = committer
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._committing: asyncio.Future[None] | None = None
        self._scheduled = False
        self._closed = False
        self._work: queue.SimpleQueue[tuple[Group, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True) if threaded else None
        if self._thread is not None:
            self._thread.start()

    def flush(self) -> Durable:
        """Have the group being filled committed as soon as the disk is free; the turn that calls this joins it.

        Raises StoreFailed when the writer has failed.
        """
        if self.failed is not None:
            raise self.failed
        if self._committing is None and not self._scheduled:
            # Turns that are taken in this same round of the loop join the group.
            self._scheduled = True
            self._loop.call_soon(self._start)
        return Durable(self._done)

    def renew(self) -> Durable:
        """A commit without rows: it renews the lease. Raises StoreFailed."""
        durable = self.flush()
        self.filling.turns += 1
        return durable

    @property
    def backlog(self) -> int:
        """Turns waiting in the group being filled."""
        return self.filling.turns

    @property
    def pending(self) -> bool:
        """Whether anything is not durable yet."""
        return self._committing is not None or bool(self.filling)

    async def drain(self) -> None:
        """Wait until every turn taken so far is durable; turns that others take meanwhile are not waited for.

        Raises StoreFailed, also when the commit that failed has ended before.
        """
        if self.failed is not None:
            raise self.failed
        if self.filling:
            await self.flush()
        elif self._committing is not None:
            await Durable(self._committing)

    async def close(self) -> None:
        """Commit what is left, let go of the lease, end the thread; later turns are refused. Again: does nothing.

        Raises StoreFailed when what was left could not be committed; everything is let go all the same.
        """
        if self._closed:
            return
        try:
            while self.failed is None and self.pending:
                await self.drain()
        finally:
            self._closed = True
            release = self.failed is None
            self.failed = self.failed or StoreFailed("the account's writer was closed")
            if self._thread is not None:
                self._work.put(None)
                await self._loop.run_in_executor(None, self._thread.join)
            self._committer.close(release=release)

    def _start(self) -> None:
        self._scheduled = False
        if self.failed is not None or not self.filling:
            return
        group, done = self.filling, self._done
        self.filling, self._done = Group(), self._loop.create_future()
        self._committing = done
        if self._thread is not None:
            self._work.put((group, done))
        else:
            self._finish(group, done, self._attempt(group))

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            group, done = item
            error = self._attempt(group)
            self._loop.call_soon_threadsafe(self._finish, group, done, error)

    def _attempt(self, group: Group) -> StoreFailed | None:
        try:
            self._committer.commit(group)
        except Exception as error:  # noqa: BLE001  the outermost edge of the writer: every failure is an unknown outcome
            text = str(error).splitlines()
            message = f"commit failed: {type(error).__name__}: {text[0] if text else ''}"
            refused = isinstance(error, (sqlite3.IntegrityError, psycopg.IntegrityError))
            failure = RefusedByDatabase(message, group) if refused else StoreFailed(message)
            failure.__cause__ = error
            return failure
        return None

    def _finish(self, group: Group, done: asyncio.Future[None], error: StoreFailed | None) -> None:
        self._committing = None
        if error is not None:
            self._fail(done, error)
            return
        done.set_result(None)
        self._on_commit(group)
        if self.filling:
            self._start()

    def _fail(self, done: asyncio.Future[None], error: StoreFailed) -> None:
        self.failed = error
        for future in (done, self._done):
            if not future.done():
                future.set_exception(error)
                future.exception()
