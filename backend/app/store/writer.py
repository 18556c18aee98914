"""The one writer of an account: turns gather in a group, and one transaction commits the group.

While a group commits, the next fills; so memory is ahead of the disk by at most two groups. A commit that fails is
ambiguous: every later group fails with it, and the account's memory must be rebuilt from the database (INVARIANTS P2).
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
import structlog

from app.clock import Clock
from app.domain.events import GENESIS, Event, chain_hash
from app.store import rows
from app.store.database import Database, StoreError
from app.store.group import Group, PlainRow
from app.store.leases import Lease, LeaseSql
from app.store.statements import EachRow, Write, parameters, plain_statement, writes

log = structlog.get_logger("store")


class StoreFailed(StoreError):
    """A commit failed or its outcome is unknown; nothing after it is written until the account is reloaded."""


class RefusedByDatabase(StoreFailed):
    """A constraint refused the group: what it held will be refused again. group: what it held."""

    def __init__(self, message: str, group: Group) -> None:
        self.group = group
        super().__init__(message)


class Committer(Protocol):
    """Commits one group after another. prepare() runs on the event loop once the group before is committed; commit()
    takes what it returned, in the writer's thread in life and in the loop in simulation."""

    def prepare(self, group: Group) -> Any: ...

    def commit(self, prepared: Any) -> None: ...

    def close(self, release: bool = True) -> None: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A group as rows, each list with how it is written; seq, head: number and hash of its last event, or of the last
    before it."""

    group: Group
    seq: int
    head: str
    writes: list[tuple[Write, list[tuple[Any, ...]]]]


class GroupCommitter:
    """One connection, one lease, one hash chain. renewed_ns: when the last successful commit began.

    Rows are made on the event loop, where Python is not contended for: in the writer's thread they would cost both
    threads a change of the interpreter's lock every switch interval.
    """

    def __init__(
        self, database: Database, clock: Clock, lease: Lease, lease_sql: LeaseSql, last_hash: str, last_seq: int
    ) -> None:
        self.renewed_ns = clock.now_ns()
        self._connection = database.writer_connection()
        self._sqlite = database.is_sqlite
        self._clock = clock
        self._lease = lease
        self._lease_sql = lease_sql
        self._writes = writes(self._sqlite)
        self._hash = last_hash or GENESIS
        self._seq = last_seq

    def prepare(self, group: Group) -> Prepared:
        """Everything that the group writes, its events chained to those of the group before."""
        account, to = self._lease.account, self._writes
        parents = [self._plain(row) for row in group.plain if row.table == "parent_orders"]
        others = [self._plain(row) for row in group.plain if row.table != "parent_orders"]
        new_orders = [
            (key, *rows.order_fixed_values(new, new.order), *rows.order_changing_values(new.order))
            for key, new in group.new_orders.items()
        ]
        orders = [(*rows.order_changing_values(order), key) for key, order in group.orders.items()]
        positions = [(account, *key, *rows.position_changing_values(*item)) for key, item in group.positions.items()]
        balances = [(account, currency, *item) for currency, item in group.balances.items()]
        sizes = [(account, *key, size) for key, size in group.strategy_sizes.items()]
        head, events = self._chained(group.events)
        return Prepared(
            group,
            group.events[-1].seq if group.events else self._seq,
            head,
            [
                *parents,
                (to.insert_order, new_orders),
                (to.update_order, orders),
                (to.insert_trade, [rows.trade_values(*item) for item in group.fills]),
                (to.insert_fee, [rows.fee_values(account, *item) for item in group.fees]),
                (to.put_position, positions),
                (to.put_balance, balances),
                (to.put_strategy_size, sizes),
                *others,
                (to.insert_event, events),
            ],
        )

    def commit(self, prepared: Prepared) -> None:
        """Write the group in one transaction. Any exception means: unknown."""
        cursor = self._connection.cursor()
        began_ns = self._clock.now_ns()
        try:
            if self._sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            self._lease_sql.renew(cursor, self._lease, prepared.seq)
            for write, values in prepared.writes:
                if values and (changed := write.execute(cursor, values)) != len(values):
                    raise StoreError(f"{len(values)} rows were to be written, but {changed} are there: {write}")
            if self._sqlite:
                cursor.execute("COMMIT")
            else:
                self._connection.commit()
            self._seq, self._hash, self.renewed_ns = prepared.seq, prepared.head, began_ns
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

    def _plain(self, row: PlainRow) -> tuple[Write, list[tuple[Any, ...]]]:
        statement = plain_statement(row.table, tuple(row.values), row.replace, self._sqlite)
        return EachRow(statement), [parameters(row.values)]

    def _chained(self, events: list[Event]) -> tuple[str, list[tuple[Any, ...]]]:
        head = self._hash
        written: list[tuple[Any, ...]] = []
        for event in events:
            head = chain_hash(head, event)
            written.append((*event, head))
        return head, written


class Durable:
    """Ends when something is on the disk: a group, or the answer to a send. Raises what settle() was given: StoreFailed
    when a commit failed or cannot be known, or the error that a send ended with.

    Any number may wait, and one that is cancelled leaves the others waiting, and what they wait for alone.
    """

    __slots__ = ("_calls", "_error", "done")

    def __init__(self) -> None:
        self.done = False
        self._error: Exception | None = None
        self._calls: list[Callable[[Exception | None], object]] = []

    def then(self, call: Callable[[Exception | None], object]) -> None:
        """Call on the event loop once it has ended, with the error if there is one; at once if it has."""
        if self.done:
            call(self._error)
        else:
            self._calls.append(call)

    def settle(self, error: Exception | None = None) -> None:
        """It has ended; on the event loop, once. A call that fails does not keep it from the others."""
        self.done, self._error = True, error
        calls, self._calls = self._calls, []
        for call in calls:
            try:
                call(error)
            except Exception:
                log.exception("durable.call_failed")

    def __await__(self) -> Generator[Any, None, None]:
        if not self.done:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._calls.append(lambda _: waiter.done() or waiter.set_result(None))
            yield from waiter
        if self._error is not None:
            raise _anew(self._error)


def _anew(error: Exception) -> Exception:
    """To raise the same error once more: the traces of those before would stay on it, and with them their frames."""
    return error.with_traceback(None)


class GroupWriter:
    """Collects turns into groups, each with what ends when it is durable; lives on the event loop.

    `filling` is the group that the next turn writes into; flush() asks for it to be committed. Groups are committed
    one at a time, in order; on_commit(group) is called on the loop after each commit, before who waits goes on.
    """

    def __init__(self, committer: Committer, *, on_commit: Callable[[Group], None], threaded: bool = True) -> None:
        self.filling = Group()
        self.failed: StoreFailed | None = None
        self._committer = committer
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._durable = Durable()
        self._committing: tuple[Group, Durable] | None = None
        self._scheduled = False
        self._closed = False
        self._work: queue.SimpleQueue[tuple[Group, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True) if threaded else None
        if self._thread is not None:
            self._thread.start()

    def flush(self) -> Durable:
        """Have the group being filled committed as soon as the disk is free; the turn that calls this joins it.

        Raises StoreFailed when the writer has failed.
        """
        if self.failed is not None:
            raise _anew(self.failed)
        if self._committing is None and not self._scheduled:
            # Turns that are taken in this same round of the loop join the group.
            self._scheduled = True
            self._loop.call_soon(self._begin)
        return self._durable

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
            raise _anew(self.failed)
        if self.filling:
            await self.flush()
        elif self._committing is not None:
            await self._committing[1]

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
            release = self.failed is None and not self.pending
            self.failed = self.failed or StoreFailed("the account's writer was closed")
            if not self._durable.done:
                self._durable.settle(self.failed)
            if self._thread is not None:
                self._work.put(None)
                await self._loop.run_in_executor(None, self._thread.join)
            self._committer.close(release=release)

    def _begin(self) -> None:
        self._scheduled = False
        if self._committing is None and self.failed is None and self.filling:
            self._start()

    def _start(self) -> None:
        group = self.filling
        self._committing = (group, self._durable)
        self.filling, self._durable = Group(), Durable()
        prepared: Any
        try:
            prepared = self._committer.prepare(group)
        except Exception as error:  # noqa: BLE001  as in _attempt: it fails in its turn, after the groups before it
            prepared = error
        self._hand_over(group, prepared)

    def _hand_over(self, group: Group, prepared: Any) -> None:
        if self._thread is not None:
            self._work.put((group, prepared))
        else:
            self._finish(self._attempt(group, prepared))

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            self._loop.call_soon_threadsafe(self._finish, self._attempt(*work))

    def _attempt(self, group: Group, prepared: Any) -> StoreFailed | None:
        try:
            if isinstance(prepared, Exception):
                raise prepared
            self._committer.commit(prepared)
        except Exception as error:  # noqa: BLE001  the outermost edge of the writer: every failure is an unknown outcome
            text = str(error).splitlines()
            message = f"commit failed: {type(error).__name__}: {text[0] if text else ''}"
            refused = isinstance(error, (sqlite3.IntegrityError, psycopg.IntegrityError))
            failure = RefusedByDatabase(message, group) if refused else StoreFailed(message)
            failure.__cause__ = error
            return failure
        return None

    def _finish(self, error: StoreFailed | None) -> None:
        """The group that was under way has been committed, or not."""
        assert self._committing is not None
        group, durable = self._committing
        self._committing = None
        if error is not None:
            self._fail(error, durable)
            return
        if self.filling and self._thread is not None and self.failed is None:
            self._start()
        self._on_commit(group)
        durable.settle()
        self._begin()

    def _fail(self, error: StoreFailed, durable: Durable) -> None:
        self.failed = error
        durable.settle(error)
        if not self._durable.done:
            self._durable.settle(error)
