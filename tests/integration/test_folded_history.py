"""Past trades are put in brief beside the orders: late fills and fees put that back, a restart keeps it, an audit finds
what was tampered with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.domain.cash import CashKind
from app.domain.events import EventKind
from app.domain.instruments import Instrument
from app.domain.orders import Fill, OrderSide
from app.journal.audit import audit
from app.journal.codec import decode_plain
from app.market_data.feeds import MarketData
from app.models.trading import PerformanceFold, PerformancePart
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.prices import Prices
from app.services.trading.reports import fold_making
from app.services.trading.reports.fold_audit import audit_folds
from app.services.trading.reports.folds import sound_folds
from app.services.trading.reports.held import Held
from app.services.trading.running import past_folder
from app.services.trading.running.past_folder import PastFolder
from app.services.trading.trade_recorder import TradeRecorder
from app.store import queries
from app.store.database import Database
from tests.support import ledger_world, store
from tests.support.ledger_world import World, world

ALL = dict(ledger_world.INSTRUMENTS)
SWAPS = {name: one for name, one in ledger_world.INSTRUMENTS.items() if name == "ETH-USDT-SWAP"}
STEPS = 250


@pytest.fixture
def database(tables_url: str) -> Iterator[Database]:
    with store.opened(tables_url) as database:
        yield database


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_making, "FOLD_FILLS", 4)
    monkeypatch.setattr(past_folder, "RIPE_NS", 0)


class PaidInDollars(World):
    """Fees are in what the contract is paid in."""

    def _fill(self, instrument: Instrument, venue_order_id: str, side: OrderSide, size: Decimal) -> Fill:
        fill = super()._fill(instrument, venue_order_id, side, size)
        return fill if fill.fee is None else replace(fill, fee_currency="USDT")


def folder_of(made: World) -> PastFolder:
    return PastFolder(made.ledger, made.database, prices_of(made.ledger), made.clock)


def prices_of(ledger: Ledger) -> Prices:
    return Prices(ledger, MarketData(ledger.clock))


@asynccontextmanager
async def lived(database: Database, seed: int, patch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """An account whose trades were put in brief while they came, some of them late."""
    async with asyncio.TaskGroup() as tasks:
        made = await world(database, "main", seed, tasks)
        patch.setattr(ledger_world, "INSTRUMENTS", SWAPS)
        made.__class__ = PaidInDollars
        folder = folder_of(made)
        for _ in range(STEPS):
            await made.step()
            if made.draw.random() < 0.2:
                await folder.step()
        while await folder.step():
            pass
        yield made
        await made.ledger.writer.close()


def figures(ledger: Ledger, database: Database) -> str:
    """As text, in which NaN equals itself."""
    return repr(TradeRecorder(ledger, database, prices_of(ledger)).calculate_performance())


async def test_what_comes_late_puts_back_what_was_folded_and_the_figures_stay_those_of_all_trades(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lived(database, seed, monkeypatch) as made:
        ledger = made.ledger
        marks = [
            decode_plain(row["payload"])["at_ns"]
            for row in queries.events(database, "main", kind=EventKind.WATERMARK.value)
        ]
        assert marks != sorted(marks), "nothing came late"
        assert len(sound_folds(ledger, database, "USDT")) > 3
        folded = figures(ledger, database)
        assert audit_folds(ledger, database, prices_of(ledger)) == ()
    assert audit(database, "main", ALL).replay.findings == ()
    again = Ledger("main", made.clock)
    again.instruments.update(ALL)
    again.load(queries.load_account(database, "main"))
    assert again.watermarks[queries.FOLDED] == marks[-1]
    assert figures(again, database) == folded
    monkeypatch.setattr("app.services.trading.reports.profits.ProfitReader._past", lambda *_, **__: None)
    assert figures(ledger, database) == folded


async def test_cash_that_is_booked_by_a_clock_set_back_puts_back_what_was_folded_behind_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lived(database, 5, monkeypatch) as made:
        ledger, folded = made.ledger, made.ledger.watermarks[queries.FOLDED]
        made.clock.set_back(made.clock.now_ns() - folded + 10**6)
        turn = ledger.turn("system")
        turn.move_cash("BTC", Decimal(-1), CashKind.TRANSFER, "a test", price=Decimal(45_000))
        await turn.commit()
        assert ledger.watermarks[queries.FOLDED] < folded
        assert audit_folds(ledger, database, prices_of(ledger)) == ()
        found = figures(ledger, database)
        monkeypatch.setattr("app.services.trading.reports.profits.ProfitReader._past", lambda *_, **__: None)
        assert figures(ledger, database) == found


async def test_an_audit_names_each_stretch_that_is_not_what_its_trades_come_to(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lived(database, 7, monkeypatch) as made:
        first, second, third, *_ = [row["until_ns"] for row in sound_folds(made.ledger, database, "USDT")]
        part = sa.update(PerformancePart)
        with database.writer_engine.begin() as connection:
            connection.execute(part.where(PerformancePart.until_ns == first).values(bends="[]"))
            gone = sa.delete(PerformancePart).where(PerformancePart.until_ns == second, PerformancePart.book == "")
            connection.execute(gone)
            held = sa.update(PerformanceFold).where(PerformanceFold.until_ns == third)
            connection.execute(held.values(held=Held().written()))
        found = audit_folds(made.ledger, database, prices_of(made.ledger))
    assert [(finding.rule, finding.subject.partition(" ")[0]) for finding in found[:3]] == [("P4", "performance")] * 3
    assert "figures of everything" in found[0].text
    assert "figures of ETH-USDT-SWAP" in found[1].text
    assert "what was held" in found[2].text


async def test_facts_that_changed_take_away_what_was_made_by_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lived(database, 3, monkeypatch) as made:
        before = sound_folds(made.ledger, database, "USDT")
        instrument = SWAPS["ETH-USDT-SWAP"]
        made.ledger.list_instrument(replace(instrument, lot=instrument.lot * 10))
        assert sound_folds(made.ledger, database, "USDT") == []
        full = figures(made.ledger, database)
        folder = folder_of(made)
        while await folder.step():
            pass
        again = sound_folds(made.ledger, database, "USDT")
        assert [row["until_ns"] for row in again] == [row["until_ns"] for row in before]
        assert figures(made.ledger, database) == full
