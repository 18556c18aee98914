"""A database of the first form migrates, its journal stays readable and its hashes true, and its trading goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from app.clock import SimulatedClock, VirtualTimeLoop
from app.domain.holdings import EntryKind, book_of
from app.domain.orders import OrderRequest, PositionKey, TradeMode
from app.domain.parents import ParentStatus
from app.exchanges.okx import OkxExchange
from app.journal.audit import audit
from app.models.trading import ExecutionEvent
from app.services.trading.running import holdings_history
from app.settings import load_settings
from app.store import migrating, queries, rows
from app.store.database import Database
from app.store.disks import this_process
from app.store.errors import StoreError
from app.store.queries_base import mappings, order_select, read_orders
from app.system import System
from tests.support import release_0_1 as release
from tests.support import store
from tests.support.simulated_okx import SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time

HASHES = "SELECT seq, kind, payload, hash FROM execution_events ORDER BY seq"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with store.opened(database_url, migrate=False) as made:
        release.fill(made)
        yield made


def journal(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.text(HASHES))]


def test_it_migrates_and_every_event_stays_as_it_was_written(database: Database) -> None:
    before = journal(database)
    migrating.upgrade(database)
    assert migrating.differences(database) == []
    assert journal(database) == before
    assert len(before) == len(release.rows()["execution_events"])


def test_every_order_is_read_and_would_be_written_as_it_stands(database: Database) -> None:
    migrating.upgrade(database)
    with queries.snapshot(database) as connection:
        orders = {order.order_id: order for order in read_orders(connection, order_select())}
    stored = facts(database)
    assert {order_id: rows.ORDER.named(order, "", None)["facts"] for order_id, order in orders.items()} == stored
    assert any(order.request.price is None for order in orders.values())


def test_requests_are_taken_out_of_the_facts_and_can_be_put_back(database: Database) -> None:
    """Byte for byte; what changes stays as it was, and the request is the one that the journal tells."""
    migrating.upgrade(database, "0008")
    before = facts(database)
    migrating.upgrade(database)
    after = facts(database)
    assert len(before) == len(after) > 30
    intents = {row["order_id"]: json.loads(row["payload"])["request"] for row in intents_of(database)}
    with queries.snapshot(database) as connection:
        loaded = {order.order_id: order for order in read_orders(connection, order_select())}
    for order_id, text in before.items():
        old, new = json.loads(text), json.loads(after[order_id])
        assert (request := old.pop("request")) == intents[order_id]
        assert msgspec.convert(request, OrderRequest) == loaded[order_id].request
        zeros = {name for name in ("reported_filled", "filled", "cost") if Decimal(old[name]) == 0}
        assert new == {name: value for name, value in old.items() if name not in zeros}
    migrating.downgrade(database, "0008")
    assert facts(database) == before


def facts(database: Database) -> dict[str, str]:
    with database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(sa.text("SELECT order_id, facts FROM orders"))}


def intents_of(database: Database) -> list[queries.Row]:
    kinds = ("order.intent", "order.denied", "order.adopted")
    with database.reading() as connection:
        statement = sa.select(ExecutionEvent.__table__).where(ExecutionEvent.kind.in_(kinds))
        return mappings(connection, statement)


def test_it_starts_trades_on_and_audits_clean(database: Database, database_url: str, tmp_path: Path) -> None:
    migrating.upgrade(database)
    before = journal(database)
    in_virtual_time(_goes_on(database_url, tmp_path))
    assert journal(database)[: len(before)] == before


def test_a_first_start_that_is_cut_off_while_it_reads_the_books_goes_on_where_it_was(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.opened(sqlite_url, migrate=False) as database:
        release.fill(database)
        migrating.upgrade(database)
    read: list[int] = []
    changes_of = holdings_history._changes

    def cut_off(*given: Any) -> Any:
        read.append(1)
        if len(read) == 8:
            raise StoreError("the power is gone")
        return changes_of(*given)

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(holdings_history, "PIECE", 3)
    monkeypatch.setattr(holdings_history, "_changes", cut_off)
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        with pytest.raises(StoreError, match="the power is gone"):
            runner.run(_goes_on(sqlite_url, tmp_path / "one"))
        runner.run(_goes_on(sqlite_url, tmp_path / "two"))
    with store.opened(sqlite_url, migrate=False) as database:
        trades = sum(len(rows) for rows in queries.iter_trades(database, "main", queries.TradeFilter()))
        moved = len(queries.cash_movements(database, "main"))
    assert len(read) - 1 <= trades + moved + 2, "the piece that was cut off is read again, and no other"


def test_what_it_held_was_priced_in_usdt_whatever_it_is_valued_in_now(sqlite_url: str, tmp_path: Path) -> None:
    """A release that knew no other valuation currency told the price of ether in USDT: that many bitcoin is no cost."""
    with store.opened(sqlite_url, migrate=False) as database:
        release.fill(database)
        migrating.upgrade(database)
        in_virtual_time(_starts(sqlite_url, tmp_path, valuation_currency="BTC"))
        with queries.book_history(database, "main") as history:
            held = [entry for entry in history.entries if entry.kind is EntryKind.OPENING and entry.asset != "BTC"]
    assert {entry.asset for entry in held} >= {"USDT", "ETH"}
    assert {entry.value for entry in held} == {None}


async def _starts(url: str, folder: Path, **changes: Any) -> None:
    clock, _, exchange = _exchange(folder)
    system = _system(url, folder, clock, exchange, **changes)
    await system.start()
    await system.stop()


def _exchange(folder: Path) -> tuple[SimulatedClock, SimulatedVenue, OkxExchange]:
    clock = SimulatedClock(start_ns=release.KILLED_NS + 5_000_000_000, seed=1)
    venue = SimulatedVenue(clock, release.exchange_config(folder), release.exchange_left(folder))
    return clock, venue, OkxExchange(okx_config(expected_hedged=True), clock, venue.transport())


def _system(url: str, folder: Path, clock: SimulatedClock, exchange: OkxExchange, **changes: Any) -> System:
    settings = load_settings(
        data_dir=folder,
        database_url=url,
        exchange="okx",
        environment="demo",
        okx_expected_hedged=True,
        risk={"max_position_value_pct": 0.9},
        **changes,
    )
    return System(settings, clock=clock, exchange=exchange, disk=this_process, progress=lambda _: None)


async def _goes_on(url: str, folder: Path) -> None:
    clock, venue, exchange = _exchange(folder)
    system = _system(url, folder, clock, exchange)
    await system.start()
    try:
        assert system.not_ready_reasons == []
        await clock.sleep(900)
        ended = [row["status"] for row in queries.parents(system.database, "main")]
        assert sorted(ended) == [ParentStatus.COMPLETED] * 3 + [ParentStatus.RUNNING]
        assert (await system.reconciler.run()).clean
        assert_modes_are_named(system, {position.key for position in await exchange.positions()})
        assert_as_the_exchange(system, venue.ledger())
        assert_books_are_read(system)
        report = audit(system.database, "main", system.ledger.instruments)
        assert report.findings == ()
        assert report.replay.unchecked == ()
    finally:
        await system.stop()


def assert_modes_are_named(system: System, shown: set[PositionKey]) -> None:
    """No row is left without a mode; contracts have the exchange's, spot is for cash."""
    with system.database.reading() as connection:
        rows = connection.execute(sa.text("SELECT instrument_id, position_side, trade_mode FROM positions")).all()
    assert {mode for _, _, mode in rows} <= {"cash", "cross", "isolated"}
    held = {key for key, fold in system.ledger.folds.items() if fold.position.size and key.mode is not TradeMode.CASH}
    assert held == shown
    assert any(key.mode is TradeMode.ISOLATED for key in held)
    named = [row["position"] for row in queries.events(system.database, "main", kind="position.mode")]
    assert len(named) == len(set(named)) == len(system.ledger.modes)


def assert_books_are_read(system: System) -> None:
    """What each strategy holds of an asset is what its fills on all pairs made of it; the rest is named, and all of it
    is the balance."""
    ledger = system.ledger
    by_fills: dict[tuple[str, str], Decimal] = {}
    for (strategy, key), size in ledger.strategy_sizes.items():
        if key.mode is TradeMode.CASH:
            place = (ledger.instruments[key.instrument_id].base, book_of(strategy))
            by_fills[place] = by_fills.get(place, Decimal(0)) + size
    assert len(by_fills) >= 3
    assert {place: ledger.assets.quantity(*place) for place in by_fills} == by_fills
    for asset, total in ledger.balances.items():
        assert asset == ledger.assets.currency or ledger.assets.of(asset).quantity == total
    assert ledger.assets.begun


def assert_as_the_exchange(system: System, there: Mapping[str, Any]) -> None:
    """Balances and open orders are the exchange's own, exactly; the order that was never answered is among them."""
    cash = {currency: Decimal(amount) for currency, amount in there["cash"].items() if Decimal(amount)}
    assert {currency: total for currency, total in system.ledger.balances.items() if total} == cash
    resting = {row["ordId"] for row in there["orders"] if row["state"] in ("live", "partially_filled")}
    assert {order.venue_order_id for order in system.ledger.open_orders()} == resting
