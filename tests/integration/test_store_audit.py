"""The audit names what was tampered with: a byte of any event, a row of any table, a cut-off end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.journal.audit import audit, replay, verify_chain
from app.store.database import Database
from tests.support import store
from tests.support.ledger_world import INSTRUMENTS, world

ACCOUNT = "main"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One lived account's whole database, to be damaged in copies. Its seed is fixed: what can be damaged is known."""
    path = tmp_path_factory.mktemp("lived") / "executor.db"

    async def live(database: Database) -> None:
        async with asyncio.TaskGroup() as tasks:
            made = await world(database, ACCOUNT, 7, tasks)
            for _ in range(150):
                await made.step()
            await made.ledger.writer.close()

    with store.opened(f"sqlite:///{path}") as database:
        asyncio.run(live(database))
        with database.writer_engine.connect() as connection:
            for table in ("trades", "fees", "execution_events"):
                for change in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{change}")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


@pytest.fixture
def damaged(lived: bytes, tmp_path: Path) -> Iterator[Database]:
    """A copy with nothing damaged yet and no triggers, as somebody with the file in hand has it."""
    (tmp_path / "copy.db").write_bytes(lived)
    with store.opened(f"sqlite:///{tmp_path / 'copy.db'}", migrate=False) as database:
        yield database


def damage(database: Database, statement: str, **values: object) -> None:
    with database.writer_engine.connect() as connection:
        changed = connection.execute(sa.text(statement), values)
        assert statement.startswith("DROP") or changed.rowcount >= 1, f"nothing to damage: {statement}"


def test_undamaged_is_clean(damaged: Database):
    report = audit(damaged, ACCOUNT, INSTRUMENTS)
    assert (report.clean, report.findings, report.replay.unchecked) == (True, (), ())
    assert verify_chain(damaged, ACCOUNT) == report.chain
    assert replay(damaged, ACCOUNT, INSTRUMENTS) == report.replay


COLUMNS = ("at_ns", "kind", "principal", "order_id", "trade_id", "position", "cause_seq", "payload", "hash")


@pytest.mark.parametrize("column", COLUMNS)
def test_one_byte_of_any_event_is_named(damaged: Database, column: str, seed: int):
    draw = random.Random(seed)
    with damaged.reading() as connection:
        rows = connection.execute(
            sa.text(f"SELECT seq, {column} FROM execution_events WHERE {column} IS NOT NULL")
        ).all()
    for seq, value in draw.sample(rows, min(4, len(rows))):
        text = str(value)
        at = draw.randrange(len(text))
        other = draw.choice([c for c in ("123456789" if isinstance(value, int) else "0123456789abcz") if c != text[at]])
        changed = text[:at] + other + text[at + 1 :]
        if isinstance(value, int) and int(changed) >= 2**63:  # more than the column can hold
            changed = text[:at] + "8" + text[at + 1 :]
        put = f"UPDATE execution_events SET {column} = :value WHERE seq = :seq"
        damage(damaged, put, value=type(value)(changed), seq=seq)
        report = verify_chain(damaged, ACCOUNT)
        assert (report.first_broken, report.events) == (seq, len(_all(damaged)))
        assert f"event {seq} does not have the hash" in report.reason
        assert audit(damaged, ACCOUNT, INSTRUMENTS).findings[0].subject == f"event {seq}"
        damage(damaged, put, value=value, seq=seq)
    assert verify_chain(damaged, ACCOUNT).first_broken is None


def _all(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.execute(sa.text("SELECT seq FROM execution_events")).scalars())


def test_a_missing_event_is_named(damaged: Database):
    damage(damaged, "DELETE FROM execution_events WHERE seq = 40")
    report = verify_chain(damaged, ACCOUNT)
    assert (report.first_broken, report.reason) == (40, "event 40 is missing; the next one is 41")


def test_a_cut_off_end_is_seen(damaged: Database):
    last = max(_all(damaged))
    damage(damaged, "DELETE FROM execution_events WHERE seq > :seq", seq=last - 3)
    report = verify_chain(damaged, ACCOUNT)
    assert (report.first_broken, report.reason) == (
        last - 2,
        f"the journal ends at {last - 3}, but event {last} was committed",
    )


DAMAGES = {
    "order size": ("UPDATE orders SET size = '999' WHERE order_id = 'main-00001'", "P4", "order main-00001"),
    "order facts": (
        "UPDATE orders SET facts = replace(facts, '\"filled\"', '\"filleD\"') WHERE facts LIKE '%\"filled\"%'",
        "P4",
        "order",
    ),
    "order facts that say a None": (
        'UPDATE orders SET facts = replace(facts, \'{"size"\', \'{"sent_ns": null,"size"\') WHERE sent_ns IS NULL',
        "P4",
        "order",
    ),
    "an order's request": ("UPDATE orders SET requested_size = '999' WHERE order_id = 'main-00001'", "P4", "order"),
    "an order's expiry": ("UPDATE orders SET expires_ns = 1 WHERE order_id = 'main-00001'", "P4", "order main-00001"),
    "order lost": ("DELETE FROM orders WHERE order_id = 'main-00001'", "P4", "order main-00001"),
    "order invented": (
        "UPDATE orders SET order_id = 'invented' WHERE order_id = 'main-00002'",
        "S1",
        "order invented",
    ),
    "order hidden from starts": ("UPDATE orders SET is_open = 0 WHERE is_open = 1", "S5", "order"),
    "trade price": ("UPDATE trades SET price = '1' WHERE rowid = 1", "P4", "trade"),
    "trade lost": ("DELETE FROM trades WHERE rowid = 1", "S3", "order"),
    "trade invented": ("UPDATE trades SET trade_id = 'x' WHERE rowid = 1", "S13", "order"),
    "fee changed": ("UPDATE fees SET amount = '-5' WHERE rowid = 1", "P4", "fee"),
    "fee lost": ("DELETE FROM fees WHERE rowid = 1", "S3", "order"),
    "position": ("UPDATE positions SET realised_pnl = '1000000'", "M1", "position"),
    "position lost": ("DELETE FROM positions WHERE instrument_id = 'BTC-USDT'", "M1", "position BTC-USDT/net"),
    "balance": ("UPDATE balances SET total = '1' WHERE currency = 'USDT'", "M2", "balance USDT"),
    "cash": ("UPDATE cash_movements SET amount = '1' WHERE movement = 1", "M2", "cash movement 1"),
    "cash lost": ("DELETE FROM cash_movements WHERE movement = 1", "M2", "cash movement 1"),
    "equity day": ("UPDATE equity_days SET equity = '1'", "P4", "equity day 2026-11-22"),
    "kill switch": ("UPDATE kill_switch SET engaged = 1 - engaged", "P4", "kill switch"),
    "orders of another account": ("UPDATE orders SET account = 'other' WHERE status = 'filled'", "P4", "orders main-"),
    "orders, trades and fees of another account": ("UPDATE trades SET account = 'other'", "P4", "trades other/"),
    "risk decision": (
        "UPDATE orders SET risk_decision = replace(risk_decision, 'pass', 'refuse') WHERE risk_decision LIKE '%pass%'",
        "P4",
        "order",
    ),
    "a side that is none": ("UPDATE trades SET side = 'bought' WHERE rowid = 1", "P4", "trades main/"),
    "a status that is none": ("UPDATE orders SET status = 'gone' WHERE rowid = 3", "P4", "orders main-"),
    "a position side that is none": ("UPDATE positions SET position_side = 'left'", "P4", "positions main/"),
    "a number that is none": ("UPDATE trades SET price = 'abc' WHERE rowid = 1", "P4", "trades main/"),
    "a number that is not finite": ("UPDATE balances SET total = 'NaN'", "P4", "balances main/"),
    "broken JSON of an order": ("UPDATE orders SET facts = '{' WHERE rowid = 3", "P4", "orders main-"),
    "broken JSON of a position": ("UPDATE positions SET fees = 'x'", "P4", "positions main/"),
    "quarantine": ("DELETE FROM quarantine WHERE rowid = 1", "P6", "quarantined message"),
    "when it was set aside": ("UPDATE quarantine SET at_ns = at_ns + 1 WHERE rowid = 1", "P6", "quarantined message"),
    "what was set aside": ("UPDATE quarantine SET raw = raw || 'x' WHERE rowid = 1", "P6", "quarantined message"),
    "the event of a position": ("UPDATE positions SET event_seq = event_seq + 1", "P4", "positions main/"),
    "the time of a position": ("UPDATE positions SET updated_ns = updated_ns + 1", "P4", "positions main/"),
}
ENTRIES = {
    "moved to another event": "UPDATE holding_entries SET seq = seq + 1 WHERE entry = 1",
    "with another number": "UPDATE holding_entries SET entry = entry + 1000 WHERE entry = 1",
    "lost": "DELETE FROM holding_entries WHERE entry = 2",
    "of another book": "UPDATE holding_entries SET by_book = by_book || 'x' WHERE entry = 1",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_changed_row_is_named(damaged: Database, name: str):
    statement, rule, subject = DAMAGES[name]
    damage(damaged, statement)
    report = audit(damaged, ACCOUNT, INSTRUMENTS)
    assert report.chain.first_broken is None
    assert any(f.rule == rule and f.subject.startswith(subject) for f in report.findings), report.findings


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_of_a_holding_that_was_changed_is_named(damaged: Database, name: str):
    damage(damaged, "DROP TRIGGER holding_entries_no_update")
    damage(damaged, "DROP TRIGGER holding_entries_no_delete")
    damage(damaged, ENTRIES[name])
    assert any(f.subject.startswith("holding entries") for f in audit(damaged, ACCOUNT, INSTRUMENTS).findings)


@pytest.mark.parametrize("column", ["kind", "principal", "payload", "order_id"])
def test_bytes_where_text_belongs_are_named(damaged: Database, column: str):
    damage(damaged, f"UPDATE execution_events SET {column} = x'ff' WHERE seq = 40")
    report = audit(damaged, ACCOUNT, INSTRUMENTS)
    assert (report.chain.first_broken, report.clean) == (40, False)


def test_an_instrument_that_is_not_given_is_said_so(damaged: Database):
    report = audit(damaged, ACCOUNT, {"BTC-USDT": INSTRUMENTS["BTC-USDT"]})
    assert not report.clean
    assert [(f.rule, f.subject) for f in report.findings] == [
        ("M1", "positions of BTC-USD-SWAP"),
        ("M1", "positions of ETH-USDT-SWAP"),
    ]
    assert report.replay.unchecked == ("BTC-USD-SWAP", "ETH-USDT-SWAP")


def test_an_empty_account_is_clean(sqlite_url: str):
    with store.opened(sqlite_url) as database:
        report = audit(database, "nobody", {})
    assert (report.clean, report.chain.events, report.chain.last_seq) == (True, 0, 0)
