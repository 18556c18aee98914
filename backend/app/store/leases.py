"""The right to write for an account: a lease row with an epoch, renewed by every commit (INVARIANTS S8).

A new owner raises the epoch, so that whatever the old one still tries to commit finds no row and fails. Times are
the database's: its clock on PostgreSQL, this machine's on SQLite, where both are the same.
"""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


class LeaseHeld(Exception):
    """Another process holds the account; remaining_ms until its lease runs out, unless it renews."""

    def __init__(self, account: str, owner: str, remaining_ms: int) -> None:
        self.remaining_ms = remaining_ms
        super().__init__(f"account {account} is held by {owner}; its lease runs for another {remaining_ms} ms")


class LeaseSql:
    """The lease's statements for one database."""

    def __init__(self, database: Database, clock: Clock, lease_seconds: float) -> None:
        self._clock = clock
        self._sqlite = database.is_sqlite
        self._term_ms = int(lease_seconds * 1000)

    def _now(self) -> str:
        return str(self._clock.now_ns() // 1_000_000) if self._sqlite else _NOW_POSTGRESQL

    def acquire(self, connection: Any, account: str, owner: str) -> Lease:
        """Take or take over the account. Raises LeaseHeld while another owner that may be alive holds it."""
        now, mark = self._now(), "?" if self._sqlite else "%s"
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self._sqlite else "SELECT 1")
        try:
            # A row for an account that never had one, so that of two first starts one waits for the other here.
            insert = f"INSERT INTO leases (account, epoch, owner, seq, expires_ms) VALUES ({mark}, 0, '', 0, 0) ON CONFLICT DO NOTHING"  # noqa: S608, E501
            cursor.execute(insert, (account,))
            lock = "" if self._sqlite else " FOR UPDATE"
            query = f"SELECT epoch, owner, expires_ms - {now} FROM leases WHERE account = {mark}{lock}"  # noqa: S608
            cursor.execute(query, (account,))
            held_epoch, held_by, remaining_ms = cursor.fetchone()
            if remaining_ms > 0 and held_by != owner and not owner_is_dead(held_by):
                raise LeaseHeld(account, held_by, int(remaining_ms))
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

    def release(self, lease: Lease) -> tuple[EachRow, list[Row]]:
        """Let go at an orderly end, so that the next start need not wait; another's lease stays as it is."""
        mark = "?" if self._sqlite else "%s"
        mine = f"CASE WHEN epoch = {mark} THEN 0 ELSE expires_ms END"
        return EachRow(f"UPDATE leases SET expires_ms = {mine} WHERE account = {mark}"), [(lease.epoch, lease.account)]  # noqa: S608


def this_owner() -> str:
    """host/boot:pid:start of this process: enough to tell, on the same host, that an owner is dead."""
    return f"{socket.gethostname()}/{_boot_id()}:{os.getpid()}:{_start_of(os.getpid())}"


def owner_is_dead(owner: str) -> bool:
    """True only when the owner ran on this host and boot and its process is gone; otherwise it may be alive."""
    host, _, process = owner.partition(":")
    pid, _, start = process.partition(":")
    if host != f"{socket.gethostname()}/{_boot_id()}" or not pid.isdecimal():
        return False
    return _start_of(int(pid)) != start


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip()[:8] if path.exists() else "unknown"


def _start_of(pid: int) -> str:
    """The kernel's start tick of a process that runs, "" when there is none (fields 3 and 22 of /proc/<pid>/stat)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # A killed process whose parent has not looked yet is still listed, as a zombie.
    return "" if fields[0] in "ZXx" else fields[19]
