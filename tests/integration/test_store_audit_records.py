"""The audit names what was changed of whose database it is, who writes it, how far was read, what was kept, and of what
a parent order has come to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.journal.audit import audit
from app.services.trading.execution_strategies import TWAPExecution
from app.store.database import Database
from tests.support import store
from tests.support.systems import in_virtual_time
from tests.support.trading_world import market, trading_world

INSTRUMENTS = {instrument.instrument_id: instrument for instrument in DEFAULT_INSTRUMENTS}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A system's whole database after two requests with keys, a parent order and a minute of comparisons, to be damaged
    in copies."""
    folder = tmp_path_factory.mktemp("lived")

    async def live() -> None:
        async with trading_world(folder) as world:
            for number in range(2):
                await world.executor.place_order(market(size="0.01"), idempotency_key=f"key-{number}")
            await TWAPExecution(world.executor, {"duration": 10, "num_slices": 2}).execute(market(size="0.02"))
            await world.clock.sleep(60)

    in_virtual_time(live())
    with (
        store.opened(f"sqlite:///{folder / 'executor.db'}", migrate=False) as database,
        database.writer_engine.connect() as connection,
    ):
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "executor.db").read_bytes()


@pytest.fixture
def damaged(lived: bytes, tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "copy.db").write_bytes(lived)
    with store.opened(f"sqlite:///{tmp_path / 'copy.db'}", migrate=False) as database:
        yield database


def test_undamaged_is_clean(damaged: Database):
    assert audit(damaged, "main", INSTRUMENTS).findings == ()


@pytest.mark.parametrize("column", ["exchange", "environment", "uid", "installation", "created_ns"])
def test_another_account_s_name_on_the_database(damaged: Database, column: str):
    assert _findings(damaged, f"UPDATE accounts SET {column} = 7") >= {("S15", "account main")}


def test_an_account_without_its_row(damaged: Database):
    assert ("S15", "account main") in _findings(damaged, "DELETE FROM accounts")


def test_an_account_renamed(damaged: Database):
    assert ("P4", "accounts other") in _findings(damaged, "UPDATE accounts SET account = 'other'")


@pytest.mark.parametrize("change", ["owner = 'somebody'", "epoch = epoch - 1", "seq = seq - 1"])
def test_a_lease_that_its_owner_did_not_take(damaged: Database, change: str):
    assert ("S8", "lease of main") in _findings(damaged, f"UPDATE leases SET {change}")


def test_a_lease_that_is_gone(damaged: Database):
    assert ("S8", "lease of main") in _findings(damaged, "DELETE FROM leases")


def test_a_lease_of_an_account_that_is_none(damaged: Database):
    copied = "INSERT INTO leases SELECT 'other', epoch, owner, seq, expires_ms FROM leases"
    assert _findings(damaged, copied) == {("P4", "leases other")}


@pytest.mark.parametrize("stream", ["opening", "fills", "bills"])
def test_a_watermark_moved_past_what_was_read(damaged: Database, stream: str):
    moved = f"UPDATE watermarks SET at_ns = at_ns + 3600000000000 WHERE stream = '{stream}'"
    assert _findings(damaged, moved) == {("P4", f"watermark {stream}")}


def test_a_watermark_that_is_gone(damaged: Database):
    gone = "DELETE FROM watermarks WHERE stream = 'bills'"
    assert _findings(damaged, gone) == {("P4", "watermark bills")}


@pytest.mark.parametrize(
    "change", ["body_hash = 'x'", "order_id = 'ord-x'", "at_ns = 5", "status_code = 200", "response = '{}'"]
)
def test_a_kept_request_that_was_changed(damaged: Database, change: str):
    changed = f"UPDATE idempotent_requests SET {change} WHERE key = 'key-0'"
    assert _findings(damaged, changed) == {("S14", "idempotency key 'key-0'")}


def test_a_kept_request_that_is_gone_and_one_that_was_invented(damaged: Database):
    renamed = "UPDATE idempotent_requests SET key = 'invented', at_ns = 5 WHERE key = 'key-1'"
    assert _findings(damaged, renamed) == {("S14", "idempotency key 'invented'"), ("S14", "idempotency key 'key-1'")}


def test_a_second_key_for_an_order(damaged: Database):
    copied = (
        "INSERT INTO idempotent_requests SELECT account, 'second', body_hash, order_id, status_code, response, at_ns"
    )
    assert _findings(damaged, f"{copied} FROM idempotent_requests WHERE key = 'key-0'") == {
        ("S14", "idempotency key 'second'")
    }


@pytest.mark.parametrize("name", ["status_ns", "amended_step"])
def test_the_state_of_a_parent_that_was_changed(damaged: Database, name: str):
    changed = f"UPDATE parent_orders SET state = json_set(state, '$.{name}', 5)"
    assert _findings(damaged, changed) == {("P4", _parent(damaged))}


@pytest.mark.parametrize(("name", "amount"), [("accepted", "9"), ("filled", "0.03"), ("filled", "0.01")])
def test_an_amount_of_a_parent_that_was_changed(damaged: Database, name: str, amount: str):
    """What an operator would have accepted, more than the children have filled, less than was told at the end."""
    changed = f"UPDATE parent_orders SET state = json_set(state, '$.{name}', '{amount}')"
    assert _findings(damaged, changed) == {("P4", _parent(damaged))}


def _parent(database: Database) -> str:
    with database.reading() as connection:
        return f"parent {connection.execute(sa.text('SELECT parent_id FROM parent_orders')).scalar_one()}"


def _findings(database: Database, statement: str) -> set[tuple[str, str]]:
    with database.writer_engine.connect() as connection:
        assert connection.execute(sa.text(statement)).rowcount >= 1
    report = audit(database, "main", INSTRUMENTS)
    assert report.chain.first_broken is None
    return {(finding.rule, finding.subject) for finding in report.findings}
