"""Money that moves without a trade, through the whole system: each bill of the exchange is booked once for ever.

A system over an exchange in memory, in simulated time. How OKX's rows are read is in tests/unit/okx/test_bills.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.clock import NS_PER_SECOND
from app.domain.events import EventKind
from app.domain.orders import TradeMode
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.memory import MemoryExchange
from app.exchanges.port import Bill, BillKind
from app.journal.audit import audit
from app.services.trading.holdings import valuation
from app.services.trading.venue.bills import BILLS
from app.services.trading.venue.watermarks import OVERLAP_NS
from app.store import migrating, queries
from app.store.database import Database
from app.system import System
from tests.support.databases import fresh_database
from tests.support.trading_world import SWAP, D, TradingWorld, VirtualTimePolicy, trading_world

RATE = D("0.001")
PERP: dict[str, Any] = {"instrument_id": SWAP, "trade_mode": TradeMode.CROSS}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path) as made:
        yield made


def movements(system: System) -> list[tuple[str, str, Any, str | None, str | None]]:
    """(kind, currency, amount, instrument, bill) of every cash movement after the openings, in order."""
    rows = queries.cash_movements(system.database, system.ledger.account)
    return [
        (row["kind"], row["currency"], row["amount"], row["instrument_id"], row["bill_id"])
        for row in rows
        if row["kind"] != "opening"
    ]


def as_booked(*bills: Bill | None) -> list[tuple[str, str, Any, str | None, str | None]]:
    return [(b.kind.value, b.currency, b.amount, b.instrument_id or None, b.bill_id) for b in bills if b is not None]


def equity(world: TradingWorld) -> Any:
    return valuation.equity(world.system.ledger, world.risk.prices).equity


def assert_true_to_the_exchange(world: TradingWorld) -> None:
    """Both ledgers are one, and the journal folds to the tables."""
    ours = {currency: total for currency, total in world.system.ledger.balances.items() if total}
    assert ours == {currency: total for currency, total in world.exchange.venue.ledger.total.items() if total}
    assert world.events(EventKind.DIFFERENCE.value) == []
    assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


async def test_funding_is_booked_as_what_it_is_and_never_again(world: TradingWorld) -> None:
    await world.buy("3", **PERP)
    paid = world.exchange.pay_funding(SWAP, RATE)
    assert paid is not None
    assert paid.amount == -D(3) * D("0.01") * D(50_000) * RATE
    result = await world.system.reconciler.run()
    assert result.clean
    assert movements(world.system) == as_booked(paid)
    for _ in range(3):
        await world.clock.sleep(40)
        assert (await world.system.reconciler.run()).clean
    assert movements(world.system) == as_booked(paid)
    (row,) = [r for r in queries.cash_movements(world.system.database, "main") if r["bill_id"]]
    assert row["note"].startswith(f"bill {paid.bill_id} 2026-01-01T00:00:")
    assert_true_to_the_exchange(world)


async def test_the_audit_alone_finds_it(world: TradingWorld) -> None:
    await world.sell("2", **PERP)
    await world.clock.sleep(1)
    received = world.exchange.pay_funding(SWAP, RATE)
    await world.clock.sleep(world.system.settings.timing.audit_period_seconds + 5)
    assert movements(world.system) == as_booked(received)
    assert_true_to_the_exchange(world)


async def test_every_kind_keeps_its_name_and_trades_are_left_to_their_fills(world: TradingWorld) -> None:
    await world.buy()
    moved = [world.exchange.move_cash(kind, "USDT", D(number + 1)) for number, kind in enumerate(BillKind)]
    moved.append(world.exchange.move_cash(BillKind.TRANSFER, "BTC", D("-0.25")))
    await world.system.reconciler.run()
    await world.sell()
    await world.system.reconciler.run()
    assert movements(world.system) == as_booked(*moved)
    assert_true_to_the_exchange(world)


async def test_a_bill_seen_before_the_balance_and_one_seen_late_end_without_a_difference(
    world: TradingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.buy("1", **PERP)
    real, hidden = world.exchange.bills, set[str]()

    async def late(since_ns: int) -> Sequence[Bill]:
        return [bill for bill in await real(since_ns) if bill.bill_id not in hidden]

    monkeypatch.setattr(world.exchange, "bills", late)
    paid = world.exchange.pay_funding(SWAP, RATE)
    assert paid is not None
    hidden.add(paid.bill_id)
    (difference,) = (await world.system.reconciler.run()).balances
    assert (difference.currency, difference.amount) == ("USDT", paid.amount)
    await world.clock.sleep(5)
    hidden.clear()
    assert (await world.system.reconciler.run()).clean
    await world.clock.sleep(100)
    assert movements(world.system) == as_booked(paid)
    assert_true_to_the_exchange(world)


async def test_a_lost_page_books_nothing_and_a_repeated_one_nothing_twice(
    world: TradingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.buy("1", **PERP)
    marked_ns = world.system.ledger.watermarks[BILLS]
    real = world.exchange.bills
    paid = [world.exchange.pay_funding(SWAP, RATE), world.exchange.pay_funding(SWAP, -RATE * 3)]

    async def lost(since_ns: int) -> Sequence[Bill]:
        raise ExchangeUnavailable("the list kept changing between pages")

    async def doubled(since_ns: int) -> Sequence[Bill]:
        return [*await real(since_ns), *await real(since_ns)]

    monkeypatch.setattr(world.exchange, "bills", lost)
    await world.clock.sleep(100)
    result = await world.system.reconciler.run()
    assert [difference.currency for difference in result.balances] == ["USDT"], "shown"
    assert world.system.ready, "orders and fills are known"
    assert movements(world.system) == [], "not called unexplained while a bill may explain it"
    assert world.system.ledger.watermarks[BILLS] <= marked_ns + 31 * NS_PER_SECOND
    monkeypatch.setattr(world.exchange, "bills", doubled)
    await asyncio.gather(world.system.reconciler.run(), world.system.reconciler.run())
    assert movements(world.system) == as_booked(*paid)
    assert world.system.ledger.watermarks[BILLS] > marked_ns
    assert_true_to_the_exchange(world)


@pytest.mark.parametrize("pause", [0, 1, 1_000])
async def test_restarts_between_find_what_came_meanwhile_once(tmp_path: Path, pause: float) -> None:
    paid: list[Bill | None] = []
    exchange: MemoryExchange | None = None
    for life in range(3):
        async with trading_world(tmp_path, exchange=exchange, seed=life) as world:
            exchange = world.exchange
            if not life:
                await world.buy("2", **PERP)
            await world.system.reconciler.run()
            assert movements(world.system) == as_booked(*paid)
            paid.append(exchange.pay_funding(SWAP, RATE * (life + 1)))
            await world.system.reconciler.run()
            assert movements(world.system) == as_booked(*paid)
            assert_true_to_the_exchange(world)
        paid.append(exchange.pay_funding(SWAP, -RATE))
        await asyncio.sleep(pause)


async def test_a_failed_commit_books_it_after_the_recovery(world: TradingWorld) -> None:
    await world.buy("1", **PERP)
    paid = world.exchange.pay_funding(SWAP, RATE)
    committer: Any = world.system.ledger.writer._committer
    real = committer.prepare

    def fail(group: Any) -> Any:
        if any(row.table == "cash_movements" for row in group.plain):
            raise OSError(28, "no space left on device")
        return real(group)

    committer.prepare = fail
    await world.clock.sleep(60)
    assert world.system.ready, "recovered"
    assert movements(world.system) == as_booked(paid)
    assert_true_to_the_exchange(world)


async def test_what_moved_before_the_first_start_is_in_the_openings(tmp_path: Path) -> None:
    for name in ("other", "new"):
        (tmp_path / name).mkdir()
    async with trading_world(tmp_path / "other") as world:
        exchange = world.exchange
        await world.buy("1", **PERP)
        exchange.pay_funding(SWAP, RATE)
        await world.clock.sleep(1)
        async with trading_world(tmp_path / "new", exchange=exchange, seed=1) as late:
            await late.system.reconciler.run()
            assert movements(late.system) == []
            paid = exchange.pay_funding(SWAP, RATE)
            await late.system.reconciler.run()
            assert movements(late.system) == as_booked(paid)
            assert_true_to_the_exchange(late)


async def test_money_that_moves_during_the_first_reading_is_not_counted_twice(tmp_path: Path) -> None:
    for name in ("other", "new"):
        (tmp_path / name).mkdir()
    async with trading_world(tmp_path / "other") as world:
        exchange, real = world.exchange, world.exchange.positions
        moved = [D(5), D(7)]

        async def moving() -> Any:
            if moved:
                exchange.move_cash(BillKind.TRANSFER, "USDT", moved.pop())
            await world.clock.sleep(0.01)
            return await real()

        exchange.positions = moving  # type: ignore[method-assign]
        async with trading_world(tmp_path / "new", exchange=exchange, seed=1) as late:
            await late.clock.sleep(100)
            assert not moved
            assert [row[:3] for row in movements(late.system)] == []
            assert_true_to_the_exchange(late)


async def test_a_database_from_before_bills_goes_on_where_its_fills_are(tmp_path: Path) -> None:
    async with trading_world(tmp_path) as world:
        await world.buy("1", **PERP)
        world.exchange.pay_funding(SWAP, RATE)
        exchange = world.exchange
        await world.clock.sleep(2 * OVERLAP_NS // 1_000_000_000)
        real = exchange.bills
        old = movements(world.system)
    database = Database(f"sqlite:///{tmp_path / 'executor.db'}")
    with database.writer_engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM watermarks WHERE stream = 'bills'"))
        connection.execute(sa.text("UPDATE cash_movements SET bill_id = NULL"))
    database.close()
    asked: list[int] = []

    async def watched(since_ns: int) -> Sequence[Bill]:
        asked.append(since_ns)
        return await real(since_ns)

    exchange.bills = watched  # type: ignore[method-assign]
    async with trading_world(tmp_path, exchange=exchange, seed=1) as world:
        fills_ns = world.system.ledger.watermarks["fills"]
        assert asked[0] <= fills_ns - OVERLAP_NS
        assert [(kind, amount) for kind, _, amount, *_ in movements(world.system)] == [(k, a) for k, _, a, *_ in old]


async def test_bills_that_cannot_be_read_at_first_are_read_from_there_later(tmp_path: Path) -> None:
    async def failing(since_ns: int) -> Sequence[Bill]:
        raise ExchangeUnavailable("HTTP 503")

    async with trading_world(tmp_path) as world:
        exchange, real = world.exchange, world.exchange.bills
        exchange.bills = failing  # type: ignore[method-assign]
        with world.system.database.writer_engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM watermarks WHERE stream = 'bills'"))
        del world.system.ledger.watermarks[BILLS]
        await world.buy("1", **PERP)
        paid = exchange.pay_funding(SWAP, RATE)
        await world.clock.sleep(600)
        assert movements(world.system) == []
    exchange.bills = real  # type: ignore[method-assign]
    async with trading_world(tmp_path, exchange=exchange, seed=1) as world:
        assert movements(world.system) == as_booked(paid)
        assert_true_to_the_exchange(world)


async def test_a_transfer_is_no_profit_of_the_day_but_funding_is(world: TradingWorld) -> None:
    await world.clock.sleep(3)
    assert world.system.ledger.equity_of_day is not None
    began = world.system.ledger.equity_of_day.equity
    await world.buy("1", **PERP)
    await world.sell("1", **PERP)
    before = equity(world)
    world.exchange.move_cash(BillKind.TRANSFER, "USDT", D(1_000))
    world.exchange.move_cash(BillKind.FUNDING, "USDT", D(-30), SWAP)
    world.exchange.move_cash(BillKind.INTEREST, "USDT", D("-0.5"))
    await world.system.reconciler.run()
    assert world.system.ledger.day.moved == {"USDT": D(1_000)}
    now = equity(world)
    assert now - before == D("969.5")
    assert now - began - world.system.ledger.day.moved["USDT"] == before - began - D("30.5"), "the day's result"


async def test_the_database_takes_no_bill_twice(world: TradingWorld) -> None:
    bill = replace(world.exchange.move_cash(BillKind.TRANSFER, "USDT", D(1)), amount=D(2))
    await world.system.reconciler.run()
    assert queries.booked_bills(world.system.database, "main", [bill.bill_id, "none"]) == {bill.bill_id}
    assert queries.booked_bills(world.system.database, "other", [bill.bill_id]) == set()
    with world.system.database.writer_engine.connect() as connection:
        again = sa.text(
            "INSERT INTO cash_movements (account, movement, currency, amount, kind, note, at_ns, bill_id) "
            "SELECT account, movement + 100, currency, amount, kind, note, at_ns, bill_id FROM cash_movements"
        )
        with pytest.raises(IntegrityError):
            connection.execute(again)


def test_the_revision_can_be_taken_back(tmp_path: Path) -> None:
    database = Database(fresh_database(tmp_path / "executor.db"))
    migrating.downgrade(database, "0002")
    assert migrating.upgrade(database)[0] == "0003"
    assert migrating.differences(database) == []
    database.close()
