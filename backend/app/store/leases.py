"""The right to write for an account: a lease row with an epoch, renewed by every commit (INVARIANTS S8).

A new owner raises the epoch, so that whatever the old one still tries to commit finds no row and fails. Times are
the database's: its clock on PostgreSQL, this machine's on SQLite, where both are the same.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from app.clock import Clock
from app.store.database import Database
from app.store.transaction import EachRow, Fence, Row

_NOW_POSTGRESQL = "(extract(epoch from clock_timestamp()) * 1000)::bigint"
_RENEW_SQLITE = "UPDATE leases SET seq = ?, expires_ms = ? WHERE account = ? AND epoch = ? AND expires_ms > ?"
_RENEW_POSTGRESQL = f"UPDATE leases SET seq = %s, expires_ms = {_NOW_POSTGRESQL} + %s WHERE account = %s AND epoch = %s AND expires_ms > {_NOW_POSTGRESQL}"  # noqa: S608, E501


@dataclass(frozen=True, slots=True)
class Lease:
    account: str
    epoch: int
    owner: str


LeaseMark: TypeAlias = tuple[int, int]
"""(epoch, expires_ms) of a lease's row: another with every renewal."""


class LeaseHeld(Exception):
    """Another process holds the account; remaining_ms until its lease runs out, unless it renews."""

    def __init__(self, account: str, owner: str, remaining_ms: int, mark: LeaseMark = (0, 0)) -> None:
        self.owner = owner
        self.remaining_ms = remaining_ms
        self.mark = mark
        super().__init__(f"account {account} is held by {owner}; its lease runs for another {remaining_ms} ms")


class LeaseSql:
    """The lease's statements for one database."""

    def __init__(self, database: Database, clock: Clock, lease_seconds: float) -> None:
        self._clock = clock
        self._sqlite = database.is_sqlite
        self._term_ms = int(lease_seconds * 1000)

    def _now(self) -> str:
        return str(self._clock.now_ns() // 1_000_000) if self._sqlite else _NOW_POSTGRESQL

    def acquire(self, connection: Any, account: str, owner: str, *, given_up: LeaseMark | None = None) -> Lease:
        """Take or take over the account. Raises LeaseHeld while another owner that may be alive holds it.

        given_up: a row that was seen unchanged for a whole term; while it is the same, its owner holds nothing,
        whatever the clock says, which may have been set back meanwhile.
        """
        now, mark = self._now(), "?" if self._sqlite else "%s"
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self._sqlite else "SELECT 1")
        try:
            # A row for an account that never had one, so that of two first starts one waits for the other here.
            insert = f"INSERT INTO leases (account, epoch, owner, seq, expires_ms) VALUES ({mark}, 0, '', 0, 0) ON CONFLICT DO NOTHING"  # noqa: S608, E501
            cursor.execute(insert, (account,))
            lock = "" if self._sqlite else " FOR UPDATE"
            query = f"SELECT epoch, owner, expires_ms, expires_ms - {now} FROM leases WHERE account = {mark}{lock}"  # noqa: S608
            cursor.execute(query, (account,))
            held_epoch, held_by, expires_ms, remaining_ms = cursor.fetchone()
            runs = remaining_ms > 0 and (held_epoch, expires_ms) != given_up
            if runs and held_by != owner and not owner_is_dead(held_by):
                raise LeaseHeld(account, held_by, int(remaining_ms), (held_epoch, expires_ms))
            epoch = held_epoch + 1
            update = f"UPDATE leases SET epoch = {mark}, owner = {mark}, expires_ms = {now} + {self._term_ms} WHERE account = {mark}"  # noqa: S608, E501
            cursor.execute(update, (epoch, owner, account))
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        finally:
            cursor.close()
        return Lease(account, epoch, owner)

    def renewal(self, lease: Lease, seq: int, now_ns: int) -> tuple[Fence, list[Row]]:
        """Part of every commit: LeaseLost unless the lease is still ours and running. It runs on from now_ns at the
        earliest, so whoever counts from there never believes in it for too long."""
        lost = f"the lease of account {lease.account}, epoch {lease.epoch}, is gone"
        if not self._sqlite:
            return Fence(_RENEW_POSTGRESQL, lost), [(seq, self._term_ms, lease.account, lease.epoch)]
        now_ms = now_ns // 1_000_000
        return Fence(_RENEW_SQLITE, lost), [(seq, now_ms + self._term_ms, lease.account, lease.epoch, now_ms)]

    def renew(self, connection: Any, lease: Lease) -> bool:
        """Renew it without a commit; whether it is still ours and running."""
        now, mark = self._now(), "?" if self._sqlite else "%s"
        update = f"UPDATE leases SET expires_ms = {now} + {self._term_ms} WHERE account = {mark} AND epoch = {mark} AND expires_ms > {now}"  # noqa: S608, E501
        cursor = connection.cursor()
        try:
            cursor.execute(update, (lease.account, lease.epoch))
            renewed = cursor.rowcount == 1
            if not self._sqlite:
                connection.commit()
        finally:
            cursor.close()
        return renewed

    def release(self, lease: Lease) -> tuple[EachRow, list[Row]]:
        """Let go at an orderly end, so that the next start need not wait; another's lease stays as it is."""
        mark = "?" if self._sqlite else "%s"
        mine = f"CASE WHEN epoch = {mark} THEN 0 ELSE expires_ms END"
        return EachRow(f"UPDATE leases SET expires_ms = {mine} WHERE account = {mark}"), [(lease.epoch, lease.account)]  # noqa: S608


UNKNOWN = "unknown"
"""What stands in an owner's name for a part that this system does not tell."""


def this_owner() -> str:
    """host/boot/namespace:pid:start of this process: enough to prove, in the same place, that an owner is dead."""
    return f"{place()}:{os.getpid()}:{_start_of(os.getpid()) or ''}"


def place() -> str:
    """Where a process id means this or that process: the host's name, its boot, and the namespace of process ids, which
    every container has of its own."""
    return f"{socket.gethostname()}/{_boot_id()}/{_pid_namespace()}"


def owner_is_dead(owner: str, *, here: str | None = None, start_of: Callable[[int], str | None] | None = None) -> bool:
    """True only when it is proven: the owner ran here, and its process is gone. Whoever ran elsewhere, in another
    container or where this system cannot see may be alive.

    here: place(). start_of(pid): when the process began, "" when there is none, None when that cannot be told.
    """
    here = place() if here is None else here
    where, _, process = owner.partition(":")
    pid, _, start = process.partition(":")
    if where != here or UNKNOWN in where.split("/")[1:] or not pid.isdecimal():
        return False
    now = (start_of or _start_of)(int(pid))
    return now is not None and (not now or now != start)


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip()[:8] if path.exists() else UNKNOWN


def _pid_namespace() -> str:
    try:
        return "".join(filter(str.isdecimal, os.readlink("/proc/self/ns/pid")))
    except OSError:
        return UNKNOWN


def _start_of(pid: int) -> str | None:
    """The kernel's start tick of a process that runs (fields 3 and 22 of /proc/<pid>/stat)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None if _exists(pid) else ""
    fields = stat.rpartition(")")[2].split()
    # A killed process whose parent has not looked yet is still listed, as a zombie.
    return "" if fields[0] in "ZXx" else fields[19]


def _exists(pid: int) -> bool:
    """Whether there is such a process; /proc may hide those of other users."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
