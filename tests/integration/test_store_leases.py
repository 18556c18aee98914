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
from app.store.leases import Lease, LeaseHeld, LeaseSql, owner_is_dead, this_owner
from tests.support import store

ROOT = Path(__file__).parents[2]
OTHER = "another-host/12345678:1:1"


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with store.opened(tables_url) as database:
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


def test_a_killed_owner_on_this_host_is_not_waited_for(database: Database, tables_url: str):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, tables_url],
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


HERE = "host/12345678/4026531836"

PROOFS: dict[str, tuple[str, str | None, bool]] = {
    "its process is gone": (f"{HERE}:7:100", "", True),
    "another process has its number": (f"{HERE}:7:100", "200", True),
    "it runs": (f"{HERE}:7:100", "100", False),
    "nothing can be told of it": (f"{HERE}:7:100", None, False),
    "another container of this host": ("host/12345678/4026532999:7:100", "", False),
    "another boot, or another machine of this name": ("host/87654321/4026531836:7:100", "", False),
    "another host": ("other/12345678/4026531836:7:100", "", False),
    "a release that did not tell its namespace": ("host/12345678:7:100", "", False),
    "no process at all": (HERE, "", False),
}


@pytest.mark.parametrize(("owner", "start", "dead"), PROOFS.values(), ids=PROOFS.keys())
def test_only_a_proven_death_ends_a_lease_early(owner: str, start: str | None, dead: bool):
    assert owner_is_dead(owner, here=HERE, start_of=lambda _: start) is dead


def test_where_a_namespace_cannot_be_told_nobody_is_proven_dead():
    here = "host/12345678/unknown"
    assert not owner_is_dead(f"{here}:7:100", here=here, start_of=lambda _: "")


UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


def test_living_owners_in_other_pid_namespaces_are_waited_for(database: Database, tables_url: str):
    """As two containers of one host name do: seen from the one, the other's process number is nobody's."""
    try:
        able = subprocess.run([*UNSHARE, "true"], capture_output=True, timeout=20, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if able.returncode:
        pytest.skip(f"no PID namespaces can be made here: {able.stderr.decode().strip()}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    command = [*UNSHARE, sys.executable, "-c", _HOLD, tables_url]
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert first.stdout is not None
        assert first.stdout.readline().strip() == "1"
        with pytest.raises(LeaseHeld):
            acquire(database, this_owner())
        second = subprocess.run(command, input="", capture_output=True, text=True, env=environment, check=False)
        assert "LeaseHeld" in second.stderr, "each is process 1 of a namespace of its own"
        assert second.stdout == ""
    finally:
        first.kill()
        first.communicate()


def test_a_lease_that_stood_still_for_a_term_is_over_whatever_the_clock_says(database: Database):
    acquire(database, OTHER, seconds=3600)
    with pytest.raises(LeaseHeld) as held:
        acquire(database, this_owner())
    connection = database.writer_connection()
    sql = LeaseSql(database, SystemClock(), 60)
    epoch, expires_ms = held.value.mark
    with pytest.raises(LeaseHeld):
        sql.acquire(connection, store.ACCOUNT, this_owner(), given_up=(epoch, expires_ms - 1))
    assert sql.acquire(connection, store.ACCOUNT, this_owner(), given_up=(epoch, expires_ms)).epoch == 2
    connection.close()


def test_a_lease_is_renewed_without_a_commit_while_it_is_ours(database: Database):
    lease = acquire(database, OTHER, seconds=60)
    connection = database.writer_connection()
    assert LeaseSql(database, SystemClock(), 120).renew(connection, lease)
    with pytest.raises(LeaseHeld) as held:
        acquire(database, this_owner())
    assert held.value.remaining_ms > 60_000
    acquire(database, OTHER)
    assert not LeaseSql(database, SystemClock(), 60).renew(connection, lease), "a newer epoch has it"
    connection.close()


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
