"""One writer an account: who holds the lease, how it is lost, and that a lost one commits nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clock import SystemClock
from app.store import queries
from app.store.database import Database
from app.store.errors import LeaseLost
from app.store.group import Group
from app.store.leases import Lease, LeaseHeld, LeaseSql, this_owner
from tests.support import store

ROOT = Path(__file__).parents[2]
OTHER = "another-host/12345678:1:1"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with store.opened(database_url) as database:
        yield database


def acquire(database: Database, owner: str, *, account: str = store.ACCOUNT, seconds: float = 60) -> Lease:
    connection = database.writer_connection()
    try:
        return LeaseSql(database, SystemClock(), seconds).acquire(connection, account, owner)
    finally:
        connection.close()


def group(seq: int) -> Group:
    return Group(events=[store.event(seq)], turns=1)


def seqs(database: Database) -> list[int]:
    return [row["seq"] for row in queries.events(database, store.ACCOUNT)]


def test_a_held_lease_is_refused_and_says_by_whom(database: Database):
    acquire(database, OTHER)
    with pytest.raises(LeaseHeld, match=f"account main is held by {OTHER}") as held:
        acquire(database, this_owner())
    assert 50_000 < held.value.remaining_ms <= 60_000
    assert acquire(database, this_owner(), account="another account").epoch == 1


def test_a_lease_that_ran_out_is_taken_over_under_a_new_epoch(database: Database):
    first = acquire(database, OTHER, seconds=-1)
    second = acquire(database, this_owner())
    assert (first.epoch, second.epoch) == (1, 2)


def test_letting_go_frees_the_account_at_once(database: Database):
    committer = store.committer(database, owner=OTHER)
    committer.commit(committer.prepare(group(1)))
    committer.close()
    row = queries.lease(database, store.ACCOUNT)
    assert row is not None
    assert (row["seq"], row["expires_ms"]) == (1, 0)
    assert acquire(database, this_owner()).epoch == 2


def test_after_a_take_over_the_old_owner_commits_nothing(database: Database):
    old = store.committer(database, owner=OTHER, lease_seconds=-1)
    # It had run out, and someone else took the account.
    new = store.committer(database)
    new.commit(new.prepare(group(1)))
    with pytest.raises(LeaseLost, match="epoch 1, is gone"):
        old.commit(old.prepare(group(1)))
    new.commit(new.prepare(group(2)))
    assert seqs(database) == [1, 2]
    old.close()
    new.commit(new.prepare(group(3)))
    assert seqs(database) == [1, 2, 3], "the old owner's end let go of the new owner's lease"


def test_a_lease_that_ran_out_commits_nothing_even_when_nobody_took_it(database: Database):
    committer = store.committer(database, lease_seconds=-1)
    with pytest.raises(LeaseLost):
        committer.commit(committer.prepare(group(1)))
    assert seqs(database) == []


def test_every_commit_renews(database: Database):
    committer = store.committer(database, lease_seconds=60)
    before = queries.lease(database, store.ACCOUNT)
    committer.commit(committer.prepare(group(1)))
    after = queries.lease(database, store.ACCOUNT)
    committer.commit(committer.prepare(Group(turns=1)))
    idle = queries.lease(database, store.ACCOUNT)
    assert before is not None
    assert after is not None
    assert idle is not None
    assert (before["seq"], after["seq"], idle["seq"]) == (0, 1, 1)
    assert before["expires_ms"] <= after["expires_ms"] <= idle["expires_ms"]


class SteppedClock(SystemClock):
    ahead_ns = 0

    def now_ns(self) -> int:
        return super().now_ns() + self.ahead_ns


def test_a_lease_is_never_believed_to_run_longer_than_it_does(database: Database):
    clock = SteppedClock()
    committer = store.committer(database, lease_seconds=60, clock=clock)
    prepared = committer.prepare(group(1))
    # The machine sleeps between the two.
    clock.ahead_ns = 20 * 10**9
    committer.commit(prepared)
    row = queries.lease(database, store.ACCOUNT)
    assert row is not None
    assert committer.renewed_ns // 1_000_000 + 60_000 <= row["expires_ms"]
    committer.close()


_HOLD = """
import sys
from app.clock import SystemClock
from app.store.database import Database
from app.store.leases import LeaseSql, this_owner
database = Database(sys.argv[1])
lease = LeaseSql(database, SystemClock(), 3600).acquire(database.writer_connection(), "main", this_owner())
print(lease.epoch, flush=True)
sys.stdin.read()
"""


def test_a_killed_owner_on_this_host_is_not_waited_for(database: Database, database_url: str):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "1"
    with pytest.raises(LeaseHeld):
        acquire(database, this_owner())
    holder.send_signal(signal.SIGKILL)
    # Dead, but its parent, this test, has not looked yet: a zombie owns nothing either.
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
    assert acquire(database, this_owner()).epoch == 2
    holder.communicate()


def test_of_many_first_starts_one_wins(database: Database):
    answers: list[str] = []
    ready = threading.Barrier(6)

    def start(number: int) -> None:
        ready.wait()
        try:
            answers.append(f"epoch {acquire(database, f'host{number}/12345678:1:1').epoch}")
        except LeaseHeld:
            answers.append("held")

    threads = [threading.Thread(target=start, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["epoch 1", *["held"] * 5]
